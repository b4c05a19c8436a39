"""JSON: one object of meta and rows. JSON Lines: one row a line, without the meta."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from guanxi.formats.values import encodable, iso, plain_value

if TYPE_CHECKING:
    from guanxi.results import Result


def write_json(result: Result, file: IO[str]) -> list[str]:
    """Write `{"meta": {…}, "rows": […]}`, a row on each line."""
    file.write('{"meta": ' + meta_text(result.meta) + ',\n"rows": [')
    separator = "\n"
    for lines in _row_lines(result):
        file.write(separator + ",\n".join(lines))
        separator = ",\n"
    file.write("\n]}\n")
    return []


def write_jsonl(result: Result, file: IO[str]) -> list[str]:
    """Write one JSON object a line for each row."""
    for lines in _row_lines(result):
        file.write("\n".join(lines) + "\n")
    return []


def meta_text(meta: dict[str, Any]) -> str:
    """`meta` as JSON on one line."""
    return encodable(_encode(meta))


def _row_lines(result: Result) -> Any:
    names = list(result.columns)
    for values in result.chunks():
        yield [_encode(dict(zip(names, row, strict=True))) for row in zip(*values, strict=True)]


def _encode(value: Any) -> str:
    try:
        return _ENCODER.encode(value)
    except ValueError:  # JSON has no infinity and no NaN
        return _ENCODER.encode(_finite(value))


def _finite(value: Any) -> Any:
    """`value` with None for every float that JSON cannot hold."""
    value = plain_value(value)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def _default(value: Any) -> Any:
    """What JSON does not know: dates, paths, numpy values, sets, dataclasses."""
    if isinstance(value, date):
        return iso(value)
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    known = plain_value(value)
    return str(value) if known is value else known


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_default)
