"""The undirected sum of both directions of the influence arcs."""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.community.csr import blocks_of, frozen, on_blocks
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32, Int64
from guanxi.kernels import kernel


@kernel
def _merge(
    out_indptr: Int64,
    out_indices: Int32,
    out_weights: Float64,
    in_indptr: Int64,
    in_indices: Int32,
    in_weights: Float64,
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    write: bool,
    low: int,
    high: int,
) -> None:
    """Merge two sorted rows into one, for rows `low … high-1`.

    Without `write`, only the length of row v is put into `indptr[v+1]`.
    """
    n = len(indptr) - 1
    for v in range(low, high):
        i = out_indptr[v]
        i_end = out_indptr[v + 1]
        j = in_indptr[v]
        j_end = in_indptr[v + 1]
        to = indptr[v] if write else 0
        start = to
        while i < i_end or j < j_end:
            a = np.int64(out_indices[i]) if i < i_end else n
            b = np.int64(in_indices[j]) if j < j_end else n
            u = min(a, b)
            weight = 0.0
            if a == u:
                weight = out_weights[i]
                i += 1
            if b == u:
                weight += in_weights[j]
                j += 1
            if u != v:
                if write:
                    indices[to] = u
                    weights[to] = weight
                to += 1
        if not write:
            indptr[v + 1] = to - start


def undirected(graph: InfluenceGraph, threads: int | None = None) -> Adjacency:
    """The symmetric graph with weights w(u, v) + w(v, u): what communities are found on.

    Entry (u, v) is there where either influences the other. Both (u, v) and (v, u) hold
    the same bits. Rows ascending; loops are left out; weights float64, 1 for each
    direction where `graph` has none.

    >>> import numpy as np
    >>> arc = Adjacency(np.array([0, 1, 1]), np.array([1], dtype=np.int32), np.array([0.5]))
    >>> back = Adjacency(np.array([0, 0, 1]), np.array([0], dtype=np.int32), np.array([0.5]))
    >>> both = undirected(InfluenceGraph(out=arc, into=back))
    >>> both.indices.tolist(), both.weights.tolist()
    ([1, 0], [0.5, 0.5])
    """
    out, into = graph.out, graph.into
    out_weights = np.ones(out.m) if out.weights is None else out.weights
    in_weights = np.ones(into.m) if into.weights is None else into.weights
    outward = frozen(out.indptr), frozen(out.indices), frozen(out_weights)
    inward = frozen(into.indptr), frozen(into.indices), frozen(in_weights)
    blocks = blocks_of(graph.out.indptr + graph.into.indptr)
    indptr = np.zeros(graph.n + 1, dtype=np.int64)
    indices, weights = np.empty(0, dtype=np.int32), np.empty(0)

    def work(rows: tuple[int, int], write: bool) -> None:
        _merge(*outward, *inward, indptr, indices, weights, write, *rows)

    on_blocks(lambda rows: work(rows, False), blocks, threads)
    np.cumsum(indptr, out=indptr)
    indices, weights = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1])
    on_blocks(lambda rows: work(rows, True), blocks, threads)
    return Adjacency(indptr, indices, weights)
