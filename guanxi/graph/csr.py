"""From lists of edges to rows of sorted edges, by counting sort; and transposed.

Everything here takes time linear in edges and accounts. Importing this module imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32, Int64
from guanxi.kernels import kernel


@kernel
def _row_starts(rows: Int32, indptr: Int64) -> None:
    """Set `indptr` (int64[n+1], zeros) to where each row starts in `rows` sorted."""
    for row in rows:
        indptr[row + 1] += 1
    for row in range(len(indptr) - 1):
        indptr[row + 1] += indptr[row]


@kernel
def _sort_pass(keys: Int32, order: Int64, starts: Int64, out: Int64) -> None:
    """One stable pass: `out` lists `order` by key. `starts` is moved to the ends."""
    for position in order:
        key = keys[position]
        out[starts[key]] = position
        starts[key] += 1


@kernel
def _ascending(first: Int32, second: Int32, third: Int32, fourth: Int32) -> bool:
    """Whether the tuples ascend strictly."""
    for i in range(1, len(first)):
        if first[i] != first[i - 1]:
            if first[i] < first[i - 1]:
                return False
        elif second[i] != second[i - 1]:
            if second[i] < second[i - 1]:
                return False
        elif third[i] != third[i - 1]:
            if third[i] < third[i - 1]:
                return False
        elif fourth[i] <= fourth[i - 1]:
            return False
    return True


@kernel
def _transpose(
    indptr: Int64, indices: Int32, weights: Float64, starts: Int64, rows: Int32, moved: Float64
) -> None:
    """Write each entry (row, column) to row `column`; `weights` may be empty (all 1)."""
    weighted = len(weights) > 0
    for row in range(len(indptr) - 1):
        for entry in range(indptr[row], indptr[row + 1]):
            column = indices[entry]
            place = starts[column]
            starts[column] += 1
            rows[place] = row
            if weighted:
                moved[place] = weights[entry]


def row_starts(rows: Int32, n: int) -> Int64:
    """Where each of `n` rows starts once `rows` (int32, in any order) are sorted; int64[n+1]."""
    indptr = np.zeros(n + 1, dtype=np.int64)
    _row_starts(rows, indptr)
    return indptr


def are_ascending(*keys: Int32) -> bool:
    """Whether the tuples of two to four int32 keys ascend strictly, so none comes twice."""
    filled = [keys[0]] * (4 - len(keys)) + list(keys)
    return bool(_ascending(*filled))


def sort_order(*keys: tuple[Int32, int]) -> Int64:
    """The stable order that sorts by several keys, the first one foremost.

    Each key is `(int32[m], bound)` with values in `[0, bound)`. Returns int64[m]: where the
    entries of the sorted list stand in the given one. Counting sort, one pass a key.
    """
    order = np.arange(len(keys[0][0]), dtype=np.int64)
    for values, bound in reversed(keys):
        moved = np.empty_like(order)
        _sort_pass(values, order, row_starts(values, bound), moved)
        order = moved
    return order


def adjacency(rows: Int32, columns: Int32, n: int, weights: Float64 | None = None) -> Adjacency:
    """The edges row → column of `n` accounts, distinct and in any order, as sorted rows."""
    if not are_ascending(rows, columns):
        order = sort_order((rows, n), (columns, n))
        rows, columns = rows[order], columns[order]
        weights = None if weights is None else weights[order]
    return Adjacency(row_starts(rows, n), columns, weights)


def transpose(matrix: Adjacency) -> Adjacency:
    """The same entries with rows and columns exchanged, rows sorted."""
    starts = row_starts(matrix.indices, matrix.n)
    indptr = starts.copy()
    rows = np.empty(matrix.m, dtype=np.int32)
    none: Float64 = np.empty(0, dtype=np.float64)
    weights = none if matrix.weights is None else matrix.weights
    moved = np.empty(len(weights), dtype=np.float64)
    _transpose(matrix.indptr, matrix.indices, weights, starts, rows, moved)
    return Adjacency(indptr, rows, None if matrix.weights is None else moved)


def influence_graph(into: Adjacency) -> InfluenceGraph:
    """Both ways round, from the rows of those who are influenced."""
    return InfluenceGraph(out=transpose(into), into=into)


def take(values: Any, order: Int64 | None) -> Any:
    """`values[order]`, or the values as they are where there is nothing to reorder."""
    return values if order is None else values[order]
