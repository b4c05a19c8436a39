from __future__ import annotations

import numpy as np
import pytest

from guanxi.algorithms.influence.models import (
    CascadeModel,
    frozen,
    linear_threshold,
    probabilities,
    uniform,
    weighted_cascade,
    weights_of,
    with_hops,
    with_probabilities,
)
from guanxi.errors import UsageError
from tests.algorithms.influence.exact import arcs_of, graph_of, random_arcs


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


def test_uniform_forgets_strengths() -> None:
    model = uniform(graph_of(3, [(0, 2, 1.0), (1, 2, 3.0)]), 0.2)
    assert model.graph.into.weights is None
    np.testing.assert_array_equal(probabilities(model), [[0.2, 0.2], [0.2, 0.2]])
    for bad in (0.0, -0.1, 1.1, np.nan):
        with pytest.raises(UsageError, match="above 0 and at most 1"):
            uniform(model.graph, bad)


def test_probabilities_both_ways() -> None:
    """In the order of the arcs out of accounts, and of the arcs into them; 1 at most."""
    graph = graph_of(3, [(0, 2, 1.0), (1, 0, 5.0), (1, 2, 3.0), (2, 0, 3.0)])
    model = CascadeModel("any", graph, np.array([0.25, 0.0, 0.25]))
    out, into = probabilities(model)
    np.testing.assert_array_equal(out, [0.25, 1, 0.75, 0.75])
    np.testing.assert_array_equal(into, [1, 0.75, 0.25, 0.75])


def test_with_other_probabilities() -> None:
    """As for learned ones: any p on the arcs; those of 0 are no arcs any more."""
    model = weighted_cascade(graph_of(3, [(0, 2), (1, 0), (1, 2)]))
    changed = with_probabilities(model, np.array([0.5, 0.0, 0.9]), np.array([0.0, 0.5, 0.9]))
    assert arcs_of(changed.graph) == [(0, 2, 0.5), (1, 2, 0.9)]
    np.testing.assert_array_equal(changed.graph.into.indptr, [0, 0, 0, 2])
    np.testing.assert_array_equal(probabilities(changed), [[0.5, 0.9], [0.5, 0.9]])
    three = np.full(3, 0.5)
    for bad in (three[:2], three * 3, -three, three * np.nan):
        with pytest.raises(UsageError, match="3 probabilities"):
            with_probabilities(model, bad, three)
        with pytest.raises(UsageError, match="3 probabilities"):
            with_probabilities(model, three, bad)


def test_shares_of_a_threshold_stay_within_one() -> None:
    model = linear_threshold(graph_of(3, [(0, 2), (1, 2)]))
    np.testing.assert_allclose(probabilities(model), 0.5)
    with_probabilities(model, np.array([0.4, 0.6]), np.array([0.4, 0.6]))
    with pytest.raises(UsageError, match=r"one account add up to 1\.1"):
        with_probabilities(model, np.array([0.5, 0.6]), np.array([0.5, 0.6]))


def test_models_in_words() -> None:
    model = weighted_cascade(graph_of(2, [(0, 1)]))
    assert model.in_words() == model.sentence
    assert with_hops(model, 1).in_words().endswith("Influence goes 1 step at most.")
    assert with_hops(model, 3).in_words().endswith("Influence goes 3 steps at most.")
    assert with_hops(with_hops(model, 3), None).in_words() == model.sentence
    assert with_hops(CascadeModel("any", model.graph, model.scale), 2).in_words() == (
        "Influence goes 2 steps at most."
    )
