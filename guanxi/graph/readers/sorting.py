"""Sorting: rows by several small integers at once, and texts by their bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from guanxi.errors import ResourceError
from guanxi.graph.arrays import Bool, Bytes, Int32, Int64, TextColumn
from guanxi.graph.readers.text import ready
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


@kernel
def _big_endian_words(
    data: Bytes, starts: Int64, ends: Int64, rows: Int64, depth: int, words: Any
) -> None:
    """Bytes `depth … depth+7` of each text, so that words compare as the bytes do."""
    for i in range(len(rows)):
        at = starts[rows[i]] + depth
        word = np.uint64(0)
        for k in range(8):
            word <<= np.uint64(8)
            if at + k < ends[rows[i]]:
                word |= np.uint64(data[at + k])
        words[i] = word


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


def byte_order(column: TextColumn) -> Int64:
    """The order (int64) in which the distinct texts of `column` are sorted by their bytes.

    Sorted by 8 bytes at a time: those that are equal so far go on to the next 8. NUL may not
    occur in the texts (it would be taken for the end).
    """
    column = ready(column)
    order = np.arange(len(column), dtype=np.int64)
    open_places = order.copy()  # where in `order` stand texts that are not told apart yet
    group = np.zeros(len(column), dtype=np.int64)
    depth = 0
    while len(open_places):
        rows = order[open_places]
        words = np.empty(len(rows), dtype=np.uint64)
        _big_endian_words(column.data, column.starts, column.ends, rows, depth, words)
        new = np.argsort(words) if depth == 0 else np.lexsort((words, group))
        order[open_places] = rows[new]
        words = words[new]
        group = group[new]
        differs = np.ones(len(rows), dtype=np.bool_)
        differs[1:] = (words[1:] != words[:-1]) | (group[1:] != group[:-1])
        alone = differs & np.append(differs[1:], True)
        group = np.cumsum(differs)[~alone]
        open_places = open_places[~alone]
        depth += 8
    return order
