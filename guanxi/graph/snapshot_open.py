"""Finding the newest usable snapshot of a store, and making it anew where it is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi.errors import GuanxiError, NoStoreError, SnapshotError, StoreBusyError, StoreError
from guanxi.graph.file_lock import FileLock
from guanxi.graph.neo4j.login import Login
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_manifest import MANIFEST, Manifest, candidates, read_manifest
from guanxi.graph.store_home import StoreHome, disk_errors, home_of, is_server
from guanxi.graph.store_state import StoreState, file_stamp, read_state, writer_is_active

if TYPE_CHECKING:
    from guanxi.graph.neo4j.mapping import GraphMapping
    from guanxi.graph.store import Store

#: Called with (accounts and edges read, all of them).
Progress = Callable[[int, int], None]

_ATTEMPTS = 5


def open_snapshot(
    url: str | Path,
    *,
    verify: bool = False,
    refresh: bool = False,
    wait: float = 5.0,
    login: Login | None = None,
    mapping: GraphMapping | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """The newest snapshot of a store, mapped into memory.

    Works while somebody writes to the store, and without permission to write. A snapshot
    that is missing or damaged is made anew from the store (sizes are always checked, every
    byte with `verify`), if the store can be had within `wait` seconds; an older one serves
    otherwise, and `warnings` say so. A server is asked each time which version it holds
    (`login`: as whom; `progress`: called while it is read). `mapping`: how to read a graph in
    Neo4j that guanxi did not load.

    `refresh`: make it anew although the version is the same. So changes are seen that others
    made on a server and that keep every count.

    Raises NoStoreError where there is no store, SnapshotError where nothing is loaded.
    """
    source = _Source(url, wait, login, mapping, progress)
    home = source.home
    with disk_errors(f"reading {url}"):
        if is_server(url):
            state = ask_server(url, login, mapping)
        elif not Path(url).exists():
            raise NoStoreError.at(url)
        else:
            state = _settled_state(home, Path(url))
        found = _open_best(home, state)
        anew = refresh or (found is not None and verify and bool(found.damaged()))
        if found is None or anew or not _shows(found, state):
            found = _renewed(source, found, anew=anew)
    state = read_state(home)
    if found is None:
        raise _nothing(url, state)
    found.warnings += _warnings(url, state, found.manifest)
    return found


def open_ready(url: str | Path, mapping: GraphMapping | None = None) -> Snapshot | None:
    """The best snapshot that lies ready, or None.

    Neither opens the store nor asks a server, and makes nothing: it takes milliseconds.
    """
    home = home_of(url, mapping)
    with disk_errors(f"reading {url}"):
        state = read_state(home)
        found = _open_best(home, state)
    if found is not None:
        found.warnings += _warnings(url, state, found.manifest)
    return found


@dataclass(frozen=True)
class _Source:
    """A store that is opened only where its snapshot cannot be had."""

    url: str | Path
    wait: float = 0.0
    login: Login | None = None
    mapping: GraphMapping | None = None
    progress: Progress | None = None

    @property
    def home(self) -> StoreHome:
        return home_of(self.url, self.mapping)

    def open(self) -> Store:
        """The store; one that a server does not hold is not made."""
        if is_server(self.url) and self.mapping is None:
            from guanxi.graph.neo4j.store import Neo4jStore

            return Neo4jStore(str(self.url), make=False, login=self.login, progress=self.progress)
        from guanxi.graph.store_open import open_store

        return open_store(
            self.url,
            wait=self.wait,
            login=self.login,
            mapping=self.mapping,
            progress=self.progress,
        )


def _shows(snapshot: Snapshot, state: StoreState | None) -> bool:
    return state is None or snapshot.manifest.token == state.token


def _settled_state(home: StoreHome, path: Path) -> StoreState | None:
    """The state; put right first if the store's file was changed and nobody is at it."""
    state = read_state(home)
    if (state is None or state.file != file_stamp(path)) and not writer_is_active(home):
        from guanxi.graph.store_open import open_store

        try:
            open_store(path, wait=0.0).close()
        except StoreBusyError:
            return state
        except StoreError:
            if state is None:
                raise
        return read_state(home)
    return state


def ask_server(
    url: str | Path, login: Login | None = None, mapping: GraphMapping | None = None
) -> StoreState | None:
    """The state of a store on a server, as it tells it at this moment; it is noted down as well.

    Raises NoStoreError where there is no store, StoreError where there is no answer.
    """
    source = _Source(url, login=login, mapping=mapping)
    source.open().close()
    return read_state(source.home)


def ask_scores(
    url: str | Path, login: Login | None = None, mapping: GraphMapping | None = None
) -> dict[str, Any] | None:
    """What the scores are that a server holds (see `Store.scores_meta`), or None.

    Raises StoreError where there is no answer.
    """
    with _Source(url, login=login, mapping=mapping).open() as store:
        return store.scores_meta()


def _open_best(home: StoreHome, state: StoreState | None) -> Snapshot | None:
    """The best snapshot that can be locked before somebody clears it."""
    for _ in range(_ATTEMPTS):
        vanished = False
        for folder, _ in candidates(home, state):
            lock = FileLock(folder / MANIFEST)
            try:
                locked = lock.acquire(shared=True, wait=1.0)
            except FileNotFoundError:
                vanished = True
                continue
            if locked and lock.still_there() and (manifest := read_manifest(folder)) is not None:
                return Snapshot(folder, manifest, home, lock)
            lock.release()
            vanished = True
        if not vanished:
            return None
    return None


def _renewed(source: _Source, older: Snapshot | None, *, anew: bool) -> Snapshot | None:
    """The snapshot of what the store holds now, or `older` while that cannot be had."""
    if older is not None and not anew and writer_is_active(source.home):
        return older
    if older is not None:
        older.close()  # so that it can be cleared
    try:
        _make(source, force=anew)
    except GuanxiError:
        if older is None or anew:
            raise
    return _open_best(source.home, read_state(source.home))


def _make(source: _Source, *, force: bool) -> None:
    """Make the snapshot, unless the store is empty or somebody else was faster."""
    from guanxi.graph.snapshot_build import build_snapshot

    with source.open() as store:
        state = store.state()
        made = _open_best(source.home, state)
        if made is not None:
            made.close()
        ready = made is not None and _shows(made, state) and not force
        if state.accounts and not ready:
            build_snapshot(store)


def _warnings(url: str | Path, state: StoreState | None, shown: Manifest) -> list[str]:
    warnings = [*shown.warnings]
    if state is not None and state.token != shown.token:
        warnings.append(
            f"{url} is at version {state.version}, and this shows version {shown.version}: the "
            "snapshot of the newer one is not ready yet."
        )
    warnings.extend(
        f"The load of {load.source} into {url}, begun {load.since}, is not complete "
        f"({load.batches_done} of {load.batches} parts). Unless it is running, repeat its "
        "command to go on."
        for load in (state.unfinished if state is not None else ())
    )
    return warnings


def _nothing(url: str | Path, state: StoreState | None) -> SnapshotError:
    if state is not None and state.unfinished:
        source = state.unfinished[0].source
        return SnapshotError(
            f"The first load into {url} (of {source}) is not complete: wait for it, or repeat its "
            "command."
        )
    return SnapshotError(f"{url} holds nothing yet. Load files into it first (`guanxi load`).")
