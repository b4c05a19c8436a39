"""Kernels that score rows of a random walk anew from the scores of the others.

Indices are taken as unsigned, so that numba does not look at each whether it counts from
the end; and the loop over a row stands in both kernels, since a function of its own, even
inlined, counts references to its arrays at each call: three times the work.
"""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import kernel


@kernel
def sweep(
    start: int,
    end: int,
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    damping: float,
    jump: Float64,
    inverse: Float64,
    share: Float64,
    scores: Float64,
    jumping: float,
    new_share: Float64,
    threshold: float,
    lagging: Int32,
) -> tuple[float, float, float, int]:
    """Score the rows from `start` to `end` anew.

    Returns the L1 change, the sum gained, the part of that sum gained by accounts that
    nobody influences, and the number of rows that changed by more than `threshold`,
    which are written to `lagging`.

    The share of an account is its score over the strength by which it is influenced
    (times `inverse`; 0 where nobody does): what it gives for each unit of strength.
    `new_share` may be `share` itself; then rows see the new scores of those before.
    """
    change = 0.0
    gained = 0.0
    stuck = 0.0
    count = 0
    weighted = len(weights) > 0
    for row in range(start, end):
        total = 0.0
        first, last = np.uint64(indptr[row]), np.uint64(indptr[row + 1])
        if weighted:
            for k in range(first, last):
                total += weights[k] * share[np.uint32(indices[k])]
        else:
            for k in range(first, last):
                total += share[np.uint32(indices[k])]
        score = damping * total + jumping * jump[row]
        step = score - scores[row]
        scores[row] = score
        new_share[row] = score * inverse[row]
        change += abs(step)
        gained += step
        stuck += step * np.float64(inverse[row] == 0.0)
        if abs(step) > threshold:
            lagging[count] = row
            count += 1
    return change, gained, stuck, count


@kernel
def sweep_rows(
    rows: Int32,
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    damping: float,
    jump: Float64,
    inverse: Float64,
    share: Float64,
    scores: Float64,
    jumping: float,
) -> tuple[float, float, float]:
    """Score `rows` anew, each with the new scores of those before; returns as `sweep`."""
    change = 0.0
    gained = 0.0
    stuck = 0.0
    weighted = len(weights) > 0
    for row in rows:
        total = 0.0
        first, last = np.uint64(indptr[row]), np.uint64(indptr[row + 1])
        if weighted:
            for k in range(first, last):
                total += weights[k] * share[np.uint32(indices[k])]
        else:
            for k in range(first, last):
                total += share[np.uint32(indices[k])]
        score = damping * total + jumping * jump[row]
        step = score - scores[row]
        scores[row] = score
        share[row] = score * inverse[row]
        change += abs(step)
        gained += step
        stuck += step * np.float64(inverse[row] == 0.0)
    return change, gained, stuck
