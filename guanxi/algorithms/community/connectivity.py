"""The last phase: communities that fell apart on the way are split into connected pieces."""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.community.csr import blocks_of, on_blocks
from guanxi.algorithms.community.numbering import members_of
from guanxi.graph.arrays import Int32, Int64
from guanxi.kernels import kernel
from guanxi.shared.prefetch import prefetch


@kernel
def _pieces(
    indptr: Int64,
    indices: Int32,
    labels: Int32,
    members: Int32,
    piece: Int32,
    low: int,
    high: int,
) -> None:
    """Piece of each of `members[low:high]`, whole communities; named after its first member."""
    queue = np.empty(high - low, np.int32)
    for i in range(low, high):
        piece[members[i]] = -1 - labels[members[i]]  # where it is, and that it is not yet found
    for i in range(low, high):
        root = members[i]
        unfound = piece[root]
        if unfound >= 0:
            continue
        piece[root] = root
        queue[0] = root
        done = 0
        found = 1
        while done < found:
            v = queue[done]
            done += 1
            if done + 2 < found:
                ahead = indptr[queue[done + 2]]
                if ahead < len(indices):
                    prefetch(indices, ahead)
            for p in range(indptr[v], indptr[v + 1]):
                u = indices[p]
                if piece[u] == unfound:
                    piece[u] = root
                    queue[found] = u
                    found += 1


def connected_pieces(
    indptr: Int64, indices: Int32, labels: Int32, count: int, threads: int | None
) -> Int32:
    """The connected piece of its community that each node is in, int32[n], named after a node.

    `indptr` and `indices` are read-only and symmetric, `labels` 0 … count-1. Splitting a
    community with no tie between its pieces never lowers modularity.
    """
    first, members = members_of(labels, count)
    cost = np.zeros(len(labels) + 1, dtype=np.int64)
    np.cumsum(np.diff(indptr)[members], out=cost[1:])
    piece = np.empty(len(labels), dtype=np.int32)

    def work(communities: tuple[int, int]) -> None:
        low, high = first[communities[0]], first[communities[1]]
        _pieces(indptr, indices, labels, members, piece, low, high)

    on_blocks(work, blocks_of(cost[first]), threads)
    return piece
