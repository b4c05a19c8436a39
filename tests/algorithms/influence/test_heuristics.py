from __future__ import annotations

import numpy as np
import pytest

from guanxi.algorithms.influence.heuristics import degree_discount, one_step_gain, top_ranked
from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.errors import UsageError
from guanxi.graph.arrays import Int32
from tests.algorithms.influence.exact import arcs_of, graph_of, random_arcs

EVERYONE = np.ones(30, dtype=np.bool_)


def some_model(seed: int, weighted: bool = True) -> CascadeModel:
    return weighted_cascade(
        graph_of(30, random_arcs(np.random.default_rng(seed), 30, 150, weighted))
    )


def slow_probabilities(model: CascadeModel) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    p = np.zeros((model.graph.n, model.graph.n))
    for u, v, weight in arcs_of(model.graph):
        p[u, v] = min(1.0, weight * model.scale[v])
    return p


def one_step_reach(
    p: np.ndarray[tuple[int, int], np.dtype[np.float64]], chosen: list[int]
) -> float:
    missed = (1.0 - p[chosen]).prod(axis=0)
    missed[chosen] = 0.0
    return float((1.0 - missed).sum())


def test_one_step_gain_by_hand() -> None:
    model = weighted_cascade(graph_of(4, [(0, 2), (1, 2), (0, 3)]))
    np.testing.assert_allclose(one_step_gain(model), [1.5, 0.5, 0, 0])
    model = weighted_cascade(graph_of(3, [(0, 2, 3.0), (1, 2, 1.0)]))
    np.testing.assert_allclose(one_step_gain(model), [0.75, 0.25, 0])


@pytest.mark.parametrize("weighted", [False, True])
def test_one_step_gain_equals_a_slow_one(weighted: bool) -> None:
    model = some_model(1, weighted)
    np.testing.assert_allclose(one_step_gain(model), slow_probabilities(model).sum(axis=1))


@pytest.mark.parametrize("seed", range(5))
def test_degree_discount_is_greedy_for_one_step_reach(seed: int) -> None:
    model = some_model(seed)
    p = slow_probabilities(model)
    mask = np.random.default_rng(seed).random(30) < 0.6
    for candidates in (EVERYONE, mask):
        found = degree_discount(model, 8, candidates).tolist()
        chosen: list[int] = []
        for place in range(8):
            gains = {
                v: one_step_reach(p, [*chosen, v])
                for v in np.flatnonzero(candidates).tolist()
                if v not in chosen
            }
            assert gains[found[place]] == pytest.approx(max(gains.values()))
            chosen.append(found[place])


def test_degree_discount_goes_round_the_targets_of_the_chosen() -> None:
    """0 and 1 share their targets; 7 has fewer of its own, and comes second."""
    arcs = [(u, v) for v in (2, 3, 4, 5, 6) for u in (0, 1)] + [(7, 8), (7, 9)]
    model = CascadeModel("always", graph_of(10, arcs), np.ones(10))
    assert degree_discount(model, 3, np.ones(10, dtype=np.bool_)).tolist() == [0, 7, 1]
    assert degree_discount(model, 20, np.arange(10) > 7).tolist() == [8, 9]


def ranking(*accounts: int) -> Int32:
    return np.array(accounts, dtype=np.int32)


def test_top_ranked_takes_candidates_in_order_and_then_by_number() -> None:
    mask = np.array([True, False, True, True, True])
    assert top_ranked(ranking(1, 4, 2), 1, mask).tolist() == [4]
    assert top_ranked(ranking(1, 4, 2), 3, mask).tolist() == [4, 2, 0]
    assert top_ranked(ranking(1, 4, 2), 9, mask).tolist() == [4, 2, 0, 3]
    assert top_ranked(ranking(), 2, mask).tolist() == [0, 2]


def test_rankings_are_checked() -> None:
    for bad in (ranking(5), ranking(-1)):
        with pytest.raises(UsageError, match="outside"):
            top_ranked(bad, 1, np.ones(5, dtype=np.bool_))
    with pytest.raises(UsageError, match="twice"):
        top_ranked(ranking(1, 1), 1, np.ones(5, dtype=np.bool_))
