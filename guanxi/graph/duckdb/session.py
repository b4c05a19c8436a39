"""Opening the DuckDB file of a store, for one writer at a time, and what can go wrong with it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from guanxi.errors import GuanxiError, ResourceError, StoreBusyError, StoreError, StoreVersionError
from guanxi.graph.duckdb.tables import run
from guanxi.graph.file_lock import FileLock
from guanxi.graph.store_home import StoreHome, disk_error, disk_errors, make_folder, sync_folder

_FULL = ("No space left", "File too large", "Disk quota", "disk quota", "max_temp_directory_size")
_FORBIDDEN = ("Permission denied", "Read-only file system", "Operation not permitted")
_NOT_OURS = ("not a valid DuckDB", "version number", "Serialization Error", "newer version")
_INTACT = "What was committed is intact, and the same command goes on after it."

_MAGIC, _MAGIC_AT = b"DUCK", 8  # how a file of DuckDB begins, behind a checksum

#: What every connection of guanxi to DuckDB is opened with: nothing is fetched from anywhere.
SAFE_SETTINGS: dict[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}

# DuckDB makes its files (the log beside the store comes and goes) by the process's umask.
_umask_lock = threading.Lock()
_umask_holders = 0
_umask_before = 0


def now_iso() -> str:
    """The time, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def private_files() -> Iterator[None]:
    """Files made by this process meanwhile are readable by their owner only."""
    global _umask_holders, _umask_before
    with _umask_lock:
        if _umask_holders == 0:
            _umask_before = os.umask(0o077)
        _umask_holders += 1
    try:
        yield
    finally:
        with _umask_lock:
            _umask_holders -= 1
            if _umask_holders == 0:
                os.umask(_umask_before)


@contextmanager
def duckdb_errors(path: Path) -> Iterator[None]:
    """Turn what DuckDB or the file system raise into sentences about the store at `path`."""
    try:
        yield
    except GuanxiError:
        raise
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # what DuckDB makes of Ctrl-C
            raise KeyboardInterrupt from error
        raise
    except duckdb.Error as error:
        raise _sentence(path, error) from error
    except OSError as error:
        raise disk_error(error, f"using the store {path}", _INTACT) from error


def _sentence(path: Path, error: duckdb.Error) -> GuanxiError:
    text = str(error)
    if any(sign in text for sign in _FULL):
        return ResourceError(f"The disk is full: writing to {path} failed. Free some. {_INTACT}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return ResourceError(f"Not enough memory for this work on {path}. {_INTACT}")
    if "Could not set lock" in text:
        holder = text[text.rfind("(PID") + 1 :].split(")")[0] if "(PID" in text else "some process"
        return StoreBusyError(
            f"{path} is open in another program ({holder}): close it there and try again."
        )
    if any(sign in text for sign in _FORBIDDEN):
        return StoreError(f"No permission to write to {path}: ask its owner, or use another store.")
    if any(sign in text for sign in _NOT_OURS):
        return not_a_store(path, "no DuckDB database that this version can read")
    if "out of range" in text or "Overflow" in text:
        return StoreError(
            f"A sum of counts, weights or values in {path} leaves the range of 64-bit integers "
            "(9.2e12 with six decimals). Use a larger unit in the file. " + _INTACT
        )
    first = text.splitlines()[0].rstrip(".")
    return StoreError(f"The store {path} failed: {first}. {_INTACT}")


def not_a_store(path: Path, what: str) -> StoreVersionError:
    """The error for a file that is something else."""
    return StoreVersionError(
        f"{path} is {what}, so guanxi leaves it alone. Give another path with --store, "
        "or move that file away."
    )


def lock_store(path: Path, home: StoreHome, wait: float) -> FileLock:
    """Become the only writer of the store, or raise StoreBusyError with who it is."""
    with disk_errors(f"opening the store {path}"):
        if not path.parent.is_dir():
            raise StoreError(f"There is no folder {path.parent}: make it, or choose another store.")
        if path.is_dir():
            raise StoreError(f"{path} is a folder, and a store is a file: name a file in it.")
        _refuse_other_file(path)
        make_folder(home.root)
        for folder in (home.temp, home.snapshots, home.analysis, home.profiles):
            make_folder(folder)
        for folder in (home.staging, home.rejects):
            make_folder(folder)
        lock = FileLock(home.lock)
        if not lock.acquire(wait=wait):
            raise StoreBusyError(_who_holds(path, home))
        try:
            lock.write(json.dumps({"pid": os.getpid(), "since": now_iso()}))
        except OSError:
            lock.release()
            raise
    return lock


def _refuse_other_file(path: Path) -> None:
    """StoreVersionError for a file that is no database, before anything is put beside it.

    (DuckDB itself would open a CSV file as a database with a view of it.)
    """
    with suppress(FileNotFoundError), path.open("rb") as file:
        start = file.read(_MAGIC_AT + len(_MAGIC))
        if start and start[_MAGIC_AT:] != _MAGIC:
            raise not_a_store(path, "no DuckDB database that this version can read")


def _who_holds(path: Path, home: StoreHome) -> str:
    try:
        holder = json.loads(home.lock.read_text())
        who = f"process {int(holder['pid'])}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return f"{path} is being written to by {who}. Try again when it is done."


def connect(path: Path, home: StoreHome) -> duckdb.DuckDBPyConnection:
    """A connection to the store's file; temporary data go to its folder."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        **SAFE_SETTINGS,
        "memory_limit": "50%",
        "temp_directory": str(home.temp),
    }
    return duckdb.connect(str(path), config=settings)


def create_file(path: Path, home: StoreHome, statements: list[str]) -> None:
    """Make the store's file with its tables, whole or not at all."""
    fresh = home.temp / f"new-{os.getpid()}.duckdb"
    with suppress(FileNotFoundError):
        fresh.unlink()
    connection = connect(fresh, home)
    try:
        for statement in statements:
            run(connection, statement)
    finally:
        connection.close()
    os.rename(fresh, path)
    sync_folder(path.parent)
