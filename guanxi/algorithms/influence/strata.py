"""Roots of reporting RR sets in two strata: accounts of interest, and everyone else.

Accounts that are `listed` are roots so often as is their weight, all others are drawn at
random, so that chance never touches what is certain: that a listed account reaches itself.

Of N sets with listed roots, an account of weight w out of W has N·w/W, rounded up to a whole
number; each of its sets then counts a little less than 1, so that they count N·w/W together.
Sets that count at most 1 scatter at most as much as N·w/W whole ones would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.rr_sets import Roots, Sampler, audience_roots
from guanxi.graph.arrays import Bool, Float64, Int32

#: Each listed account is the root of at least so many RR sets, if that is not too many.
_LEAST_REPEATS = 4


@dataclass(frozen=True)
class Strata:
    """`listed_weight`, `others_weight`: what the two strata weigh. `inside`: the roots of
    `inside_sets` sets, `worth` float64 by listed account: what each of its sets counts;
    `density`: what they count per weight. `outside`: the roots of `outside_sets` others."""

    listed_weight: float
    others_weight: float
    inside: Roots
    inside_sets: int
    worth: Float64
    density: float
    outside: Roots
    outside_sets: int

    @property
    def sets(self) -> int:
        """RR sets to draw in both strata."""
        return self.inside_sets + self.outside_sets


def strata_of(sampler: Sampler, listed: Int32, sets: int) -> Strata:
    """Strata for distinct accounts `listed`; `sets` RR sets for all others."""
    audience = sampler.audience
    unlisted: Bool = np.ones(sampler.n, dtype=np.bool_)
    unlisted[listed] = False
    listed_weight, others_weight = audience.weigh(listed), audience.weigh(unlisted)
    weights = audience.weights[listed]
    count = int(np.count_nonzero(weights))
    among = int(np.count_nonzero(audience.units))
    wanted = count * _repeats(sets, among, count)
    density = wanted / listed_weight if wanted else 1.0
    share = weights * density
    repeats = np.ceil(share).astype(np.int64)
    return Strata(
        listed_weight,
        others_weight,
        Roots(np.repeat(listed, repeats).astype(np.int32), 1),
        int(repeats.sum()),
        share / np.maximum(repeats, 1),
        density,
        audience_roots(audience, np.flatnonzero(unlisted).astype(np.int32)),
        sets if others_weight else 0,
    )


def _repeats(sets: int, n: int, listed: int) -> int:
    proportional = -(-sets // max(n, 1))
    affordable = max(1, sets // max(listed, 1))
    return min(max(_LEAST_REPEATS, proportional), affordable)
