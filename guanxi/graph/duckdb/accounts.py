"""An accounts file into the DuckDB store: new accounts, and fields of those that are there."""

from __future__ import annotations

import numpy as np

from guanxi.graph.duckdb.keys import next_key
from guanxi.graph.duckdb.schema import (
    KEY,
    MADE,
    SQL_TYPES,
    add_columns,
    new_columns,
    read_columns,
)
from guanxi.graph.duckdb.tables import Connection, count, run, table, transaction
from guanxi.graph.parquet import column_array
from guanxi.graph.schema import StagedAccounts
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import string_array
from guanxi.sql import quote


def prepare_columns(connection: Connection, staged: StagedAccounts) -> None:
    """Add the columns that the store lacks; StoreError where one does not fit."""
    known = read_columns(connection)
    fresh = new_columns(known, {column.name: column.type for column in staged.columns})
    if not fresh:
        return
    with transaction(connection):
        add_columns(connection, known, fresh)


def load_accounts(
    connection: Connection, staged: StagedAccounts, counts: LoadCounts, start: int, end: int
) -> None:
    """Commit rows `[start, end)`: the later load wins, an empty field never overwrites."""
    base = next_key(connection)
    fields = {f"c{i}": column_array(column, start, end) for i, column in enumerate(staged.columns)}
    texts = {
        "pos": np.arange(start, end, dtype=np.int32),
        "id": string_array(staged.ids, start, end),
    }
    names = [quote(column.name) for column in staged.columns]
    typed = "".join(
        f", s.c{i}::{SQL_TYPES[column.type]} as c{i}" for i, column in enumerate(staged.columns)
    )
    with table(connection, "staged_rows", {**texts, **fields}):
        if base == 0:  # nothing to compare with, and this is the first load of most stores
            rows = f"select s.pos, s.id{typed} from staged_rows s"
            counts.new_accounts += _insert(connection, names, base, f"({rows})")
            return
        run(
            connection,
            "create or replace temp table described as "
            f"select s.pos, s.id, a.{KEY} as key, a.{MADE} as made{typed} "
            "from staged_rows s left join accounts a on a.id = s.id",
        )
    _update(connection, names, counts)
    counts.new_accounts += _insert(connection, names, base, "described where key is null")
    run(connection, "drop table described")


def _insert(connection: Connection, names: list[str], base: int, rows: str) -> int:
    """New accounts, with the keys from `base` on, in the order of the file."""
    listed = "".join(f", {name}" for name in names)
    values = "".join(f", c{i}" for i in range(len(names)))
    return count(
        connection,
        f"insert into accounts ({KEY}, id, {MADE}{listed}) "
        f"select {base} + row_number() over (order by pos) - 1, id, false{values} "
        f"from {rows} order by pos",
    )


def _update(connection: Connection, names: list[str], counts: LoadCounts) -> None:
    """Fill in the accounts that are there already, where the file says anything new."""
    differs = " or ".join(
        f"(d.c{i} is not null and d.c{i} is distinct from a.{name})" for i, name in enumerate(names)
    )
    there = count(connection, "select count(*) from described where key is not null")
    filled = count(connection, "select count(*) from described where made")
    fields = "".join(f", {name} = coalesce(d.c{i}, a.{name})" for i, name in enumerate(names))
    changed = count(
        connection,
        f"update accounts a set {MADE} = false{fields} from described d "
        f"where a.{KEY} = d.key and (a.{MADE} or {differs or 'false'})",
    )
    counts.filled_accounts += filled
    counts.updated_accounts += changed - filled
    counts.unchanged_accounts += there - changed
