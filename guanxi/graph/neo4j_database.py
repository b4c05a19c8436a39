"""Transactions on one Neo4j database, and the statements of `guanxi.cypher` in them.

Work is given as a function of the transaction and may run more than once: the driver
repeats it after errors that pass (a deadlock, a lost connection). What came of a commit
whose answer was lost is not known; so work that changes something must notice that it
was done before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from neo4j import ManagedTransaction, ResultSummary

from guanxi.cypher import statement

T = TypeVar("T")
Work = Callable[[ManagedTransaction], T]


class Database(Protocol):
    """One database of a server, over one driver. Every error is a sentence (StoreError)."""

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction that only reads."""

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction, and commit."""

    def close(self) -> None:
        """Close the driver."""


def records(tx: ManagedTransaction, name: str, /, **values: Any) -> list[dict[str, Any]]:
    """All records of a statement."""
    result = tx.run(statement(name), values)
    keys = result.keys()
    # (`data()` of the driver would look at each item of the long lists in them.)
    return [dict(zip(keys, record.values(), strict=True)) for record in result]


def record(tx: ManagedTransaction, name: str, /, **values: Any) -> dict[str, Any]:
    """The one record of a statement."""
    (found,) = records(tx, name, **values)
    return found


def run(tx: ManagedTransaction, name: str, /, **values: Any) -> ResultSummary:
    """A statement for what it does; the summary has counters of it."""
    return tx.run(statement(name), values).consume()


def fetch(database: Database, name: str, /, **values: Any) -> list[dict[str, Any]]:
    """All records of a statement that only reads, in a transaction of its own."""
    return database.read(lambda tx: records(tx, name, **values))


def fetch_one(database: Database, name: str, /, **values: Any) -> dict[str, Any]:
    """The one record of a statement that only reads, in a transaction of its own."""
    return database.read(lambda tx: record(tx, name, **values))


def change_schema(database: Database, name: str, **names: str) -> None:
    """A statement that makes or drops a constraint or an index, in a transaction of its own."""
    text = statement(name, **names)
    database.write(lambda tx: tx.run(text).consume())
