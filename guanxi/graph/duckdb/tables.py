"""Statements to DuckDB, and arrays handed to it as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import duckdb
import numpy.typing as npt

Connection = duckdb.DuckDBPyConnection


@contextmanager
def table(
    connection: Connection, name: str, arrays: Mapping[str, npt.NDArray[Any]]
) -> Iterator[None]:
    """Let statements read `arrays` (all of one length) as the table `name`."""
    connection.register(name, dict(arrays))
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # in a transaction that failed even this is refused
            connection.unregister(name)
        raise
    connection.unregister(name)


def rows(connection: Connection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """All rows that a statement gives (DuckDB wants each result read to its end)."""
    return connection.execute(statement, list(values)).fetchall()


def run(connection: Connection, statement: str, *values: Any) -> None:
    """A statement whose result does not matter."""
    rows(connection, statement, *values)


def count(connection: Connection, statement: str, *values: Any) -> int:
    """The single number that a statement gives: rows counted, inserted, updated or deleted."""
    return int(rows(connection, statement, *values)[0][0])


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of the statements inside, or none of them."""
    run(connection, "begin")
    try:
        yield
        run(connection, "commit")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has rolled back already
            run(connection, "rollback")
        raise


def fetch(connection: Connection, statement: str) -> dict[str, npt.NDArray[Any]]:
    """The columns of a query as arrays."""
    columns: dict[str, npt.NDArray[Any]] = connection.execute(statement).fetchnumpy()
    return columns


def literal(number: int) -> str:
    """A 64-bit integer in SQL, where the smallest one cannot be written as it stands."""
    return f"'{int(number)}'::bigint"
