"""The result of a job on the disk: JSON as it is sent, and beside it what JSON does not know.

JSON has no dates, no times and no column without rows. With `columns.json` a result comes back as
the engine gave it, and goes out in every form as the command line writes it.
"""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.api.jobs import RESULT
from guanxi.formats.json_file import write_json
from guanxi.formats.values import plain_values
from guanxi.graph.snapshot_files import private_opener
from guanxi.graph.store_home import disk_errors, sync_folder
from guanxi.graph.store_home import write_json as write_json_file
from guanxi.results import Result

if TYPE_CHECKING:
    from guanxi.api.redact import Redactor

_COLUMNS = "columns.json"
_DATE, _TIME = "date", "time"
#: Kinds of arrays (numpy's letters) whose type says something where no value does.
_KINDS = {"f": "float64", "i": "int64", "u": "int64", "b": "bool", "M": "datetime64[us]"}


def write_result(result: Result, folder: Path, redactor: Redactor) -> None:
    """Keep a result, whole or not at all, without the server's own paths."""
    plain = {name: plain_values(column) for name, column in result.columns.items()}
    kinds = [(name, _kind(result.columns[name], values)) for name, values in plain.items()]
    cleaned = Result(redactor.columns(plain), redactor.meta(result.meta))
    with disk_errors("keeping the result"):
        write_json_file(folder / _COLUMNS, {"columns": kinds})
        temporary = folder / f".{RESULT}.tmp"
        with open(temporary, "w", encoding="utf-8", opener=private_opener) as file:
            write_json(cleaned, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / RESULT)
        sync_folder(folder)


def read_result(folder: Path) -> Result:
    """The result that was kept in a folder."""
    content = json.loads((folder / RESULT).read_bytes())
    kinds = json.loads((folder / _COLUMNS).read_bytes())["columns"]
    rows = content["rows"]
    columns = {name: _column([row[name] for row in rows], kind) for name, kind in kinds}
    return Result(columns, content["meta"])


def _kind(column: Any, values: list[Any]) -> str | None:
    """What JSON forgets of a column: dates, times, or the type of an array without a value."""
    found = {type(value) for value in values} - {type(None)}
    if not found:
        return _KINDS.get(getattr(getattr(column, "dtype", None), "kind", "O"))
    if found == {date}:
        return _DATE
    return _TIME if found == {datetime} else None


def _column(values: list[Any], kind: str | None) -> Any:
    if kind in (_DATE, _TIME):
        read = date.fromisoformat if kind == _DATE else datetime.fromisoformat
        return [None if value is None else read(value) for value in values]
    if kind is None:
        return values
    nothing = {"float64": float("nan"), "datetime64[us]": "NaT"}.get(kind, 0)
    return np.full(len(values), nothing, dtype=kind)
