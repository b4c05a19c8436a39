"""The core users of every community: PageRank on the ties inside it, all in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.community.csr import blocks_of, frozen, on_blocks
from guanxi.algorithms.community.numbering import members_of
from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32, Int64
from guanxi.kernels import kernel

#: Core users of a community.
CORE = 10
#: Blocks between two reports of progress.
_REPORT = 32


@dataclass(frozen=True)
class CoreUsers:
    """`accounts` int32[communities, 10], best first, -1 where a community has fewer members.

    `scores` float64[n]: PageRank within the own community; 1 in sum over each.
    """

    accounts: Int32
    scores: Float64


@kernel
def _rank(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    labels: Int32,
    first: Int64,
    members: Int32,
    place: Int32,
    scores: Float64,
    core: Int32,
    arcs: int,
    damping: float,
    tolerance: float,
    max_iterations: int,
    low: int,
    high: int,
) -> int:
    """PageRank within, and core users of, the communities `low … high-1`.

    `arcs`: at most so many arcs leave their members. How many did not converge.
    """
    failed = 0
    widest = 0
    for community in range(low, high):
        widest = max(widest, first[community + 1] - first[community])
    bounds = np.empty(widest + 1, np.int64)
    inner = np.empty(arcs, np.int32)
    weight = np.empty(arcs, np.float64)
    strength = np.empty(widest, np.float64)
    score = np.empty(widest, np.float64)
    spread = np.empty(widest, np.float64)
    best = np.empty(core.shape[1], np.int64)
    for community in range(low, high):
        start = first[community]
        size = first[community + 1] - start
        for i in range(size):
            strength[i] = 0.0
            score[i] = 1.0 / size
        bounds[0] = 0
        for i in range(size):
            u = members[start + i]
            end = bounds[i]
            for p in range(indptr[u], indptr[u + 1]):
                v = indices[p]
                if labels[v] == labels[u]:
                    inner[end] = place[v] - start
                    weight[end] = weights[p]
                    strength[place[v] - start] += weights[p]
                    end += 1
            bounds[i + 1] = end
        change = tolerance + 1.0
        iteration = 0
        while change > tolerance and iteration < max_iterations:
            iteration += 1
            lost = 0.0
            for i in range(size):
                if strength[i] > 0.0:
                    spread[i] = score[i] / strength[i]
                else:
                    spread[i] = 0.0
                    lost += score[i]
            jump = (damping * lost + 1.0 - damping) / size
            change = 0.0
            for i in range(size):
                total = 0.0
                for p in range(bounds[i], bounds[i + 1]):
                    total += weight[p] * spread[inner[p]]
                total = damping * total + jump
                change += abs(total - score[i])
                score[i] = total
        if change > tolerance:
            failed += 1
        width = core.shape[1]
        kept = 0
        for i in range(size):  # insert into the best so far; equal ones stay before it
            scores[members[start + i]] = score[i]
            at = kept
            while at > 0 and score[best[at - 1]] < score[i]:
                at -= 1
            if at < width:
                kept = min(kept + 1, width)
                for j in range(kept - 1, at, -1):
                    best[j] = best[j - 1]
                best[at] = i
        for j in range(kept):
            core[community, j] = members[start + best[j]]
    return failed


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
    members whom nobody within influences it goes to any member. Each community is
    iterated until the L1 change of its scores, which sum to 1, is at most `tolerance`;
    equal scores are ranked by the smaller account. All communities together cost about
    as much as one PageRank of the graph. The same bits for any number of threads.

    `labels` int32[n]: communities from 1 without gaps.

    Raises UsageError for labels that are not so, and ConvergenceError where
    `max_iterations` are not enough.

    Source: S. Brin, L. Page, Computer Networks 30 (1998), doi:10.1016/S0169-7552(98)00110-X.
    """
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
    given = frozen(graph.out.indptr), frozen(graph.out.indices), frozen(weights), frozen(labels)
    found = CoreUsers(np.full((count, CORE), -1, dtype=np.int32), np.zeros(n))
    limits = damping, tolerance, max_iterations

    def work(block: tuple[int, int]) -> int:
        arcs = int(cost[block[1]] - cost[block[0]])
        return _rank(
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
            f"The PageRank within {failed} of {count} communities did not reach an L1 change of "
            f"{tolerance:g} in {max_iterations} iterations."
        )
    return found
