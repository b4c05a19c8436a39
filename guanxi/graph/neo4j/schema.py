"""What guanxi keeps in a Neo4j database beside the accounts, and what it is called.

The graph that Cypher users see:

- `(:Account {id, <columns>})`, `id` unique. Dates are `datetime`s. Accounts that only edges
  mention carry `guanxi_made: true`.
- `(:Account)-[:FOLLOWS {since}]->(:Account)`, at most one for each pair.
- `(:Account)-[:INTERACTED {kind, day, count, weight, value, first_at, last_at}]->(:Account)`,
  one for each actor, target, kind and day.
- `(:Account)-[:INTERACTION_EVENT {id, kind, at, count, weight, value}]->(:Account)`: the single
  events that carried an id. Each is part of an INTERACTED already, so a sum over INTERACTED
  is complete.

On relationships all amounts are integers, as in a snapshot: times in microseconds and days
since 1970 (UTC), weights and values in millionths; so sums are exact, and reading is fast.
`datetime({epochMillis: f.since / 1000})` and `r.weight / 1e6` make them readable.

guanxi's own nodes: one `GuanxiStore` (identity, version, the counts that guanxi knows of),
one `GuanxiLoad` for each load, one `GuanxiColumn` for each column, one `GuanxiMeta` for the
scores that were written back.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from neo4j import ManagedTransaction

from guanxi.errors import StoreError, StoreVersionError
from guanxi.graph.duckdb.schema import MADE, new_columns
from guanxi.graph.neo4j.database import Database, change_schema, fetch, record, records, run
from guanxi.graph.schema import ColumnType
from guanxi.graph.store_state import SCHEMA_VERSION

#: Key of the `GuanxiMeta` of scores in a store of guanxi's own.
SCORES = "scores"
COUNTED = ("accounts", "follows", "interactions")
#: That of the accounts is made last: where it is, the others are.
_CONSTRAINTS = ("store", "loads", "columns", "meta", "accounts")
_LOOKS = 20


@dataclass(frozen=True)
class Column:
    """A column of the accounts, and the property that holds it."""

    name: str
    type: ColumnType
    property: str


@dataclass(frozen=True)
class Mark:
    """What the database holds at one moment: equal marks, equal content.

    What others do in Cypher is noticed if it changes a count: then `token` is another one.
    `revision` grows with every batch, `version` and guanxi's token with every load.
    """

    schema: int
    store_id: str
    version: int
    token: str
    revision: int
    counts: dict[str, int]
    edited: bool


def complete_schema(database: Database) -> None:
    """Make the constraints, and the indexes of scores, where there are none.

    An import of bulk files brings none, and accounts are read by the index of their ids.
    """
    for row in fetch(database, "list_constraints"):
        unique = row["type"].endswith(("UNIQUENESS", "KEY"))
        if unique and row["labels"] == ["Account"] and row["properties"] == ["id"]:
            return
    change_schema(database, "index_opted_out")
    for name in _CONSTRAINTS:
        change_schema(database, f"constrain_{name}")
    for name in database.read(score_properties):
        change_schema(database, "score_index", index=f"guanxi_{name}", label="Account", score=name)


def create_store(database: Database) -> None:
    """Make constraints and the store's own node, where they are missing."""
    complete_schema(database)

    def create(tx: ManagedTransaction) -> None:
        if records(tx, "read_store"):
            return
        if record(tx, "count_accounts")["count"]:
            raise StoreVersionError(
                "This Neo4j database has nodes with the label Account that guanxi did not load, "
                "so guanxi loads nothing into it. Give a database of its own, or read this one as "
                "it is: `guanxi doctor --store …` proposes how (--graph)."
            )
        run(
            tx,
            "create_store",
            schema=SCHEMA_VERSION,
            store_id=uuid.uuid4().hex,
            token=uuid.uuid4().hex,
        )

    database.write(create)


def read_mark(tx: ManagedTransaction) -> Mark | None:
    """The mark of the store at this moment; None where the database holds no store.

    Neo4j lets a transaction see what others commit meanwhile, so node and counts are read
    until nothing has come between them.
    """
    before: dict[str, Any] | None = None
    counts: dict[str, int] = {}
    for _ in range(_LOOKS):
        found = records(tx, "read_store")
        if not found:
            return None
        store = found[0]["store"]
        if before is not None and before["revision"] == store["revision"]:
            return _mark(store, counts)
        before = store
        counts = {name: record(tx, f"count_{name}")["count"] for name in (*COUNTED, "events")}
    raise StoreError("The store changes faster than it can be looked at. Try again later.")


def _mark(store: dict[str, Any], counts: dict[str, int]) -> Mark:
    edited = any(counts[name] != store[f"seen_{name}"] for name in COUNTED)
    token = store["token"]
    if edited:
        told = ":".join([token, *(str(counts[name]) for name in COUNTED)])
        token = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
    return Mark(
        schema=store["schema"],
        store_id=store["store_id"],
        version=store["version"],
        token=token,
        revision=store["revision"],
        counts=counts,
        edited=edited,
    )


def note_changes(tx: ManagedTransaction, *, next_version: bool = False, **changes: int) -> None:
    """Note what this transaction changed, so that it is not taken for the work of others."""
    run(
        tx,
        "note_changes",
        versions=int(next_version),
        token=uuid.uuid4().hex if next_version else None,
        **{name: changes.get(name, 0) for name in COUNTED},
    )


def lock_store(tx: ManagedTransaction) -> None:
    """Keep other writers waiting until this transaction ends."""
    run(tx, "lock_store")


def accept_edits(tx: ManagedTransaction) -> None:
    """Count what others changed as a version of its own (the store is locked)."""
    mark = read_mark(tx)
    if mark is None or not mark.edited:
        return
    (found,) = records(tx, "read_store")
    changes = {name: mark.counts[name] - found["store"][f"seen_{name}"] for name in COUNTED}
    note_changes(tx, next_version=True, **changes)


def read_columns(tx: ManagedTransaction) -> list[Column]:
    """The columns of the accounts, in the order of their first load."""
    return [
        Column(row["name"], ColumnType(row["type"]), row["property"])
        for row in records(tx, "read_columns")
    ]


def add_columns(tx: ManagedTransaction, wanted: dict[str, ColumnType]) -> None:
    """Add the columns that the store lacks; StoreError where one does not fit."""
    known = read_columns(tx)
    fresh = new_columns({column.name: column.type for column in known}, wanted)
    taken = {"id", MADE, *(column.property for column in known), *score_properties(tx)}
    for position, (name, kind) in enumerate(fresh.items(), start=len(known)):
        free = free_property(name, "account_", taken)
        taken.add(free)
        run(tx, "add_column", position=position, name=name, type=kind.value, property=free)


def score_properties(tx: ManagedTransaction) -> list[str]:
    """The properties that hold scores, also those of a write-back that was cut off."""
    found = records(tx, "read_scores", key=SCORES)
    return list(found[0]["meta"]["properties"]) if found else []


def free_property(name: str, prefix: str, taken: set[str]) -> str:
    """The property for a column or score: its name, with `prefix` while that is taken."""
    while name in taken:
        name = prefix + name
    return name
