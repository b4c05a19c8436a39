"""Finding the newest usable snapshot of a store, and making it anew where it is lost."""

from __future__ import annotations

from pathlib import Path

from guanxi.errors import SnapshotError, StoreBusyError, StoreError
from guanxi.graph.file_lock import FileLock
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_manifest import MANIFEST, Manifest, candidates, read_manifest
from guanxi.graph.store_home import StoreHome, disk_errors, home_of
from guanxi.graph.store_state import StoreState, file_stamp, read_state, writer_is_active

_ATTEMPTS = 5


def open_snapshot(url: str | Path, *, verify: bool = False, wait: float = 5.0) -> Snapshot:
    """The newest snapshot of a store, mapped into memory.

    Works while somebody writes to the store, and without permission to write. A snapshot
    that is missing or damaged is made anew from the store (sizes are always checked, every
    byte with `verify`), if the store can be had within `wait` seconds; an older one serves
    otherwise, and `warnings` say so.

    Raises StoreError where there is no store, SnapshotError where nothing is loaded.
    """
    home = home_of(url)
    path = Path(url)
    with disk_errors(f"reading {url}"):
        if not path.exists():
            raise StoreError(
                f"There is no store at {url}. Load files into it first (`guanxi load`), or name "
                "another one with --store."
            )
        state = _settled_state(home, path)
        found = _open_best(home, state)
        if found is not None and verify and found.damaged():
            found.close()
            found = None
        if found is None or (state is not None and found.manifest.token != state.token):
            found = _made_anew(url, home, found, force=verify, wait=wait) or found
    if found is None:
        raise _nothing(url, read_state(home))
    found.warnings += _warnings(url, read_state(home), found.manifest)
    return found


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


def _made_anew(
    url: str | Path, home: StoreHome, older: Snapshot | None, *, force: bool, wait: float
) -> Snapshot | None:
    """The snapshot of what the store holds now; None if that is nothing, or cannot be had."""
    from guanxi.graph.snapshot_build import build_snapshot
    from guanxi.graph.store import open_store

    if writer_is_active(home) and older is not None:
        return None
    try:
        with open_store(url, wait=wait) as store:
            state = store.state()
            if state.accounts == 0:
                return None
            current = _open_best(home, state)
            if current is not None and current.manifest.token == state.token and not force:
                return current  # somebody else has made it meanwhile
            build_snapshot(store)
            made = _open_best(home, state)
    except StoreBusyError:
        if older is None:
            raise
        return None
    if older is not None:
        older.close()
    return made


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
