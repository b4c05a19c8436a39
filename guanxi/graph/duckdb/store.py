"""The embedded store: one DuckDB file, and the folder beside it.

The file is locked for as long as the store is open, by a lock of our own (DuckDB's
errors do not say since when) and by DuckDB's. The state file is written before the first
batch of a load and after its last one; should a process die in between, it tells readers
of an unfinished load, and the next writer puts it right.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy.typing as npt

from guanxi.errors import GuanxiError, StoreVersionError, UsageError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.duckdb.load import run_load
from guanxi.graph.duckdb.loads import read_loads, unfinished_loads
from guanxi.graph.duckdb.read import read_content
from guanxi.graph.duckdb.schema import creation, read_columns, read_meta, set_meta
from guanxi.graph.duckdb.scores import read_scores_meta, write_scores
from guanxi.graph.duckdb.session import (
    connect,
    create_file,
    duckdb_errors,
    lock_store,
    not_a_store,
    private_files,
)
from guanxi.graph.duckdb.tables import rows
from guanxi.graph.schema import ColumnType, Role, StagedFile
from guanxi.graph.store import LoadProgress, Store, StoreContent
from guanxi.graph.store_home import clear_leftovers, home_of
from guanxi.graph.store_state import (
    SCHEMA_VERSION,
    LoadCounts,
    LoadRecord,
    StoreState,
    file_stamp,
    write_state,
)

if TYPE_CHECKING:
    from guanxi.graph.neo4j.admin import AdminFiles

_COUNTED = ("accounts", "follows", "interactions", "events")


class DuckDBStore(Store):
    """A store in one file. See `guanxi.graph.store` for what it promises."""

    def __init__(self, url: str, *, batch_rows: int, wait: float) -> None:
        self.url = url
        self.home = home_of(url)
        self._path = Path(url)
        self._batch_rows = batch_rows
        self._open: ExitStack | None = None
        with ExitStack() as opening, duckdb_errors(self._path):
            opening.enter_context(private_files())
            lock = lock_store(self._path, self.home, wait)
            opening.callback(lock.release)
            clear_leftovers(self.home.temp, everything=True)
            if not self._path.exists():
                create_file(self._path, self.home, creation())
            self._connection = connect(self._path, self.home)
            opening.callback(self._connection.close)
            self._check()
            self._tell()
            self._open = opening.pop_all()

    def close(self) -> None:
        """Close the file and let others write."""
        opened, self._open = self._open, None
        if opened is None:
            return
        with duckdb_errors(self._path), opened:
            state = None
            with suppress(GuanxiError):  # after a fault DuckDB may answer nothing any more
                state = self.state()
            self._connection.close()
            if state is not None:
                with suppress(OSError):  # on a full disk; the next who opens it puts it right
                    write_state(self.home, changed(state, file=file_stamp(self._path)))

    def state(self) -> StoreState:
        """Version and counts, from the store itself."""
        with duckdb_errors(self._path):
            meta = read_meta(self._connection) or {}
            counts = ", ".join(f"(select count(*) from {name}) as {name}" for name in _COUNTED)
            (found,) = rows(self._connection, f"select {counts}")
            return StoreState(
                schema=int(meta["schema"]),
                store_id=meta["store"],
                version=int(meta["version"]),
                token=meta["token"],
                unfinished=unfinished_loads(self._connection),
                **dict(zip(_COUNTED, found, strict=True)),
            )

    def columns(self) -> dict[str, ColumnType]:
        """The columns of the accounts, in the order in which they were first loaded."""
        with duckdb_errors(self._path):
            return read_columns(self._connection)

    def loads(self) -> list[LoadRecord]:
        """All loads, in the order of their start."""
        with duckdb_errors(self._path):
            return read_loads(self._connection)

    def load(
        self,
        staged: StagedFile,
        *,
        again: bool = False,
        replace: bool = False,
        progress: LoadProgress | None = None,
    ) -> LoadCounts:
        """Commit a staged file; see `Store.load`."""
        if replace and staged.role != Role.FOLLOWS:
            raise UsageError("Only a file of follows can replace what was there before.")
        with duckdb_errors(self._path):
            try:
                return run_load(
                    self._connection,
                    staged,
                    again=again,
                    replace=replace,
                    batch_rows=self._batch_rows,
                    begun=self._tell,
                    finished=self._next_version,
                    progress=progress,
                )
            finally:
                with suppress(GuanxiError, duckdb.Error, OSError):  # the load's error matters more
                    self._tell()

    def read(self) -> StoreContent:
        """The whole content in arrays."""
        with duckdb_errors(self._path):
            return read_content(self._connection, self._path)

    def write_scores(
        self,
        ids: TextColumn,
        scores: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
    ) -> None:
        """Replace all scores; see `Store.write_scores`."""
        with duckdb_errors(self._path):
            write_scores(self._connection, ids, scores, meta)

    def scores_meta(self) -> dict[str, Any] | None:
        """What `write_scores` was last told."""
        with duckdb_errors(self._path):
            return read_scores_meta(self._connection)

    def write_admin_files(self, folder: Path, progress: LoadProgress | None = None) -> AdminFiles:
        """Everything as files for Neo4j's import tool; see `guanxi.graph.neo4j.admin`."""
        from guanxi.graph.neo4j.admin import write_admin_files

        with duckdb_errors(self._path):
            return write_admin_files(self._connection, folder, progress)

    def _check(self) -> None:
        """Refuse what is no store of this version."""
        meta = read_meta(self._connection)
        if meta is None:
            raise not_a_store(self._path, "a DuckDB database of something else")
        schema = int(meta["schema"])
        if schema != SCHEMA_VERSION:
            age = "a newer" if schema > SCHEMA_VERSION else "an older"
            raise StoreVersionError(
                f"{self._path} was made by {age} version of guanxi (layout {schema}, this one "
                f"knows {SCHEMA_VERSION}). Use that version, or load the files into a new store."
            )

    def _tell(self) -> None:
        """Tell readers what there is, while the file is open."""
        write_state(self.home, self.state())

    def _next_version(self) -> None:
        """Count the version up, inside the running transaction."""
        meta = read_meta(self._connection) or {}
        set_meta(self._connection, version=str(int(meta["version"]) + 1), token=uuid.uuid4().hex)
