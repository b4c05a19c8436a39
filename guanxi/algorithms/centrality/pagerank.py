"""PageRank on the arcs turned to point at whoever influences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.centrality.degree import weighted_in_degree
from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32, Int64
from guanxi.kernels import kernel


@dataclass(frozen=True)
class PageRankResult:
    """Scores float64[n] summing to 1, and how the iteration ended."""

    scores: Float64
    iterations: int
    change: float


@kernel
def _pull(indptr: Int64, indices: Int32, weights: Float64, share: Float64, new: Float64) -> None:
    for row in range(len(indptr) - 1):
        total = 0.0
        for k in range(indptr[row], indptr[row + 1]):
            total += weights[k] * share[indices[k]]
        new[row] = total


def pagerank(
    graph: InfluenceGraph,
    *,
    damping: float = 0.85,
    tolerance: float = 1e-9,
    max_iterations: int = 1000,
    personalization: Float64 | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PageRankResult:
    """PageRank of each account, summing to 1."""
    n = graph.n
    if n == 0:
        return PageRankResult(np.zeros(0), 0, 0.0)
    jump = np.ones(n) if personalization is None else np.asarray(personalization, dtype=np.float64)
    if jump.shape != (n,) or not np.isfinite(jump).all() or (jump < 0).any() or not jump.any():
        raise UsageError("The personalization needs one number ≥ 0 for each account, not all 0.")
    jump = jump / jump.sum()
    weights = graph.out.weights if graph.out.weights is not None else np.ones(graph.m)
    strength = weighted_in_degree(graph.into)
    dangling = strength == 0.0
    strength[dangling] = 1.0
    scores, new = jump.copy(), np.empty(n)
    for iteration in range(1, max_iterations + 1):
        _pull(graph.out.indptr, graph.out.indices, weights, scores / strength, new)
        lost = float(scores[dangling].sum())
        new = damping * new + (damping * lost + 1.0 - damping) * jump
        change = float(np.abs(new - scores).sum())
        scores, new = new, scores
        if change <= tolerance:
            return PageRankResult(scores, iteration, change)
    raise ConvergenceError(
        f"PageRank did not reach an L1 change of {tolerance:g} in {max_iterations} iterations."
    )
