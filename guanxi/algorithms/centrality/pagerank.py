"""PageRank on the arcs turned to point at whoever influences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.centrality.walk import Walk
from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph, Progress
from guanxi.parallel import Workers


@dataclass(frozen=True)
class PageRankResult:
    """PageRank, and how the iteration ended.

    `scores` float64[n], summing to 1 (empty for an empty graph); `iterations` is the
    number of sweeps over all arcs; `change` is the L1 change of the last of them,
    which was a plain power iteration.
    """

    scores: Float64
    iterations: int
    change: float


def pagerank(
    graph: InfluenceGraph,
    *,
    damping: float = 0.85,
    tolerance: float = 1e-9,
    max_iterations: int = 1000,
    personalization: Float64 | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> PageRankResult:
    """Share of its time that a random walk towards influence spends at each account.

    From account v the walk goes, with probability `damping`, to one of the accounts u
    that influence v, u chosen with probability strength(u→v) / Σ_u strength(u→v); for
    follows: from the follower to the followed. Otherwise, and always from accounts
    that nobody influences, it jumps to an account chosen by `personalization`::

        x[u] = damping * Σ_v x[v] * strength(u→v) / Σ_u' strength(u'→v)
               + (1 - damping + damping * Σ_(v that nobody influences) x[v]) * jump[u]

    `personalization`: float64[n], not negative, not all 0, scaled to sum 1; without it
    every account is as likely. Papers that draw arcs along influence call the result
    reversed PageRank. Where the graph falls apart into pieces without ties between
    them, scores within a piece are in proportion to the PageRank of the piece alone.

    The stationary x is found by Gauss–Seidel sweeps, each of which uses the new scores
    as soon as they are there, and ends with plain power iterations: it stops when one
    of these changes x by `tolerance` or less in L1, so the L1 error is at most
    `tolerance` * damping / (1 - damping). `max_iterations` limits sweeps of both sorts.
    The scores are the same to the last bit for any number of `threads`. `progress` is
    called with (done, 100), done on the logarithmic scale of the change.

    Raises UsageError for values out of range and ConvergenceError when the sweeps do
    not suffice.

    Sources: L. Page, S. Brin, R. Motwani, T. Winograd, "The PageRank citation ranking",
    Stanford 1999-66; D. Gleich, "PageRank beyond the web", SIAM Review 57(3), 2015,
    doi:10.1137/140976649.

    >>> from guanxi.graph.arrays import Adjacency
    >>> # 1 and 2 follow 0, and 0 follows 1
    >>> out = Adjacency(np.array([0, 2, 3, 3]), np.array([1, 2, 0], dtype=np.int32))
    >>> into = Adjacency(np.array([0, 1, 2, 3]), np.array([1, 0, 0], dtype=np.int32))
    >>> pagerank(InfluenceGraph(out, into)).scores.round(4).tolist()
    [0.4865, 0.4635, 0.05]
    """
    if not 0.0 <= damping < 1.0:
        raise UsageError(f"The damping must be at least 0 and below 1; {damping} is not.")
    if not tolerance > 0.0:
        raise UsageError(f"The tolerance must be above 0; {tolerance} is not.")
    if graph.n == 0:
        return PageRankResult(np.zeros(0), 0, 0.0)
    jump = _jump(personalization, graph.n)
    change = np.inf
    with Workers(threads) as workers:
        walk = Walk(graph, damping, jump, workers)
        for iteration in range(1, max_iterations + 1):
            plain = change <= tolerance
            change = walk.plain_sweep() if plain else walk.sweep()
            if plain and change <= tolerance:
                return PageRankResult(walk.scores, iteration, change)
            if progress is not None:
                least = np.finfo(np.float64).tiny  # a sweep may change nothing at all
                done = np.log(max(min(change, 1.0), least)) / np.log(min(tolerance, 0.5))
                progress(min(99, int(100 * done)), 100)
    raise ConvergenceError(
        f"PageRank did not come to an L1 change of {tolerance:g} within {max_iterations} "
        f"sweeps (the last one changed {change:.2g}); allow more, or a larger tolerance."
    )


def _jump(personalization: Float64 | None, n: int) -> Float64:
    """Where the walk jumps to, float64[n] summing to 1."""
    if personalization is None:
        return np.full(n, 1.0 / n)
    jump = np.asarray(personalization, dtype=np.float64)
    total = float(jump.sum())
    if jump.shape != (n,) or not np.isfinite(total) or total <= 0.0 or jump.min() < 0.0:
        raise UsageError(
            f"The personalization must be {n} finite numbers, one for each account, "
            "none negative and not all 0."
        )
    return jump / total
