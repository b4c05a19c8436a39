"""The tables of a DuckDB store, and the names that users chose in them.

Accounts have an integer key inside; edges hold keys. There are no indexes and no keys on
edges: what must be distinct is made so by the loads. Times are microseconds UTC, days are
days since 1970, weights and values are millionths, all as plain integers (NULL: none).

The views are for people who open the file with DuckDB: `scored_accounts` (the accounts with
their scores), `follow_list` and `interaction_list` (edges with ids, times and amounts).
"""

from __future__ import annotations

import uuid

import duckdb

from guanxi.errors import StoreError
from guanxi.graph.duckdb.tables import Connection, rows, run
from guanxi.graph.schema import ColumnType
from guanxi.graph.store_state import SCHEMA_VERSION
from guanxi.sql import quote

#: Our own columns of `accounts`; no column of a user may be called so.
KEY = "guanxi_key"
MADE = "guanxi_made"
_TAKEN = {KEY, MADE, "id"}

SQL_TYPES = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.DATE: "TIMESTAMP",
}

_TABLES = f"""
create table meta (key varchar, value varchar);
create table accounts ({KEY} integer, id varchar, {MADE} boolean);
create table account_columns (position integer, name varchar, type varchar);
create table kinds (kind integer, name varchar);
create table follows (actor integer, target integer, since bigint);
create table interactions (
    actor integer, target integer, kind integer, day integer,
    count bigint, weight bigint, value bigint, first_at bigint, last_at bigint
);
create table events (
    event_id varchar, actor integer, target integer, kind integer,
    occurred_at bigint, count bigint, weight bigint, value bigint
);
create table loads (
    number integer, name varchar, source varchar, role varchar, replace boolean, done boolean,
    sole boolean, batch_rows integer, batches integer, batches_done integer,
    fingerprint varchar, pid bigint, counts varchar, started varchar, finished varchar
);
create table scores ({KEY} integer);
create view follow_list as
    select a.id as actor, t.id as target, make_timestamp(f.since) as since
    from follows f
    join accounts a on a.{KEY} = f.actor
    join accounts t on t.{KEY} = f.target;
create view interaction_list as
    select a.id as actor, t.id as target, k.name as kind, date '1970-01-01' + i.day as day,
        i.count, i.weight / 1e6 as weight, i.value / 1e6 as value,
        make_timestamp(i.first_at) as first_at, make_timestamp(i.last_at) as last_at
    from interactions i
    join kinds k using (kind)
    join accounts a on a.{KEY} = i.actor
    join accounts t on t.{KEY} = i.target;
"""


def creation() -> list[str]:
    """The statements that make an empty store, with an identity of its own."""
    notes = {
        "guanxi": "store",
        "schema": str(SCHEMA_VERSION),
        "store": uuid.uuid4().hex,
        "version": "0",
        "token": uuid.uuid4().hex,
    }
    values = ", ".join(f"('{key}', '{value}')" for key, value in notes.items())
    return [
        "begin",
        _TABLES,
        scored_view([], []),
        f"insert into meta values {values}",
        "commit",
    ]


def read_meta(connection: Connection) -> dict[str, str] | None:
    """The store's own notes; None where the database is no guanxi store."""
    try:
        meta = dict(rows(connection, "select key, value from main.meta"))
    except duckdb.ProgrammingError:  # no such table, or one of something else
        return None
    return meta if "guanxi" in meta else None


def set_meta(connection: Connection, **values: str) -> None:
    """Replace notes, as part of the running transaction."""
    for key, value in values.items():
        run(connection, "delete from meta where key = ?", key)
        run(connection, "insert into meta values (?, ?)", key, value)


def read_columns(connection: Connection) -> dict[str, ColumnType]:
    """The account columns that files brought, in the order of their first load."""
    found = rows(connection, "select name, type from account_columns order by position")
    return {name: ColumnType(kind) for name, kind in found}


def new_columns(
    known: dict[str, ColumnType], wanted: dict[str, ColumnType]
) -> dict[str, ColumnType]:
    """Those of `wanted` that the store lacks; StoreError where names or types do not fit."""
    folded = {name.casefold(): name for name in known}
    fresh: dict[str, ColumnType] = {}
    for name, kind in wanted.items():
        if name in known:
            if known[name] != kind:
                raise StoreError(
                    f"The column {name!r} holds values of type {known[name]} in this store, and "
                    f"{kind} in the file. Give it another name with --columns."
                )
            continue
        other = folded.get(name.casefold())
        if other is not None:
            raise StoreError(
                f"The columns {other!r} and {name!r} differ in upper and lower case only, which "
                "conditions could not tell apart. Rename one with --columns."
            )
        if not name or "\0" in name or name.casefold() in _TAKEN:
            raise StoreError(f"A column cannot be called {name!r}. Rename it with --columns.")
        folded[name.casefold()] = name
        fresh[name] = kind
    return fresh


def add_columns(
    connection: Connection,
    known: dict[str, ColumnType],
    fresh: dict[str, ColumnType],
) -> None:
    """Add account columns, with their bookkeeping, as part of the running transaction."""
    run(connection, "drop view if exists scored_accounts")
    for position, (name, kind) in enumerate(fresh.items(), start=len(known)):
        run(connection, f"alter table accounts add column {quote(name)} {SQL_TYPES[kind]}")
        statement = "insert into account_columns values (?, ?, ?)"
        run(connection, statement, position, name, kind.value)
    run(connection, scored_view([*known, *fresh], score_names(connection)))


def score_names(connection: Connection) -> list[str]:
    """The scores that the store holds."""
    found = rows(
        connection,
        "select column_name from duckdb_columns() where table_name = 'scores' "
        "and database_name = current_database() order by column_index",
    )
    return [name for (name,) in found if name != KEY]


def scored_view(columns: list[str], scores: list[str]) -> str:
    """The view that shows accounts with their scores.

    A column of a user that is called like a score appears as `account_…`.
    """
    taken = {name.casefold() for name in scores} | {"id"}
    shown = ["a.id"]
    for name in columns:
        label = name
        while label.casefold() in taken:
            label = f"account_{label}"
        taken.add(label.casefold())
        shown.append(f"a.{quote(name)} as {quote(label)}")
    shown += [f"s.{quote(name)}" for name in scores]
    return (
        f"create or replace view scored_accounts as select {', '.join(shown)} "
        f"from accounts a left join scores s using ({KEY})"
    )
