"""What is in the files: exact, and the same when it is read again by others."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.errors import UsageError
from guanxi.formats.excel_guard import guard
from guanxi.formats.json_file import MetaForm, json_bytes, write_json
from guanxi.formats.number_formats import MEASURES, SHARES
from guanxi.formats.values import field_text
from guanxi.formats.xlsx_file import write_xlsx
from guanxi.results import Result
from guanxi.verbs.columns import COLUMNS

META = {"store_version": 3, "seed": 7, "damping": 0.85, "as_of": date(2024, 5, 1), "by": ["a", "b"]}


def as_text(result: Result, format: str, excel: bool = False) -> str:
    file = io.BytesIO()
    result.write(file, format, excel)
    return file.getvalue().decode()


def mixed() -> Result:
    return Result(
        {
            "rank": [1, 2, 3],
            "id": ["007", "1e5", "weibo:关系"],
            "score": [0.1, None, 1e-300],
            "core": [["a", "b;c"], None, []],
            "sure": [True, False, None],
            "at": [datetime(2024, 5, 1, 8, 30, 0, 5, tzinfo=UTC), None, datetime(1, 1, 1)],
            "day": [date(2024, 5, 1), None, date(1999, 12, 31)],
        },
        META,
    )


def test_csv_to_the_letter() -> None:
    assert as_text(mixed(), "csv") == (
        "rank,id,score,core,sure,at,day\n"
        "1,007,0.1,a;b\\;c,true,2024-05-01T08:30:00.000005Z,2024-05-01\n"
        "2,1e5,,,false,,\n"
        "3,weibo:关系,1e-300,,,0001-01-01T00:00:00Z,1999-12-31\n"
    )


def test_json_to_the_letter() -> None:
    assert as_text(mixed(), "json") == (
        '{"meta": {"store_version": 3, "seed": 7, "damping": 0.85, "as_of": "2024-05-01", '
        '"by": ["a", "b"]},\n"rows": [\n'
        '{"rank": 1, "id": "007", "score": 0.1, "core": ["a", "b;c"], "sure": true, '
        '"at": "2024-05-01T08:30:00.000005Z", "day": "2024-05-01"},\n'
        '{"rank": 2, "id": "1e5", "score": null, "core": null, "sure": false, '
        '"at": null, "day": null},\n'
        '{"rank": 3, "id": "weibo:关系", "score": 1e-300, "core": [], "sure": null, '
        '"at": "0001-01-01T00:00:00Z", "day": "1999-12-31"}\n]}\n'
    )


def test_a_form_of_metas_says_what_json_says() -> None:
    nan, inf = float("nan"), float("inf")
    facts = {
        "id": 'a"\\b%s',
        "100%": nan,
        "b": inf,
        "c": -0.0,
        "d": True,
        "e": None,
        "f": 7,
        "g": "😀",
    }
    meta = {"note %s": ["50%", {"x": inf}], "account": None, "seconds": 0.0, "last": "%(a)s"}
    form = MetaForm(meta, ("seconds", "account"))
    for told in (facts, {}, {"id": "other"}):
        expected = Result({"a": [1]}, meta | {"account": told, "seconds": 1.5})
        written = io.StringIO()
        write_json(expected, written)
        given = json_bytes(Result({"a": [1]}), form.text(told, 1.5))
        assert given.decode() == written.getvalue()


def test_jsonl_are_the_rows_of_json() -> None:
    rows = json.loads(as_text(mixed(), "json"))["rows"]
    assert [json.loads(line) for line in as_text(mixed(), "jsonl").splitlines()] == rows


@pytest.mark.parametrize("format", ["csv", "json", "jsonl"])
def test_no_rows(format: str) -> None:
    text = as_text(Result({"id": [], "n": np.array([], dtype=np.int64)}, {"a": 1}), format)
    expected = {"csv": "id,n\n", "json": '{"meta": {"a": 1},\n"rows": [\n]}\n', "jsonl": ""}
    assert text == expected[format]


def test_json_has_no_infinity() -> None:
    result = Result(
        {"value": [float("inf"), 1.5], "list": [[float("-inf"), 1.0], []]},
        {"ratio": float("nan"), "deep": {"x": [np.float64("inf"), np.int64(3)]}},
    )
    assert json.loads(as_text(result, "json")) == {
        "meta": {"ratio": None, "deep": {"x": [None, 3]}},
        "rows": [{"value": None, "list": [None, 1.0]}, {"value": 1.5, "list": []}],
    }


def test_many_rows_come_in_order() -> None:
    numbers = np.arange(40_000)
    result = Result({"n": numbers})
    assert [row["n"] for row in json.loads(as_text(result, "json"))["rows"]] == numbers.tolist()
    assert as_text(result, "csv").split() == ["n", *map(str, numbers.tolist())]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NASTY = st.one_of(
    TEXTS, st.sampled_from(["#x", " x ", "'", "''=", "=1", "\r", "a\nb", '"', ",", "﻿"])
)


@given(st.lists(st.tuples(NASTY, st.floats(allow_nan=False), NASTY), max_size=5), st.booleans())
def test_csv_comes_back(rows: list[tuple[str, float, str]], excel: bool) -> None:
    names = ("a,\n", "b", "=c")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    text = as_text(Result(columns), "csv", excel)
    assert text.startswith("\ufeff") == excel
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    if excel:
        read = [[field.strip(" \t") for field in row] for row in read]
        names = ("a,\n", "b", "=c")
        rows = [(first.strip(" \t"), score, last.strip(" \t")) for first, score, last in rows]
    assert read[0] == list(names)
    assert [(row[0], float(row[1]), row[2]) for row in read[1:]] == rows


@given(st.lists(NASTY, max_size=6))
def test_one_column_of_csv_comes_back(values: list[str]) -> None:
    text = as_text(Result({"id": values}), "csv")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["id"],
        *([value] for value in values),
    ]
    assert not any(line.startswith("#") for line in text.split("\n"))


def test_csv_for_excel_guards_texts_and_leaves_numbers() -> None:
    result = Result(
        {
            "id": ["=1+1", "+86", "@me", "123456789012", "12345678901", "007", "'quoted'", "ok"],
            "n": [-5, 10**14, 10**15, -(10**15), 1, 1, 1, 1],
            "core": [["=x", "y"], ["y", "=x"], [], None, ["007"], ["a"], ["a"], ["a"]],
            "score": [-0.5, 1e30, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        }
    )
    assert as_text(result, "csv", excel=True).removeprefix("\ufeff").splitlines() == [
        "id,n,core,score",
        '"\t=1+1",-5,"\t=x;y",-0.5',
        '"\t+86",100000000000000,y;=x,1e+30',
        '"\t@me","\t1000000000000000",,1.0',
        '"\t123456789012","\t-1000000000000000",,1.0',
        '12345678901,1,"\t007",1.0',
        '"\t007",1,a,1.0',
        "'quoted',1,a,1.0",
        "ok,1,a,1.0",
    ]


@pytest.mark.parametrize("text", ["=a", "+a", "-a", "@a", " =a", "\ra", "\n=a", "＝a", "＠a"])
def test_what_excel_would_run_is_guarded(text: str) -> None:
    assert guard(text) == "\t" + text


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("1" * 12, True),
        ("1" * 11, False),
        ("007", True),
        ("0", False),
        ("00", True),
        ("1e5", True),
        ("1E-5", True),
        ("12e", True),
        ("1" * 11 + "\n", True),
        ("3-4", True),
        ("3/4", True),
        ("12:30", True),
        (".5", True),
        ("(5)", True),
        ("2024-05", True),
        ("Mar4", True),
        ("sept. 1", True),
        ("Marie", False),
        ("may", False),
        ("TRUE", True),
        ("truest", False),
        ("١" * 12, False),
        ("weibo:123456789012", False),
        ("", False),
    ],
)
def test_ids_that_excel_would_change_are_guarded(text: str, changed: bool) -> None:
    assert (guard(text) != text) == changed


def test_lists_in_one_field() -> None:
    assert field_text(["a;b", "c\\", "d"]) == "a\\;b;c\\\\;d"
    assert field_text([1, 0.5, None, True]) == "1;0.5;;true"


def read_parquet(path: Path) -> tuple[list[tuple[str, str]], list[Any]]:
    rows = duckdb.connect().execute("SELECT * FROM read_parquet($path)", {"path": str(path)})
    kinds = [(str(column[0]), str(column[1])) for column in rows.description or []]
    return kinds, rows.fetchall()


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    mixed().write(path)
    kinds, rows = read_parquet(path)
    assert kinds == [
        ("rank", "BIGINT"),
        ("id", "VARCHAR"),
        ("score", "DOUBLE"),
        ("core", "VARCHAR[]"),
        ("sure", "BOOLEAN"),
        ("at", "TIMESTAMP WITH TIME ZONE"),
        ("day", "DATE"),
    ]
    expected = [tuple(row.values()) for row in mixed()]
    expected[2] = (*expected[2][:5], datetime(1, 1, 1, tzinfo=UTC), expected[2][6])
    assert rows == expected
    meta = duckdb.connect().execute(
        "SELECT decode(value) FROM parquet_kv_metadata($path) WHERE key = 'guanxi'",
        {"path": str(path)},
    )
    assert json.loads(meta.fetchall()[0][0]) == {**META, "as_of": "2024-05-01"}


def test_parquet_of_arrays_and_of_gaps_that_begin_late(tmp_path: Path) -> None:
    n = 3000
    columns: dict[str, Any] = {
        "n": np.arange(n, dtype=np.int32),
        "nan": np.where(np.arange(n) % 2, np.nan, 0.5),
        "late": [None] * (n - 1) + ["x"],
        "lists": [[]] * (n - 1) + [[2**40, None]],
        "half": [1] * (n - 1) + [0.5],
        "huge": [2**64] + [1] * (n - 1),
        "either": ["a"] * (n - 1) + [1],
        'a"b': np.arange(n) % 3 == 0,
        "deep": [[["a", "b"], None]] * n,
    }
    path = tmp_path / "x.parquet"
    Result(columns).write(path)
    kinds, rows = read_parquet(path)
    assert [kind for _, kind in kinds] == [
        "BIGINT",
        "DOUBLE",
        "VARCHAR",
        "BIGINT[]",
        "DOUBLE",
        "VARCHAR",
        "VARCHAR",
        "BOOLEAN",
        "VARCHAR[]",
    ]
    assert [row[0] for row in rows] == list(range(n))
    assert rows[1][1] is None
    assert rows[-1][2:7] == ("x", [2**40, None], 0.5, "1", "1")
    assert rows[0][5] == str(2**64)
    assert rows[0][8] == ["a;b", None]


def test_parquet_without_rows_keeps_the_types(tmp_path: Path) -> None:
    empty = np.array([], dtype=np.int64)
    moments = empty.astype("datetime64[us]")
    Result({"id": [], "n": empty, "x": empty * 0.5, "at": moments}).write(tmp_path / "x.parquet")
    kinds, rows = read_parquet(tmp_path / "x.parquet")
    assert rows == []
    assert [kind for _, kind in kinds] == [
        "VARCHAR",
        "BIGINT",
        "DOUBLE",
        "TIMESTAMP WITH TIME ZONE",
    ]


def test_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    columns = {
        **mixed().columns,
        "formula": ["=1+1", "https://example.org", "12345678901234567890"],
        "large": [2**53, 2**53 + 1, -(2**60)],
        "infinite": [float("inf"), 1.0, None],
    }
    assert Result(columns, META).write(path) == []
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Rows", "About"]
    rows = book["Rows"]
    morning, new_year = datetime(2024, 5, 1, 8, 30), datetime(1999, 12, 31)
    first = (1, "007", 0.1, "a;b\\;c", True, morning, datetime(2024, 5, 1), "=1+1", 2**53, "inf")
    second = (2, "1e5", None, None, False, None, None, "https://example.org", str(2**53 + 1), 1)
    third = (3, "weibo:关系", 1e-300, "", None, "0001-01-01T00:00:00Z", new_year)
    third = (*third, "12345678901234567890", str(-(2**60)), None)
    assert list(rows.iter_rows(values_only=True)) == [tuple(columns), first, second, third]
    assert {cell.data_type for cell in rows["H"]} == {"s"}
    assert rows.freeze_panes == "A2"
    assert rows.auto_filter.ref == "A1:J4"
    assert rows["A1"].font.bold
    assert rows.column_dimensions["H"].width > rows.column_dimensions["A"].width
    about = list(book["About"].iter_rows(values_only=True))
    assert about == [
        ("store_version", 3),
        ("seed", 7),
        ("damping", 0.85),
        ("as_of", datetime(2024, 5, 1)),
        ("by", "a"),
        ("by", "b"),
    ]


def test_xlsx_of_more_rows_than_a_sheet_holds(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    notes = write_xlsx(Result({"n": list(range(25))}), path, sheet_rows=10)
    assert notes == ["A sheet holds 10 rows; the 25 rows of this result are on 3 sheets."]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Rows", "Rows 2", "Rows 3", "About"]
    values = [
        row[0] for sheet in book.worksheets[:3] for row in sheet.iter_rows(2, values_only=True)
    ]
    assert values == list(range(25))
    assert [sheet["A1"].value for sheet in book.worksheets[:3]] == ["n"] * 3
    assert list(book["About"].iter_rows(values_only=True)) == [("note", notes[0])]


def test_xlsx_says_what_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    notes = Result({"text": ["x" * 40_000, "y"]}).write(path)
    assert notes == ["A cell holds 32,767 characters; 1 longer text was cut."]
    assert len(openpyxl.load_workbook(path)["Rows"]["A2"].value) == 32_767
    with pytest.raises(UsageError, match="16,384 columns"):
        Result({str(number): [] for number in range(16_385)}).write(path)


def test_meta_with_a_path_that_is_no_unicode(tmp_path: Path) -> None:
    result = Result({"id": ["a"]}, {"file": "\udce9.csv", "path": Path("x")})
    for format in ("json", "parquet", "xlsx"):
        result.write(tmp_path / "x", format)
    result.write(tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text("utf-8"))["meta"]["path"] == "x"


def test_numbers_of_xlsx_are_whole_and_shown_short(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    columns = {
        "id": ["007", "1e5"],
        "community": [12345, None],
        "in_degree": np.array([1234567, 2]),
        "pagerank": [0.012345678, 1e-9],
        "reach": [1234.5678, 2.0],
        "strength": [12.25, 0.5],
        "hub": [1e-5, 2e-7],
        "share": [0.12345, 1.0],
        "density": [12.5, 99.0],
        "born_in": [1999, 2001],
        "k_core": [float("inf"), 3.0],
    }
    Result(columns).write(path)
    sheet = openpyxl.load_workbook(path)["Rows"]
    shown = {cell.value: sheet.cell(2, cell.column).number_format for cell in sheet[1]}
    assert shown == {
        "id": "General",
        "community": "General",
        "in_degree": "#,##0",
        "pagerank": "0.000000",
        "reach": "#,##0",
        "strength": "#,##0.00",
        "hub": "0.00E+00",
        "share": "0.00%",
        "density": "#,##0.00",
        "born_in": "General",
        "k_core": "General",
    }
    assert sheet.cell(2, 4).value == 0.012345678
    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s"]
    assert sheet.freeze_panes == "A2"
    widths = [sheet.column_dimensions[letter].width for letter in "ACD"]
    assert 8 <= widths[0] < widths[1] < 17
    assert widths[2] < 17


def test_the_columns_that_spreadsheets_format_are_ours() -> None:
    known = {name for columns in COLUMNS.values() for name in columns}
    scores = {"out_degree", "k_core", "hub", "authority", "price", "followers_reported"}
    assert known | scores >= SHARES | MEASURES


def test_a_workbook_says_what_its_columns_mean(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    columns: dict[str, list[Any]] = {name: [1] for name in COLUMNS["communities --members"]}
    Result({**columns, "=1+1": ["x"]}).write(path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Rows", "Columns 字段", "About"]
    sheet = book["Columns 字段"]
    assert list(sheet.iter_rows(values_only=True)) == [
        ("column 字段", "meaning", "含义"),
        ("id", "id of the account", "账号的 ID"),
        ("community", "number of its community", "所属社群的编号"),
        (
            "=1+1",
            "a column of your accounts, as it was loaded",
            "您的账号数据中的列，按加载时的内容",
        ),
    ]
    assert sheet["A4"].data_type == "s"
    assert sheet["B2"].alignment.wrap_text
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in book["Rows"][1]] == ["id", "community", "=1+1"]
