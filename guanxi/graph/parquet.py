"""The accounts as a Parquet file: the same bytes from either store.

The bytes of DuckDB's Parquet files depend on how a query hands over its rows, so the file
is always written from a table in memory, in the order of the accounts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import TextColumn
from guanxi.graph.duckdb.schema import SQL_TYPES
from guanxi.graph.duckdb.session import SAFE_SETTINGS
from guanxi.graph.duckdb.tables import run, table
from guanxi.graph.schema import AccountColumn, ColumnType
from guanxi.graph.text import optional_strings, string_array
from guanxi.sql import quote


def in_order(columns: dict[str, ColumnType]) -> list[str]:
    """The names of columns as they stand in the file: by their bytes, whoever was first."""
    return sorted(columns, key=str.encode)


def copy_accounts(
    connection: duckdb.DuckDBPyConnection, ordered: str, names: list[str], path: Path
) -> None:
    """Write `id` and the columns `names` of the table `ordered` (in its order) to `path`."""
    listed = ", ".join(["id", *map(quote, names)])
    target = str(path).replace("'", "''")
    run(
        connection,
        f"copy (select {listed} from {ordered}) to '{target}' (format parquet, compression zstd)",
    )


def write_accounts(ids: TextColumn, columns: list[AccountColumn], path: Path) -> None:
    """Write accounts that are held in arrays, in the order of `ids`."""
    by_name = sorted(columns, key=lambda column: column.name.encode())
    arrays: dict[str, npt.NDArray[Any]] = {"id": string_array(ids)}
    for number, column in enumerate(by_name):
        arrays[f"c{number}"] = column_array(column, 0, len(ids))
    typed = "".join(
        f", c{number}::{SQL_TYPES[column.type]} as {quote(column.name)}"
        for number, column in enumerate(by_name)
    )
    settings: dict[str, str | bool | int | float | list[str]] = {**SAFE_SETTINGS}
    with duckdb.connect(config=settings) as connection:
        with table(connection, "staged_rows", arrays):
            run(
                connection,
                f"create temp table ordered as select id::varchar as id{typed} from staged_rows",
            )
        copy_accounts(connection, "ordered", [column.name for column in by_name], path)


def column_array(column: AccountColumn, start: int, end: int) -> npt.NDArray[Any]:
    """Rows `[start, end)` of a column as DuckDB reads it, masked or None where nothing is."""
    if isinstance(column.values, TextColumn):
        return optional_strings(column.values, column.present, start, end)
    values: npt.NDArray[Any] = column.values[start:end]
    if column.type == ColumnType.DATE:
        values = values.view("datetime64[us]")
    elif column.type == ColumnType.NUMBER:
        values = values + 0.0  # there is one zero, not two
    return np.ma.MaskedArray(values, mask=~column.present[start:end])
