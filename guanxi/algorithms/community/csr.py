"""The working graph of the community kernels: symmetric CSR, read-only, cut into blocks."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, Float64, Int32, Int64
from guanxi.kernels import kernel
from guanxi.parallel import run_blocks
from guanxi.shared.prefetch import prefetch
from guanxi.shared.random import next_below, seed_stream

S = TypeVar("S", bound=np.generic)
R = TypeVar("R")

#: Arcs in a block of work. Fixed, so that no answer depends on the number of threads.
BLOCK_ARCS = 1 << 18


@dataclass(frozen=True)
class Level:
    """A symmetric graph of one level of coarsening.

    `indptr` int64[n+1], `indices` int32[m], `weights` float64[m], all read-only and
    without loops; `strength` float64[n]: what each node weighs in all, with what has
    gone inside it on the way up from the accounts.
    """

    indptr: Int64
    indices: Int32
    weights: Float64
    strength: Float64

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.strength)

    @property
    def widest(self) -> int:
        """Entries of the longest row."""
        return int(np.diff(self.indptr).max(initial=0))


def frozen(array: npt.NDArray[S]) -> npt.NDArray[S]:
    """A read-only plain view of `array`.

    A memory map that is read-only and an array that is not are different types to
    numba; so what a kernel only reads is always passed read-only, and compiled once.
    """
    view = np.ascontiguousarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view


def blocks_of(cost: Int64, target: int = BLOCK_ARCS) -> list[tuple[int, int]]:
    """Ranges of items of about `target` each; `cost` int64[items+1] is the running sum."""
    items, total = len(cost) - 1, int(cost[-1])
    marks = np.arange(1, max(1, total // target), dtype=np.int64) * target
    cuts = np.unique(np.concatenate(([0], np.searchsorted(cost, marks), [items])))
    return list(itertools.pairwise(cuts.tolist()))


def on_blocks(
    work: Callable[[tuple[int, int]], R], blocks: list[tuple[int, int]], threads: int | None
) -> list[R]:
    """`run_blocks`, but no pool of threads for a single block."""
    return run_blocks(work, blocks, 1 if len(blocks) < 2 else threads)


@kernel
def _shuffle(order: Int32, seed: int, stream: int) -> None:
    state = np.empty(2, np.uint64)
    seed_stream(state, seed, stream, 0)
    for i in range(len(order)):
        j = next_below(state, i + 1)
        order[i] = order[j]
        order[j] = i


def shuffled(n: int, seed: int, stream: int = 0) -> Int32:
    """The numbers 0 … n-1 in an order that `seed` and `stream` decide (Fisher and Yates)."""
    order = np.empty(n, dtype=np.int32)
    _shuffle(order, seed, stream)
    return order


@kernel
def _reorder(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    order: Int32,
    place: Int32,
    new_indptr: Int64,
    new_indices: Int32,
    new_weights: Float64,
    strength: Float64,
    low: int,
    high: int,
) -> int:
    """Rows `low … high-1` of the reordered graph; how many entries are no proper tie."""
    wrong = 0
    for row in range(low, high):
        if row + 32 < high:  # three waits in a row of their own: the bounds, the row, its places
            prefetch(indptr, np.int64(order[row + 32]))
            ahead = indptr[order[row + 16]]
            if ahead + 8 < len(indices):
                prefetch(indices, ahead)
                prefetch(weights, ahead)
                prefetch(weights, ahead + 8)
            soon = order[row + 8]
            for p in range(indptr[soon], indptr[soon + 1]):
                prefetch(place, np.int64(indices[p]))
        old = order[row]
        to = new_indptr[row]
        total = 0.0
        for p in range(indptr[old], indptr[old + 1]):
            other = indices[p]
            weight = weights[p]
            if other == old or not weight > 0.0 or weight == np.inf:
                wrong += 1
            new_indices[to] = place[other]
            new_weights[to] = weight
            total += weight
            to += 1
        strength[row] = total
    return wrong


def reordered(graph: Adjacency | Level, order: Int32, threads: int | None) -> Level:
    """The graph with node `order[i]` as its node i; strengths are the sums of the rows.

    Raises UsageError for a loop, and for a weight that is not a positive number.
    """
    n, m = len(graph.indptr) - 1, len(graph.indices)
    place = np.empty(n, dtype=np.int32)
    place[order] = np.arange(n, dtype=np.int32)
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.diff(graph.indptr)[order], out=indptr[1:])
    indices, weights = np.empty(m, dtype=np.int32), np.empty(m)
    strength = np.empty(n)
    old_weights = np.ones(m) if graph.weights is None else graph.weights
    old = frozen(graph.indptr), frozen(graph.indices), frozen(old_weights), frozen(order)

    def work(rows: tuple[int, int]) -> int:
        return _reorder(*old, place, indptr, indices, weights, strength, *rows)

    if sum(on_blocks(work, blocks_of(indptr), threads)):
        raise UsageError(
            "Communities need ties of positive strength between two different accounts."
        )
    return Level(frozen(indptr), frozen(indices), frozen(weights), strength)
