"""Finding the newest usable snapshot of a store, and making it anew where it is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.errors import GuanxiError, NoStoreError, SnapshotError, StoreBusyError, StoreError
from guanxi.graph.file_lock import FileLock
from guanxi.graph.neo4j_login import Login
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_manifest import MANIFEST, Manifest, candidates, read_manifest
from guanxi.graph.store_home import StoreHome, disk_errors, home_of, is_server
from guanxi.graph.store_state import StoreState, file_stamp, read_state, writer_is_active

if TYPE_CHECKING:
    from guanxi.graph.store import Store

_ATTEMPTS = 5


def open_snapshot(
    url: str | Path, *, verify: bool = False, wait: float = 5.0, login: Login | None = None
) -> Snapshot:
    """The newest snapshot of a store, mapped into memory.

    Works while somebody writes to the store, and without permission to write. A snapshot
    that is missing or damaged is made anew from the store (sizes are always checked, every
    byte with `verify`), if the store can be had within `wait` seconds; an older one serves
    otherwise, and `warnings` say so. A server is asked each time which version it holds
    (`login`: as whom).

    Raises NoStoreError where there is no store, SnapshotError where nothing is loaded.
    """
    home = home_of(url)
    with disk_errors(f"reading {url}"):
        if is_server(url):
            state = ask_server(url, login)
        elif not Path(url).exists():
            raise NoStoreError(
                f"There is no store at {url}. Load files into it first (`guanxi load`), or name "
                "another one with --store."
            )
        else:
            state = _settled_state(home, Path(url))
        found = _open_best(home, state)
        damaged = found is not None and verify and bool(found.damaged())
        if found is None or damaged or not _shows(found, state):
            found = _renewed(url, home, found, damaged=damaged, wait=wait, login=login)
    state = read_state(home)
    if found is None:
        raise _nothing(url, state)
    found.warnings += _warnings(url, state, found.manifest)
    return found


def _shows(snapshot: Snapshot, state: StoreState | None) -> bool:
    return state is None or snapshot.manifest.token == state.token


def _settled_state(home: StoreHome, path: Path) -> StoreState | None:
    """The state; put right first if the store's file was changed and nobody is at it."""
    state = read_state(home)
    if (state is None or state.file != file_stamp(path)) and not writer_is_active(home):
        from guanxi.graph.store import open_store

        try:
            open_store(path, wait=0.0).close()
        except StoreBusyError:
            return state
        except StoreError:
            if state is None:
                raise
        return read_state(home)
    return state


def ask_server(url: str | Path, login: Login | None = None) -> StoreState | None:
    """The state of a store on a server, as it tells it at this moment; it is noted down as well.

    Raises NoStoreError where there is no store, StoreError where there is no answer.
    """
    _open_to_read(url, 0.0, login).close()
    return read_state(home_of(url))


def _open_to_read(url: str | Path, wait: float, login: Login | None) -> Store:
    """The store; one that a server does not hold is not made."""
    if is_server(url):
        from guanxi.graph.neo4j_store import Neo4jStore

        return Neo4jStore(str(url), make=False, login=login)
    from guanxi.graph.store import open_store

    return open_store(url, wait=wait)


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


def _renewed(
    url: str | Path,
    home: StoreHome,
    older: Snapshot | None,
    *,
    damaged: bool,
    wait: float,
    login: Login | None,
) -> Snapshot | None:
    """The snapshot of what the store holds now, or `older` while that cannot be had."""
    if older is not None and not damaged and writer_is_active(home):
        return older
    if older is not None:
        older.close()  # so that it can be cleared
    try:
        _make(url, home, force=damaged, wait=wait, login=login)
    except GuanxiError:
        if older is None or damaged:
            raise
    return _open_best(home, read_state(home))


def _make(
    url: str | Path, home: StoreHome, *, force: bool, wait: float, login: Login | None
) -> None:
    """Make the snapshot, unless the store is empty or somebody else was faster."""
    from guanxi.graph.snapshot_build import build_snapshot

    with _open_to_read(url, wait, login) as store:
        state = store.state()
        made = _open_best(home, state)
        if made is not None:
            made.close()
        ready = made is not None and _shows(made, state) and not force
        if state.accounts and not ready:
            build_snapshot(store)


def _warnings(url: str | Path, state: StoreState | None, shown: Manifest) -> list[str]:
    warnings = []
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
