"""JSON: one object of meta and rows. JSON Lines: one row a line, without the meta."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, repeat
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


def json_bytes(result: Result, meta: str | None = None) -> bytes:
    """What `write_json` writes; `meta` stands for that of the result, as `MetaForm` makes it."""
    return "".join(json_parts(result, meta)).encode("utf-8", "backslashreplace")


def json_parts(result: Result, meta: str | None = None) -> Iterator[str]:
    """The text that `write_json` writes, part by part."""
    yield '{"meta": ' + (meta_text(result.meta) if meta is None else meta) + ',\n"rows": ['
    comma = 1  # none stands before the first row
    for rows in _row_texts(result, ",\n{", "}"):
        yield rows[comma:]
        comma = 0
    yield "\n]}\n"


def write_jsonl(result: Result, file: IO[str]) -> list[str]:
    """Write one JSON object a line for each row."""
    file.writelines(_row_texts(result, "{", "}\n"))
    return []


def meta_text(meta: dict[str, Any]) -> str:
    """`meta` as JSON on one line."""
    return encodable(_encode(meta))


class MetaForm:
    """The text of metas that differ in a few of their values: what is the same is made once.

    >>> MetaForm({"store": "a", "account": None, "seconds": 0}, {"account"}).text({"id": "b"})
    '{"store": "a", "account": {"id": "b"}, "seconds": 0}'
    """

    def __init__(self, meta: Mapping[str, Any], differing: Collection[str]) -> None:
        """`meta` has all keys in their order, `differing` are those whose values differ."""
        parts = (
            _name(key) + ("%s" if key in differing else _encode(value).replace("%", "%%"))
            for key, value in meta.items()
        )
        self._form = "{" + ", ".join(parts) + "}"

    def text(self, *values: Any) -> str:
        """A meta as JSON on one line; `values`: those that differ, in the order of their keys.

        One that is a dict holds single values by name.
        """
        parts = (_object(value) if type(value) is dict else _encode(value) for value in values)
        return self._form % tuple(parts)


def _row_texts(result: Result, before: str, after: str) -> Iterator[str]:
    """The rows with what stands before and after each of them, many at a time."""
    # Column by column, and joined at once: half as long as to encode each row by itself.
    names = [_encode(name) + ": " for name in result.columns]
    words = [(before if place == 0 else ", ") + name for place, name in enumerate(names)]
    for start in range(0, len(result), CHUNK):
        parts: list[Iterable[str]] = []
        for word, column in zip(words, result.columns.values(), strict=True):
            parts += (repeat(word), _texts(column[start : start + CHUNK]))
        yield "".join(chain.from_iterable(zip(*parts, repeat(after))))


def _texts(column: Any) -> Iterable[str]:
    """Each value as JSON."""
    values = column if type(column) is list else plain_values(column)
    kinds = set(map(type, values))
    if kinds == _TEXT:
        return map(encode_basestring, values)
    if kinds == _WHOLE:
        return map(int.__repr__, values)
    if kinds == _FLOAT and isfinite(sum(values)):
        return map(float.__repr__, values)
    return map(_encode, plain_values(values))


@lru_cache(maxsize=64)
def _form(names: tuple[str, ...]) -> str:
    """An object, with a place for each value."""
    return "{" + ", ".join(_name(name) + "%s" for name in names) + "}"


def _name(name: str) -> str:
    """The name of a value, in a form."""
    return f"{_encode(name)}: ".replace("%", "%%")


def _encode(value: Any) -> str:
    quick = _QUICK.get(type(value))
    if quick is not None:
        return quick(value)
    try:
        return _ENCODER.encode(value)
    except ValueError:  # JSON has no infinity and no NaN
        return _ENCODER.encode(_finite(value))


def _number(value: float) -> str:
    """A float; JSON has no infinity and no NaN."""
    return float.__repr__(value) if isfinite(value) else "null"


def _object(values: dict[str, Any]) -> str:
    """Single values by name, in less time than an encoder takes."""
    return _form(tuple(values)) % tuple(map(_encode, values.values()))


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


#: How values are written whose type says all.
_QUICK: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    float: _number,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_default)
