"""PageRank within each of many communities, and the members that it puts first."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.prefetch import prefetch


@inline
def _ties_within(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    members: Int32,
    place: Int32,
    start: int,
    size: int,
    bounds: Int64,
    inner: Int32,
    weight: Float64,
    strength: Float64,
) -> None:
    """The arcs between `members[start:start+size]`, who are renumbered from 0.

    Member i influences `inner[bounds[i]:bounds[i+1]]`; `strength[j]`: all that reaches j.
    """
    for i in range(size):
        strength[i] = 0.0
    bounds[0] = 0
    for i in range(size):
        if i + 16 < size:
            ahead = indptr[members[start + i + 16]]
            if ahead < len(indices):
                prefetch(indices, ahead)
                prefetch(weights, ahead)
            soon = members[start + i + 8]
            for p in range(indptr[soon], indptr[soon + 1]):
                prefetch(place, np.int64(indices[p]))
        end = bounds[i]
        u = members[start + i]
        for p in range(indptr[u], indptr[u + 1]):
            j = place[indices[p]] - start
            if 0 <= j < size:
                inner[end] = j
                weight[end] = weights[p]
                strength[j] += weights[p]
                end += 1
        bounds[i + 1] = end


@inline
def _spread_out(score: Float64, strength: Float64, spread: Float64, size: int) -> float:
    """What each passes on for a unit of strength; and the score of those nobody influences."""
    lost = 0.0
    for i in range(size):
        if strength[i] > 0.0:
            spread[i] = score[i] / strength[i]
        else:
            spread[i] = 0.0
            lost += score[i]
    return lost


@inline
def _walk(
    bounds: Int64,
    inner: Int32,
    weight: Float64,
    strength: Float64,
    score: Float64,
    spread: Float64,
    size: int,
    damping: float,
    tolerance: float,
    max_iterations: int,
) -> bool:
    """PageRank into `score`, in sweeps that use new scores at once, the last a plain one."""
    for i in range(size):
        score[i] = 1.0 / size
    lost = _spread_out(score, strength, spread, size)
    change = np.inf
    for _ in range(max_iterations):
        plain = change <= tolerance
        change = 0.0
        for i in range(size):
            total = 0.0
            for p in range(bounds[i], bounds[i + 1]):
                total += weight[p] * spread[inner[p]]
            total = damping * total + (damping * lost + 1.0 - damping) / size
            change += abs(total - score[i])
            if not plain and strength[i] > 0.0:
                spread[i] = total / strength[i]
            elif not plain:
                lost += total - score[i]
            score[i] = total
        if plain and change <= tolerance:
            return True
        if plain:  # too early: on with sweeps
            lost = _spread_out(score, strength, spread, size)
    return False


@inline
def _best(score: Float64, size: int, best: Int64) -> int:
    """The members with the highest scores into `best`, equal ones by number; how many."""
    kept = 0
    for i in range(size):
        at = kept
        while at > 0 and score[best[at - 1]] < score[i]:
            at -= 1
        if at < len(best):
            kept = min(kept + 1, len(best))
            for j in range(kept - 1, at, -1):
                best[j] = best[j - 1]
            best[at] = i
    return kept


@kernel
def rank_within(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
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
    failed = 0
    for community in range(low, high):
        start = first[community]
        size = first[community + 1] - start
        _ties_within(
            indptr,
            indices,
            weights,
            members,
            place,
            start,
            size,
            bounds,
            inner,
            weight,
            strength,
        )
        limits = damping, tolerance, max_iterations
        if not _walk(bounds, inner, weight, strength, score, spread, size, *limits):
            failed += 1
        for i in range(size):
            scores[members[start + i]] = score[i]
        for j in range(_best(score, size, best)):
            core[community, j] = members[start + best[j]]
    return failed
