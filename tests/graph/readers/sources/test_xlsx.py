import datetime as dt
import hashlib
import warnings
import zipfile

import openpyxl
import pytest
import xlsxwriter

from guanxi.errors import InputError, UsageError
from guanxi.graph.readers import xlsx, xlsx_bombs
from guanxi.graph.readers.raw import Reject, SourceOptions
from guanxi.graph.readers.sources import open_source


@pytest.fixture
def workbook(tmp_path):
    def workbook(rows, *more):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for title in more:
            book.create_sheet(title).append(["elsewhere"])
        path = tmp_path / "f.xlsx"
        book.save(path)
        return path

    return workbook


def test_cells_as_text(workbook, texts):
    moment = dt.datetime(2024, 1, 2, 3, 4, 5)
    row = ["007", "张三", 5, 2.5, 3.0, True, moment, " x ", "=1+1", "1e5"]
    assert texts(workbook([row])) == [
        ["007", "张三", "5", "2.5", "3", "true", "2024-01-02T03:04:05", " x ", "", "1e5"]
    ]


def test_header_and_first_sheet(workbook, read):
    path = workbook([["source", "target"], ["a", "b"], [], ["c", None]], "Second")
    rows, rejects, source = read(path, known_names=lambda names: "source" in names)
    assert rows == [(2, ["a", "b"]), (4, ["c", ""])]
    assert rejects == []
    assert (source.header, source.sample) == (["source", "target"], [["a", "b"], ["c", ""]])
    assert source.description["sheet"] == "Sheet (the first of 2)"
    assert source.content_hash == hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
    assert source.bytes_done == source.bytes_total
    assert len(read(path)[0]) == 3
    assert read(path, header=True)[2].header == ["source", "target"]
    assert read(path, skip_lines=1)[0] == [(2, ["a", "b"]), (4, ["c", ""])]
    with pytest.raises(InputError, match="2 columns of the name"):
        open_source(workbook([["a", "a"]]), SourceOptions(header=True))


def test_what_excel_lost_costs_its_row(workbook, read):
    rows, rejects, _ = read(
        workbook([["a", 1], ["b", 10**15], ["c", 1.5e300], ["#N/A", 1], ["d", 1, 2], ["e", 10**14]])
    )
    assert [line for line, _ in rows] == [1, 6]
    assert rejects == [
        Reject(2, "column 2", "a number of more than 15 digits", "1000000000000000"),
        Reject(3, "column 2", "a number of more than 15 digits", "1.5e+300"),
        Reject(4, "column 1", "an Excel error", "#N/A"),
        Reject(5, "", "more fields than the 2 of the first row", "d,1,2"),
    ]


def test_batches_do_not_change_the_rows(workbook, read, monkeypatch):
    monkeypatch.setattr(xlsx, "_BATCH_ROWS", 3)
    rows, _, _ = read(workbook([[f"u{i}", i] for i in range(10)]))
    assert rows == [(i + 1, [f"u{i}", str(i)]) for i in range(10)]


def test_an_empty_sheet_has_no_rows(workbook, read):
    rows, rejects, source = read(workbook([]))
    assert (rows, rejects, source.width) == ([], [], 0)


def test_what_the_sheet_says_of_its_size_does_not_count(workbook, tmp_path, texts):
    path = workbook([["a", "b"]])
    edit(path, "xl/worksheets/sheet1.xml", b'ref="A1:B1"', b'ref="A1:XFD1048576"')
    assert texts(path) == [["a", "b"]]


def test_a_row_far_beyond_a_sheet_is_an_error(workbook, read, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 100)
    path = workbook([["a", "b"]])
    edit(path, "xl/worksheets/sheet1.xml", b'<row r="1"', b'<row r="99999999999"')
    with pytest.raises(InputError, match="more rows than a sheet can have"):
        read(path)


def test_entities_that_explode_are_an_error(workbook, read):
    path = workbook([["a", "b"]])
    levels = b"".join(b'<!ENTITY x%d "%s">' % (i, b"&x%d;" % (i - 1) * 10) for i in range(1, 10))
    doctype = b'<!DOCTYPE x [<!ENTITY x0 "ha">' + levels + b"]>"
    edit(path, "xl/worksheets/sheet1.xml", b"<worksheet", doctype + b"<worksheet")
    edit(path, "xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData>&x9;")
    with pytest.raises(InputError, match="cannot be read as XLSX"):
        read(path)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, ["a", "b"])
    for limit in ("MAX_UNPACKED", "MAX_TEXTS", "MAX_OTHER"):
        with monkeypatch.context() as patch:
            patch.setattr(xlsx_bombs, limit, 10)
            with pytest.raises(InputError, match="too large a workbook"):
                open_source(path)
    monkeypatch.setattr(xlsx_bombs, "_SMALL", 10)
    open_source(path).close()
    monkeypatch.setattr(xlsx_bombs, "LEAST_SHARE", 2)
    with pytest.raises(InputError, match="too large a workbook"):
        open_source(path)


def test_rows_and_texts_that_never_end_are_refused_while_they_are_read(workbook, read, monkeypatch):
    path = workbook([["a", "b"], *([f"u{i}", f"v{i}"] for i in range(3000))])
    monkeypatch.setattr(xlsx_bombs, "MAX_BETWEEN", 70_000)
    assert len(read(path)[0]) == 3001  # many of them, none of them long
    endless = b"<!--" + b"x" * 200_000 + b"--></sheetData>"
    edit(path, "xl/worksheets/sheet1.xml", b"</sheetData>", endless)
    with pytest.raises(InputError, match="more than 70,000 bytes"):
        read(path)
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, ["u", "v"])
    edit(path, "xl/sharedStrings.xml", b">u<", b">" + b"u" * 200_000 + b"<")
    with pytest.raises(InputError, match="more than 70,000 bytes"):
        read(path)


def test_what_is_no_workbook_is_said(workbook, tmp_path, read):
    path = workbook([[f"u{i}", i] for i in range(2000)])
    whole = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for damaged in (whole[: len(whole) // 2], whole[:400] + bytes(900) + whole[1300:]):
            path.write_bytes(damaged)
            with pytest.raises(InputError, match="may be damaged or cut off"):
                read(path)
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("follows.csv", "a,b")
    with pytest.raises(InputError, match="zip archive, not an XLSX workbook"):
        open_source(archive)


def edit(path, part, old, new):
    """Replace bytes of one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_a_sheet_is_named(workbook, read):
    path = workbook([["a", "b"]], "Second", "三月")
    rows, _, source = read(path)
    assert source.notes == (
        "Only the first sheet, Sheet, was read; --sheet takes another (Second, 三月).",
    )
    assert (rows, source.part) == ([(1, ["a", "b"])], "")
    for name in ("三月", "3"):
        rows, _, source = read(path, sheet=name)
        assert (rows, source.part, source.notes) == ([(1, ["elsewhere"])], "三月", ())
        assert source.description["sheet"] == "三月 (of 3)"
    assert read(path, sheet="second")[2].part == "Second"
    assert read(path, sheet="Sheet")[2].part == ""
    assert read(workbook([["a"]]))[2].notes == ()
    with pytest.raises(UsageError, match=r"has no sheet 'x'; it has 'Sheet', 'Second', '三月'"):
        open_source(workbook([["a"]], "Second", "三月"), SourceOptions(sheet="x"))


def test_what_is_no_workbook_has_no_sheets(write):
    with pytest.raises(UsageError, match=r"is no XLSX workbook, so it has no sheet 'x'"):
        open_source(write("a,b\n"), SourceOptions(sheet="x"))
