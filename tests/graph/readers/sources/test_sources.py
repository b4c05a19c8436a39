"""Files as users have them, through `open_source`."""

import hashlib
import io
import os
import subprocess
import sys

import pytest

from guanxi.errors import InputError, UsageError
from guanxi.graph.readers import textfile
from guanxi.graph.readers.raw import Reject, SourceOptions
from guanxi.graph.readers.sources import named_format, open_source

CSV = "关注者,被关注者\n张三,007\n李四,1e5\n"
ROWS = [(1, ["关注者", "被关注者"]), (2, ["张三", "007"]), (3, ["李四", "1e5"])]


def fields(names):
    return "关注者" in names or "source" in names


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with mark"),
        ("utf-16", "UTF-16 LE"),
        ("gb18030", "GB18030 (guessed)"),
    ],
)
def test_every_encoding_in_every_compression(write, read, compression, encoding, label):
    path = write(CSV, "f.csv", encoding, compression)
    rows, rejects, source = read(path)
    assert (rows, rejects) == (ROWS, [])
    assert source.description["encoding"] == label
    assert source.description["compression"] == compression
    raw = CSV.encode(encoding)
    assert source.content_hash == hashlib.blake2b(raw, digest_size=32).hexdigest()
    assert source.bytes_done == source.bytes_total == path.stat().st_size
    assert read(path, known_names=fields)[0] == ROWS[1:]


def test_an_encoding_can_be_forced(write, texts):
    path = write("關係,1\n", "f.csv", "big5")
    assert texts(path, encoding="big5") == [["關係", "1"]]
    assert texts(path, encoding="latin-1") != [["關係", "1"]]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block", [1, 2, 3, 5, 1 << 24])
def test_blocks_of_any_size_give_the_same_rows(write, read, monkeypatch, line_end, block):
    monkeypatch.setattr(textfile, "BLOCK", block)
    text = 'source,target\n# c\n"a ""1"",\n2",é中\n\nbad\nb,\n"open,x\nc,d\n'.replace(
        "\n", line_end
    )
    rows, rejects, source = read(write(text), header=True)
    assert rows == [(3, [f'a "1",{line_end}2', "é中"]), (7, ["b", ""]), (9, ["c", "d"])]
    assert rejects == [
        Reject(6, "", "fewer fields than the 2 of the header", "bad"),
        Reject(8, "source", "a quote that is not closed", '"open,x'),
    ]
    assert source.comments == 1
    assert source.description["header"] == "yes"


def test_a_source_reads_its_file_as_often_as_asked(write):
    with open_source(write(CSV)) as source:
        first, second = ([batch.lines.tolist() for batch in source.batches()] for _ in range(2))
    assert first == second == [[1, 2, 3]]


def test_a_source_can_be_left_in_the_middle(write, monkeypatch):
    monkeypatch.setattr(textfile, "BLOCK", 16)
    with open_source(write("a,b\n" * 1000)) as source:
        batches = source.batches()
        assert len(next(batches)) > 0
        batches.close()
        assert sum(map(len, source.batches())) == 1000


@pytest.mark.parametrize(
    ("name", "text", "delimiter", "format"),
    [
        ("f.csv", "a,b\nc,d\n", "comma", "csv"),
        ("f.csv", "a\tb\t{}\nc\td\t{}\n", "tab", "csv"),
        ("f.csv", "a;b\n1;2,5\n", "semicolon", "csv"),
        ("f.csv", "a b\nc d\n", "comma", "csv"),
        ("f.csv", '"a, x";b\n"c";d\n', "semicolon", "csv"),
        ("f.tsv", "Li, An\tb\nWu, Bo\td\n", "tab", "tsv"),
        ("f.txt", "a|b\nc|d\n", "bar", "csv"),
        ("f.txt", "1 2\n3 4\n", "spaces or tabs", "edges"),
        ("f.txt", "1 2\n3\t4\n", "spaces or tabs", "edges"),
        ("f.txt", "1\t2\n3\t4\n", "tab", "edges"),
        ("f.edges", "1,2\n3,4\n", "comma", "csv"),
        ("follows", "source,target\n1,2\n", "comma", "csv"),
    ],
)
def test_the_delimiter_is_found_out(write, name, text, delimiter, format):
    with open_source(write(text, name)) as source:
        found = source.description
    assert (found["delimiter"], found["format"]) == (delimiter, format)


def test_the_delimiter_can_be_forced(write, texts):
    path = write("a,b;c\nd,e;f\n")
    assert texts(path) == [["a", "b;c"], ["d", "e;f"]]
    assert texts(path, delimiter=";") == [["a,b", "c"], ["d,e", "f"]]
    assert texts(path, delimiter="\\t") == [["a,b;c"], ["d,e;f"]]
    assert texts(write("a\x01b\n" * 30), delimiter="\x01") == [["a", "b"]] * 30


def test_the_format_can_be_forced(write, texts):
    path = write("1  2,x\n3\t4,y\n")
    assert texts(path, format="edges") == [["1", "2,x"], ["3", "4,y"]]
    assert texts(path, format="csv") == [["1  2", "x"], ["3\t4", "y"]]


def test_no_row_is_taken_for_a_header_by_its_looks(write, read, texts):
    path = write("alpha,beta\n1,2\n3,4\n")
    rows, _, source = read(path)
    assert len(rows) == 3
    assert source.header is None
    assert source.description["header"] == "no (though the first row looks like names)"
    assert texts(path, header=True) == [["1", "2"], ["3", "4"]]
    named = write("source,target\n1,2\n")
    assert texts(named, known_names=fields) == [["1", "2"]]
    assert texts(named, known_names=fields, header=False) == [["source", "target"], ["1", "2"]]


def test_a_comment_is_no_header(write, read):
    rows, _, source = read(write("# source target\n1 2\n", "f.txt"), known_names=fields)
    assert (rows, source.header, source.comments) == ([(2, ["1", "2"])], None, 1)


def test_comment_signs(write, texts):
    text = "%a b\n#c d\n!e f\n1 2\n"
    path = write(text, "f.txt")
    assert texts(path) == [["!e", "f"], ["1", "2"]]
    assert texts(path, comment="!") == [["%a", "b"], ["#c", "d"], ["1", "2"]]
    assert len(texts(path, comment="")) == 4
    assert texts(write("%a,b\n#c,d\n1,2\n")) == [["%a", "b"], ["1", "2"]]
    assert texts(write("%a,b\n#c,d\n1,2\n", "f.txt")) == [["%a", "b"], ["1", "2"]]


def test_lines_are_skipped_only_when_told(write, read):
    path = write("5 8\r\n1 2 3\r\n4 5 6\r\n", "f.txt")
    rows, rejects, _ = read(path, skip_lines=1)
    assert (rows, rejects) == ([(2, ["1", "2", "3"]), (3, ["4", "5", "6"])], [])
    rows, rejects, _ = read(path)
    assert rows == [(1, ["5", "8"])]
    assert [reject.line for reject in rejects] == [2, 3]


def test_rows_of_another_width_are_refused(write, read):
    rows, rejects, _ = read(write("a,b\nc\nd,e,f\ng,h\n"))
    assert [line for line, _ in rows] == [1, 4]
    assert rejects == [
        Reject(2, "", "fewer fields than the 2 of the first row", "c"),
        Reject(3, "", "more fields than the 2 of the first row", "d,e,f"),
    ]


def test_bytes_that_are_no_text_cost_one_row(write, read):
    raw = "source,target\n张三,b\n".encode() + b"c,\xff\xfe\nd,e\n\xffbad\n"
    rows, rejects, _ = read(write(raw), header=True)
    assert [line for line, _ in rows] == [2, 4]
    assert rejects == [
        Reject(3, "target", "bytes that are not UTF-8", "��"),
        Reject(5, "", "fewer fields than the 2 of the header", "�bad"),
    ]
    wide = "中,1\nx,".encode("utf-16-le") + b"\x00\xd8" + "\ny,2\n".encode("utf-16-le")
    rows, rejects, _ = read(write(b"\xff\xfe" + wide))
    assert [line for line, _ in rows] == [1, 3]
    assert [(r.line, r.field, r.reason) for r in rejects] == [
        (2, "column 2", "bytes that are not UTF-16 LE")
    ]


def test_bytes_that_are_no_text_do_not_matter_in_comments_and_after_unescaping(write, texts):
    assert texts(write('# \xff\n"é""é""é",b\n中,c\n'.encode().replace(b"\xc3\xbf", b"\xff"))) == [
        ['é"é"é', "b"],
        ["中", "c"],
    ]


def test_a_nul_costs_one_row(write, read):
    rows, rejects, _ = read(write("a,b\nc\0,d\ne,f\n"))
    assert [line for line, _ in rows] == [1, 3]
    assert rejects == [Reject(2, "", "a NUL byte", "c\0,d")]


def test_what_is_shown_of_a_refused_row_is_short(write, read):
    _, (reject,), _ = read(write("a,b\n" + "中" * 1000 + "\n"))
    assert reject.text == "中" * 199 + "…"


def test_a_file_of_comments_has_no_rows(write, read):
    rows, rejects, source = read(write("# a\n\n  \n#b"))
    assert (rows, rejects, source.width, source.comments) == ([], [], 0, 2)
    assert len(source.content_hash) == 64


def test_a_long_preamble_is_no_hindrance(write, read, monkeypatch):
    for module in (textfile, sys.modules["guanxi.graph.readers.dialect"]):
        monkeypatch.setattr(module, "HEAD", 64)
    path = write("# comment\n" * 100 + "a;b\nc;d\n")
    rows, _, source = read(path)
    assert rows == [(101, ["a", "b"]), (102, ["c", "d"])]
    assert source.sample == [["a", "b"], ["c", "d"]]
    monkeypatch.setattr(sys.modules["guanxi.graph.readers.dialect"], "MAX_HEAD", 256)
    with pytest.raises(InputError, match="has no row in its first"):
        open_source(path)


def test_a_file_without_a_good_row_gives_rejects_only(write, read):
    rows, rejects, source = read(write('"a"b,c\n"d"e,f\n'))
    assert (rows, source.width) == ([], 1)
    assert [reject.line for reject in rejects] == [1, 2]


@pytest.mark.parametrize(
    ("content", "name", "options", "said"),
    [
        (b"\xef\xbb\xbf", "f.csv", {}, "is empty"),
        (bytes(range(256)) * 10, "f.csv", {}, "is a binary file"),
        (b"\x7fELF" + bytes(100), "f", {}, "is a binary file"),
        ("a,b\n" * 50, "f.csv", {"encoding": "utf-32-le"}, None),
        ("a,a\n1,2\n", "f.csv", {"header": True}, "2 columns of the name 'a'"),
        ('"a,b\n1,2\n', "f.csv", {"header": True}, "line 1: the header cannot be read"),
        (b"\xff,b\n1,2\n", "f.csv", {"header": True}, "header is not text"),
        ("a,b\n", "f.parquet", {}, "is no Parquet file although"),
        ("a,b\n", "f.xlsx", {}, "is no XLSX workbook although"),
        ("a,b\n", "f.csv", {"format": "parquet"}, "is no Parquet file although"),
        (b"PAR1" + bytes(99), "f.csv", {"format": "csv"}, "is a Parquet file"),
        (b"PK\x03\x04" + bytes(99), "f.csv", {"format": "csv"}, "is a XLSX|is an XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "f.xls", {}, r"old Excel workbook"),
        (b"BZh91AY&SY", "f.csv.bz2", {}, "compressed with bzip2"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(write, read, content, name, options, said):
    path = write(content, name)
    if said is None:  # an encoding that does not fit: rejects, not an error
        rows, rejects, _ = read(path, **options)
        assert not rows
        assert rejects
        return
    with pytest.raises(InputError, match=said) as caught:
        open_source(path, SourceOptions(**options))
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith((".", ")"))


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_without_a_mark_is_named(write, order, texts):
    path = write("alice,bob\n" * 5, "f.csv", f"utf-16-{order}")
    with pytest.raises(InputError, match=f"name its encoding, utf-16-{order}"):
        open_source(path)
    assert texts(path, encoding=f"utf-16-{order}") == [["alice", "bob"]] * 5


def test_parquet_and_xlsx_are_not_read_compressed(write):
    with pytest.raises(InputError, match="is compressed"):
        open_source(write(b"PAR1", "f.parquet.gz", compression="gzip"))


@pytest.mark.parametrize(
    "options",
    [
        {"format": "xml"},
        {"encoding": "utf-9"},
        {"delimiter": "::"},
        {"delimiter": "a"},
        {"delimiter": '"'},
        {"delimiter": "，"},
        {"comment": "//"},
        {"skip_lines": -1},
    ],
)
def test_options_that_cannot_be_are_refused(write, options):
    with pytest.raises(UsageError):
        open_source(write("a,b\n"), SourceOptions(**options))


def test_a_cut_off_file_is_an_error_wherever_it_is_cut(write, read):
    path = write("".join(f"{i},{i * i}\n" for i in range(300_000)), "f.csv.gz", "utf-8", "gzip")
    whole = path.read_bytes()
    for share in (0.3, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError, match="is cut off"):
            read(path)


def test_a_file_that_changes_between_opening_and_the_end_is_an_error(write, monkeypatch):
    monkeypatch.setattr(textfile, "BLOCK", 8)
    path = write("a,b\n" * 10)
    with open_source(path) as source:
        path.write_text("a,b\n" * 11)
        with pytest.raises(InputError, match="changed while it was read"):
            list(source.batches())
    with open_source(path) as source:
        batches = source.batches()
        next(batches)
        os.utime(path, ns=(1, 1))
        with pytest.raises(InputError, match="changed while it was read"):
            list(batches)


def test_standard_input_of_any_format(tmp_path, monkeypatch, write, read):
    for raw, format in [(CSV.encode(), "csv"), (b'{"a": 1}\n', "jsonl")]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        with open_source("-", spool_folder=tmp_path) as source:
            assert source.name == "standard input"
            assert source.description["format"] == format
            assert sum(map(len, source.batches())) > 0
        assert list(tmp_path.iterdir()) == []


def test_a_failure_to_open_leaves_no_spooled_copy(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(bytes(100))))
    with pytest.raises(InputError, match="standard input is a binary file"):
        open_source("-", spool_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_formats_by_name():
    names = ["a.csv", "a.tsv.gz", "a.jsonl.zst", "a.v2.PARQUET", "a.txt", "a", "a.gz", "a.csv.b"]
    found = [named_format(name) for name in names]
    assert found == ["csv", "tsv", "jsonl", "parquet", None, None, None, None]


def test_expanding_paths_and_opening_parquet_need_no_kernels():
    code = (
        "import sys; from guanxi.graph.readers.sources import expand_paths, open_source; "
        "expand_paths(['-']); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
