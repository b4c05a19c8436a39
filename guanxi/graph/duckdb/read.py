"""The whole content of a DuckDB store in arrays, for a snapshot."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from guanxi.graph.arrays import NO_DAY, NO_TIME, Int32
from guanxi.graph.duckdb.schema import KEY, MADE, read_columns
from guanxi.graph.duckdb.session import duckdb_errors
from guanxi.graph.duckdb.tables import Connection, count, fetch, literal, rows, run
from guanxi.graph.parquet import copy_accounts, in_order
from guanxi.graph.rows import FollowRows, InteractionRows, no_interactions
from guanxi.graph.schema import AccountColumn, ColumnType
from guanxi.graph.store import StoreContent
from guanxi.graph.text import pack
from guanxi.sql import quote

_INTEGERS = ("count", "weight", "value")


_VALUES = {
    ColumnType.TEXT: "coalesce({}, '')",
    ColumnType.NUMBER: "coalesce({}, 0.0)",
    ColumnType.BOOLEAN: "coalesce({}, false)",
    ColumnType.DATE: f"coalesce(epoch_us({{}}), {literal(NO_TIME)})",
}


def read_content(connection: Connection, path: Path) -> StoreContent:
    """Everything that the store holds, accounts numbered in the byte order of their ids."""
    columns = read_columns(connection)
    listed = "".join(f", {quote(name)}" for name in columns)
    run(
        connection,
        f"create or replace temp table ordered as select {KEY}, id, {MADE}{listed} "
        "from accounts order by id",
    )
    accounts = fetch(
        connection, f"select {KEY} as key, id, strlen(id) as length, {MADE} as made from ordered"
    )
    numbers = _numbers(accounts["key"])
    return StoreContent(
        ids=pack(accounts["id"], accounts["length"]),
        made=accounts["made"],
        follows=_follows(connection, numbers),
        interactions=_interactions(connection, numbers),
        columns=columns,
        column=partial(_column, connection, path, columns),
        write_accounts=partial(_write_accounts, connection, path, columns),
    )


def _numbers(keys: Int32) -> Int32 | None:
    """The number of the account with each key; None where number and key are the same."""
    order = np.arange(len(keys), dtype=np.int32)
    if np.array_equal(keys, order):
        return None
    numbers = np.empty(len(keys), dtype=np.int32)
    numbers[keys] = order
    return numbers


def _numbered(keys: Int32, numbers: Int32 | None) -> Int32:
    return keys if numbers is None else numbers[keys]


def _follows(connection: Connection, numbers: Int32 | None) -> FollowRows:
    timed = count(connection, "select count(since) from follows") > 0
    since = f", coalesce(since, {literal(NO_TIME)}) as since" if timed else ""
    found = fetch(connection, f"select actor, target{since} from follows")
    actor, target = found["actor"], found["target"]
    return FollowRows(
        actor=_numbered(actor, numbers),
        target=_numbered(target, numbers),
        since=found["since"] if timed else np.full(len(actor), NO_TIME),
    )


def _interactions(connection: Connection, numbers: Int32 | None) -> InteractionRows:
    if not count(connection, "select count(*) from interactions"):
        return no_interactions()
    names = rows(connection, "select name from kinds order by kind")
    cells = fetch(
        connection,
        f"select actor, target, kind, coalesce(day, {int(NO_DAY)}) as day, count, weight, value, "
        f"coalesce(first_at, {literal(NO_TIME)}) as first_at, "
        f"coalesce(last_at, {literal(NO_TIME)}) as last_at from interactions",
    )
    return InteractionRows(
        kinds=[row[0] for row in names],
        actor=_numbered(cells["actor"], numbers),
        target=_numbered(cells["target"], numbers),
        kind=cells["kind"],
        day=cells["day"],
        first_at=cells["first_at"],
        last_at=cells["last_at"],
        **{name: cells[name] for name in _INTEGERS},
    )


def _column(
    connection: Connection, path: Path, columns: dict[str, ColumnType], name: str
) -> AccountColumn:
    """One column of the accounts, from the ordered table."""
    kind, quoted = columns[name], quote(name)
    value = _VALUES[kind].format(quoted)
    length = ", strlen(value) as length" if kind == ColumnType.TEXT else ""
    with duckdb_errors(path):
        found = fetch(
            connection,
            f"select {value} as value{length}, {quoted} is not null as present from ordered",
        )
    if kind == ColumnType.TEXT:
        return AccountColumn(name, kind, pack(found["value"], found["length"]), found["present"])
    return AccountColumn(name, kind, found["value"], found["present"])


def _write_accounts(
    connection: Connection, path: Path, columns: dict[str, ColumnType], target: Path
) -> None:
    with duckdb_errors(path):
        copy_accounts(connection, "ordered", in_order(columns), target)
