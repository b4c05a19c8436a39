"""One column of the accounts out of Neo4j, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import StoreError
from guanxi.graph.arrays import NO_TIME, TextColumn
from guanxi.graph.neo4j.database import Database, fetch_one
from guanxi.graph.neo4j.numbers import Numbers
from guanxi.graph.neo4j.read import PAGE
from guanxi.graph.neo4j.schema import Column
from guanxi.graph.schema import AccountColumn, ColumnType

#: What stands where nothing is, the type in memory, and what numpy may find in a list of values.
_TYPES: dict[ColumnType, tuple[Any, type, str]] = {
    ColumnType.NUMBER: (0.0, np.float64, "if"),
    ColumnType.BOOLEAN: (False, np.bool_, "b"),
    ColumnType.DATE: (NO_TIME, np.int64, "i"),
}

#: What reads the columns that guanxi wrote itself.
STATEMENTS = {ColumnType.DATE: "read_dates"}


def read_column(
    database: Database,
    column: Column,
    numbers: Numbers,
    statements: Mapping[ColumnType, str] = STATEMENTS,
) -> AccountColumn:
    """The column in the order of the accounts. `statements` name what reads each type, where
    that is not `read_values`.
    """
    n = len(numbers.keys)
    present = np.zeros(n, dtype=np.bool_)
    texts = [""] * n if column.type == ColumnType.TEXT else []
    empty, dtype, kinds = _TYPES.get(column.type, (0, np.bool_, ""))
    values: npt.NDArray[Any] = np.full(0 if texts else n, empty, dtype=dtype)
    name = statements.get(column.type, "read_values")
    for start in range(0, n, PAGE):
        keys = numbers.ascending[start : start + PAGE].tolist()
        found = fetch_one(database, name, keys=keys, property=column.property)
        places = numbers.of(found["keys"])
        present[places] = True
        if column.type == ColumnType.TEXT:
            _place_texts(texts, places.tolist(), found["values"], column)
        elif len(places):
            values[places] = _checked(found["values"], kinds, column)
    if column.type == ColumnType.TEXT:
        return AccountColumn(column.name, column.type, TextColumn.from_strings(texts), present)
    return AccountColumn(column.name, column.type, values, present)


def _place_texts(texts: list[str], places: list[int], found: list[Any], column: Column) -> None:
    for place, text in zip(places, found, strict=True):
        if not isinstance(text, str):
            raise _misfit(column)
        texts[place] = text


def _checked(found: list[Any], kinds: str, column: Column) -> npt.NDArray[Any]:
    array = np.array(found)
    if array.dtype.kind not in kinds:
        raise _misfit(column)
    return array


def _misfit(column: Column) -> StoreError:
    return StoreError(
        f"The property {column.property} of some accounts holds something else than "
        f"{column.type}: somebody else than guanxi wrote it. Correct it in Neo4j."
    )
