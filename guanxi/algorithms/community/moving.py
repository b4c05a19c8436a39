"""The local moving phase: each node into the community where it gains most."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from guanxi.algorithms.community.csr import Level
from guanxi.algorithms.community.numbering import compact
from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.prefetch import prefetch

#: A level has nearly always settled after 20 sweeps; this only bounds the time.
MAX_SWEEPS = 100
#: How many nodes, and arcs, are asked for from memory before the first is looked at.
BATCH_NODES = 64
BATCH_ARCS = 256
#: Share of the strength of a node below which a difference of gains is only rounding.
ROUNDING = 1e-12


@inline
def _collect(
    indptr: Int64, indices: Int32, state: Int32, table: Float64, batch: Int32, position: np.int64
) -> tuple[np.int64, int]:
    """Put the next nodes that are due into `batch`; where it ended, and how many they are.

    Asks memory for all that looking at them will need, so that the waits overlap.
    """
    due = 0
    arcs = 0
    while position < len(state) and due < BATCH_NODES and arcs < BATCH_ARCS:
        batch[due] = position
        if state[position] & 1:
            due += 1
            arcs += indptr[position + 1] - indptr[position]
        position += 1
    for i in range(due):
        v = batch[i]
        prefetch(table, 2 * np.int64(state[v] >> 1))
        for p in range(indptr[v], indptr[v + 1]):
            prefetch(state, np.int64(indices[p]))
    for i in range(due):
        v = batch[i]
        for p in range(indptr[v], indptr[v + 1]):
            prefetch(table, 2 * np.int64(state[indices[p]] >> 1))
    return position, due


@inline
def _best_community(
    indices: Int32,
    weights: Float64,
    start: int,
    end: int,
    own: np.int64,
    strength: float,
    state: Int32,
    table: Float64,
    touched: Int32,
    scale: float,
    threshold: float,
) -> tuple[np.int64, float]:
    """The community in which the node with this row gains most, and what it gains."""
    count = 0
    for p in range(start, end):
        c = np.int64(state[indices[p]] >> 1)
        before = table[2 * c]
        touched[count] = c
        count += before == 0.0
        table[2 * c] = before + weights[p]
    pull = strength * scale
    best = own
    best_gain = table[2 * own] - pull * (table[2 * own + 1] - strength) + threshold * strength
    table[2 * own] = 0.0
    for j in range(count):
        c = np.int64(touched[j])
        gain = table[2 * c] - pull * table[2 * c + 1]
        table[2 * c] = 0.0
        if gain > best_gain:
            best_gain = gain
            best = c
    return best, best_gain


@kernel
def _sweep(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    strength: Float64,
    state: Int32,
    table: Float64,
    size: Int32,
    empty: Int32,
    empties: int,
    touched: Int32,
    scale: float,
    threshold: float,
) -> tuple[int, int]:
    """One pass over the nodes that are due; how many moved, and how many ids are unused.

    `state[v]` is twice the community of v, plus 1 while v is due for a look.
    `table[2c]` is scratch, 0 between nodes; `table[2c+1]` the strength of community c:
    side by side, since both are needed at once. `empty[:empties]`: unused communities.
    """
    moves = 0
    batch = np.empty(BATCH_NODES + 1, np.int32)
    position = np.int64(0)
    while position < len(state):
        position, due = _collect(indptr, indices, state, table, batch, position)
        for i in range(due):
            v = np.int64(batch[i])
            k = strength[v]
            own = np.int64(state[v] >> 1)
            row = indptr[v], indptr[v + 1]
            best, gain = _best_community(
                indices, weights, *row, own, k, state, table, touched, scale, threshold
            )
            if gain < 0.0 and size[own] > 1:
                empties -= 1
                best = np.int64(empty[empties])
            state[v] = best << 1
            if best == own:
                continue
            moves += 1
            table[2 * own + 1] -= k
            table[2 * best + 1] += k
            size[own] -= 1
            size[best] += 1
            if size[own] == 0:
                table[2 * own + 1] = 0.0
                empty[empties] = own
                empties += 1
            for p in range(row[0], row[1]):
                u = indices[p]
                if state[u] >> 1 != best:
                    state[u] |= 1
    return moves, empties


class Moved(NamedTuple):
    """`labels` int32[n] are 0 … communities-1; `moves` of nodes were made in `sweeps` passes."""

    labels: Int32
    communities: int
    moves: int
    sweeps: int


def move_nodes(
    level: Level,
    labels: Int32,
    count: int,
    scale: float,
    max_sweeps: int = MAX_SWEEPS,
    threshold: float = ROUNDING,
    progress: Callable[[int, int], None] | None = None,
) -> Moved:
    """Move nodes from one of the communities `labels` (0 … count-1) to another until none gains.

    Node v gains `w(v, c) - scale * k(v) * k(c without v)` by being in community c, with w
    the strength of its ties into c, k the strength of nodes in all, and `scale` the
    resolution over the strength of the whole graph (0: label propagation); nothing by
    being alone. It goes where it gains most, if that is more than where it is by over
    `threshold * k(v)`: below 0, an equal gain is enough. Nodes are looked at in their
    order; after a move those neighbours that are elsewhere are due again.
    """
    n = level.n
    state = labels * np.int32(2) + np.int32(1)
    table = np.zeros(2 * n)
    table[1 : 2 * count : 2] = np.bincount(labels, weights=level.strength, minlength=count)
    size = np.zeros(n, dtype=np.int32)
    size[:count] = np.bincount(labels, minlength=count)
    empties = n - count
    empty = np.empty(n, dtype=np.int32)
    empty[:empties] = np.arange(n - 1, count - 1, -1, dtype=np.int32)
    touched = np.empty(level.widest + 1, dtype=np.int32)
    graph = level.indptr, level.indices, level.weights, level.strength
    total = sweeps = 0
    moves = 1
    while moves and sweeps < max_sweeps:
        moves, empties = _sweep(
            *graph, state, table, size, empty, empties, touched, scale, threshold
        )
        total += moves
        sweeps += 1
        if progress is not None:
            progress(sweeps, max_sweeps)
    state >>= 1
    return Moved(state, compact(state), total, sweeps)
