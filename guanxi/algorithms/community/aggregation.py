"""The aggregation phase: parts become the nodes of the next level."""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.community.csr import BLOCK_ARCS, Level, blocks_of, frozen, on_blocks
from guanxi.algorithms.community.numbering import members_of
from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import kernel
from guanxi.shared.prefetch import prefetch


@kernel
def _aggregate(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    strength: Float64,
    part: Int32,
    first: Int64,
    members: Int32,
    new_indices: Int32,
    new_weights: Float64,
    new_strength: Float64,
    length: Int64,
    position: int,
    low: int,
    high: int,
) -> int:
    """Rows of the parts `low … high-1`, one after the other from `position` on; their end.

    An entry is written before it is known to be new, but never further on than there
    were arcs so far: a block stays within the room of its own arcs.
    """
    scratch = np.zeros(len(new_strength), np.float64)
    for row in range(low, high):
        if row + 2 < high:
            for i in range(first[row + 2], first[row + 3]):
                v = members[i]
                prefetch(strength, np.int64(v))
                ahead = indptr[v]
                if ahead + 8 < len(indices):
                    prefetch(indices, ahead)
                    prefetch(weights, ahead)
                    prefetch(weights, ahead + 8)
            for i in range(first[row + 1], first[row + 2]):
                v = members[i]
                for p in range(indptr[v], indptr[v + 1]):
                    prefetch(part, np.int64(indices[p]))
        for i in range(first[row], first[row + 1]):
            v = members[i]
            for p in range(indptr[v], indptr[v + 1]):
                prefetch(scratch, np.int64(part[indices[p]]))
        start = position
        total = 0.0
        for i in range(first[row], first[row + 1]):
            v = members[i]
            total += strength[v]
            for p in range(indptr[v], indptr[v + 1]):
                c = part[indices[p]]
                if c != row:
                    before = scratch[c]
                    new_indices[position] = c
                    position += before == 0.0
                    scratch[c] = before + weights[p]
        new_strength[row] = total
        for p in range(start, position):
            c = new_indices[p]
            new_weights[p] = scratch[c]
            scratch[c] = 0.0
        length[row] = position - start
    return position


def aggregate(level: Level, part: Int32, count: int, threads: int | None) -> Level:
    """The graph of the `count` parts: weights added up, ties inside a part left out.

    The strength of a part is that of its members together, so what is left out still
    counts in it.
    """
    first, members = members_of(part, count)
    ends = np.zeros(level.n + 1, dtype=np.int64)
    np.cumsum(np.diff(level.indptr)[members], out=ends[1:])
    cost = ends[first]
    indices = np.empty(len(level.indices), dtype=np.int32)
    weights = np.empty(len(level.indices))
    strength = np.empty(count)
    length = np.empty(count, dtype=np.int64)

    def work(rows: tuple[int, int]) -> slice:
        start = int(cost[rows[0]])
        end = _aggregate(
            level.indptr,
            level.indices,
            level.weights,
            level.strength,
            part,
            first,
            members,
            indices,
            weights,
            strength,
            length,
            start,
            *rows,
        )
        return slice(start, end)

    # A block pays for a scratch of one float a part, so it should not be small beside that.
    written = on_blocks(work, blocks_of(cost, max(BLOCK_ARCS, count)), threads)
    indptr = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(length, out=indptr[1:])
    return Level(
        frozen(indptr),
        frozen(np.concatenate([indices[:0], *(indices[piece] for piece in written)])),
        frozen(np.concatenate([weights[:0], *(weights[piece] for piece in written)])),
        strength,
    )
