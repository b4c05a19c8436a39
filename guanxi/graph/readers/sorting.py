"""Sorting rows by several small integers at once, in time linear in the rows."""

from __future__ import annotations

import numpy as np

from guanxi.errors import ResourceError
from guanxi.graph.arrays import Bool, Int32
from guanxi.kernels import kernel

MAX_ROWS = np.iinfo(np.int32).max


@kernel
def _counting_pass(keys: Int32, order: Int32, places: Int32, out: Int32) -> None:
    """Stable counting sort of `order` by `keys[order]`; `places` is zeroed scratch."""
    for key in keys:
        places[key + 1] += 1
    for key in range(1, len(places)):
        places[key] += places[key - 1]
    for row in order:
        key = keys[row]
        out[places[key]] = row
        places[key] += 1


def lexicographic_order(keys: list[Int32], sizes: list[int]) -> Int32:
    """The order (int32) that sorts rows by `keys[0]`, then `keys[1]` …

    Key k lies in `0 … sizes[k]-1`. Equal rows keep their order, which is that of the file: what
    is made of them must not depend on it. Raises ResourceError from 2**31 rows on.
    """
    rows = len(keys[0])
    if rows > MAX_ROWS:
        raise ResourceError(f"{rows:,} rows in one file are more than guanxi sorts; split it.")
    order = np.arange(rows, dtype=np.int32)
    spare = np.empty(rows, dtype=np.int32)
    for key, size in zip(reversed(keys), reversed(sizes), strict=True):
        if size > 1:
            _counting_pass(key, order, np.zeros(size + 1, dtype=np.int32), spare)
            order, spare = spare, order
    return order


def group_starts(keys: list[Int32], order: Int32) -> Bool:
    """bool[r]: whether row `order[i]` differs from `order[i-1]` in any of `keys`."""
    starts = np.zeros(len(order), dtype=np.bool_)
    starts[:1] = True
    for key in keys:
        values = key[order]
        starts[1:] |= values[1:] != values[:-1]
    return starts
