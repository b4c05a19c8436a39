from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.models import weighted_cascade
from guanxi.algorithms.influence.rr_sets import EVERYONE, Roots, Sampler, audience_roots
from guanxi.errors import UsageError
from tests.algorithms.influence.exact import graph_of


def shares_of_roots(sampler: Sampler, sets: int, roots: Roots = EVERYONE) -> np.ndarray:
    parts = sampler.map(3, sets, lambda chunk: chunk.entries[: len(chunk.ends)].copy(), roots=roots)
    return np.bincount(np.concatenate(list(parts)), minlength=sampler.n) / sets


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_weights_of_few_digits_are_kept_exactly(numbers: list[int]) -> None:
    audience = Audience.of(np.array(numbers) / 64)
    np.testing.assert_array_equal(audience.weights, np.array(numbers) / 64)
    assert audience.total == sum(numbers) / 64
    assert audience.weigh(np.array([0])) == numbers[0] / 64


def test_filters_and_everyone() -> None:
    mask = np.array([True, False, True])
    assert Audience.of(mask).total == 2
    assert Audience.of(mask).weigh(~mask) == 0
    assert not Audience.of(mask).is_everyone
    assert Audience.of(np.full(3, 2.5)).is_everyone
    assert Audience.everyone(4).total == 4
    assert Audience.everyone(0).total == 0
    huge = Audience.of(np.array([1e300, 1e300, 1e-300]))
    assert huge.total == 2e300
    assert huge.units[2] == 0


def test_activity_multiplies_the_weight() -> None:
    audience = Audience.of(np.array([4.0, 2.0, 1.0]), np.array([0.5, 0.0, 1.0]))
    np.testing.assert_array_equal(audience.weights, [2, 0, 1])


@pytest.mark.parametrize(
    ("weights", "activity", "says"),
    [
        ([1.0, -0.5], None, "finite numbers of at least 0"),
        ([1.0, np.nan], None, "finite numbers of at least 0"),
        ([1.0, np.inf], None, "finite numbers of at least 0"),
        ([0.0, 0.0], None, "audience is empty"),
        ([], None, "audience is empty"),
        ([1.0, 1.0], [0.0, 0.0], "audience is empty"),
        ([1.0, 1.0], [0.0], "must be 2 numbers"),
        ([1.0, 1.0], [0.0, 1.5], "from 0 to 1"),
        ([1.0, 1.0], [0.0, np.nan], "from 0 to 1"),
    ],
)
def test_what_is_no_audience(weights: list[float], activity: list[float], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Audience.of(np.array(weights), None if activity is None else np.array(activity))


def test_an_audience_must_be_of_the_graph() -> None:
    with pytest.raises(UsageError, match="must have 2 weights"):
        Sampler(weighted_cascade(graph_of(2, [])), audience=Audience.everyone(3))


def test_roots_are_drawn_in_proportion_and_zero_weights_never() -> None:
    weights = np.array([0.0, 1.0, 0.25, 0.0, 7.5, 3.0, 1e-3])
    audience = Audience.of(weights)
    sampler = Sampler(weighted_cascade(graph_of(7, [])), audience=audience)
    assert sampler.total == audience.total == pytest.approx(weights.sum(), rel=1e-15)
    sets = 100_000
    expected = weights / weights.sum()
    error = np.sqrt(expected * (1 - expected) / sets)
    found = shares_of_roots(sampler, sets)
    assert (np.abs(found - expected) <= 4.5 * error).all()
    assert (found[weights == 0] == 0).all()
    some = audience_roots(audience, np.array([0, 2, 5], dtype=np.int32))
    found = shares_of_roots(sampler, sets, some)
    assert found[[0, 1, 3, 4, 6]].sum() == 0
    assert found[2] == pytest.approx(0.25 / 3.25, abs=0.005)


def test_a_filter_draws_from_its_accounts_alike() -> None:
    audience = Audience.of(np.array([True, False, True, True]))
    sampler = Sampler(weighted_cascade(graph_of(4, [])), audience=audience)
    found = shares_of_roots(sampler, 60_000)
    np.testing.assert_allclose(found, np.array([1, 0, 1, 1]) / 3, atol=0.01)


def test_equal_weights_give_the_sets_of_no_audience() -> None:
    model = weighted_cascade(graph_of(4, [(0, 1), (1, 2)]))
    plain, same = Sampler(model), Sampler(model, audience=Audience.of(np.full(4, 0.3)))
    assert np.array_equal(shares_of_roots(plain, 5000), shares_of_roots(same, 5000))
    assert plain.total == 4
    assert same.total == pytest.approx(1.2)
