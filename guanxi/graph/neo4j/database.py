"""Transactions on one Neo4j database, and the statements of `guanxi.cypher` in them.

Work is given as a function of the transaction and may run more than once: the driver
repeats it after errors that pass (a deadlock, a lost connection). What came of a commit
whose answer was lost is not known; so work that changes something must notice that it
was done before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from neo4j import ManagedTransaction, ResultSummary

from guanxi.cypher import statement

T = TypeVar("T")
Work = Callable[[ManagedTransaction], T]
Names = Mapping[str, str]


class Database(Protocol):
    """One database of a server, over one driver. Every error is a sentence (StoreError)."""

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction that only reads."""

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction, and commit."""

    def close(self) -> None:
        """Close the driver."""


def records(
    tx: ManagedTransaction, name: str, slots: Names | None = None, /, **values: Any
) -> list[dict[str, Any]]:
    """All records of a statement; `slots` are the names that fill its marked slots."""
    result = tx.run(statement(name, **(slots or {})), values)
    keys = result.keys()
    # (`data()` of the driver would look at each item of the long lists in them.)
    return [dict(zip(keys, record.values(), strict=True)) for record in result]


def record(
    tx: ManagedTransaction, name: str, slots: Names | None = None, /, **values: Any
) -> dict[str, Any]:
    """The one record of a statement."""
    (found,) = records(tx, name, slots, **values)
    return found


def run(
    tx: ManagedTransaction, name: str, slots: Names | None = None, /, **values: Any
) -> ResultSummary:
    """A statement for what it does; the summary has counters of it."""
    return tx.run(statement(name, **(slots or {})), values).consume()


def record_and_summary(
    tx: ManagedTransaction, name: str, slots: Names | None = None, /, **values: Any
) -> tuple[dict[str, Any], ResultSummary]:
    """The one record of a statement that also changes something, and the summary with counters."""
    result = tx.run(statement(name, **(slots or {})), values)
    found = result.single(strict=True)
    return dict(zip(found.keys(), found.values(), strict=True)), result.consume()


def fetch(
    database: Database, name: str, slots: Names | None = None, /, **values: Any
) -> list[dict[str, Any]]:
    """All records of a statement that only reads, in a transaction of its own."""
    return database.read(lambda tx: records(tx, name, slots, **values))


def fetch_one(
    database: Database, name: str, slots: Names | None = None, /, **values: Any
) -> dict[str, Any]:
    """The one record of a statement that only reads, in a transaction of its own."""
    return database.read(lambda tx: record(tx, name, slots, **values))


def change_schema(database: Database, name: str, **names: str) -> None:
    """A statement that makes or drops a constraint or an index, in a transaction of its own."""
    text = statement(name, **names)
    database.write(lambda tx: tx.run(text).consume())
