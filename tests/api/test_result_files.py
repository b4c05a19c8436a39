"""What comes out of a job, in every form: byte for byte what the command line writes."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet
import pytest

import guanxi
from guanxi.api.result_files import read_result, write_result
from guanxi.formats.json_file import meta_text
from guanxi.results import Result
from tests.api.conftest import Api, Serve

RESULT = Result(
    {
        "id": ["a", None],
        "day": [datetime.date(2026, 5, 31), None],
        "time": [datetime.datetime(2026, 5, 31, 8, 30, tzinfo=datetime.UTC), None],
        "moment": np.array(["2026-05-31T08:30:00", "NaT"], dtype="datetime64[us]"),
        "share": np.array([0.1, np.nan]),
        "nothing": np.array([np.nan, np.nan]),
        "never": np.array(["NaT", "NaT"], dtype="datetime64[s]"),
        "joins": [[1, 2], []],
        "many": np.array([2**60, 1]),
        "sure": [True, None],
    },
    {"store": "/somewhere/net.duckdb", "k": 2},
)


class NoPaths:
    """A redactor that takes nothing out."""

    def columns(self, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return columns

    def meta(self, meta: dict[str, Any]) -> dict[str, Any]:
        return meta


def tables(content: bytes) -> list[list[list[Any]]]:
    """What the sheets of a workbook show."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        [[(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()]
        for sheet in book.worksheets
    ]


def same(found: bytes, expected: bytes, format: str) -> bool:
    """Whether two files say the same; what the time of writing changes does not count."""
    if format == "xlsx":
        return tables(found) == tables(expected)
    if format == "parquet":
        one, other = (pyarrow.parquet.read_table(io.BytesIO(each)) for each in (found, expected))
        return bool(one.equals(other, check_metadata=True))
    return found == expected


def written(result: Result, format: str) -> bytes:
    target = io.BytesIO()
    result.write(target, format)
    return target.getvalue()


@pytest.mark.parametrize("format", ["json", "jsonl", "csv", "parquet", "xlsx"])
@pytest.mark.parametrize("rows", [2, 0])
def test_a_result_comes_back_as_it_was(tmp_path: Path, format: str, rows: int) -> None:
    whole = Result({name: values[:rows] for name, values in RESULT.columns.items()}, RESULT.meta)
    write_result(whole, tmp_path, NoPaths())  # type: ignore[arg-type]
    assert same(written(read_result(tmp_path), format), written(whole, format), format)
    kept = (tmp_path / "result.json").read_bytes()
    assert kept == written(whole, "json")


def test_dates_are_dates(tmp_path: Path) -> None:
    write_result(RESULT, tmp_path, NoPaths())  # type: ignore[arg-type]
    back = read_result(tmp_path)
    sheet = openpyxl.load_workbook(io.BytesIO(written(back, "xlsx"))).worksheets[0]
    assert sheet["B2"].value == datetime.datetime(2026, 5, 31)  # how openpyxl shows a day
    assert sheet["C2"].value == datetime.datetime(2026, 5, 31, 8, 30)
    schema = pyarrow.parquet.read_table(io.BytesIO(written(back, "parquet"))).schema
    assert str(schema.field("day").type) == "date32[day]"
    assert str(schema.field("time").type).startswith("timestamp")
    assert str(schema.field("nothing").type) == "double"


ASKED: dict[str, dict[str, Any]] = {
    "seeds": {"k": 3, "samples": 2048, "why": True},
    "reach": {"lists": [["tea:head"], ["art:head", "art:001"]], "samples": 2048},
    "top": {"n": 5, "personalize": ["tea:head"], "show": ["city", "price"]},
    "chain": {"source": "tea:head", "target": "car:002", "n": 2},
    "bridges": {"n": 3},
}
#: Meta that says how long it took, or where the store lies.
VARIES = ("seconds", "store")


def without(meta: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in meta.items() if name not in names}


def of_the_engine(store: Path, verb: str, body: dict[str, Any]) -> Result:
    result: Result = getattr(guanxi.open(store, threads=1), verb)(**body)
    return result


def test_jobs_write_what_the_command_line_writes(serve: Serve, store: Path) -> None:
    api: Api = serve(jobs=True)
    object.__setattr__(api.config, "jobs", 2)
    asked = {
        verb: api.client.post(f"/v1/{verb}", json=body).headers["location"]
        for verb, body in ASKED.items()
    }
    for verb, body in ASKED.items():
        job = api.wait(asked[verb])
        assert job["state"] == "done", job
        expected = of_the_engine(store, verb, body)
        meta = api.client.get(job["result"]).json()["meta"]
        said = json.loads(meta_text(expected.meta))
        assert without(meta, VARIES) == without(said, VARIES), verb
        expected.meta = meta
        for format in ("json", "jsonl", "csv", "parquet", "xlsx"):
            found = api.client.get(job["result"], params={"format": format}).content
            assert same(found, written(expected, format), format), (verb, format)
