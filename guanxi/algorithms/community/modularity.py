"""Modularity of a partition, with a resolution."""

from __future__ import annotations

import math

import numpy as np

from guanxi.algorithms.community.csr import blocks_of, frozen, on_blocks
from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, Float64, Int32, Int64
from guanxi.kernels import kernel


@kernel
def _ties_inside(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    labels: Int32,
    ties: Int64,
    inside: Float64,
    strength: Float64,
    low: int,
    high: int,
) -> None:
    for v in range(low, high):
        label = labels[v]
        count = 0
        within = 0.0
        total = 0.0
        for p in range(indptr[v], indptr[v + 1]):
            total += weights[p]
            if labels[indices[p]] == label:
                within += weights[p]
                count += 1
        ties[v] = count
        inside[v] = within
        strength[v] = total


def ties_inside(
    adjacency: Adjacency, labels: Int32, threads: int | None = None
) -> tuple[Int64, Float64, Float64]:
    """For each account: its ties within its community, their strength, and all its strength.

    `adjacency` symmetric, `labels` int32[n]; int64[n], float64[n] and float64[n] come back.
    Raises UsageError where `labels` does not have one number ≥ 0 for each account.
    """
    n = adjacency.n
    if labels.shape != (n,) or labels.min(initial=0) < 0:
        raise UsageError("There must be one community, a number from 0 on, for each account.")
    weights = np.ones(adjacency.m) if adjacency.weights is None else adjacency.weights
    indptr = frozen(adjacency.indptr)
    given = indptr, frozen(adjacency.indices), frozen(weights), frozen(labels.astype(np.int32))
    found = np.empty(n, dtype=np.int64), np.empty(n), np.empty(n)
    on_blocks(lambda rows: _ties_inside(*given, *found, *rows), blocks_of(indptr), threads)
    return found


def modularity(
    adjacency: Adjacency,
    labels: Int32,
    resolution: float = 1.0,
    threads: int | None = None,
) -> float:
    """Modularity of a partition of an undirected graph.

    Q = sum over communities c of  in(c) / 2m - resolution * (k(c) / 2m)^2,

    with in(c) the strength of the ties inside c (each counted from both ends), k(c) the
    strength of its members and 2m that of all accounts. Between -1/2 and 1 at resolution
    1. A graph without ties has modularity 0 here.

    `adjacency` is symmetric and without loops (see `undirected`), `labels` int32[n], any
    numbers from 0. The same bits for any number of threads.

    Raises UsageError where `labels` does not have one number ≥ 0 for each account.

    Sources: M. E. J. Newman, Phys. Rev. E 70, 056131 (2004),
    doi:10.1103/PhysRevE.70.056131; the resolution: J. Reichardt, S. Bornholdt,
    Phys. Rev. E 74, 016110 (2006), doi:10.1103/PhysRevE.74.016110.

    >>> import numpy as np
    >>> two_pairs = Adjacency(np.arange(5), np.array([1, 0, 3, 2], dtype=np.int32))
    >>> modularity(two_pairs, np.array([1, 1, 2, 2], dtype=np.int32))
    0.5
    """
    _, inside, strength = ties_inside(adjacency, labels, threads)
    within = np.bincount(labels, weights=inside)
    all_ties = np.bincount(labels, weights=strength)
    total = math.fsum(all_ties)
    if total == 0.0:
        return 0.0
    return math.fsum(within / total - resolution * (all_ties / total) ** 2)
