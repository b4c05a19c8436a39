"""A bound on the RR sets that any list within limits can meet, and on the cost of meeting many.

The prices of `bound`, with the relaxation of `relaxation` in place of the k largest. Two
bounds need no prices: the most that accounts can add up to before anybody is chosen, and the
sets that the list meets with the most that the gains left can add up to.

The least cost: at multiplier λ > 0 a list of cost C meets at most free + λ·C sets, where
`free` is the bound without its part λ·budget. So a list that meets T of them costs at least
(T - free) / λ, whatever the prices and multipliers.
"""

from __future__ import annotations

from math import floor

import numpy as np

from guanxi.algorithms.influence.bound import ONE, Prices, UInt8
from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.limits import NO_LIMIT, Limits
from guanxi.algorithms.influence.relaxation import Relaxation, Relaxed
from guanxi.algorithms.influence.within import LimitedChoice
from guanxi.graph.arrays import Bool, Float64, Int32, Int64

#: Steps of prices: limits need more than a number alone.
_STEPS, _EASE = 32, 0.8
#: A list that is cheaper than the one found costs about this share of it.
_CHEAPER = 0.999
#: Contenders for each lower quota: they are sorted again and again.
_MOST_NEEDED = 1 << 13
#: What sums of floats may be off by, in RR sets.
_SLACK = 1e-3


class LimitedSums:
    """How much accounts can add up to within the limits of one list.

    `contenders` bool[n]: whose sets are priced. `choice`: the best list known. `needed`: sets
    that a list must meet, beside those of the included accounts, for the least cost; the
    budget is then a little less than what `choice` costs, so that multipliers suit such lists.
    """

    def __init__(self, limits: Limits, choice: LimitedChoice, needed: int | None = None) -> None:
        self._limits, self._choice, self._needed = limits, choice, needed
        chosen = choice.accounts[len(limits.included) :]
        self._chosen = chosen
        self._met = int(choice.gains[len(limits.included) :].sum())
        self.spent = int(limits.cost[chosen].sum())
        self.contenders = self._contenders()
        self.least_cost = 0.0
        self._relaxation: Relaxation | None = None

    def _contenders(self) -> Bool:
        """Who gains, for its cost where that decides, as much as the last chosen.

        And of those whom lower quotas are about, the ones who gain the most.
        """
        limits, before = self._limits, self._choice.before
        gains = self._choice.gains[len(limits.included) :]
        divisor = np.ones(limits.n)
        if limits.priced:
            divisor = np.maximum(limits.cost + (self._choice.place_cost or 0.0), 0.5)
        score = np.where(limits.candidates, before / divisor, 0.0)
        least = float((gains / divisor[self._chosen]).min(initial=np.inf))
        contenders = _largest(score, least, limits.n)
        needy = np.append(limits.rules.needs > 0, False)
        for family in limits.rules.families if needy.any() else ():
            needed = np.where(needy[family] & limits.candidates, before, 0)
            contenders |= _largest(needed, 1, _MOST_NEEDED)
        contenders[self._chosen] = True
        return contenders | self._next(score)

    def _next(self, score: Float64) -> Bool:
        """Who would come next if there were room for one more: whose gains set the multipliers.

        As many as have a place and one more, as many as the budget does not pay for, and of
        each group one more than it may have.
        """
        limits = self._limits
        order = np.argsort(-score, kind="stable")
        order = order[score[order] > 0]
        many = min(limits.slots, len(order)) + 1
        if self._budget < NO_LIMIT:
            paid = np.cumsum(limits.cost[order].astype(np.float64)) <= self._budget
            many = max(many, int(np.count_nonzero(paid)) + 1)
        following = np.zeros(limits.n, dtype=np.bool_)
        following[order[:many]] = True
        room = np.append(np.maximum(limits.rules.upper - limits.rules.count, 0), 0)
        for family in limits.rules.families:
            grouped = order[family[order] >= 0]
            grouped = grouped[np.argsort(family[grouped], kind="stable")]
            group = family[grouped]
            rank = np.arange(len(group)) - np.searchsorted(group, group)
            following[grouped[(rank <= room[group]) & (room[group] < limits.n)]] = True
        return following

    @property
    def _budget(self) -> int:
        """In millionths: that of the limits, or a little less than what the choice costs."""
        return self._limits.budget if self._needed is None else int(_CHEAPER * self.spent)

    def most(self, worth: Int64, slot: Int32, given: int) -> tuple[int, Bool]:
        """See `bound.Reckoning.most`."""
        found = self._relax(slot).highest(worth / ONE)
        self._note(found, given / ONE)
        return floor((found.value + _SLACK) * ONE), found.taken

    def bound_without_prices(self, slot: Int32) -> int:
        """The smaller of the two bounds that follow from gains alone."""
        relaxation = self._relax(slot)
        contenders = np.flatnonzero(slot >= 0)
        bounds = []
        for given, worth in ((0, self._choice.before), (self._met, self._choice.left)):
            worths = worth.astype(np.float64)
            found = relaxation.highest(worths[contenders], worths)
            self._note(found, float(given))
            bounds.append(given + floor(found.value + _SLACK))
        return min(bounds)

    def tighten(self, prices: Prices) -> int:
        """The smallest bound found on the sets met, beside those of the included accounts."""
        bound = max(self._met, self.bound_without_prices(prices.slot))
        if bound == self._met and self._needed is None:
            return bound
        return prices.tighten(self, self._chosen, self._met, bound, _STEPS, _EASE)

    def _relax(self, slot: Int32) -> Relaxation:
        if self._relaxation is None:
            others: Float64 = self._choice.before.astype(np.float64)
            contenders = np.flatnonzero(slot >= 0).astype(np.int32)
            self._relaxation = Relaxation(self._limits, contenders, others, self._budget)
        return self._relaxation

    def _note(self, found: Relaxed, given: float) -> None:
        if self._needed is not None and found.rate > 0.0:
            least = (self._needed - _SLACK - given - found.free) / found.rate
            self.least_cost = max(self.least_cost, least)


def _largest(score: Float64 | Int32, least: float, most: int) -> Bool:
    """bool[n]: who has a score above 0 and not below `least`; the `most` largest of them."""
    found = np.flatnonzero((score > 0) & (score >= least))
    if len(found) > most:
        found = found[np.argsort(-score[found], kind="stable")[:most]]
    mask = np.zeros(len(score), dtype=np.bool_)
    mask[found] = True
    return mask


def met_by(coverage: Coverage, accounts: Int32) -> UInt8:
    """uint8[θ]: 1 for the RR sets that some of `accounts` are in."""
    met = np.zeros(coverage.size, dtype=np.uint8)
    for account in accounts.tolist():
        met[coverage.sets[coverage.indptr[account] : coverage.indptr[account + 1]]] = 1
    return met
