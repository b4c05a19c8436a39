"""The most that accounts of given worth can add up to within limits, from above.

For worths w, a list L that keeps all limits has Σ_{v ∈ L} w_v at most

    θ·slots + λ·budget + Σ_r b_r(y_r) + Σ_v max(0, w_v - θ - λ·cost_v - Σ_{r ∋ v} y_r)

for any θ, λ ≥ 0 and any y, where b_r(y) is y·upper_r for y ≥ 0 and y·lower_r for y < 0: what v
adds is what it adds beyond the prices of its place on the list, of its cost and of its groups,
and the prices of all that the limits allow pay for the rest. At the best multipliers that is
the linear relaxation (the fractional knapsack, where there is only a budget).

They are looked for among the contenders: λ by bisection; for each λ, θ and the y of one
quota exactly, by sorting within the groups; several quotas in turn. The others then have a say
in θ, and in a second λ at which none of them is worth its cost. However good they are, what
comes out is a bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.limits import NO_LIMIT, Limits
from guanxi.graph.arrays import MILLIONTHS, Bool, Float64, Int32, Int64

#: Halvings of the interval of λ, for the first worths and for later ones.
_FIRST_HALVINGS, _HALVINGS = 30, 7
_DOUBLINGS = 30
#: Rounds over quotas, where there are several.
_ROUNDS = 2


@dataclass(frozen=True)
class Relaxed:
    """`value`: the bound. `taken` bool by contender: who adds to it. `rate`: λ, per unit of
    cost; `free`: the bound without the part λ·budget."""

    value: float
    taken: Bool
    rate: float
    free: float


class Relaxation:
    """Bounds for the limits of one list, over the same contenders again and again.

    `contenders` int32: the accounts whose worth changes; all other candidates have the worth
    `others` float64[n]. `budget`: in millionths, or `NO_LIMIT`.
    """

    def __init__(self, limits: Limits, contenders: Int32, others: Float64, budget: int) -> None:
        rules = limits.rules
        self._slots = limits.slots
        self._budget = None if budget >= NO_LIMIT else budget / MILLIONTHS
        self._upper = np.maximum(rules.upper - rules.count, 0)
        self._needs = rules.needs
        outside = limits.candidates.copy()
        outside[contenders] = False
        outside &= others > 0
        self._places = np.flatnonzero(limits.candidates[contenders])
        self._contenders = len(contenders)
        inside = contenders[self._places]
        rest = np.flatnonzero(outside)
        self._cost, self._other_cost = (
            limits.cost[inside] / MILLIONTHS,
            limits.cost[rest] / MILLIONTHS,
        )
        self._groups = [family[inside] for family in rules.families]
        everyone = np.concatenate([inside, rest])
        self._all_cost = limits.cost[everyone] / MILLIONTHS
        self._all_groups = [family[everyone] for family in rules.families]
        self._rest, self._others = rest, others[rest]
        self._y = np.zeros(len(rules.upper) + 1)  # the last one is that of -1, no rule: 0
        self._rate = 0.0

    def highest(self, worth: Float64, others: Float64 | None = None) -> Relaxed:
        """The bound for contenders of worth float64 each; `others`: instead of those given."""
        worth = worth[self._places]
        rest = self._others if others is None else others[self._rest]
        taken = self._search(worth)
        rates = [self._rate]
        if self._budget is not None:
            priced = self._other_cost > 0
            densest = float((rest[priced] / self._other_cost[priced]).max(initial=0.0))
            rates += [densest] * (densest > self._rate)
        free, rate = min(
            ((self._free(worth, rest, rate), rate) for rate in rates),
            key=lambda found: found[0] + found[1] * (self._budget or 0.0),
        )
        marks = np.zeros(self._contenders, dtype=np.bool_)
        marks[self._places[taken]] = True
        return Relaxed(free + rate * (self._budget or 0.0), marks, rate, free)

    def _free(self, worth: Float64, rest: Float64, rate: float) -> float:
        """The bound at λ without the part λ·budget, with the best θ for it."""
        y = self._y[:-1]
        total = float((y * np.where(y > 0, self._upper, self._needs)).sum())
        reduced = np.concatenate([worth, rest]) - rate * self._all_cost
        for group in self._all_groups:
            reduced -= self._y[group]
        reduced = reduced[reduced > 0]
        if len(reduced) > self._slots:  # θ: what the first without a place would add
            last = len(reduced) - self._slots
            reduced = np.partition(reduced, last - 1)
            place, reduced = reduced[last - 1], reduced[last:]
            total += float(place) * self._slots
            reduced -= place
        return total + float(reduced.sum())

    def _search(self, worth: Float64) -> Bool:
        """Set λ and y; return who is taken."""
        rounds = _ROUNDS if len(self._groups) > 1 else 1
        taken = np.zeros(len(worth), dtype=np.bool_)
        for _ in range(rounds):
            for which in range(max(1, len(self._groups))):
                values = worth.copy()
                for other, group in enumerate(self._groups):
                    if other != which:
                        values -= self._y[group]
                taken = self._with_rate(values, which)
        return taken

    def _with_rate(self, values: Float64, which: int) -> Bool:
        """Bisect λ, and solve for θ and the y of quota `which` at it."""
        self._rate = self._best_rate(values, which) if self._budget is not None else 0.0
        return self._take(values - self._rate * self._cost, which, keep=True)

    def _best_rate(self, values: Float64, which: int) -> float:
        """The smallest λ, about, at which those who are taken cost no more than the budget."""
        priced = self._cost > 0
        densest = float((values[priced] / self._cost[priced]).max(initial=0.0))
        if densest <= 0.0 or self._affordable(values, which, 0.0):
            return 0.0
        low, high = 0.0, 2 * densest
        for _ in range(_DOUBLINGS):  # those whom lower bounds make take may be dear
            if self._affordable(values, which, high):
                break
            low, high = high, 2 * high
        halvings = _FIRST_HALVINGS
        if self._rate > 0.0:  # worths move little between two calls
            halvings = _HALVINGS
            for near in (0.8 * self._rate, 1.25 * self._rate):
                if self._affordable(values, which, near):
                    high = min(high, near)
                    break
                low = max(low, near)
        for _ in range(halvings):
            middle = (low + high) / 2
            if self._affordable(values, which, middle):
                high = middle
            else:
                low = middle
        return high

    def _affordable(self, values: Float64, which: int, rate: float) -> bool:
        taken = self._take(values - rate * self._cost, which)
        return self._budget is None or float(self._cost[taken].sum()) <= self._budget

    def _take(self, values: Float64, which: int, *, keep: bool = False) -> Bool:
        """Who is taken for the largest sum of `values` under the number and one quota."""
        must, may = self._by_group(values, which)
        optional = np.flatnonzero(may & ~must & (values > 0))
        room = max(0, self._slots - int(np.count_nonzero(must)))
        place = 0.0
        if len(optional) > room:
            split = np.argpartition(-values[optional], room)
            place = float(values[optional[split[room]]])
            optional = optional[split[:room]]
        taken = must
        taken[optional] = True
        if keep and self._groups:
            self._price_groups(values, which, place)
        return taken

    def _by_group(self, values: Float64, which: int) -> tuple[Bool, Bool]:
        """Whom lower bounds of the quota make take, and whom its upper bounds let take."""
        if not self._groups:
            return np.zeros(len(values), dtype=np.bool_), np.ones(len(values), dtype=np.bool_)
        group, rank = self._ranks(values, which)
        must = np.append(self._needs, 0)[group] > rank
        may = (group < 0) | (np.append(self._upper, 0)[group] > rank)
        return must, may

    def _ranks(self, values: Float64, which: int) -> tuple[Int32, Int64]:
        """The rule of each contender and its rank within, from 0 for the largest value.

        Only those are ranked on whom something may depend: who would add something, and groups
        with a lower bound.
        """
        group = self._groups[which]
        asked = np.flatnonzero((values > 0) | (np.append(self._needs, 0)[group] > 0))
        order = asked[np.lexsort((-values[asked], group[asked]))]
        in_order = group[order]
        rank = np.full(len(values), len(values), dtype=np.int64)
        rank[order] = np.arange(len(order)) - np.searchsorted(in_order, in_order)
        return group, rank

    def _price_groups(self, values: Float64, which: int, place: float) -> None:
        """y: what the next account of a full group would add, or what a needed one lacks."""
        group, rank = self._ranks(values, which)
        mine = group[group >= 0]
        self._y[mine] = 0.0
        above = values - place
        next_one = (group >= 0) & (rank == np.append(self._upper, -1)[group]) & (above > 0)
        last_one = (group >= 0) & (rank == np.append(self._needs, 0)[group] - 1) & (above < 0)
        for found in (next_one, last_one):
            self._y[group[found]] = above[found]
