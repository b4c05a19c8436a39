"""JSON Lines against Python's json module, and what no peer says."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.errors import InputError
from guanxi.graph.readers import jsonl, textfile
from guanxi.graph.readers.files import InputFile
from guanxi.graph.readers.raw import Reject, SourceOptions
from guanxi.graph.readers.sources import open_source

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)
NUMBER = st.sampled_from(["0", "-1", "1e5", "1E+5", "12345678901234567890", "-0.50", "3.0e-7"])
NESTED = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def as_text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


@settings(max_examples=100)
@given(
    rows=st.lists(st.dictionaries(TEXT, NESTED, max_size=4), min_size=1, max_size=5),
    ascii=st.booleans(),
    block=st.integers(1, 40),
    gap=st.sampled_from(["", "\n", " \r\n\t\n"]),
)
def test_what_python_writes_comes_back(tmp_path_factory, rows, ascii, block, gap):
    path = tmp_path_factory.getbasetemp() / "written.jsonl"
    lines = [json.dumps(row, ensure_ascii=ascii) for row in rows]
    path.write_bytes(f"\n{gap}".join(lines).encode())
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textfile, "BLOCK", block)
        with open_source(path) as source:
            for batch in source.batches():
                assert batch.rejects == []
                columns = [column.to_strings() for column in batch.columns]
                texts = zip(*columns, strict=True) if columns else [()] * len(batch)
                found += [dict(zip(source.header, row, strict=True)) for row in texts]
            names = list(dict.fromkeys(name for row in rows for name in row))
            assert source.header == names
            assert source.sample == [list(row.values()) for row in found[:5]]
    expected = [{name: row.get(name) for name in names} for row in rows]
    for row, whole in zip(found, expected, strict=True):
        for name, value in whole.items():
            if isinstance(value, list | dict):
                assert json.loads(row[name]) == value
            else:
                assert row[name] == as_text(value)


PIECES = st.lists(
    st.sampled_from(
        [*'{}[]":, \\ntrue19.-eEu0', '"a"', '"b":', "null", "\\u00e9", "\\ud83d", "中", "\t"]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=500)
@given(line=PIECES | PIECES.map(lambda inner: '{"a":' + inner + "}"), block=st.integers(1, 20))
def test_python_agrees_on_what_is_json(tmp_path_factory, line, block):
    path = tmp_path_factory.getbasetemp() / "broken.jsonl"
    path.write_bytes(b'{"first":1}\n' + line.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textfile, "BLOCK", block)
        with open_source(path) as source:
            batches = list(source.batches())
    rejects = [reject for batch in batches for reject in batch.rejects]
    rows = sum(map(len, batches)) - 1
    assert [reject.line for reject in rejects] == [2] * (1 if expects_reject(line) else 0)
    assert rows + len(rejects) == (1 if line.strip(" \t") else 0)


def expects_reject(line):
    names = []

    def pairs(found):
        names.append([name for name, _ in found])
        return dict(found)

    if not line.strip(" \t"):
        return False
    try:
        value = json.loads(line, object_pairs_hook=pairs, parse_constant=lambda name: 1 / 0)
        json.dumps(value, ensure_ascii=False).encode()  # no half of a surrogate pair
    except (ValueError, ZeroDivisionError):
        return True
    return not isinstance(value, dict) or len(set(names[-1])) < len(names[-1])


def test_values_keep_their_own_text(write, read):
    lines = [
        '{"n": 1e5, "t": "007", "b": true, "x": null, "l": [ 1,{"k" :2}]}',
        '{"n": 12345678901234567890.10, "t": "\\u4e2d\\n\\ud83d\\ude00\\"\\/", "b": false}',
    ]
    rows, rejects, source = read(write("\n".join(lines), "f.jsonl"))
    assert source.header == ["n", "t", "b", "x", "l"]
    assert [texts for _, texts in rows] == [
        ["1e5", "007", "true", "", '[ 1,{"k" :2}]'],
        ["12345678901234567890.10", '中\n😀"/', "false", "", ""],
    ]
    assert rejects == []
    assert source.description["format"] == "jsonl"


def test_names_that_come_late_are_columns_too(write, read, monkeypatch):
    monkeypatch.setattr(textfile, "BLOCK", 64)
    text = '{"a": 1}\n' * 50 + '{"\\u0062": 2, "a": 3}\n'
    rows, _, source = read(write(text, "f.jsonl"))
    assert source.header == ["a", "b"]
    assert rows[-1] == (51, ["3", "2"])
    assert rows[0] == (1, ["1", ""])


def test_a_bad_line_is_refused_with_its_reason(write, read):
    lines = [
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b"[1]",
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b'{"a": "\xff"}',
        b'{"\xff": 1}',
        b'{"a": 1} # note',
        b"# note",
        b"{" + b'"a":[' * 99,
        b'{"a": "good"}',
    ]
    rows, rejects, _ = read(write(b'{"a": 0}\n' + b"\r\n".join(lines), "f.jsonl"))
    assert [line for line, _ in rows] == [1, 12]
    assert [(reject.line, reject.field, reject.reason) for reject in rejects] == [
        (2, "a", "a name that comes twice"),
        (3, "", "broken JSON"),
        (4, "", "not a JSON object"),
        (5, "a", "an escape that is no character"),
        (6, "a", "a NUL character"),
        (7, "a", "bytes that are not UTF-8"),
        (8, "", "a name that is no text"),
        (9, "", "broken JSON"),
        (10, "", "not a JSON object"),
        (11, "", "broken JSON"),
    ]
    assert rejects[0].text == '{"a": 1, "a": 2}'
    assert isinstance(rejects[0], Reject)


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_a_line_over_the_limit_costs_itself(write, block):
    text = '{"a": 1}\n{"a": "' + "x" * 100 + '"}\n{"a": 2}'
    file = textfile.TextFile(InputFile(write(text, "f.jsonl")), None, block)
    with jsonl.JsonSource(file, max_row=30) as source:
        batches = list(source.batches())
    assert [line for batch in batches for line in batch.lines.tolist()] == [1, 3]
    rejects = [reject for batch in batches for reject in batch.rejects]
    assert [(reject.line, reject.text) for reject in rejects] == [(2, '{"a": "' + "x" * 23)]


def test_lines_are_skipped_and_a_hash_is_none_to_skip(write, read):
    rows, rejects, _ = read(write('export 5\n{"a": 1}\n', "f.jsonl"), skip_lines=1)
    assert (rows, rejects) == ([(2, ["1"])], [])


def test_json_lines_are_known_without_a_name(write, read):
    assert read(write('{"a": 1}\n', "f.txt"))[0] == [(1, ["1"])]
    assert read(write("{a},1\n", "f.txt"))[0] == [(1, ["{a}", "1"])]
    assert read(write('{"a": 1}\n', "f.csv"), format="jsonl")[0] == [(1, ["1"])]


@pytest.mark.parametrize("name", ["f.json", "f.txt"])
@pytest.mark.parametrize(
    ("text", "said"),
    [('[{"a": 1}]', "is one JSON array"), (' [\n {"a": 1}\n]', "is one JSON array")],
)
def test_a_json_array_is_named(write, name, text, said):
    with pytest.raises(InputError, match=said):
        open_source(write(text, name))


def test_an_object_over_several_lines_is_named(write):
    with pytest.raises(InputError, match="over several lines"):
        open_source(write('{\n  "a": 1\n}\n', "f.json"))


def test_data_as_names_is_an_error(write, monkeypatch):
    monkeypatch.setattr(jsonl, "MAX_COLUMNS", 3)
    text = "".join(f'{{"user{i}": 1}}\n' for i in range(4))
    with pytest.raises(InputError, match="line 4: more than 3 different names"):
        open_source(write(text, "f.jsonl"))


def test_nested_values_are_marked(write):
    lines = [
        {"a": [1], "b": "[1]"},
        {"a": " [1]", "b": {}},
        {"a": "{\\u0041", "b": None},
        {"b": "", "a": "["},
        {"a": [], "b": {"c": [2]}},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"a":[1]}\n{"a": \t{"b":"c"}}\n'
    with open_source(write(text, "f.jsonl")) as source:
        (batch,) = source.batches()
    assert {column: where.tolist() for column, where in batch.nested.items()} == {
        0: [True, False, False, False, True, True, True],
        1: [False, True, False, False, True, False, False],
    }


def test_bytes_that_are_no_text_do_not_shift_the_marks(write):
    text = b'{"a": "\xff"}\n{"a": [1]}\n{"a": "x"}\n'
    with open_source(write(text, "f.jsonl"), SourceOptions(encoding="utf-8")) as source:
        (batch,) = source.batches()
    assert (batch.lines.tolist(), batch.nested[0].tolist()) == ([2, 3], [True, False])


def test_both_passes_are_progress(write):
    told = []
    path = write('{"a": 1}\n' * 100, "f.jsonl")
    with open_source(path, progress=lambda *now: told.append(now)) as source:
        size = path.stat().st_size
        assert told == [(size // 2, size)]
        list(source.batches())
        assert source.bytes_done == source.bytes_total == size
