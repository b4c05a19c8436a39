from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from guanxi.kernels import kernel
from guanxi.shared.poisson import next_poisson, poisson_parts
from guanxi.shared.random import seed_stream


@kernel
def draw(mean: float, zero: float, numbers: npt.NDArray[np.int64]) -> None:
    state = np.empty(2, dtype=np.uint64)
    seed_stream(state, 5, 0, 0)
    for i in range(len(numbers)):
        numbers[i] = next_poisson(state, mean, zero)


@pytest.mark.parametrize("mean", [0.0, 0.01, 1.0, 7.5, 15.99, 16.0, 40.0, 300.0])
def test_distribution(mean: float) -> None:
    numbers = np.empty(100_000, dtype=np.int64)
    draw(mean, float(np.exp(-mean / int(poisson_parts(mean)))), numbers)
    values = np.arange(numbers.max() + 1)
    found = np.cumsum(np.bincount(numbers)) / len(numbers)
    assert np.abs(found - stats.poisson.cdf(values, mean)).max() < 0.006
