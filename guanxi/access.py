"""How an engine comes to its store: where that is, who logs in, and what people hear of it.

A file is read from its snapshot alone; a server is asked what it holds each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi.errors import NoStoreError, UsageError
from guanxi.graph.neo4j.address import parse_address
from guanxi.graph.neo4j.login import Login
from guanxi.graph.store_home import StoreHome, home_of, is_server
from guanxi.graph.store_state import StoreState, file_stamp, read_state, writer_is_active

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.store import Store
    from guanxi.settings import Settings

Tell = Callable[[str], None]
Progress = Callable[[float, float], None]

#: Seconds for which an answer of a server to "which version?" is believed.
_BELIEVED = 1.0


class StoreAccess:
    """One store, as the settings name it. `url` is the address with its database, or a path."""

    def __init__(self, store: str, settings: Settings) -> None:
        self.is_server = is_server(store)
        self.url = str(parse_address(store, settings.neo4j_database)) if self.is_server else store
        self.login = Login(settings.neo4j_user, settings.neo4j_password)
        #: How to read a graph that guanxi did not load; None for a store of its own.
        self.mapping = settings.neo4j_graph if self.is_server else None
        self.tell: Tell | None = None
        #: `(stage) → progress function` for what reading and writing a server take.
        self.progress: Callable[[str], Progress | None] = lambda stage: None
        self._asked = 0.0

    @property
    def home(self) -> StoreHome:
        """The folder of its snapshots."""
        return home_of(self.url, self.mapping)

    def require(self) -> None:
        """Raise NoStoreError where there is no file; a server says it when it is asked."""
        if not self.exists():
            raise NoStoreError.at(self.url)

    def exists(self) -> bool:
        """Whether there may be a store."""
        return self.is_server or Path(self.url).exists()

    def require_server(self, option: str) -> None:
        """Raise UsageError where the store is a file, of which `option` cannot speak."""
        if not self.is_server:
            raise UsageError(
                f"{option} speaks of a Neo4j server, and the store {self.url} is a file."
            )

    def open(self, *, write_back: bool = False) -> Store:
        """The store for writing; made where there is none yet.

        Into a graph that guanxi did not load nothing is written but scores, with `write_back`.
        """
        from guanxi.graph.store_open import open_store

        return open_store(
            self.url,
            login=self.login,
            tell=self._heard,
            mapping=self.mapping,
            write_back=write_back,
            progress=self._report("Neo4j"),
        )

    def snapshot(self, *, verify: bool = False, refresh: bool = False) -> Snapshot:
        """The newest snapshot; made anew where the store has changed, or with `verify` where
        a byte of it has, and with `refresh` in any case.
        """
        from guanxi.graph.snapshot_open import open_snapshot

        found = open_snapshot(
            self.url,
            verify=verify,
            refresh=refresh,
            login=self.login,
            mapping=self.mapping,
            progress=self._report("Reading the graph"),
        )
        self._asked = time.monotonic()
        return found

    def is_newest(self, snapshot: Snapshot) -> bool:
        """Whether the store still holds what the snapshot shows."""
        state = self.state() if time.monotonic() > self._asked + _BELIEVED else self.known_state()
        return state is not None and state.token == snapshot.manifest.token

    def state(self) -> StoreState | None:
        """What the store holds at this moment; NoStoreError where a server has none."""
        if self.is_server:
            from guanxi.graph.snapshot_open import ask_server

            self._asked = time.monotonic()
            return ask_server(self.url, self.login, self.mapping)
        return self.known_state()

    def known_state(self) -> StoreState | None:
        """What the store held when guanxi last saw it from here."""
        return read_state(self.home)

    def is_changed(self) -> bool:
        """Whether the store's file is not as guanxi left it: put back, or its writer killed."""
        if self.is_server or writer_is_active(self.home):
            return False
        state = self.known_state()
        return state is None or state.file != file_stamp(Path(self.url))

    def scores_meta(self) -> dict[str, Any] | None:
        """What the scores are that a server holds, whoever wrote them; None where it holds none."""
        from guanxi.graph.snapshot_open import ask_scores

        return ask_scores(self.url, self.login, self.mapping)

    def watch_opted_out(self, snapshot: Snapshot) -> None:
        """Let the snapshot ask a server who has opted out by now (see `opted_out_now`)."""
        if self.is_server:
            from guanxi.graph.opted_out import opted_out_now

            snapshot.watch_opted_out(
                lambda: opted_out_now(self.url, snapshot, self.login, self.mapping)
            )

    def _report(self, stage: str) -> Callable[[int, int], None] | None:
        return self.progress(stage) if self.is_server else None

    def _heard(self, sentence: str) -> None:
        if self.tell is not None:
            self.tell(sentence)
