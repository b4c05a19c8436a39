"""A number in proportion to whole weights, for kernels: exact, and in O(1).

A uniform number below the sum of the weights falls into the slice of one of them. A guide
table over its upper bits says where to begin to look, so about two looks are needed whatever
the weights (H.-C. Chen, Y. Asau, "On generating random variates from an empirical
distribution", AIIE Transactions 6(2), 1974, doi:10.1080/05695557408974949).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.kernels import inline
from guanxi.shared.random import next_uint64

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class WeightedPlaces:
    """`cumulative` int64[l], ascending; `guide` int32[2^g]; `bits`: of the largest number.

    `guide[x >> (bits - g)]` is a place at or before the one that x falls on.
    """

    cumulative: Int64
    guide: Int32
    bits: int


def weighted_places(weights: Int64) -> WeightedPlaces:
    """Prepare positive whole `weights` int64[l], l ≥ 1, with a sum below 2^62.

    >>> import numpy as np
    >>> weighted_places(np.array([3, 1])).cumulative
    array([3, 4])
    """
    cumulative = np.cumsum(weights)
    bits = (int(cumulative[-1]) - 1).bit_length()
    guide_bits = min(bits, (len(weights) - 1).bit_length())
    starts = np.arange(1 << guide_bits, dtype=np.int64) << (bits - guide_bits)
    guide = np.searchsorted(cumulative, starts, side="right").astype(np.int32)
    return WeightedPlaces(cumulative, guide, bits)


@inline
def next_place(state: UInt64, cumulative: Int64, guide: Int32, bits: int) -> Any:
    """A place 0 … l-1, each in proportion to its weight."""
    total = cumulative[len(cumulative) - 1]
    drawn = total
    while drawn >= total:
        drawn = np.int64((next_uint64(state) >> np.uint64(1)) >> np.uint64(63 - bits))
    # The guide has a power of two of entries, so this is the shift by bits less its bits.
    place = np.int64(guide[drawn // ((1 << bits) // len(guide))])
    while cumulative[place] <= drawn:
        place += 1
    return place
