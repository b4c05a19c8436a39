"""The snapshot that requests see, and how a newer one takes its place.

Requests look at two small files (the state of the store, the index of the analysis), at most a
hundred times a second; where one has changed, the newer snapshot is opened before the answer. The
older one stays open for a while: requests that began on it end on it, and cursors go on.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool

from guanxi import __version__
from guanxi.api.kept_answers import KeptAnswers
from guanxi.engine import Engine
from guanxi.errors import NotAnalyzedError, SnapshotError
from guanxi.graph.snapshot_open import open_ready
from guanxi.graph.store_state import read_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from guanxi.api.config import ServeConfig
    from guanxi.api.plain_answers import PlainAnswers
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

T = TypeVar("T")
#: Seconds that a snapshot stays open after a newer one has come.
KEPT = 120.0
#: Seconds for which what the files said is taken for what they say.
_FRESH = 0.01
#: Seconds after which a snapshot is looked for again that was not ready.
_AGAIN = 0.5


class PinnedEngine(Engine):
    """An engine that answers from one snapshot, whatever becomes of the store."""

    def __init__(self, config: ServeConfig, snapshot: Snapshot) -> None:
        super().__init__(settings=config.settings)
        self._pinned = snapshot
        self._asked = -float("inf")
        self._guard = threading.Lock()
        #: Profiles are asked for by each request, and there are few.
        self._profile = functools.lru_cache(maxsize=64)(super().profile)

    def profile(self, name: str, as_of: str | None = None) -> TieProfile:
        """The tie profile of that name."""
        return self._profile(name, as_of)

    def snapshot(self) -> Snapshot:
        """The snapshot that it was made for; a server is asked now and then who opted out."""
        with self._guard:
            if self.access.is_server and time.monotonic() > self._asked + 2.0:
                self._asked = time.monotonic()
                self.access.watch_opted_out(self._pinned)
        return self._pinned

    def asked(self) -> float:
        """Since when it has not been asked anew who opted out: never where no server knows."""
        self.snapshot()
        return self._asked


class View:
    """One snapshot with its engine, and answers that were given from it."""

    def __init__(self, config: ServeConfig, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.engine = PinnedEngine(config, snapshot)
        self.token = snapshot.manifest.token
        self.replaced = float("inf")  # when a newer one took its place
        self._index = snapshot.home.analysis / str(snapshot.version) / "analysis.json"
        self.answers = KeptAnswers()
        self.plain: PlainAnswers | None = None
        self._stamp = ""
        self._stamped = -float("inf")

    def stamp(self) -> str:
        """Names what answers depend on: snapshot, analysis, who has opted out, and software."""
        if time.monotonic() > self._stamped + _FRESH:
            self._stamped = time.monotonic()
            self._stamp = _stamp(
                self.snapshot.manifest.digest,
                self.token,
                _file_stamp(self._index),
                self.engine.asked(),
            )
        return self._stamp


class Views:
    """The newest view, and those that are on their way out."""

    def __init__(self, config: ServeConfig) -> None:
        self.config = config
        self._state = config.access.home.state
        self._current: View | None = None
        self._old: list[View] = []
        self._seen: tuple[int, ...] = ()
        self._is_newest = False
        self._looked = self._checked = -float("inf")
        self._opening = asyncio.Lock()

    def now(self) -> View | None:
        """The newest view, if nothing has changed since it was looked for; else None."""
        if self._current is None:
            return None
        if time.monotonic() > self._checked + _FRESH:
            if _file_stamp(self._state) != self._seen:
                return None
            self._checked = time.monotonic()
        if not self._is_newest and time.monotonic() > self._looked + _AGAIN:
            return None
        return self._current

    async def current(self) -> View:
        """The newest view. Raises SnapshotError where nothing is loaded."""
        view = self.now()
        if view is None:
            async with self._opening:
                view = self.now() or await run_in_threadpool(self._look)
        if view is None:
            raise SnapshotError("Nothing is loaded yet: upload files and load them first.")
        return view

    @property
    def is_newest(self) -> bool:
        """Whether what is shown is all that the store holds."""
        return self._is_newest

    def of_token(self, token: str) -> View | None:
        """The view of a snapshot that a cursor came from, while it is still open."""
        shown = [self._current] if self._current is not None else []
        return next((view for view in [*shown, *self._old] if view.token == token), None)

    def _look(self) -> View | None:
        """Open the best snapshot that is ready, if it is another one than that which is shown."""
        self._looked = time.monotonic()
        self._checked = -float("inf")
        seen = _file_stamp(self._state)
        access = self.config.access
        found = open_ready(access.url, access.mapping)
        if found is not None:
            state = read_state(access.home)
            self._is_newest = state is not None and state.token == found.manifest.token
            self._take(found)
        self._seen = seen
        return self._current

    def _take(self, found: Snapshot) -> None:
        if self._current is not None and self._current.snapshot.manifest == found.manifest:
            found.close()
            return
        now = time.monotonic()
        for view in [view for view in self._old if now > view.replaced + KEPT]:
            self._old.remove(view)
            view.snapshot.close()
        if self._current is not None:
            self._current.replaced = now
            self._current.answers.clear()  # hardly anybody asks for them again
            self._old.append(self._current)
        self._current = View(self.config, found)

    def close(self) -> None:
        """Let all snapshots go."""
        for view in [*self._old, *([self._current] if self._current is not None else [])]:
            view.snapshot.close()
        self._old.clear()
        self._current = None


async def read(view: View, work: Callable[[Engine], T]) -> T:
    """Ask an engine, in a thread; once more where the analysis was replaced in the middle."""
    before = view.stamp()
    try:
        return await run_in_threadpool(work, view.engine)
    except (NotAnalyzedError, OSError):
        if view.stamp() == before:
            raise
        return await run_in_threadpool(work, view.engine)


@functools.lru_cache(maxsize=64)
def _stamp(digest: str, token: str, index: tuple[int, ...], asked: float) -> str:
    text = f"{__version__} {digest} {token} {index} {asked}"
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def _file_stamp(path: Path) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ino, found.st_size)
