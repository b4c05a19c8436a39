"""Core numbers: how deep in the densely tied part of the network an account sits."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import InfluenceGraph, Int32, Int64, read_only
from guanxi.kernels import kernel


@kernel
def _degrees(out_ptr: Int64, out: Int32, into_ptr: Int64, into: Int32, degree: Int32) -> None:
    """Number of distinct accounts tied to each in either direction, but itself."""
    for v in range(len(degree)):
        i, i_end = out_ptr[v], out_ptr[v + 1]
        j, j_end = into_ptr[v], into_ptr[v + 1]
        count = 0
        while i < i_end or j < j_end:
            if j == j_end or (i < i_end and out[i] <= into[j]):
                u = out[i]
                j += j < j_end and into[j] == u
                i += 1
            else:
                u = into[j]
                j += 1
            count += u != v
        degree[v] = count


@kernel
def _peel(
    out_ptr: Int64,
    out: Int32,
    into_ptr: Int64,
    into: Int32,
    degree: Int32,
    order: Int32,
    place: Int32,
    first: Int64,
) -> None:
    """Take away accounts by their degree in what is left; `degree` becomes the core number.

    `order` holds the accounts by ascending degree, `place` where each stands in it, and
    `first` where each degree begins.
    """
    for step in range(len(order)):
        v = order[step]
        i, i_end = out_ptr[v], out_ptr[v + 1]
        j, j_end = into_ptr[v], into_ptr[v + 1]
        while i < i_end or j < j_end:
            if j == j_end or (i < i_end and out[i] <= into[j]):
                u = out[i]
                j += j < j_end and into[j] == u
                i += 1
            else:
                u = into[j]
                j += 1
            d = degree[u]
            if d > degree[v]:
                # u changes places with the first of its degree, which then begins later.
                at, front = place[u], first[d]
                w = order[front]
                order[at], order[front] = w, u
                place[w], place[u] = at, front
                first[d] += 1
                degree[u] = d - 1


def core_numbers(graph: InfluenceGraph) -> Int32:
    """Core number of each account, int32[n]: the largest k whose k-core holds it.

    The k-core is the largest set of accounts in which each is tied to at least k others
    of the set. Direction and strength are dropped: two accounts are tied when an arc
    runs between them either way, and both ways count once. An account without ties has
    core number 0. Takes time in proportion to the arcs.

    Source: V. Batagelj, M. Zaveršnik, "Fast algorithms for determining (generalized)
    core groups in social networks", ADAC 5, 2011, doi:10.1007/s11634-010-0079-y.

    >>> from guanxi.graph.arrays import Adjacency
    >>> # a triangle 0, 1, 2, and 3 tied to 0
    >>> out = Adjacency(np.array([0, 2, 3, 3, 4]), np.array([1, 2, 2, 0], dtype=np.int32))
    >>> into = Adjacency(np.array([0, 1, 2, 4, 4]), np.array([3, 0, 0, 1], dtype=np.int32))
    >>> core_numbers(InfluenceGraph(out, into)).tolist()
    [2, 2, 2, 1]
    """
    arcs = (
        read_only(graph.out.indptr),
        read_only(graph.out.indices),
        read_only(graph.into.indptr),
        read_only(graph.into.indices),
    )
    degree = np.empty(graph.n, dtype=np.int32)
    _degrees(*arcs, degree)
    order = np.argsort(degree, kind="stable").astype(np.int32)
    place = np.empty(graph.n, dtype=np.int32)
    place[order] = np.arange(graph.n, dtype=np.int32)
    first = np.zeros(int(degree.max(initial=0)) + 2, dtype=np.int64)
    np.cumsum(np.bincount(degree, minlength=len(first) - 1), out=first[1:])
    _peel(*arcs, degree, order, place, first)
    return degree
