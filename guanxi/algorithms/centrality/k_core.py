"""Core numbers: how deep in the densely tied part of the network an account sits."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import InfluenceGraph, Int32, Int64, read_only
from guanxi.kernels import kernel


@kernel
def _unite(
    out_ptr: Int64,
    out: Int32,
    into_ptr: Int64,
    into: Int32,
    indptr: Int64,
    indices: Int32,
    degree: Int32,
) -> None:
    """Merge the rows of both directions into `indptr`, `indices`; each account once a row.

    Indices are taken as unsigned, so that numba need not ask whether they count from the end.
    """
    filled = 0
    for v in range(len(degree)):
        i, i_end = np.uint64(out_ptr[v]), np.uint64(out_ptr[v + 1])
        j, j_end = np.uint64(into_ptr[v]), np.uint64(into_ptr[v + 1])
        indptr[v] = filled
        while i < i_end and j < j_end:
            x, y = out[i], into[j]
            indices[filled] = min(x, y)
            i += np.uint64(x <= y)
            j += np.uint64(y <= x)
            filled += 1
        while i < i_end:
            indices[filled] = out[i]
            i += np.uint64(1)
            filled += 1
        while j < j_end:
            indices[filled] = into[j]
            j += np.uint64(1)
            filled += 1
        degree[v] = filled - indptr[v]
    indptr[len(degree)] = filled


@kernel
def _peel(
    indptr: Int64, indices: Int32, degree: Int32, order: Int32, place: Int32, first: Int64
) -> None:
    """Take away accounts by their degree in what is left; `degree` becomes the core number.

    `order` holds the accounts by ascending degree, `place` where each stands in it, and
    `first` where each degree begins.
    """
    for step in range(len(order)):
        v = order[step]
        core = degree[v]
        for k in range(np.uint64(indptr[v]), np.uint64(indptr[v + 1])):
            u = np.uint32(indices[k])
            d = degree[u]
            if d > core:
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
    core number 0. Time and memory are in proportion to the arcs (8 bytes for each).

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
    indptr = np.empty(graph.n + 1, dtype=np.int64)
    indices = np.empty(2 * graph.m, dtype=np.int32)  # less, where ties run both ways
    degree = np.empty(graph.n, dtype=np.int32)
    _unite(*arcs, indptr, indices, degree)
    order = np.argsort(degree, kind="stable").astype(np.int32)
    place = np.empty(graph.n, dtype=np.int32)
    place[order] = np.arange(graph.n, dtype=np.int32)
    first = np.zeros(int(degree.max(initial=0)) + 2, dtype=np.int64)
    np.cumsum(np.bincount(degree, minlength=len(first) - 1), out=first[1:])
    _peel(indptr, indices, degree, order, place, first)
    return degree
