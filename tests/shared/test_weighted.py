from __future__ import annotations

import numpy as np
import pytest

from guanxi.graph.arrays import Int64
from guanxi.kernels import kernel
from guanxi.shared.random import seed_stream
from guanxi.shared.weighted import next_place, weighted_places


@kernel
def _draw(cumulative: Int64, guide: np.ndarray, bits: int, seed: int, drawn: Int64) -> None:
    state = np.empty(2, dtype=np.uint64)
    seed_stream(state, seed, 0, 0)
    for i in range(len(drawn)):
        drawn[i] = next_place(state, cumulative, guide, bits)


def draw(weights: list[int], times: int, seed: int = 0) -> Int64:
    places = weighted_places(np.array(weights, dtype=np.int64))
    drawn = np.empty(times, dtype=np.int64)
    _draw(places.cumulative, places.guide, places.bits, seed, drawn)
    return drawn


@pytest.mark.parametrize(
    "weights", [[1], [5], [1, 1], [3, 1], [1, 2, 3, 4, 5], [1000, 1, 1, 1, 1, 1, 1], [7] * 33]
)
def test_the_guide_never_begins_too_late(weights: list[int]) -> None:
    """Every number below the sum falls on the place whose slice holds it."""
    places = weighted_places(np.array(weights, dtype=np.int64))
    width = (1 << places.bits) // len(places.guide)
    for number, place in enumerate(np.repeat(np.arange(len(weights)), weights)):
        begin = places.guide[number // width]
        assert begin <= place
        assert (places.cumulative[begin:] > number).argmax() + begin == place


def test_places_come_in_proportion_to_their_weights() -> None:
    weights = [1, 50, 3, 1, 1, 200, 44, 0x1000, 12]
    times = 200_000
    share = np.bincount(draw(weights, times), minlength=len(weights)) / times
    expected = np.array(weights) / sum(weights)
    error = np.sqrt(expected * (1 - expected) / times)
    assert (np.abs(share - expected) <= 4.5 * error).all()
    assert not np.array_equal(draw(weights, 50), draw(weights, 50, seed=1))


def test_large_and_single_weights() -> None:
    assert set(draw([1], 10).tolist()) == {0}
    assert set(draw([1 << 61], 10).tolist()) == {0}
    half = draw([(1 << 60) + 1, 1, (1 << 60) - 1], 20_000)
    assert abs((half == 0).mean() - 0.5) < 0.02
    assert 1 not in half
