"""A Neo4j database over the driver: managed transactions, and errors as sentences."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, ManagedTransaction
from neo4j.exceptions import ClientError, DriverError, IncompleteCommit, Neo4jError

from guanxi.errors import StoreError
from guanxi.graph.neo4j_interactions import too_large

T = TypeVar("T")
_ATTEMPTS = 3
_INTACT = "What was committed is intact, and the same command goes on after it."


class DriverDatabase:
    """See `guanxi.graph.neo4j_database.Database`."""

    def __init__(self, driver: Driver, name: str | None = None) -> None:
        self._driver = driver
        self._name = name

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction that only reads."""
        with (
            _errors(),
            self._driver.session(database=self._name, default_access_mode=READ_ACCESS) as session,
        ):
            return session.execute_read(work)

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction, and commit."""
        with _errors():
            for attempt in range(_ATTEMPTS):
                try:
                    with self._driver.session(
                        database=self._name, default_access_mode=WRITE_ACCESS
                    ) as session:
                        return session.execute_write(work)
                except IncompleteCommit:  # it was committed or not: `work` finds out
                    if attempt == _ATTEMPTS - 1:
                        raise
                    time.sleep(1 << attempt)
            raise AssertionError

    def close(self) -> None:
        """Close the driver."""
        self._driver.close()


def connect(url: str) -> DriverDatabase:
    """The database at `url`."""
    return DriverDatabase(GraphDatabase.driver(url, notifications_min_severity="OFF"))


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.code == "Neo.ClientError.Statement.ArithmeticError":
            raise too_large() from error
        raise StoreError(f"Neo4j refused a statement: {error.message} {_INTACT}") from error
    except (DriverError, Neo4jError) as error:
        raise StoreError(f"Neo4j failed: {error} {_INTACT}") from error
