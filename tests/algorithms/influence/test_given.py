from __future__ import annotations

import numpy as np
import pytest

from guanxi.algorithms.influence.given import given_probabilities
from guanxi.algorithms.influence.models import CascadeModel
from guanxi.errors import UsageError
from tests.algorithms.influence.exact import Arc, arcs_of, graph_of, random_arcs


def model_of(n: int, triples: list[Arc]) -> CascadeModel:
    columns = list(zip(*triples, strict=True)) or [(), (), ()]
    sources, targets = (np.array(column, dtype=np.int32) for column in columns[:2])
    return given_probabilities(n, sources, targets, np.array(columns[2], dtype=np.float64))


@pytest.mark.parametrize("seed", range(3))
def test_the_triples_are_the_graph_in_any_order(seed: int) -> None:
    random = np.random.default_rng(seed)
    triples = [(u, v, random.random()) for u, v, _ in random_arcs(random, 40, 300, False)]
    expected = graph_of(40, triples)
    for _ in range(3):
        graph = model_of(40, triples).graph
        for found, wanted in ((graph.out, expected.out), (graph.into, expected.into)):
            assert found.indptr.dtype == np.int64
            assert found.indices.dtype == np.int32
            np.testing.assert_array_equal(found.indptr, wanted.indptr)
            np.testing.assert_array_equal(found.indices, wanted.indices)
            np.testing.assert_array_equal(found.weights, wanted.weights)
        triples = [triples[i] for i in random.permutation(len(triples))]


def test_what_is_no_arc_and_what_counts_once() -> None:
    model = model_of(4, [(0, 1, 0.5), (2, 2, 0.9), (3, 1, 0.0), (0, 1, 0.5), (1, 0, 1.0)])
    assert arcs_of(model.graph) == [(0, 1, 0.5), (1, 0, 1.0)]
    np.testing.assert_array_equal(model.scale, np.ones(4))
    assert not model.at_most_one
    assert model_of(3, []).graph.m == 0


@pytest.mark.parametrize(
    ("triples", "says"),
    [
        ([(0, 1, 0.5), (0, 3, 0.5)], r"Row 2 .* outside 0 … 2"),
        ([(-1, 1, 0.5)], r"Row 1 .* outside 0 … 2"),
        ([(0, 1, 0.5), (1, 2, 1.5), (1, 0, -1)], "Row 2 .* no probability between 0 and 1"),
        ([(0, 1, np.nan)], "Row 1 .* no probability"),
        ([(0, 1, 0.5), (1, 2, 0.1), (0, 1, 0.25)], "Row 3 .* again, with another"),
        ([(0, 1, 0.5), (0, 1, 0.0)], "Row 2 .* again, with another"),
    ],
)
def test_rows_that_are_refused(triples: list[Arc], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        model_of(3, triples)


def test_columns_of_different_length() -> None:
    one = np.zeros(1, dtype=np.int32)
    with pytest.raises(UsageError, match="as many sources"):
        given_probabilities(3, one, one, np.array([0.5, 0.5]))
