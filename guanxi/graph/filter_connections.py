"""Databases in memory that may read one file each, and are kept between conditions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from guanxi.graph.duckdb.session import SAFE_SETTINGS
from guanxi.parallel import thread_count

#: A server asks the newest snapshot and the one before it; jobs and commands ask one.
_KEPT = 3
_Key = tuple[str, int | None]
_lock = threading.Lock()
_databases: OrderedDict[_Key, duckdb.DuckDBPyConnection] = OrderedDict()


@contextmanager
def reader_of(path: str, threads: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may open the file at `path` (absolute) and nothing else, and whose
    settings are locked.

    To make such a database takes longer than most conditions, so it is kept; each caller gets a
    connection of its own to it, in which what he registers is his alone.
    """
    key = (path, threads)
    with _lock:
        database = _databases.get(key)
        if database is None:
            database = _databases[key] = _database(*key)
        _databases.move_to_end(key)
        connection = database.cursor()
        while len(_databases) > _KEPT:  # connections that are in use keep their database
            _databases.popitem(last=False)[1].close()
    with connection:
        yield connection


def _database(path: str, threads: int | None) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {**SAFE_SETTINGS}
    database = duckdb.connect(config=settings)
    if threads is not None:
        database.execute(f"SET threads = {thread_count(threads)}")
    escaped = path.replace("'", "''")
    database.execute(f"SET allowed_paths = ['{escaped}']")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database
