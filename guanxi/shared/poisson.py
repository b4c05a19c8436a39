"""Poisson numbers for kernels, by inversion.

Whoever draws often keeps `zero` = exp(-mean / poisson_parts(mean)) with the mean, so that a
draw needs no exponential.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.kernels import inline
from guanxi.shared.random import next_float

UInt64 = npt.NDArray[np.uint64]

#: A number with a larger mean is the sum of numbers with at most this mean.
LARGEST_MEAN = 16.0
#: No number with mean 16 exceeds this (probability below 1e-60).
LARGEST_PART = 128


@inline
def poisson_parts(mean: float) -> Any:
    """As a sum of how many numbers a number with this mean is drawn."""
    return np.int64(mean * (1.0 / LARGEST_MEAN)) + 1


@inline
def poisson_at(uniform: float, mean: float, zero: float) -> Any:
    """The Poisson number at `uniform`, 0 … 1, of the distribution function; zero = exp(-mean)."""
    left = uniform
    probability = zero
    number = 0
    while left >= probability and number < LARGEST_PART:
        left -= probability
        number += 1
        probability *= mean / number
    return number


@inline
def next_poisson(state: UInt64, mean: float, zero: float) -> Any:
    """A Poisson number with `mean`, zero = exp(-mean / poisson_parts(mean))."""
    if mean < LARGEST_MEAN:
        return poisson_at(next_float(state), mean, zero)
    parts = poisson_parts(mean)
    number = 0
    for _ in range(parts):
        number += poisson_at(next_float(state), mean / parts, zero)
    return number
