from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from guanxi.algorithms.influence.activity import with_activity
from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.models import (
    CascadeModel,
    linear_threshold,
    uniform,
    weighted_cascade,
)
from guanxi.algorithms.influence.reach import estimate_reach
from guanxi.errors import UsageError
from guanxi.fixtures import Network, generate
from guanxi.graph.arrays import InfluenceGraph, Int32
from tests.algorithms.influence.exact import arcs_of, graph_of


@pytest.fixture(scope="module")
def network() -> Network:
    return generate(3000, seed=7, interactions=0, campaigns=0)


def influence(network: Network) -> InfluenceGraph:
    arcs = zip(network.arcs.followee.tolist(), network.arcs.follower.tolist(), strict=True)
    return graph_of(network.plan.accounts, list(arcs))


def alone(accounts: Int32) -> list[Int32]:
    return [np.array([account], dtype=np.int32) for account in accounts]


def test_an_influencer_with_a_bought_audience_is_worth_what_is_left() -> None:
    """Ten followers each; those of account 1 are half bought."""
    arcs = [(0, v) for v in range(2, 12)] + [(1, v) for v in range(12, 22)]
    activity = np.ones(22)
    activity[12:17] = 0.0
    model = with_activity(weighted_cascade(graph_of(22, arcs)), activity)
    audience = Audience.of(np.ones(22), activity)
    reach = estimate_reach(
        model, alone(np.arange(2, dtype=np.int32)), sets=20_000, audience=audience
    ).reach
    np.testing.assert_allclose(reach, [11, 6], atol=0.2)


def test_bought_accounts_pass_nothing_on_and_half_active_ones_half() -> None:
    arcs = [(0, 1, 2.0), (1, 2, 3.0), (3, 2, 1.0)]
    plain = weighted_cascade(graph_of(4, arcs))
    none = with_activity(plain, np.array([1.0, 0.0, 1.0, 1.0]))
    assert arcs_of(none.graph) == [(0, 1, 1.0), (3, 2, 0.25)]
    half = with_activity(plain, np.array([1.0, 0.5, 1.0, 1.0]))
    assert arcs_of(half.graph) == [(0, 1, 1.0), (1, 2, 0.375), (3, 2, 0.25)]
    np.testing.assert_array_equal(half.graph.into.weights, [1.0, 0.375, 0.25])


def test_the_rule_and_the_horizon_stay() -> None:
    activity = np.array([1.0, 0.5])
    model = with_activity(linear_threshold(graph_of(2, [(0, 1)])), activity)
    assert model.at_most_one
    assert "as far as they are active" in model.sentence
    plain = uniform(graph_of(2, [(0, 1)]), 0.5)
    assert with_activity(plain, np.ones(2)) is plain
    for bad in (np.array([1.0]), np.array([0.5, 2.0])):
        with pytest.raises(UsageError, match="activity"):
            with_activity(plain, bad)


@pytest.mark.parametrize(
    ("rule", "most_kept"), [(weighted_cascade, 0.95), (lambda graph: uniform(graph, 0.02), 0.5)]
)
def test_planted_buyers_fall_and_others_hardly(
    network: Network, rule: Callable[[InfluenceGraph], CascadeModel], most_kept: float
) -> None:
    """Under weighted cascade less, where followers who follow everybody are worth little.

    Bought accounts follow some others too, so as not to be found out.
    """
    model = rule(influence(network))
    buyers = np.concatenate(network.cast.buyers).astype(np.int32)
    activity = np.ones(model.graph.n)
    activity[np.concatenate(network.cast.farms)] = 0.0
    fans = np.bincount(network.arcs.followee, minlength=model.graph.n)
    others = np.setdiff1d(np.argsort(-fans)[20:150], buyers).astype(np.int32)
    lists = alone(np.concatenate([buyers, others]))
    before = estimate_reach(model, lists, seed=1, sets=100_000).reach
    after = estimate_reach(
        with_activity(model, activity),
        lists,
        seed=1,
        sets=100_000,
        audience=Audience.of(np.ones(len(activity)), activity),
    ).reach
    kept = after / before
    assert kept[: len(buyers)].max() < most_kept < np.median(kept[len(buyers) :])
    ranks = [np.argsort(np.argsort(-reach))[: len(buyers)].sum() for reach in (before, after)]
    assert ranks[0] < ranks[1]
