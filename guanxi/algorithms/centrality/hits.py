"""HITS: hubs, who follow the right accounts, and authorities, who are followed by hubs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import (
    Adjacency,
    Float64,
    InfluenceGraph,
    Int32,
    Int64,
    Progress,
    read_only,
)
from guanxi.kernels import kernel
from guanxi.parallel import Workers, block_ranges

#: Rows of a block.
_BLOCK = 1 << 14


@dataclass(frozen=True)
class HitsResult:
    """Both scores, and how the iteration ended.

    `hubs`, `authorities`: float64[n], each summing to 1 (all 0 where there is no arc);
    `iterations`; `change`, the larger of the two L1 changes in the last one.
    """

    hubs: Float64
    authorities: Float64
    iterations: int
    change: float


@kernel
def _pull(
    start: int, end: int, indptr: Int64, indices: Int32, weights: Float64, x: Float64, y: Float64
) -> None:
    """y = matrix @ x for the rows from `start` to `end`; no weights at all mean 1 each.

    Indices are taken as unsigned, so that numba need not ask whether they count from the end.
    """
    weighted = len(weights) > 0
    for row in range(start, end):
        total = 0.0
        first, last = np.uint64(indptr[row]), np.uint64(indptr[row + 1])
        if weighted:
            for k in range(first, last):
                total += weights[k] * x[np.uint32(indices[k])]
        else:
            for k in range(first, last):
                total += x[np.uint32(indices[k])]
        y[row] = total


def hits(
    graph: InfluenceGraph,
    *,
    tolerance: float = 1e-9,
    max_iterations: int = 1000,
    threads: int | None = None,
    progress: Progress | None = None,
) -> HitsResult:
    """Hubs and authorities of Kleinberg, on the arcs turned to point at whoever influences.

    For follows: from the follower to the followed, so an authority is followed by good
    hubs, and a hub follows good authorities, each tie counting by its strength::

        authority[u] = Σ_v strength(u→v) * hub[v]     over the v that u influences
        hub[v]       = Σ_u strength(u→v) * authority[u]

    both scaled to sum 1 (as NetworkX does; scaled to length 1 they are the first
    singular vectors of the matrix of strengths). Power iteration from equal hubs stops
    when neither changes by more than `tolerance` in L1. Where several pieces of the
    graph share the largest singular value, the answer is the one that equal hubs lead
    to; accounts in pieces with a smaller one get 0 in the limit. The scores are the same
    to the last bit for any number of `threads`. `progress` is called with
    (iterations, max_iterations).

    Raises UsageError for a tolerance that is not above 0 and ConvergenceError when
    `max_iterations` do not suffice.

    Source: J. Kleinberg, "Authoritative sources in a hyperlinked environment",
    JACM 46(5), 1999, doi:10.1145/324133.324140.

    >>> # 1 and 2 follow 0, and 2 follows 1
    >>> out = Adjacency(np.array([0, 2, 3, 3]), np.array([1, 2, 2], dtype=np.int32))
    >>> into = Adjacency(np.array([0, 0, 1, 3]), np.array([0, 0, 1], dtype=np.int32))
    >>> result = hits(InfluenceGraph(out, into))
    >>> result.authorities.round(4).tolist(), result.hubs.round(4).tolist()
    ([0.618, 0.382, 0.0], [0.0, 0.382, 0.618])
    """
    if not tolerance > 0.0:
        raise UsageError(f"The tolerance must be above 0; {tolerance} is not.")
    n = graph.n
    if graph.m == 0:
        return HitsResult(np.zeros(n), np.zeros(n), 0, 0.0)
    hubs, authorities = np.full(n, 1.0 / n), np.zeros(n)
    spare = np.empty(n)
    change = np.inf
    with Workers(threads) as workers:
        for iteration in range(1, max_iterations + 1):
            _multiply(graph.out, hubs, spare, workers)
            change = _change(spare, authorities)
            authorities, spare = spare, authorities
            _multiply(graph.into, authorities, spare, workers)
            change = max(change, _change(spare, hubs))
            hubs, spare = spare, hubs
            if change <= tolerance:
                return HitsResult(hubs, authorities, iteration, change)
            if progress is not None:
                progress(iteration, max_iterations)
    raise ConvergenceError(
        f"HITS did not come to an L1 change of {tolerance:g} within {max_iterations} "
        f"iterations (the last one changed {change:.2g}); allow more, or a larger tolerance."
    )


def _multiply(matrix: Adjacency, x: Float64, y: Float64, workers: Workers) -> None:
    """y = matrix @ x, scaled to sum 1."""
    indptr, indices = read_only(matrix.indptr), read_only(matrix.indices)
    weights = read_only(np.empty(0) if matrix.weights is None else matrix.weights)

    def work(rows: tuple[int, int]) -> None:
        _pull(rows[0], rows[1], indptr, indices, weights, x, y)

    workers.run(work, block_ranges(matrix.n, _BLOCK))
    y /= y.sum()


def _change(new: Float64, old: Float64) -> float:
    """L1 distance; overwrites `old`."""
    np.subtract(new, old, out=old)
    np.abs(old, out=old)
    return float(old.sum())
