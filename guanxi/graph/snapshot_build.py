"""A snapshot from the content of a store: sorted, tied, written, and put in its place.

The same content gives the same bytes in every file but the manifest, in whatever order and
in however many files it was loaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import guanxi
from guanxi.errors import StoreBusyError
from guanxi.graph.arrays import NO_DAY, NO_TIME, Adjacency, InfluenceGraph, Int32, TextColumn
from guanxi.graph.file_lock import FileLock
from guanxi.graph.rows import INTERACTION_ARRAYS, FollowRows, InteractionRows
from guanxi.graph.schema import ColumnType
from guanxi.graph.snapshot_files import (
    Array,
    enter_file,
    graph_arrays,
    matrix_arrays,
    private_opener,
    publish,
    text_arrays,
    write_arrays,
)
from guanxi.graph.snapshot_manifest import (
    MANIFEST,
    FileEntry,
    Manifest,
    whole_digest,
    write_manifest,
)
from guanxi.graph.store import Store, StoreContent
from guanxi.graph.store_home import (
    StoreHome,
    clear_leftovers,
    disk_errors,
    make_folder,
    remove_folder,
)
from guanxi.graph.store_state import StoreState
from guanxi.graph.ties import PROFILES, tie_strengths

#: Text columns that are kept as arrays too, since the rankings show them.
SHOWN_COLUMNS = ("name", "platform")

#: Seconds to wait for another process that makes a snapshot of the same store.
_PATIENCE = 3600.0

Strengths = Callable[[Adjacency, InteractionRows], InfluenceGraph]


def build_snapshot(store: Store) -> Path:
    """Make the snapshot of the store's version, and clear older ones that nobody uses.

    Returns its folder. Raises ResourceError when the disk is full.
    """
    home = store.home
    with disk_errors(f"writing the snapshot of {store.url}"), _one_at_a_time(home):
        make_folder(home.snapshots)
        clear_leftovers(home.snapshots)
        content = store.read()
        state = content.state or store.state()
        target = home.snapshots / str(state.version)
        publish(target, lambda folder: write_snapshot(folder, content, state, store.url))
        _clear_older(home, target)
    return target


@contextmanager
def _one_at_a_time(home: StoreHome) -> Iterator[None]:
    """Others that make a snapshot of the same store wait (a server's store is open to many)."""
    lock = FileLock(home.root / "building")
    if not lock.acquire(wait=_PATIENCE):
        raise StoreBusyError(
            f"Another process has been making a snapshot in {home.root} for {_PATIENCE:.0f} "
            "seconds. Try again when it is done."
        )
    try:
        yield
    finally:
        lock.release()


def write_snapshot(
    folder: Path,
    content: StoreContent,
    state: StoreState,
    store: str,
    strengths: Strengths | None = None,
) -> None:
    """Fill `folder`, the manifest last. `strengths` stands in for the default profile."""
    arrays, kinds = _accounts(content), sorted(_used_kinds(content.interactions), key=str.encode)
    parquet = folder / "accounts.parquet"
    with ThreadPoolExecutor(1) as beside:  # DuckDB writes while the kernels sort
        written = beside.submit(content.write_accounts, parquet)
        follows, since = _sorted_follows(content.follows, len(content.ids))
        interactions = _sorted_interactions(content.interactions, kinds, len(content.ids))
        graph = (strengths or _default_strengths)(follows, interactions)
        written.result()
    arrays |= matrix_arrays("follows", follows) | graph_arrays(graph)
    if (since != NO_TIME).any():
        arrays["follows-since"] = since
    arrays |= {f"interactions-{name}": getattr(interactions, name) for name in INTERACTION_ARRAYS}
    files = write_arrays(folder, arrays)
    files["accounts.parquet"] = enter_file(parquet)
    files["content.json"] = _write_content(
        folder, content.columns, interactions, given=strengths is not None
    )
    manifest = Manifest(
        version=state.version,
        token=state.token,
        store_id=state.store_id,
        store=store,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        software=guanxi.__version__,
        accounts=len(content.ids),
        follows=follows.m,
        interactions=len(interactions.actor),
        arcs=graph.m,
        digest=whole_digest(files),
        unfinished=tuple(load.source for load in state.unfinished),
        warnings=content.warnings,
        files=files,
    )
    write_manifest(folder, manifest)


def _default_strengths(follows: Adjacency, interactions: InteractionRows) -> InfluenceGraph:
    return tie_strengths(follows, interactions, PROFILES["default"])


def _accounts(content: StoreContent) -> dict[str, Array]:
    arrays: dict[str, Array] = {**text_arrays("ids", content.ids), "made": content.made}
    for name in SHOWN_COLUMNS:
        if content.columns.get(name) == ColumnType.TEXT:
            values = content.column(name).values
            assert isinstance(values, TextColumn)
            arrays |= text_arrays(f"column-{name}", values)
    if content.columns.get("opted_out") == ColumnType.BOOLEAN:
        opted_out = content.column("opted_out").values
        assert isinstance(opted_out, np.ndarray)
        arrays["opted_out"] = opted_out
    return arrays


def _sorted_follows(rows: FollowRows, n: int) -> tuple[Adjacency, Array]:
    from guanxi.graph.csr import are_ascending, row_starts, sort_order, take

    order = None
    if not are_ascending(rows.actor, rows.target):
        order = sort_order((rows.actor, n), (rows.target, n))
    actor, target = take(rows.actor, order), take(rows.target, order)
    return Adjacency(row_starts(actor, n), target), take(rows.since, order)


def _used_kinds(rows: InteractionRows) -> list[str]:
    used = np.bincount(rows.kind, minlength=len(rows.kinds)) > 0
    return [name for name, is_used in zip(rows.kinds, used.tolist(), strict=True) if is_used]


def _sorted_interactions(rows: InteractionRows, kinds: list[str], n: int) -> InteractionRows:
    from guanxi.graph.csr import are_ascending, sort_order, take

    number = {name: position for position, name in enumerate(kinds)}
    renumbered = np.array([number.get(name, 0) for name in rows.kinds], dtype=np.int32)
    kind = renumbered[rows.kind]
    order = None
    if not are_ascending(rows.actor, rows.target, kind, rows.day):
        day, days = _day_keys(rows.day)
        order = sort_order((rows.actor, n), (rows.target, n), (kind, len(kinds)), (day, days))
    columns: dict[str, Any] = {
        name: take(kind if name == "kind" else getattr(rows, name), order)
        for name in INTERACTION_ARRAYS
    }
    return InteractionRows(kinds=kinds, **columns)


def _day_keys(day: Int32) -> tuple[Int32, int]:
    """Days as keys from 0 on, in the same order, and their bound. No day is the first."""
    dated = day != NO_DAY
    first = int(day[dated].min()) if dated.any() else 0
    keys = np.where(dated, day.astype(np.int64) - first + 1, 0).astype(np.int32)
    return keys, int(keys.max(initial=0)) + 1


def _write_content(
    folder: Path, columns: dict[str, ColumnType], interactions: InteractionRows, *, given: bool
) -> FileEntry:
    content = {
        "columns": {name: columns[name].value for name in sorted(columns, key=str.encode)},
        "kinds": interactions.kinds,
        "newest_day": interactions.newest_day,
        "strengths": "given" if given else "default",
    }
    path = folder / "content.json"
    with open(path, "x", encoding="utf-8", opener=private_opener) as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    return enter_file(path)


def _clear_older(home: StoreHome, keep: Path) -> None:
    """Remove other snapshots, and what belongs to them, unless somebody reads them."""
    for folder in list(home.snapshots.iterdir()):
        if folder == keep or not folder.name.isdecimal():
            continue
        lock = FileLock(folder / MANIFEST)
        with suppress(OSError):
            if not lock.acquire():
                continue
            remove_folder(folder)
            lock.release()
    alive = {folder.name for folder in home.snapshots.iterdir()}
    for parent in (home.analysis, home.profiles):
        with suppress(OSError):
            for folder in list(parent.iterdir()):
                if folder.name not in alive:
                    remove_folder(folder)
