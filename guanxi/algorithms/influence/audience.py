"""Whom a campaign wants to reach, and what each of them is worth.

Reach counts accounts. With an audience it is the expected weight of the accounts met,

    reach(list) = Σ_v w(v) · P(list activates v),

and RR sets begin at an account with probability w(v) / Σ w. Accounts that count nothing
(weight 0: outside the audience, won already) are never roots; they still pass influence on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import frexp, ldexp

import numpy as np
import numpy.typing as npt

from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Float64, Int64

#: The units of a whole audience add up to less than 2 to this power.
_MOST_BITS = 61


@dataclass(frozen=True)
class Audience:
    """What reaching each account is worth, in whole numbers so that sums are exact.

    Account v weighs `units[v]` · 2^-`exponent`; `units` int64[n], with a sum below 2^61.
    Make one by `Audience.of`, or `Audience.everyone` for a weight of 1 each.
    """

    units: Int64
    exponent: int

    @classmethod
    def everyone(cls, n: int) -> Audience:
        """Each of `n` accounts weighs 1."""
        return cls(np.ones(n, dtype=np.int64), 0)

    @classmethod
    def of(
        cls, weights: npt.NDArray[np.generic], activity: npt.NDArray[np.generic] | None = None
    ) -> Audience:
        """An audience of `weights` float64[n] ≥ 0 (or bool[n]: 1 and 0), each times `activity`.

        `activity` float64[n], 0 … 1: how much of each account is a live person. A bought
        follower is worth nothing to reach, whatever the audience says; `with_activity` of
        `guanxi.algorithms.influence.activity` keeps it from passing influence on.

        Weights are rounded to about n · 2^-61 of the largest one; smaller ones count nothing.

        Raises UsageError for weights that are negative or not finite, an activity outside
        0 … 1, arrays of different length, and where all weights are zero.

        >>> import numpy as np
        >>> audience = Audience.of(np.array([2.0, 0.0, 0.5]), np.array([0.5, 1.0, 1.0]))
        >>> audience.weights, audience.total
        (array([1. , 0. , 0.5]), 1.5)
        """
        worth = np.array(weights, dtype=np.float64)
        if worth.ndim != 1 or not (np.isfinite(worth).all() and (worth >= 0.0).all()):
            raise UsageError("The weights of the audience must be finite numbers of at least 0.")
        if activity is not None:
            worth = worth * checked_activity(activity, len(worth))
        largest = float(worth.max(initial=0.0))
        if largest == 0.0:
            raise UsageError("The audience is empty: every account in it has a weight of zero.")
        exponent = _MOST_BITS - frexp(largest)[1] - len(worth).bit_length()
        return cls(np.rint(np.ldexp(worth, exponent)).astype(np.int64), exponent)

    @property
    def n(self) -> int:
        """Number of accounts of the graph."""
        return len(self.units)

    @property
    def weights(self) -> Float64:
        """float64[n]: what each account weighs, as it is counted."""
        return np.ldexp(self.units.astype(np.float64), -self.exponent)

    @property
    def total(self) -> float:
        """Σ w: the reach of a list that activates everyone."""
        return self.weigh(slice(None))

    def weigh(self, accounts: npt.NDArray[np.integer] | Bool | slice) -> float:
        """Σ w over distinct accounts (numbers or a mask)."""
        return ldexp(int(self.units[accounts].sum()), -self.exponent)

    @property
    def is_everyone(self) -> bool:
        """Whether all accounts weigh the same, so that any of them is a root as often."""
        return not len(self.units) or bool((self.units == self.units[0]).all())


def checked_activity(activity: npt.NDArray[np.generic], n: int) -> Float64:
    """`activity` as float64[n]; UsageError where it is none."""
    share = np.asarray(activity, dtype=np.float64)
    if share.shape != (n,):
        raise UsageError(f"The activity must be {n:,} numbers, one for each account.")
    if not ((share >= 0.0) & (share <= 1.0)).all():
        raise UsageError("The activity of an account must be a number from 0 to 1.")
    return share
