"""The tokenizer against Python's csv module, and against a slow reading of its own rules."""

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.graph.readers.tokenizer import (
    ANY_WIDTH,
    COMMENTS,
    FAULT_CODE,
    FAULT_FIELD,
    FAULT_LINE,
    FAULT_SIZE,
    FAULTS,
    LONG_FIELD,
    LONG_ROW,
    NUL_BYTE,
    OPEN_QUOTE,
    POSITION,
    ROWS,
    RUNS,
    STOP,
    TEXT_AFTER_QUOTE,
    WRONG_WIDTH,
    byte_kinds,
    new_state,
    tokenize,
    undecodable,
)

FAR = 1 << 16


def read(
    text,
    *,
    delimiter=",",
    comment="#",
    width=2,
    piece=FAR,
    room=8,
    skip=0,
    limits=(FAR, FAR),
):
    """Rows as (line, fields) and faults as (line, code, field), `piece` bytes at a time."""
    if isinstance(text, str):
        text = text.encode()
    kinds = byte_kinds(delimiter, comment)
    state = new_state(skip)
    rows, faults = [], []
    rest = np.empty(0, dtype=np.uint8)
    columns = width if width >= 0 else 48
    for at in range(0, max(len(text), 1), piece):
        new = np.frombuffer(text[at : at + piece], dtype=np.uint8)
        data = np.concatenate([rest, new])
        final = at + piece >= len(text)
        state[POSITION], state[STOP] = 0, len(data)
        while True:
            starts = np.full((columns, room), -99, dtype=np.int64)
            ends = np.full((columns, room), -99, dtype=np.int64)
            lines = np.empty(room, dtype=np.int64)
            bad = np.empty((room, FAULT_SIZE), dtype=np.int64)
            limit = np.array(limits, dtype=np.int64)
            tokenize(data, state, final, kinds, limit, width, starts, ends, lines, bad)
            raw = data.tobytes()
            for row in range(state[ROWS]):
                fields = [raw[s:e] for s, e in zip(starts[:, row], ends[:, row], strict=True)]
                if width < 0:
                    known = ends[:, row].tolist()
                    fields = fields[: known.index(-1) if -1 in known else columns]
                rows.append((int(lines[row]), fields))
            for fault in bad[: state[FAULTS]]:
                found = fault[[FAULT_LINE, FAULT_CODE, FAULT_FIELD]].tolist()
                faults.append(tuple(found))
            if max(state[ROWS], state[FAULTS]) < room:
                break
        rest = data[state[POSITION] :]
    assert len(rest) == 0
    return rows, faults, int(state[COMMENTS])


def texts(text, **options):
    rows, faults, _ = read(text, **options)
    assert not faults
    return [[field.decode() for field in fields] for _, fields in rows]


# The slow reading: one line or one field at a time, by regular expressions over the whole text.

LINE_END = re.compile(rb"\r\n|\r|\n")


def reference(text, *, delimiter=",", comment="#", width=2, skip=0, limits=(FAR, FAR)):
    rows, faults, comments = [], [], 0
    at, line = 0, 1

    def next_line(position):
        found = LINE_END.search(text, position)
        return found.end() if found else len(text)

    while at < len(text):
        if skip or (comment and text[at : at + 1] in [sign.encode() for sign in comment]):
            comments += 0 if skip else 1
            skip = max(skip - 1, 0)
            at, line = next_line(at), line + 1
            continue
        fields, end, fault = reference_row(text, at, delimiter.encode(), limits)
        if fault is not None and fault != NUL_BYTE:
            faults.append((line, fault, len(fields)))
            at, line = next_line(at), line + 1
            continue
        if fault == NUL_BYTE:
            faults.append((line, fault, len(fields)))
        elif fields and len(fields) != width:
            faults.append((line, WRONG_WIDTH, len(fields)))
        elif fields:
            rows.append((line, fields))
        line += len(LINE_END.findall(text[at:end])) + 1
        at = next_line(end)
    return rows, faults, comments


def reference_row(text, begin, delimiter, limits):
    """(fields, position of the line end, fault)."""
    runs = delimiter == b" "
    blank = rb"[ \t]" if runs else rb"[ \t]".replace(re.escape(delimiter), b"")
    if delimiter == b"\t":
        blank = b" "
    plain = rb"[^\r\n \t]*" if runs else rb"[^\r\n" + re.escape(delimiter) + rb"]*"
    fields, at, nul = [], begin, False
    while True:
        at = re.compile(blank + b"*").match(text, at).end()
        ended = at == len(text) or text[at : at + 1] in (b"\r", b"\n")
        if ended and (not fields or runs):
            break
        if text[at : at + 1] == b'"':
            quoted = re.compile(rb'((?:[^"]|"")*)"(?!")', re.S).match(text, at + 1)
            if quoted is None or len(quoted[1]) > limits[0]:
                return fields, at, OPEN_QUOTE
            field, at = quoted[1], quoted.end()
            if not runs:
                at = re.compile(blank + b"*").match(text, at).end()
            stops = b" \t\r\n" if runs else b"\r\n" + delimiter
            if at < len(text) and text[at] not in stops:
                return fields, at, TEXT_AFTER_QUOTE
            nul |= b"\0" in field
            field = field.replace(b'""', b'"')
        else:
            field = re.compile(plain).match(text, at)[0]
            at += len(field)
            if len(field) > limits[0]:
                return fields, at, LONG_FIELD
            nul |= b"\0" in field
            field = field.rstrip(b" " if delimiter == b"\t" else b" \t")
        fields.append(field)
        if at - begin > limits[1]:
            return fields, at, LONG_ROW
        if at == len(text) or text[at : at + 1] in (b"\r", b"\n"):
            break
        at += 1
    return fields, at, NUL_BYTE if nul else None


ANY_TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=6)
NASTY = st.lists(
    st.sampled_from(
        ['"', '""', ",", "\n", "\r\n", "\r", "\t", " ", "#", "%", ";", "a", "bc", "中", "\0", "é"]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=600)
@given(
    text=NASTY,
    piece=st.integers(1, 9),
    delimiter=st.sampled_from([",", "\t", ";", RUNS]),
    comment=st.sampled_from(["", "#", "#%"]),
    width=st.integers(1, 3),
    room=st.integers(1, 3),
    skip=st.integers(0, 2),
    limits=st.sampled_from([(FAR, FAR), (4, FAR), (FAR, 6), (5, 9)]),
)
def test_any_text_is_read_by_the_rules_however_it_is_cut(text, piece, room, **options):
    expected = reference(text.encode(), **options)
    assert read(text, piece=piece, room=room, **options) == expected
    assert read(text, **options) == expected


@settings(max_examples=300)
@given(
    rows=st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT).map(list), max_size=6),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    piece=st.integers(1, 12),
)
def test_what_the_csv_module_writes_in_quotes_comes_back(rows, line_end, delimiter, piece):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=line_end)
    writer.writerows(rows)
    assert texts(file.getvalue(), delimiter=delimiter, width=3, piece=piece) == rows


@settings(max_examples=300)
@given(
    rows=st.lists(
        st.lists(st.text('ab",\n中;', max_size=5), min_size=2, max_size=2),
        max_size=6,
    ),
    piece=st.integers(1, 12),
)
def test_the_csv_module_reads_the_same_from_what_it_writes(rows, piece):
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    text = file.getvalue()
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows
    assert texts(text, piece=piece) == rows


@settings(max_examples=300)
@given(text=NASTY.map(lambda text: text.replace("\0", "x")), piece=st.integers(1, 9))
def test_every_line_is_a_row_a_reject_or_within_a_quoted_row(text, piece):
    rows, faults, comments = read(text, piece=piece, width=ANY_WIDTH)
    spans = {line: 1 for line, _, _ in faults}
    for line, fields in rows:
        spans[line] = 1 + sum(len(LINE_END.findall(field)) for field in fields)
    assert len(spans) == len(rows) + len(faults)
    taken = [number for line, span in spans.items() for number in range(line, line + span)]
    assert len(set(taken)) == len(taken)
    for number, line in enumerate(LINE_END.split(text.encode()), start=1):
        if number not in taken:
            comments -= line.startswith(b"#")
            assert line.startswith(b"#") or not line.strip(b" \t")
    assert comments == 0


def test_ids_stay_as_they_are():
    assert texts("007,1e5\n 00 , +1.0\t\n张三,a b\n") == [
        ["007", "1e5"],
        ["00", "+1.0"],
        ["张三", "a b"],
    ]


def test_blanks_inside_quotes_stay_and_around_them_go():
    assert texts('" a ", "b\t" \n') == [[" a ", "b\t"]]


def test_empty_fields_are_empty_texts():
    assert texts(',\n"",\n', width=2) == [["", ""], ["", ""]]


def test_a_stray_quote_is_text():
    assert texts('a"b,5"\n') == [['a"b', '5"']]


def test_runs_of_blanks_separate_and_margins_do_not():
    assert texts(" 1 \t 2  \n3\t4", delimiter=RUNS) == [["1", "2"], ["3", "4"]]


def test_lines_are_counted_through_quotes_comments_and_blank_lines():
    text = '# c\r\n\r\n"a\r\nb",1\r\n  \r\nx,2\r"y\rz\n",3\nlast,4'
    rows, faults, comments = read(text)
    assert [line for line, _ in rows] == [3, 6, 7, 10]
    assert (faults, comments) == ([], 1)


def test_a_comment_sign_counts_only_at_the_start_of_a_line():
    assert texts('a,#b\n"#c",d\n#e,f\n "#g",h\n') == [["a", "#b"], ["#c", "d"], ["#g", "h"]]


def test_skipped_lines_are_not_looked_at():
    rows, faults, _ = read('"open\na,b\n', skip=1)
    assert (rows, faults) == ([(2, [b"a", b"b"])], [])


def test_an_open_quote_costs_one_row():
    lines = [f"u{i},v{i}" for i in range(50)]
    lines[10] = 'u10,"v10'
    rows, faults, _ = read("\n".join(lines), limits=(100, FAR), room=100)
    assert faults == [(11, OPEN_QUOTE, 1)]
    assert len(rows) == 49


def test_text_after_a_closing_quote_costs_one_row():
    rows, faults, _ = read('a,"b" c\n"d"e,f\ng,h\n')
    assert faults == [(1, TEXT_AFTER_QUOTE, 1), (2, TEXT_AFTER_QUOTE, 0)]
    assert rows == [(3, [b"g", b"h"])]


def test_a_row_over_its_limit_costs_its_first_line():
    rows, faults, _ = read("a," + "b" * 20 + "\nc,d\n", limits=(FAR, 12), piece=3)
    assert faults == [(1, LONG_ROW, 2)]
    assert rows == [(2, [b"c", b"d"])]


def test_any_width_gives_each_row_as_it_is():
    rows, faults, _ = read("a,b\nc\nd,e,f\n", width=ANY_WIDTH)
    assert [fields for _, fields in rows] == [[b"a", b"b"], [b"c"], [b"d", b"e", b"f"]]
    assert faults == []


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("plain", False),
        ("中é😀", False),
        (b"\xff", True),
        (b"\xc3", True),
        (b"\xc0\xaf", True),
        (b"\xe0\x80\x80", True),
        (b"\xed\xa0\x80", True),
        (b"\xf4\x90\x80\x80", True),
        (b"\xe4\xb8", True),
        (b"\xe4\xb8\x41", True),
        (b"\xf0\x9f\x98\x41", True),
    ],
)
def test_what_is_not_utf8_is_found(text, bad):
    assert is_bad(text.encode() if isinstance(text, str) else text) == bad


@settings(max_examples=500)
@given(st.binary(max_size=6))
def test_python_agrees_on_what_is_utf8(text):
    try:
        text.decode()
    except UnicodeDecodeError:
        assert is_bad(text)
    else:
        assert not is_bad(text)


def is_bad(text):
    data = np.frombuffer(text + b"x", dtype=np.uint8).copy()
    bad = np.zeros(1, dtype=np.bool_)
    starts = np.zeros((1, 1), dtype=np.int64)
    undecodable(data, starts, starts + len(text), 1, bad)
    return bool(bad[0])
