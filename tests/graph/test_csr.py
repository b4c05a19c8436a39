"""Edges to sorted rows, and transposed, against plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.graph.arrays import Adjacency
from guanxi.graph.csr import adjacency, are_ascending, influence_graph, sort_order, transpose

N = 6
PAIRS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), unique=True, max_size=20)


def columns(*rows: tuple[int, ...], width: int) -> list[np.ndarray]:
    return [np.array([row[i] for row in rows], dtype=np.int32) for i in range(width)]


def entries(matrix: Adjacency) -> list[tuple[int, int, float]]:
    weights = np.ones(matrix.m) if matrix.weights is None else matrix.weights
    return [
        (row, int(matrix.indices[i]), float(weights[i]))
        for row in range(matrix.n)
        for i in range(matrix.indptr[row], matrix.indptr[row + 1])
    ]


@given(PAIRS, st.booleans())
def test_edges_become_sorted_rows(pairs: list[tuple[int, int]], weighted: bool) -> None:
    rows, cols = columns(*pairs, width=2)
    weights = np.array([1.5 + row * N + col for row, col in pairs]) if weighted else None
    matrix = adjacency(rows, cols, N, weights)
    assert entries(matrix) == [
        (row, col, 1.5 + row * N + col if weighted else 1.0) for row, col in sorted(pairs)
    ]
    assert matrix.indptr.dtype == np.int64
    assert matrix.indices.dtype == np.int32


@given(PAIRS, st.booleans())
def test_transposing_exchanges_rows_and_columns(
    pairs: list[tuple[int, int]], weighted: bool
) -> None:
    rows, cols = columns(*pairs, width=2)
    weights = np.arange(1.0, len(pairs) + 1) if weighted else None
    matrix = adjacency(rows, cols, N, weights)
    turned = transpose(matrix)
    assert entries(turned) == sorted((col, row, weight) for row, col, weight in entries(matrix))
    assert entries(transpose(turned)) == entries(matrix)
    assert entries(influence_graph(matrix).out) == entries(turned)


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 4), max_size=30))
def test_sorting_by_four_keys_is_stable(rows: list[tuple[int, int, int, int]]) -> None:
    keys = columns(*rows, width=4)
    order = sort_order(*((key, 4) for key in keys))
    expected = sorted(range(len(rows)), key=lambda i: rows[i])
    assert order.tolist() == expected


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), max_size=6), st.integers(2, 4))
def test_ascending_means_strictly(rows: list[tuple[int, int, int, int]], width: int) -> None:
    cut = [row[:width] for row in rows]
    strictly = all(a < b for a, b in pairwise(cut))
    assert are_ascending(*columns(*cut, width=width)) == strictly


def test_known_matrix() -> None:
    rows, cols = np.array([2, 0, 2], np.int32), np.array([1, 2, 0], np.int32)
    matrix = adjacency(rows, cols, 4, np.array([5.0, 6.0, 7.0]))
    assert matrix.indptr.tolist() == [0, 1, 1, 3, 3]
    assert matrix.indices.tolist() == [2, 0, 1]
    assert matrix.weights is not None
    assert matrix.weights.tolist() == [6.0, 7.0, 5.0]


@pytest.mark.parametrize("n", [0, 1])
def test_no_edges(n: int) -> None:
    none = np.empty(0, np.int32)
    assert transpose(adjacency(none, none, n)).indptr.tolist() == [0] * (n + 1)
