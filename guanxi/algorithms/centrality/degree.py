"""Degrees: how many accounts follow an account, and how strongly it influences others."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Adjacency, Float64, Int64


def in_degree(follows: Adjacency) -> Int64:
    """Number of distinct followers of each account, int64[n].

    `follows`: row = actor, entries = the accounts that the actor follows. Follow
    edges alone count, whatever their weights.

    >>> follows = Adjacency(np.array([0, 2, 3, 3]), np.array([1, 2, 2], dtype=np.int32))
    >>> in_degree(follows).tolist()
    [0, 1, 2]
    """
    return np.bincount(follows.indices, minlength=follows.n).astype(np.int64, copy=False)


def out_degree(follows: Adjacency) -> Int64:
    """Number of distinct accounts that each account follows, int64[n].

    `follows`: row = actor, entries = the accounts that the actor follows.

    >>> follows = Adjacency(np.array([0, 2, 3, 3]), np.array([1, 2, 2], dtype=np.int32))
    >>> out_degree(follows).tolist()
    [2, 1, 0]
    """
    return np.diff(follows.indptr)


def weighted_in_degree(out: Adjacency) -> Float64:
    """Sum of the tie strengths by which each account influences others, float64[n].

    `out`: row u = the accounts that u influences (`InfluenceGraph.out`), so for
    plain follows it equals :func:`in_degree`. The name keeps to the follow edges,
    which run against the influence arcs. Of `InfluenceGraph.into` the same sum is
    the strength by which an account is influenced.

    >>> out = Adjacency(
    ...     np.array([0, 2, 3]), np.array([0, 1, 0], dtype=np.int32), np.array([0.5, 2.0, 1.0])
    ... )
    >>> weighted_in_degree(out).tolist()
    [2.5, 1.0]
    """
    if out.weights is None:
        return np.diff(out.indptr).astype(np.float64)
    sums = np.zeros(out.n, dtype=np.float64)
    starts = out.indptr[:-1]
    filled = starts < out.indptr[1:]
    # reduceat gives an empty segment the element at its start, so empty rows stay out.
    if filled.any():
        sums[filled] = np.add.reduceat(out.weights, starts[filled])
    return sums
