"""The shared store of a company: a Neo4j database, over Bolt.

Several machines may load into it at once: their batches take turns, and each sees the
bookkeeping of the others. Snapshots lie in the cache folder of each user.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy.typing as npt
from neo4j import ManagedTransaction

from guanxi.errors import (
    NoStoreError,
    StoreError,
    StoreUnavailableError,
    StoreVersionError,
    UsageError,
)
from guanxi.graph.arrays import TextColumn
from guanxi.graph.neo4j.books import read_loads, unfinished_loads
from guanxi.graph.neo4j.connection import INTACT, open_connection
from guanxi.graph.neo4j.database import Database, fetch_one
from guanxi.graph.neo4j.extract import read_content
from guanxi.graph.neo4j.load import run_load
from guanxi.graph.neo4j.login import Login
from guanxi.graph.neo4j.read import PAGE, read_settled
from guanxi.graph.neo4j.schema import Mark, create_store, read_columns, read_mark
from guanxi.graph.neo4j.scores import read_scores_meta, write_scores
from guanxi.graph.schema import ColumnType, Role, StagedFile
from guanxi.graph.store import LoadProgress, Store, StoreContent
from guanxi.graph.store_home import home_of, make_home
from guanxi.graph.store_state import SCHEMA_VERSION, LoadCounts, LoadRecord, StoreState, write_state

#: Rows of a file that are committed together: large transactions cost the server memory.
BATCH_ROWS = 50_000


class Neo4jStore(Store):
    """A store in a Neo4j database. See `guanxi.graph.store` for what it promises.

    `make`: make the store where the database holds none; otherwise StoreError says so, and
    nothing is ever written by opening it. `login`: as whom; `tell` hears when guanxi waits for
    a server that is away. `progress` is called while the store is read
    and while scores are written.
    """

    def __init__(
        self,
        url: str,
        *,
        batch_rows: int | None = None,
        make: bool = True,
        login: Login | None = None,
        tell: Callable[[str], None] | None = None,
        database: Database | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.url = url
        self.home = home_of(url)
        self.progress = progress
        self._batch_rows = batch_rows or BATCH_ROWS
        self._database = database or open_connection(url, login, tell=tell)
        self._open = True
        try:
            make_home(self.home)
            if make:
                create_store(self._database)
            self._tell()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        opened, self._open = self._open, False
        if opened:
            self._database.close()

    def state(self) -> StoreState:
        """Version and counts, from the store itself."""

        return self._look()[1]

    def columns(self) -> dict[str, ColumnType]:
        """The columns of the accounts, in the order in which they were first loaded."""
        return {column.name: column.type for column in self._database.read(read_columns)}

    def loads(self) -> list[LoadRecord]:
        """All loads, in the order of their start."""
        return self._database.read(read_loads)

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
        try:
            counts = run_load(
                self._database,
                staged,
                again=again,
                replace=replace,
                batch_rows=self._batch_rows,
                progress=progress,
            )
        except StoreUnavailableError as error:  # nor would the server tell its state
            if INTACT in str(error):
                raise
            raise StoreUnavailableError(f"{error} {INTACT}") from error
        except BaseException:
            with suppress(StoreError):  # the load's error matters more
                self._tell()
            raise
        self._tell()
        return counts

    def read(self) -> StoreContent:
        """The whole content in arrays, as it was at one moment.

        Reading starts again where the store has changed in the meantime, a few times; then
        StoreBusyError. What changes no count and is no load of guanxi goes unnoticed.
        """
        return read_settled(self.url, self._look, self._content)

    def write_scores(
        self,
        ids: TextColumn,
        scores: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
    ) -> None:
        """Replace all scores; see `Store.write_scores`."""
        write_scores(self._database, ids, scores, meta, self.progress)

    def scores_meta(self) -> dict[str, Any] | None:
        """What `write_scores` was last told."""
        return self._database.read(read_scores_meta)

    def opted_out(self) -> list[str]:
        """The ids of the accounts whose `opted_out` is true at this moment.

        StoreError where it is a text or a number.
        """
        columns = {column.name: column.property for column in self._database.read(read_columns)}
        name = {"property": columns.get("opted_out", "opted_out")}
        found: list[str] = []
        after = ""
        while True:
            page = fetch_one(self._database, "page_of_opted_out", name, after=after, limit=PAGE)
            wrong = [value for value in page["values"] if value is not True]
            if wrong:
                raise StoreError(
                    f"The property {name['property']}, which says who has opted out, holds "
                    f"{wrong[0]!r}. It must be true or false: correct it in Neo4j."
                )
            found += page["ids"]
            if len(page["ids"]) < PAGE:
                return found
            after = found[-1]

    def _content(self, mark: Mark) -> StoreContent:
        return read_content(self._database, mark.counts, self.progress)

    def _look(self) -> tuple[Mark, StoreState]:
        """What the store holds at this moment."""

        def look(tx: ManagedTransaction) -> tuple[Mark, StoreState]:
            mark = self._checked(read_mark(tx))
            state = StoreState(
                schema=mark.schema,
                store_id=mark.store_id,
                version=mark.version,
                token=mark.token,
                unfinished=unfinished_loads(tx),
                accounts=mark.counts["accounts"],
                follows=mark.counts["follows"],
                interactions=mark.counts["interactions"],
                events=mark.counts["events"],
            )
            return mark, state

        return self._database.read(look)

    def _checked(self, mark: Mark | None) -> Mark:
        if mark is None and fetch_one(self._database, "count_nodes")["count"]:
            raise NoStoreError(
                f"{self.url} holds a graph that guanxi did not load: `guanxi doctor --store "
                f"{self.url}` proposes how to read it (--graph). `guanxi load` would add to it."
            )
        if mark is None:
            raise NoStoreError.at(self.url)
        if mark.schema != SCHEMA_VERSION:
            age = "a newer" if mark.schema > SCHEMA_VERSION else "an older"
            raise StoreVersionError(
                f"{self.url} was made by {age} version of guanxi (layout {mark.schema}, this one "
                f"knows {SCHEMA_VERSION}). Use that version, or load into another database."
            )
        return mark

    def _tell(self) -> None:
        """Keep the state where readers find it without asking the server."""
        write_state(self.home, self.state())
