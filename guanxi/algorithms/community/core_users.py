"""The core users of every community: PageRank on the ties inside it, all in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.community.core_pagerank import rank_within
from guanxi.algorithms.community.csr import blocks_of, frozen, on_blocks
from guanxi.algorithms.community.numbering import members_of
from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32
from guanxi.wording import counted

#: Core users of a community.
CORE = 10
#: How many blocks between two reports of progress.
_REPORT = 32


@dataclass(frozen=True)
class CoreUsers:
    """`accounts` int32[communities, 10], best first, -1 where a community has fewer members.

    `scores` float64[n]: PageRank within the own community; 1 in sum over each.
    """

    accounts: Int32
    scores: Float64


def core_users(
    graph: InfluenceGraph,
    labels: Int32,
    *,
    damping: float = 0.85,
    tolerance: float = 1e-9,
    max_iterations: int = 1000,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CoreUsers:
    """The ten members of each community with the highest PageRank on the ties inside it.

    For each community by itself, with only the arcs u → v (u influences v) between its
    members: the walk goes from v to u with probability strength(u → v) over all that
    reaches v from within, jumps to any member with probability `1 - damping`, and from
    members whom nobody within influences it goes to any member. Sweeps and their end are
    those of `pagerank`, for each community by itself: the last, plain one changes its
    scores, which sum to 1, by at most `tolerance` in L1. Equal scores are ranked by the
    smaller account. All communities together cost about as much as one PageRank of the
    graph. The same bits for any number of threads.

    `labels` int32[n]: communities from 1 without gaps.

    Raises UsageError for labels that are not so and values out of range, and
    ConvergenceError where `max_iterations` are not enough.

    Source: S. Brin, L. Page, Computer Networks 30 (1998), doi:10.1016/S0169-7552(98)00110-X.
    """
    if not 0.0 <= damping < 1.0:
        raise UsageError(f"The damping must be at least 0 and below 1; {damping} is not.")
    if not tolerance > 0.0:
        raise UsageError(f"The tolerance must be above 0; {tolerance} is not.")
    n = graph.n
    labels = np.asarray(labels, dtype=np.int32)
    count = int(labels.max(initial=0))
    if labels.shape != (n,) or labels.min(initial=1) < 1:
        raise UsageError("There must be one community, a number from 1 on, for each account.")
    first, members = members_of(labels - np.int32(1), count)
    if (np.diff(first) == 0).any():
        raise UsageError("Communities must be numbered from 1 without gaps.")
    place = np.empty(n, dtype=np.int32)
    place[members] = np.arange(n, dtype=np.int32)
    cost = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.diff(graph.out.indptr)[members] + 1, out=cost[1:])
    cost = cost[first]
    weights = np.ones(graph.m) if graph.out.weights is None else graph.out.weights
    given = frozen(graph.out.indptr), frozen(graph.out.indices), frozen(weights)
    found = CoreUsers(np.full((count, CORE), -1, dtype=np.int32), np.zeros(n))
    limits = damping, tolerance, max_iterations

    def work(block: tuple[int, int]) -> int:
        arcs = int(cost[block[1]] - cost[block[0]])
        return rank_within(
            *given, first, members, place, found.scores, found.accounts, arcs, *limits, *block
        )

    blocks = blocks_of(cost)
    failed = 0
    for start in range(0, len(blocks), _REPORT):
        failed += sum(on_blocks(work, blocks[start : start + _REPORT], threads))
        if progress is not None:
            progress(min(start + _REPORT, len(blocks)), len(blocks))
    if failed:
        raise ConvergenceError(
            f"The PageRank within {failed} of {counted(count, 'community', 'communities')} did not "
            f"reach an L1 change of {tolerance:g} in {max_iterations} iterations."
        )
    return found
