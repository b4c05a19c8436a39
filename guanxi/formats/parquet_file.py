"""Parquet by DuckDB: lists as LIST, dates as such, the meta as JSON under the key `guanxi`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from guanxi.errors import GuanxiError, ResourceError
from guanxi.formats.json_file import meta_text
from guanxi.formats.values import field_text, plain_values
from guanxi.sql import quote

if TYPE_CHECKING:
    from guanxi.results import Result

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT64 = range(-(2**63), 2**63)


def write_parquet(result: Result, path: Path) -> list[str]:
    """Write `result` as one Parquet file, compressed with zstd."""
    arrays: dict[str, Any] = {}
    selected = []
    for number, (name, column) in enumerate(result.columns.items()):
        arrays[f"c{number}"], sql_type = _array(column)
        selected.append(f"{_converted(f'c{number}', sql_type)} AS {quote(name)}")
    meta = meta_text(result.meta).replace("'", "''")
    target = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.register("result", arrays)
        # DuckDB looks at a sample to tell what is in the lists of a column; let it see all.
        connection.execute(f"SET pandas_analyze_sample = {max(len(result), 1)}")
        try:
            connection.execute(
                f"COPY (SELECT {', '.join(selected)} FROM result) TO '{target}' "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{guanxi: '{meta}'}})"
            )
        except duckdb.IOException as error:
            raise _explanation(path, error) from error
    return []


def _explanation(path: Path, error: Exception) -> GuanxiError:
    if "No space left" in str(error):
        return ResourceError(f"There is no room left on the disk for {path}; nothing was written.")
    return GuanxiError(f"{path} cannot be written: {error}")


def _converted(source: str, sql_type: str) -> str:
    if sql_type == "TIMESTAMPTZ":  # from microseconds, whatever the time zone of the session
        return f"make_timestamptz({source})"
    return f"CAST({source} AS {sql_type})"


def _array(column: Any) -> tuple[Any, str]:
    """The values as an array that DuckDB takes, with None masked, and their SQL type."""
    values = plain_values(column)
    kinds = {type(value) for value in values} - {type(None)}
    if not kinds:
        return _masked(values, 0, np.int64), _type_of_nothing(column)
    if kinds == {bool}:
        return _masked(values, False, np.bool_), "BOOLEAN"
    if kinds == {int} and all(value is None or value in _INT64 for value in values):
        return _masked(values, 0, np.int64), "BIGINT"
    if kinds <= {int, float} and float in kinds:
        return _masked(values, 0.0, np.float64), "DOUBLE"
    if kinds == {datetime}:
        micros = [None if value is None else _microseconds(value) for value in values]
        return _masked(micros, 0, np.int64), "TIMESTAMPTZ"
    if kinds == {date}:
        days = [None if value is None else value.isoformat() for value in values]
        return _objects(days), "DATE"
    if kinds == {list}:
        return _list_array(values)
    texts = [None if value is None else field_text(value) for value in values]
    return _objects(texts), "VARCHAR"


def _type_of_nothing(column: Any) -> str:
    """The SQL type of a column without a value: that of its array, or text."""
    kind = getattr(getattr(column, "dtype", None), "kind", "O")
    types = {"M": "TIMESTAMPTZ", "f": "DOUBLE", "i": "BIGINT", "u": "BIGINT", "b": "BOOLEAN"}
    return types.get(kind, "VARCHAR")


def _list_array(values: list[list[Any] | None]) -> tuple[Any, str]:
    kinds = {type(item) for items in values if items for item in items} - {type(None)}
    if kinds == {int}:
        return _objects(values), "BIGINT[]"
    if kinds and kinds <= {int, float}:
        return _objects(values), "DOUBLE[]"
    texts = [
        None if items is None else [None if item is None else field_text(item) for item in items]
        for items in values
    ]
    return _objects(texts), "VARCHAR[]"


def _masked(values: list[Any], filler: Any, dtype: Any) -> Any:
    absent = [value is None for value in values]
    filled = [filler if value is None else value for value in values]
    return np.ma.MaskedArray(np.array(filled, dtype=dtype), mask=np.array(absent, dtype=np.bool_))


def _objects(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)
