"""What each bulk file for Neo4j holds: the fields of its header, and where its rows come from.

The header is in the words of `neo4j-admin database import`: `name:type`, `:ID(group)` and so
on. Relationships name their ends by the store's own integer keys, which the import forgets:
shorter than ids, and never in need of quotes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from guanxi.errors import StoreError
from guanxi.graph.duckdb.loads import read_loads, unfinished_loads
from guanxi.graph.duckdb.schema import KEY, MADE, read_columns, read_meta, score_names
from guanxi.graph.duckdb.tables import Connection, count, rows
from guanxi.graph.neo4j.schema import COUNTED, Column, free_property
from guanxi.graph.schema import ColumnType
from guanxi.graph.store_state import SCHEMA_VERSION, LoadRecord
from guanxi.sql import quote

_ENDS = [(":START_ID(account)", "actor"), (":END_ID(account)", "target")]
_TYPES = {
    ColumnType.TEXT: "string",
    ColumnType.NUMBER: "double",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "datetime",
}
#: What the tool takes for marks of its own in the name of a field.
_MARKS = re.compile(r"[{}()\x00-\x1f\x7f]")


@dataclass(frozen=True)
class TablePart:
    """Nodes or relationships out of a table: header fields with their SQL, all from `source`.

    `texts` are the SQL of the fields that may hold anything.
    """

    option: str
    label: str
    stem: str
    fields: list[tuple[str, str]]
    source: str
    texts: list[str]
    rows: int


@dataclass(frozen=True)
class NodePart:
    """Nodes of guanxi's own, a few: their header and rows. None is nothing there."""

    label: str
    stem: str
    header: list[str]
    rows: list[list[Any]]


def table_parts(connection: Connection, columns: list[Column]) -> list[TablePart]:
    """Accounts and all relationships; those that there are none of are left out."""
    parts = [
        _accounts(connection, columns),
        TablePart(
            "relationships", "FOLLOWS", "follows", [*_ENDS, ("since:long", "since")], "follows",
            [], _count(connection, "follows"),
        ),
        TablePart(
            "relationships", "INTERACTED", "interactions",
            [*_ENDS, ("kind:string", "name"), *_plain("day", "count", "weight", "value"),
             *_plain("first_at", "last_at")],
            "interactions join kinds using (kind)", ["name"], _count(connection, "interactions"),
        ),
        TablePart(
            "relationships", "INTERACTION_EVENT", "events",
            [*_ENDS, ("id:string", "event_id"), ("kind:string", "name"), ("at:long", "occurred_at"),
             *_plain("count", "weight", "value")],
            "events join kinds using (kind)", ["event_id", "name"], _count(connection, "events"),
        ),
    ]  # fmt: skip
    return [part for part in parts if part.rows]


def node_parts(connection: Connection, columns: list[Column]) -> list[NodePart]:
    """The nodes that make the database a store of guanxi, at the same version as this one."""
    parts = [
        _store(connection),
        NodePart(
            "GuanxiColumn", "guanxi-columns",
            ["position:long", "name:string", "type:string", "property:string"],
            [[i, column.name, column.type.value, column.property]
             for i, column in enumerate(columns)],
        ),
        _loads(connection),
        _scores(connection, columns),
    ]  # fmt: skip
    return [part for part in parts if part.rows]


def properties(connection: Connection) -> list[Column]:
    """The columns of the accounts with the properties that hold them.

    A column is a property of its own name, unless the tool could not read that in a header:
    then what the tool would misread is `_`.
    """
    taken = {"id", MADE}
    found: list[Column] = []
    for name, kind in read_columns(connection).items():
        free = free_property(_MARKS.sub("_", name).strip() or "_", "account_", taken)
        taken.add(free)
        found.append(Column(name, kind, free))
    return found


def refuse_unfinished(connection: Connection) -> None:
    """StoreError while a load is not complete: no other store could go on with it."""
    unfinished = unfinished_loads(connection)
    if unfinished:
        raise StoreError(
            f"The load of {unfinished[0].source}, begun {unfinished[0].since}, is not complete, "
            "and the files would hold a part of it. Repeat its command first."
        )


def _count(connection: Connection, table: str) -> int:
    return count(connection, f"select count(*) from {table}")


def _plain(*names: str) -> list[tuple[str, str]]:
    return [(f"{name}:long", name) for name in names]


def _accounts(connection: Connection, columns: list[Column]) -> TablePart:
    fields = [
        (":ID(account)", f"a.{KEY}"),
        ("id:string", "a.id"),
        (f"{MADE}:boolean", f"case when a.{MADE} then true end"),
    ]
    for column in columns:
        value = f"a.{quote(column.name)}"
        if column.type == ColumnType.DATE:
            value = f"strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ')"
        fields.append((f"{column.property}:{_TYPES[column.type]}", value))
    scores = _score_columns(connection, columns)
    fields += [(f"{held}:{kind}", f"s.{quote(name)}::{sql}") for name, held, kind, sql in scores]
    texts = [f"a.{quote(column.name)}" for column in columns if column.type == ColumnType.TEXT]
    joined = f" left join scores s using ({KEY}) order by a.{KEY}" if scores else ""
    return TablePart(
        "nodes", "Account", "accounts", fields, f"accounts a{joined}", ["a.id", *texts],
        _count(connection, "accounts"),
    )  # fmt: skip


def _score_columns(
    connection: Connection, columns: list[Column]
) -> list[tuple[str, str, str, str]]:
    """Each score with its property, the type of that, and the SQL type that is written."""
    if "scores" not in (read_meta(connection) or {}):
        return []
    kinds = dict(
        rows(
            connection,
            "select column_name, data_type from duckdb_columns() where table_name = 'scores' "
            "and database_name = current_database()",
        )
    )
    taken = {"id", MADE, *(column.property for column in columns)}
    found: list[tuple[str, str, str, str]] = []
    for name in score_names(connection):
        held = free_property(name, "score_", taken)
        taken.add(held)
        kind, sql = "long", "bigint"
        if kinds[name] in ("DOUBLE", "FLOAT"):
            kind, sql = "double", "double"
        elif kinds[name] == "BOOLEAN":
            kind, sql = "boolean", "boolean"
        found.append((name, held, kind, sql))
    return found


def _store(connection: Connection) -> NodePart:
    meta = read_meta(connection) or {}
    loads = read_loads(connection)
    fields: dict[str, Any] = {
        "key:string": "store",
        "schema:long": SCHEMA_VERSION,
        "store_id:string": meta["store"],
        "version:long": int(meta["version"]),
        "token:string": meta["token"],
        "revision:long": 0,
        "last_load:long": max((load.number for load in loads), default=0),
        **{f"seen_{name}:long": _count(connection, name) for name in COUNTED},
    }
    return NodePart("GuanxiStore", "guanxi-store", list(fields), [list(fields.values())])


def _loads(connection: Connection) -> NodePart:
    marks = dict(rows(connection, "select number, fingerprint from loads"))
    found = [_load(load, marks[load.number]) for load in read_loads(connection)]
    return NodePart(
        "GuanxiLoad",
        "guanxi-loads",
        list(found[0]) if found else [],
        [list(load.values()) for load in found],
    )


def _load(load: LoadRecord, fingerprint: str) -> dict[str, Any]:
    return {
        "number:long": load.number,
        "name:string": load.name,
        "source:string": load.source,
        "role:string": load.role,
        "replace:boolean": load.replace,
        "done:boolean": load.done,
        "batch_rows:long": load.batch_rows,
        "batches:long": load.batches,
        "batches_done:long": load.batches_done,
        "fingerprint:string": fingerprint,
        "counts:string": json.dumps(load.counts.sums()),
        "started:string": load.started,
        "finished:string": load.finished,
    }


def _scores(connection: Connection, columns: list[Column]) -> NodePart:
    """What the scores are, where there are any (see `guanxi.graph.neo4j.scores`)."""
    found = _score_columns(connection, columns)
    told = (read_meta(connection) or {}).get("scores", "{}")
    meta = json.loads(told)
    version = meta.get("store_version", meta.get("version"))
    is_text = isinstance(version, str)
    fields: dict[str, Any] = {
        "key:string": "scores",
        "complete:boolean": True,
        "scores:string[]": ";".join(name for name, _, _, _ in found),
        "properties:string[]": ";".join(held for _, held, _, _ in found),
        "meta:string": told,
        f"version:{'string' if is_text else 'long'}": version,
        "written:string": meta.get("made_at"),
    }
    rows_of = [list(fields.values())] if found else []
    return NodePart("GuanxiMeta", "guanxi-meta", list(fields), rows_of)
