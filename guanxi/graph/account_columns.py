"""Columns of the accounts of a snapshot, as Python values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.graph.account_values import ROW
from guanxi.graph.arrays import Int32
from guanxi.graph.schema import ColumnType
from guanxi.graph.text import strings, text_reader, texts_at

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot

#: Rows that may be read one by one.
_FEW = 100


def read_columns(
    snapshot: Snapshot, names: Sequence[str], accounts: Sequence[int] | Int32 | None
) -> dict[str, list[Any]]:
    """The columns `names` of all accounts, or of some in the order given.

    Columns that are at hand as arrays are read from there; only the others need DuckDB.
    """
    rows = None if accounts is None else np.asarray(accounts, dtype=np.int64).reshape(-1)
    at_hand = [name for name in names if snapshot.text(name) is not None]
    others = [name for name in names if name not in at_hand]
    values = {name: _from_array(snapshot, name, rows) for name in at_hand}
    if others:
        values |= _from_parquet(snapshot, others, rows)
    return {name: values[name] for name in names}


def account_reader(snapshot: Snapshot) -> Callable[[int], dict[str, Any]]:
    """Finds all columns of one account; each of them has to be in memory by now."""
    readers = {name: _reader_of(snapshot, name) for name in snapshot.column_types}
    return lambda account: {name: read(account) for name, read in readers.items()}


def _reader_of(snapshot: Snapshot, name: str) -> Callable[[int], Any]:
    column = snapshot.text(name)
    if column is not None:
        text = text_reader(column)
        return lambda account: text(account) or None
    at = snapshot.values.held[name].at
    if snapshot.column_types[name] != ColumnType.DATE:
        return at
    return lambda account: None if (value := at(account)) is None else iso_time(value)


def _from_array(snapshot: Snapshot, name: str, rows: Any) -> list[Any]:
    column = snapshot.text(name)
    assert column is not None
    if rows is None:
        return [text or None for text in strings(column)]
    return [text or None for text in texts_at(column, rows)]


def _from_parquet(snapshot: Snapshot, names: list[str], rows: Any) -> dict[str, list[Any]]:
    numbered = snapshot.values.numbered
    if numbered and rows is not None and len(rows) <= _FEW:
        held = snapshot.values.read(names, rows.tolist(), partial(_fetch, snapshot))
        if held is not None:
            return {name: _values(held[name], snapshot.column_types[name]) for name in names}
    return _from_file(snapshot, names, rows, numbered=numbered)


def _fetch(snapshot: Snapshot, query: str) -> dict[str, Any]:
    """What a query over `accounts`, the file of a snapshot, gives."""
    from guanxi.graph.duckdb.session import duckdb_errors
    from guanxi.graph.duckdb.tables import fetch

    path = str(snapshot.accounts_parquet).replace("'", "''")
    rows = f"with accounts as (from read_parquet('{path}', {ROW} = true)) "
    with duckdb_errors(snapshot.accounts_parquet), _reader().cursor() as connection:
        return fetch(connection, rows + query)


def _from_file(
    snapshot: Snapshot, names: list[str], rows: Any, *, numbered: bool
) -> dict[str, list[Any]]:
    from guanxi.graph.duckdb.session import duckdb_errors
    from guanxi.graph.duckdb.tables import fetch, table
    from guanxi.sql import quote

    few = numbered and rows is not None and len(rows) * 20 < snapshot.n
    listed = ", ".join(f"{quote(name)} as c{number}" for number, name in enumerate(names))
    path = str(snapshot.accounts_parquet).replace("'", "''")
    with duckdb_errors(snapshot.accounts_parquet), _reader().cursor() as connection:
        if few:
            order = np.arange(len(rows), dtype=np.int64)
            with table(connection, "wanted", {"row": rows, "place": order}):
                found = fetch(
                    connection,
                    f"select f.* exclude (row) from wanted w join (select {ROW} as row, {listed} "
                    f"from read_parquet('{path}', {ROW} = true)) f using (row) order by w.place",
                )
        else:
            found = fetch(connection, f"select {listed} from read_parquet('{path}')")
    chosen = slice(None) if few or rows is None else rows
    return {
        name: _values(found[f"c{number}"][chosen].tolist(), snapshot.column_types[name])
        for number, name in enumerate(names)
    }


@cache
def _reader() -> Any:
    """A database in memory, made once: a few rows are read in less time than it takes to make it.

    Threads read through cursors of their own.
    """
    import duckdb

    from guanxi.graph.duckdb.session import SAFE_SETTINGS

    settings: dict[str, str | bool | int | float | list[str]] = {**SAFE_SETTINGS}
    return duckdb.connect(config=settings)


def _values(values: list[Any], kind: ColumnType) -> list[Any]:
    if kind == ColumnType.DATE:
        return [None if value is None else iso_time(value) for value in values]
    return values


def iso_time(value: datetime) -> str:
    """A time in UTC as ISO text, without its clock where that is midnight."""
    if (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0):
        return value.date().isoformat()
    return value.isoformat() + "Z"
