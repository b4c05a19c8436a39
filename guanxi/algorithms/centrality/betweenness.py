"""Betweenness: the share of the shortest ways between others that run through an account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.errors import ResourceError
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32, Int64, Progress, read_only
from guanxi.kernels import kernel
from guanxi.parallel import Workers
from guanxi.shared.random import next_below, seed_stream

#: Sources of a block of work, and blocks that run side by side before they are added up.
_BLOCK, _WAVE = 8, 8


@kernel
def _forward(
    indptr: Int64,
    indices: Int32,
    source: int,
    rank: Int32,
    order: Int32,
    paths: Float64,
    starts: Int64,
    onward: Int32,
) -> int:
    """Breadth-first search from `source`; returns how many accounts are reached, itself among them.

    `order` holds them as they are reached, and `rank` (−1 everywhere at first) where each
    stands in it. For the account at place p: `paths[p]` counts the shortest ways to it, and
    `onward[starts[p]:starts[p+1]]` are the places of those one step further that it leads to.
    """
    rank[source] = 0
    order[0] = source
    paths[0] = 1.0
    reached = 1
    next_level = 1  # the places from here on are one step further
    place = 0
    kept = 0
    while place < reached:
        if place == next_level:
            next_level = reached
        u = order[place]
        starts[place] = kept
        for entry in range(indptr[u], indptr[u + 1]):
            v = np.uint32(indices[entry])
            r = rank[v]
            if r < 0:
                r = reached
                rank[v] = r
                order[r] = v
                paths[r] = 0.0
                reached += 1
            if r >= next_level:
                paths[r] += paths[place]
                onward[kept] = r
                kept += 1
        place += 1
    starts[reached] = kept
    return reached


@kernel
def _dependencies(
    indptr: Int64,
    indices: Int32,
    sources: Int32,
    rank: Int32,
    order: Int32,
    paths: Float64,
    starts: Int64,
    onward: Int32,
    claim: Float64,
    total: Float64,
    squares: Float64,
) -> None:
    """Add the dependency of each source on each account to `total`, its square to `squares`.

    δ(u) = Σ paths(u) / paths(v) · (1 + δ(v)) over those v one step further that u leads to;
    `claim` holds (1 + δ(v)) / paths(v).
    """
    for source in sources:
        reached = _forward(indptr, indices, source, rank, order, paths, starts, onward)
        for place in range(reached - 1, -1, -1):
            claimed = 0.0
            for entry in range(starts[place], starts[place + 1]):
                claimed += claim[np.uint32(onward[entry])]
            dependency = paths[place] * claimed
            claim[place] = (1.0 + dependency) / paths[place]
            u = order[place]
            rank[u] = -1
            if place > 0:
                total[u] += dependency
                squares[u] += dependency * dependency


@kernel
def _sample(seed: int, chosen: Int32, pool: Int32) -> None:
    """Draw `chosen` without replacement from `pool`, which is shuffled."""
    state = np.empty(2, np.uint64)
    seed_stream(state, seed, 0xB7, 0)
    for i in range(len(chosen)):
        j = i + next_below(state, len(pool) - i)
        pool[i], pool[j] = pool[j], pool[i]
        chosen[i] = pool[i]


@dataclass(frozen=True)
class Betweenness:
    """`scores` and their standard `errors`, float64[n]; `sources`: searched from how many."""

    scores: Float64
    errors: Float64
    sources: int
    exact: bool


def betweenness(
    graph: InfluenceGraph,
    *,
    sources: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Betweenness:
    """Betweenness of all accounts along the influence arcs, each arc one step (no strengths).

    B(u) = Σ σ(s, t | u) / σ(s, t) / ((n − 1)(n − 2)) over ordered pairs s ≠ t, both other than
    u, where σ counts shortest ways from s to t, and those through u. Pairs without a way add 0.

    `sources`: how many accounts s to draw, without replacement, by `seed`; None or at least n
    takes all, which is exact. From fewer, the score is the mean over the sources scaled up,
    unbiased, and the error is the standard error of that mean (0 where exact). The highest of
    many estimates tends to be estimated too high.

    Takes time in proportion to sources times arcs; the same for any number of threads. Raises
    ResourceError where there are more shortest ways than a float64 can count.

    Sources: U. Brandes, "A faster algorithm for betweenness centrality", J. Math. Sociol. 25,
    2001, doi:10.1080/0022250X.2001.9990249; U. Brandes, C. Pich, "Centrality estimation in
    large networks", Int. J. Bifurcation Chaos 17, 2007, doi:10.1142/S0218127407018403.

    >>> from guanxi.graph.arrays import Adjacency
    >>> out = Adjacency(np.array([0, 1, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> into = Adjacency(np.array([0, 0, 1, 2]), np.array([0, 1], dtype=np.int32))
    >>> betweenness(InfluenceGraph(out, into)).scores.tolist()
    [0.0, 0.5, 0.0]
    """
    n = graph.n
    exact = sources is None or sources >= n
    chosen = np.arange(n, dtype=np.int32)
    if not exact:
        chosen = np.empty(max(2, sources or 0), dtype=np.int32)
        _sample(seed, chosen, np.arange(n, dtype=np.int32))
    total, squares = np.zeros(n), np.zeros(n)
    arcs = read_only(graph.out.indptr), read_only(graph.out.indices)

    def work(block: Int32) -> tuple[Float64, Float64]:
        rank, order = np.full(n, -1, dtype=np.int32), np.empty(n, dtype=np.int32)
        starts, onward = np.empty(n + 1, dtype=np.int64), np.empty(graph.m, dtype=np.int32)
        sums, sums_of_squares = np.zeros(n), np.zeros(n)
        paths, claim = np.empty(n), np.empty(n)
        _dependencies(
            *arcs, block, rank, order, paths, starts, onward, claim, sums, sums_of_squares
        )
        return sums, sums_of_squares

    size = _BLOCK if not exact else max(_BLOCK, -(-n // 256))
    blocks = [chosen[first : first + size] for first in range(0, len(chosen), size)]
    with Workers(threads) as workers:
        for first in range(0, len(blocks), _WAVE):
            for sums, sums_of_squares in workers.run(work, blocks[first : first + _WAVE]):
                total += sums
                squares += sums_of_squares
            if progress is not None:
                progress(min(first + _WAVE, len(blocks)), len(blocks))
    if not (np.isfinite(total).all() and np.isfinite(squares).all()):
        raise ResourceError("There are more shortest ways in this network than can be counted.")
    return _scaled(total, squares, len(chosen), exact)


def _scaled(total: Float64, squares: Float64, count: int, exact: bool) -> Betweenness:
    n = len(total)
    pairs = max((n - 1) * (n - 2), 1)
    if exact:
        return Betweenness(total / pairs, np.zeros(n), count, True)
    mean = total / count
    variance = np.maximum(squares - count * mean * mean, 0.0) / (count - 1)
    errors = np.sqrt(variance / count * (1.0 - count / n))
    return Betweenness(mean * n / pairs, errors * n / pairs, count, False)
