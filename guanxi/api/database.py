"""The server's own records (keys, sessions, jobs, uploads) in SQLite, readable by its owner only.

Write-ahead logging: readers never wait for writers. What a call has written is on the disk
when it returns.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from guanxi.errors import StoreVersionError
from guanxi.graph.store_home import disk_errors, make_folder

FILE = "server.sqlite"
#: Seconds to wait for another process that writes.
_PATIENCE = 10.0
_LAYOUT = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS keys (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, name TEXT NOT NULL,
    digest BLOB NOT NULL, scope TEXT NOT NULL, created REAL NOT NULL, expires REAL,
    revoked REAL, rate INTEGER, rows INTEGER, body INTEGER
);
CREATE TABLE IF NOT EXISTS sessions (
    digest BLOB PRIMARY KEY, key TEXT NOT NULL, csrf TEXT NOT NULL, expires REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, verb TEXT NOT NULL,
    body TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, idempotency TEXT,
    digest TEXT NOT NULL, state TEXT NOT NULL, created REAL NOT NULL, started REAL, finished REAL,
    attempts INTEGER NOT NULL DEFAULT 0, cancel INTEGER NOT NULL DEFAULT 0, stage TEXT,
    done REAL, total REAL, remaining REAL, problem TEXT, UNIQUE (key, idempotency)
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
CREATE TABLE IF NOT EXISTS job_log (
    number INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, at REAL NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS log_by_job ON job_log (job, number);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL,
    key TEXT NOT NULL, created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""


class Database:
    """The records in `folder`; a connection for each thread that uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._local = threading.local()
        with disk_errors(f"making the folder {folder}"):
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_folder(folder)
            with suppress(FileExistsError):  # before SQLite makes it readable for everybody
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with self.writing() as connection:
            self._prepare(connection)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, _LAYOUT):
            raise StoreVersionError(
                "The server's own records were made by another version of guanxi; use that one, "
                "or move the folder `server` beside the store away."
            )
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        connection.execute(
            "INSERT OR IGNORE INTO secrets VALUES ('cursors', ?)", (secrets.token_bytes(32),)
        )

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            known = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            known.row_factory = sqlite3.Row
            known.execute("PRAGMA journal_mode = WAL")
            known.execute("PRAGMA synchronous = FULL")
            self._local.connection = known
        return known

    def one(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        row: sqlite3.Row | None = self._connection().execute(statement, values).fetchone()
        return row

    def all(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._connection().execute(statement, values).fetchall()

    def write(self, statement: str, *values: Any) -> int:
        """Run one statement; how many rows it changed."""
        return self._connection().execute(statement, values).rowcount

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Several statements as one: all of them happen, or none."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def secret(self, name: str) -> bytes:
        """A secret of the server, which no answer shows."""
        row = self.one("SELECT value FROM secrets WHERE name = ?", name)
        assert row is not None
        return bytes(row["value"])

    def close(self) -> None:
        """Close the connection of this thread."""
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None:
            known.close()
            self._local.connection = None
