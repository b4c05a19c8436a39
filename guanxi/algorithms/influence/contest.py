"""The lists that compete for one set of limits: greedy ones, and simple ones to beat.

Under a target each list is an order, and what competes is its shortest beginning that
reaches the target; the cheapest of them wins. Otherwise the list with the largest reach wins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from guanxi.algorithms.influence.certificate import lower_reach
from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.heuristics import degree_discount, one_step_gain, top_ranked
from guanxi.algorithms.influence.limits import NO_LIMIT, Limits
from guanxi.algorithms.influence.models import CascadeModel
from guanxi.algorithms.influence.selection import GreedyChoice, choose_greedily
from guanxi.algorithms.influence.within import (
    LimitedChoice,
    choose_for_cost,
    choose_within,
    take_in_order,
)
from guanxi.graph.arrays import Float64, Int32

#: The list that is chosen for coverage, among the lists that compete, and the one for its cost.
GREEDY, FOR_COST = "greedy coverage", "greedy coverage for the cost"
#: Under a budget or a target, degree discount ranks at most so many accounts.
_MOST_DISCOUNTED = 1 << 14


@dataclass(frozen=True)
class Entry:
    """One competing list; `choice`: how it was chosen on the selection collection, if so."""

    name: str
    accounts: Int32
    choice: GreedyChoice | LimitedChoice | None = None


@dataclass(frozen=True)
class Goal:
    """A target on the judging collection: the lower bound of reach must not be below it.

    `total`: weight of the audience; `sets`: of the judging collection.
    """

    target: float
    total: float
    sets: int

    def met(self, failure: float) -> int:
        """How many judging sets a list has to meet; more than there are: no list can."""
        numbers = range(self.sets + 1)

        def reaches(met: int) -> bool:
            return lower_reach(met, self.sets, self.total, failure) >= self.target

        return bisect_left(numbers, True, key=reaches)

    def enough(self, selection_sets: int) -> int:
        """Selection sets after which a greedy list surely need not go on, with room for luck."""
        met = self.met(1e-12) * selection_sets / self.sets
        return int(1.03 * met + 6.0 * sqrt(met)) + 1


class Contest:
    """The competitors for one set of limits.

    `rankings`: accounts int32, best first, by name; they compete beside one-step gain and
    degree discount. `weights` float64[n]: of the audience.
    """

    def __init__(
        self,
        limits: Limits,
        model: CascadeModel,
        rankings: Mapping[str, Int32],
        weights: Float64 | None,
    ) -> None:
        self.limits = limits
        k, candidates = limits.slots, limits.candidates
        by_gain = np.argsort(-one_step_gain(model, weights), kind="stable").astype(np.int32)
        discounted = k if limits.plain else min(k, _MOST_DISCOUNTED)
        self._simple = [
            *(Entry(name, self.take(ranking)) for name, ranking in rankings.items()),
            Entry("one-step gain", self.take(by_gain)),
            Entry(
                "degree discount",
                self.take(degree_discount(model, discounted, candidates, weights)),
            ),
        ]

    def take(self, ranking: Int32) -> Int32:
        """The list that a ranking gives within the limits: whoever fits, best first."""
        chosen = top_ranked(ranking, self.limits.slots, self.limits.candidates)
        if self.limits.plain:
            return chosen
        return take_in_order(np.asarray(ranking, dtype=np.int32), self.limits)

    def choose(self, coverage: Coverage, enough: int = NO_LIMIT) -> list[Entry]:
        """All competing lists; the greedy ones from `coverage`."""
        limits = self.limits
        if limits.plain:
            greedy = choose_greedily(coverage, limits.slots, limits.candidates)
            return [Entry(GREEDY, greedy.accounts, greedy), *self._simple]
        choices = {GREEDY: choose_within(coverage, limits, enough=enough)}
        if limits.priced:
            choices[FOR_COST] = choose_for_cost(coverage, limits, enough)
        chosen = [Entry(name, choice.accounts, choice) for name, choice in choices.items()]
        return [*chosen, *self._simple]

    def shorten(self, accounts: Int32, met: Float64, goal: int, certain: Float64) -> Int32 | None:
        """The shortest beginning of a list that reaches the target, completed for the quotas.

        `met` float64 by place: judging sets that the place is the first to meet; `certain`:
        whether the beginning up to there weighs as much as the target. None: none does.
        """
        reaches = (np.cumsum(met) >= goal) | (certain >= (self.limits.asked.target or 0.0))
        reaches[: max(len(self.limits.included) - 1, 0)] = False
        found = np.flatnonzero(reaches)
        if not len(found):
            return None
        return self._completed(accounts, int(found[0]) + 1)

    def _completed(self, accounts: Int32, size: int) -> Int32:
        """The first `size` accounts with those of the reserve that the lower quotas still need."""
        rules = self.limits.rules
        begun = accounts[:size]
        count = rules.count + rules.tally(begun[len(self.limits.included) :])
        added = []
        for account in self.limits.reserve[~np.isin(self.limits.reserve, begun)].tolist():
            mine = [int(family[account]) for family in rules.families if family[account] >= 0]
            if any(count[rule] < rules.lower[rule] for rule in mine):
                count[mine] += 1
                added.append(account)
        completed = np.concatenate([begun, np.array(added, dtype=np.int32)])
        return completed if self.limits.allow(completed) else accounts
