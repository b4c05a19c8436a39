"""Small things done to whole columns of text: trimming, picking rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Bytes, Int64, TextColumn
from guanxi.kernels import kernel

Rows = npt.NDArray[np.signedinteger[Any]]


@kernel
def _trim(data: Bytes, starts: Int64, ends: Int64) -> None:
    for i in range(len(starts)):
        start = starts[i]
        end = ends[i]
        while start < end and (data[start] == 32 or data[start] == 9):
            start += 1
        while end > start and (data[end - 1] == 32 or data[end - 1] == 9):
            end -= 1
        starts[i] = start
        ends[i] = end


@kernel
def _gather(data: Bytes, starts: Int64, ends: Int64, rows: Rows, bounds: Int64, out: Bytes) -> None:
    for i in range(len(rows)):
        row = rows[i]
        at = bounds[i]
        for source in range(starts[row], ends[row]):
            out[at] = data[source]
            at += 1


def trimmed(column: TextColumn) -> TextColumn:
    """`column` without the spaces and tabs around each text."""
    column = _own_bounds(column)
    _trim(column.data, column.starts, column.ends)
    return column


def ready(column: TextColumn) -> TextColumn:
    """`column` with arrays that are contiguous and writable.

    Kernels are compiled for such arrays only; a read-only one would compile them anew.
    """
    return TextColumn(
        np.require(column.data, np.uint8, ("C", "W")),
        np.require(column.starts, np.int64, ("C", "W")),
        np.require(column.ends, np.int64, ("C", "W")),
    )


def _own_bounds(column: TextColumn) -> TextColumn:
    data = np.require(column.data, np.uint8, ("C", "W"))
    return TextColumn(data, np.array(column.starts), np.array(column.ends))


def take(column: TextColumn, rows: Rows) -> TextColumn:
    """The texts at `rows` (integers), packed into a buffer of their own in that order."""
    column = ready(column)
    starts = column.starts[rows]
    bounds = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(column.ends[rows] - starts, out=bounds[1:])
    out = np.empty(bounds[-1], dtype=np.uint8)
    _gather(column.data, column.starts, column.ends, rows.astype(np.int64), bounds, out)
    return TextColumn(out, bounds[:-1], bounds[1:])


def text_at(column: TextColumn, row: int) -> str:
    """Text `row` of `column`."""
    return bytes(column.data[column.starts[row] : column.ends[row]]).decode(errors="replace")
