"""A snapshot of a graph that is in memory and in no store."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import weakref
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from guanxi.errors import UsageError
from guanxi.graph.arrays import NO_TIME, Adjacency, Float64, InfluenceGraph, Int32, TextColumn
from guanxi.graph.rows import FollowRows, InteractionRows, no_interactions
from guanxi.graph.schema import AccountColumn
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_build import write_snapshot
from guanxi.graph.snapshot_manifest import read_manifest
from guanxi.graph.store import StoreContent
from guanxi.graph.store_home import StoreHome, disk_errors, make_folder
from guanxi.graph.store_state import SCHEMA_VERSION, StoreState


def snapshot_from_arrays(
    ids: Sequence[str],
    actor: Int32,
    target: Int32,
    strengths: Float64 | None = None,
    columns: Sequence[AccountColumn] = (),
) -> Snapshot:
    """A snapshot in a temporary folder, which goes when the snapshot goes.

    `ids`: distinct, in any order. `actor`, `target`: int32, positions in `ids`; the actor
    follows the target. Self-loops are left out, repeated follows count once. `strengths`:
    float64, how strongly the target influences the actor; those of a repeated follow add up,
    zero is no influence; by default 1. They are the strengths of the profile `default`; other
    profiles know the follows only. `columns`: one value for each of `ids`.

    Raises UsageError for ids that are empty or come twice, and strengths that are negative
    or no numbers.

    >>> graph = snapshot_from_arrays(["b", "a"], np.array([0], np.int32), np.array([1], np.int32))
    >>> graph.ids_of(range(graph.n)), graph.follows.indices.tolist()
    (['a', 'b'], [0])
    """
    if strengths is not None and not (np.isfinite(strengths) & (strengths >= 0)).all():
        raise UsageError("Strengths must be numbers of 0 or more.")
    order = sorted(range(len(ids)), key=lambda position: ids[position].encode())
    texts = [ids[position] for position in order]
    if any(a == b for a, b in pairwise(texts)) or "" in texts:
        raise UsageError("Ids must be distinct and not empty.")
    number = np.empty(len(ids), dtype=np.int32)
    number[order] = np.arange(len(ids), dtype=np.int32)
    kept = actor != target
    rows, sums = _distinct(
        number[actor[kept]], number[target[kept]], None if strengths is None else strengths[kept]
    )
    content = _content(texts, rows, [_reordered(column, order) for column in columns])
    return _written(content, rows, sums)


def _distinct(
    actor: Int32, target: Int32, strengths: Float64 | None
) -> tuple[FollowRows, Float64 | None]:
    """Each pair once, sorted, with the sum of its strengths in their order."""
    pairs = (actor.astype(np.int64) << 32) | target
    order = np.argsort(pairs, kind="stable")
    distinct, first = np.unique(pairs[order], return_index=True)
    rows = FollowRows(
        (distinct >> 32).astype(np.int32),
        (distinct & 0xFFFFFFFF).astype(np.int32),
        np.full(len(distinct), NO_TIME),
    )
    if strengths is None or not len(distinct):
        return rows, strengths
    return rows, np.add.reduceat(strengths[order], first)


def _content(ids: list[str], rows: FollowRows, columns: list[AccountColumn]) -> StoreContent:
    from guanxi.graph.parquet import write_accounts

    packed = TextColumn.from_strings(ids)
    mentioned = np.zeros(len(ids), dtype=np.bool_)
    return StoreContent(
        ids=packed,
        made=mentioned,
        follows=rows,
        interactions=no_interactions(),
        columns={column.name: column.type for column in columns},
        column={column.name: column for column in columns}.__getitem__,
        write_accounts=partial(write_accounts, packed, columns),
    )


def _reordered(column: AccountColumn, order: list[int]) -> AccountColumn:
    values = column.values
    if isinstance(values, TextColumn):
        values = TextColumn(values.data, values.starts[order], values.ends[order])
    else:
        values = values[order]
    return AccountColumn(column.name, column.type, values, column.present[order])


def _written(content: StoreContent, rows: FollowRows, strengths: Float64 | None) -> Snapshot:
    home = StoreHome(Path(tempfile.mkdtemp(prefix="guanxi-")))
    state = StoreState(SCHEMA_VERSION, uuid.uuid4().hex, 1, uuid.uuid4().hex)
    folder = home.snapshots / str(state.version)
    with disk_errors("writing the graph to the temporary folder"):
        make_folder(home.snapshots)
        make_folder(folder)
        given = None if strengths is None else partial(_given, rows=rows, strengths=strengths)
        write_snapshot(folder, content, state, "memory", given)
    manifest = read_manifest(folder)
    assert manifest is not None
    snapshot = Snapshot(folder, manifest, home)
    weakref.finalize(snapshot, shutil.rmtree, home.root, ignore_errors=True)
    return snapshot


def _given(
    follows: Adjacency, interactions: InteractionRows, *, rows: FollowRows, strengths: Float64
) -> InfluenceGraph:
    from guanxi.graph.csr import adjacency, influence_graph

    counts = strengths > 0
    weights = None if (strengths[counts] == 1.0).all() else strengths[counts]
    return influence_graph(adjacency(rows.actor[counts], rows.target[counts], follows.n, weights))
