"""JSON: one object of meta and rows. JSON Lines: one row a line, without the meta."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring
from math import isfinite
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from guanxi.formats.values import CHUNK, encodable, iso, plain_value, plain_values

if TYPE_CHECKING:
    from guanxi.results import Result


_TEXT, _WHOLE, _FLOAT = {str}, {int}, {float}


def write_json(result: Result, file: IO[str]) -> list[str]:
    """Write `{"meta": {…}, "rows": […]}`, a row on each line."""
    file.writelines(json_parts(result))
    return []


def json_parts(result: Result) -> Iterator[str]:
    """The text that `write_json` writes, part by part."""
    yield '{"meta": ' + meta_text(result.meta) + ',\n"rows": ['
    separator = "\n"
    for lines in _row_lines(result):
        yield separator + ",\n".join(lines)
        separator = ",\n"
    yield "\n]}\n"


def write_jsonl(result: Result, file: IO[str]) -> list[str]:
    """Write one JSON object a line for each row."""
    for lines in _row_lines(result):
        file.write("\n".join(lines) + "\n")
    return []


def meta_text(meta: dict[str, Any]) -> str:
    """`meta` as JSON on one line."""
    return encodable(_encode(meta))


def _row_lines(result: Result) -> Iterator[list[str]]:
    # Column by column, which takes half as long as to encode each row by itself.
    form = _form(tuple(result.columns))
    for start in range(0, len(result), CHUNK):
        parts = [_texts(column[start : start + CHUNK]) for column in result.columns.values()]
        yield [form % row for row in zip(*parts, strict=True)]


@lru_cache(maxsize=64)
def _form(names: tuple[str, ...]) -> str:
    """A row, with a place for each value."""
    parts = (f"{_encode(name)}: ".replace("%", "%%") + "%s" for name in names)
    return "{" + ", ".join(parts) + "}"


def _texts(column: Any) -> list[str]:
    """Each value as JSON."""
    values = column if type(column) is list else plain_values(column)
    kinds = set(map(type, values))
    if kinds == _TEXT:
        return list(map(encode_basestring, values))
    if kinds == _WHOLE:
        return list(map(int.__repr__, values))
    if kinds == _FLOAT and isfinite(sum(values)):
        return list(map(float.__repr__, values))
    return [_encode(value) for value in plain_values(values)]


def _encode(value: Any) -> str:
    if value is None:
        return "null"
    if type(value) is float and isfinite(value):
        return float.__repr__(value)
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
