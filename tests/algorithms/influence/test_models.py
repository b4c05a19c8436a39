from __future__ import annotations

import numpy as np
import pytest

from guanxi.algorithms.influence.models import frozen, weighted_cascade, weights_of
from guanxi.errors import UsageError
from tests.algorithms.influence.exact import graph_of, random_arcs


def test_unweighted_is_one_over_the_number_of_influencers() -> None:
    scale = weighted_cascade(graph_of(4, [(0, 1), (0, 2), (1, 2), (3, 2)])).scale
    np.testing.assert_allclose(scale, [0, 1, 1 / 3, 0])


def test_weighted_is_the_share_of_strength() -> None:
    scale = weighted_cascade(graph_of(3, [(0, 2, 1.0), (1, 2, 3.0)])).scale
    np.testing.assert_allclose(scale, [0, 0, 0.25])


@pytest.mark.parametrize("weighted", [False, True])
def test_probabilities_into_an_account_sum_to_one(weighted: bool) -> None:
    graph = graph_of(30, random_arcs(np.random.default_rng(1), 30, 150, weighted))
    model = weighted_cascade(graph)
    weights = np.ones(graph.m) if graph.into.weights is None else graph.into.weights
    row = np.repeat(np.arange(30), np.diff(graph.into.indptr))
    sums = np.bincount(row, weights=weights * model.scale[row], minlength=30)
    np.testing.assert_allclose(sums, np.diff(graph.into.indptr) > 0)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_strengths_must_be_positive_and_finite(bad: float) -> None:
    with pytest.raises(UsageError, match="positive finite"):
        weighted_cascade(graph_of(3, [(0, 2, 1.0), (1, 2, bad)]))


def test_no_accounts_and_no_arcs() -> None:
    assert len(weighted_cascade(graph_of(0, [])).scale) == 0
    np.testing.assert_array_equal(weighted_cascade(graph_of(2, [])).scale, [0, 0])


def test_kernels_see_one_type_of_array() -> None:
    array = np.arange(3)
    view = frozen(array)
    assert type(view) is np.ndarray
    assert not view.flags.writeable
    assert array.flags.writeable
    assert len(weights_of(graph_of(2, [(0, 1)]).out)) == 0
