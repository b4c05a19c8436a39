"""One look for the best lists: draw the selection collection, choose, judge, and bound.

A longer search looks again with twice as many RR sets, until the certificates are as good as
wanted, or memory or time ends it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from guanxi.algorithms.influence.bound import LargestSums, Prices, largest_of
from guanxi.algorithms.influence.certificate import (
    Certificate,
    Shares,
    certify,
    least_met,
    lower_reach,
)
from guanxi.algorithms.influence.contest import Contest, Entry
from guanxi.algorithms.influence.coverage import Coverage, draw_coverage
from guanxi.algorithms.influence.judging import Judge, Judged
from guanxi.algorithms.influence.limited_bound import LimitedSums, met_by
from guanxi.algorithms.influence.limits import NO_LIMIT
from guanxi.algorithms.influence.meter import Meter
from guanxi.algorithms.influence.rr_kernel import BLOCK
from guanxi.algorithms.influence.rr_sets import Collection, Sampler
from guanxi.algorithms.influence.selection import GreedyChoice
from guanxi.algorithms.influence.within import LimitedChoice, choose_within
from guanxi.errors import ResourceError
from guanxi.graph.arrays import MILLIONTHS


@dataclass(frozen=True)
class Outcome:
    """What a contest came to: the certificate of the list that won.

    Under a target its ratio is `least_cost` by the cost of the list; `least_cost` is what any
    list that reaches the target costs at least (in accounts, where there are no costs).
    """

    judged: Judged
    certificate: Certificate
    least_cost: float | None


@dataclass(frozen=True)
class Look:
    """The outcomes of all contests from `sets` selection and `judging_sets` judging sets."""

    outcomes: list[Outcome]
    sets: int
    judging_sets: int
    notes: list[str]

    @property
    def ratio(self) -> float:
        """The worst certified ratio."""
        return min(outcome.certificate.ratio for outcome in self.outcomes)


class Search:
    """Looks for the best lists of several contests over the same collections of RR sets.

    All contests have the same included accounts. `failure_probability` is that of all
    certificates together, over `looks` looks.
    """

    def __init__(
        self,
        sampler: Sampler,
        contests: Sequence[Contest],
        failure_probability: float,
        looks: int,
        meter: Meter,
    ) -> None:
        self._sampler, self._contests, self._meter = sampler, contests, meter
        self._shares = Shares(failure_probability, 1, len(contests), looks)

    def look(
        self, sets: int, judging_sets: int, most_members: int, *, halve: bool = True
    ) -> Look | None:
        """Look with `sets` selection sets, which have `most_members` at most.

        A collection that turns out larger is given up for one of half as many sets; that one
        is drawn anew, so the bounds stay independent of having looked. Without `halve`: None.
        """
        wanted = sets
        for attempt in itertools.count():
            coverage = self._draw(Collection.SELECTION + attempt, sets, most_members)
            if coverage is not None:
                return self._decide(coverage, judging_sets, wanted)
            if not halve:
                break
            if sets <= BLOCK:
                raise ResourceError("The RR sets of this graph do not fit into the memory allowed.")
            sets = max(BLOCK, sets // 2)
        return None

    def _draw(self, collection: int, sets: int, most_members: int) -> Coverage | None:
        return draw_coverage(
            self._sampler,
            collection,
            sets,
            most_members=most_members,
            advance=self._meter.advance,
        )

    def _decide(self, coverage: Coverage, judging_sets: int, wanted: int) -> Look:
        sets = coverage.size
        notes = [f"{sets:,} RR sets for the choice instead of {wanted:,}: they turned out larger."]
        judge = Judge(self._sampler, judging_sets, self._shares, self._meter.advance)
        decided = self._contend(coverage, judge)
        outcomes = self._bound(coverage, decided, judge)
        return Look(outcomes, sets, judging_sets, notes if sets < wanted else [])

    def _contend(self, coverage: Coverage, judge: Judge) -> list[Judged]:
        """Choose and judge; where nobody reaches a target, once more without stopping early."""
        goals = [judge.goal(contest) for contest in self._contests]
        enough = [NO_LIMIT if goal is None else goal.enough(coverage.size) for goal in goals]
        while True:
            pairs = zip(self._contests, enough, strict=True)
            fields = [contest.choose(coverage, limit) for contest, limit in pairs]
            decided = judge.decide(self._contests, fields)
            short = [i for i, judged in enumerate(decided) if judged is None]
            if not short:
                return [judged for judged in decided if judged is not None]
            for i in short:
                if enough[i] == NO_LIMIT:
                    raise judge.unreachable(self._contests[i], fields[i])
                enough[i] = NO_LIMIT

    def _bound(self, coverage: Coverage, decided: list[Judged], judge: Judge) -> list[Outcome]:
        """Bound what any list can do; the coverage is used up."""
        met = met_by(coverage, self._contests[0].limits.included)
        pairs = list(zip(self._contests, decided, strict=True))
        reckonings = [
            self._reckoning(coverage, contest, judged, int(met.sum())) for contest, judged in pairs
        ]
        contenders = np.zeros(coverage.n, dtype=np.bool_)
        for reckoning in reckonings:
            if not isinstance(reckoning, int):
                contenders |= reckoning.contenders
        prices = Prices(coverage, contenders, met, self._sampler.threads)
        outcomes = []
        for (contest, judged), reckoning in zip(pairs, reckonings, strict=True):
            if contest.limits.asked.target is not None and isinstance(reckoning, LimitedSums):
                outcomes.append(self._least(contest, judged, reckoning, prices, judge))
                continue
            most = reckoning if isinstance(reckoning, int) else reckoning.tighten(prices)
            certificate = certify(
                met=judged.met[judged.winner],
                judging_sets=judge.sets,
                bound=most + int(met.sum()),
                selection_sets=coverage.size,
                total=self._sampler.total,
                certain=self._sampler.audience.weigh(judged.best.accounts),
                shares=judged.shares,
            )
            if contest.limits.slots == 0:  # there is no other list
                certificate = replace(certificate, ratio=1.0)
            outcomes.append(Outcome(judged, certificate, None))
        return outcomes

    def _reckoning(
        self, coverage: Coverage, contest: Contest, judged: Judged, common: int
    ) -> LargestSums | LimitedSums | int:
        """What bounds a contest; a number, where that is the bound itself. `common`: sets that
        the included accounts meet."""
        choice = _greedy(judged).choice
        if isinstance(choice, GreedyChoice):
            largest = largest_of(coverage, choice, contest.limits.candidates)
            return choice.bound if largest is None else largest
        needed = None
        target = contest.limits.asked.target
        if target is not None:
            total, failure = self._sampler.total, self._shares.upper
            needed = least_met(target, coverage.size, total, failure) - common
            choice = _chosen_as_far(coverage, contest, judged)
        elif choice is None:
            choice = choose_within(coverage, contest.limits)
        return LimitedSums(contest.limits, choice, needed)

    def _least(
        self,
        contest: Contest,
        judged: Judged,
        reckoning: LimitedSums,
        prices: Prices,
        judge: Judge,
    ) -> Outcome:
        """The outcome under a target: what any list that reaches it costs at least."""
        reckoning.tighten(prices)
        limits, total = contest.limits, self._sampler.total
        least = max(0.0, reckoning.least_cost)
        if not limits.priced:
            least = float(ceil(least - 1e-6))
        cost = limits.total_cost(judged.best.accounts) / MILLIONTHS
        least = min(least, cost)
        ratio = least / cost if cost > 0 else 1.0
        met = judged.met[judged.winner]
        certain = self._sampler.audience.weigh(judged.best.accounts)
        lower = max(certain, lower_reach(met, judge.sets, total, judged.shares.lower))
        failure = judged.shares.failure_probability
        return Outcome(judged, Certificate(ratio, lower, total, failure), least)


def _greedy(judged: Judged) -> Entry:
    """The entry that meets the most selection sets, of those chosen for it; or the winner."""
    chosen = [entry for entry in judged.entries if entry.choice is not None]
    return max(chosen, key=_selected, default=judged.best)


def _selected(entry: Entry) -> int:
    return 0 if entry.choice is None else int(entry.choice.gains.sum())


def _chosen_as_far(coverage: Coverage, contest: Contest, judged: Judged) -> LimitedChoice:
    """The cheapest greedy list chosen again, only as far as it was needed for the target."""

    def cost(entry: Entry) -> int:
        return contest.limits.total_cost(entry.accounts)

    chosen = [entry for entry in judged.entries if entry.choice is not None]
    best = min(chosen, key=cost, default=judged.best)
    if not isinstance(best.choice, LimitedChoice):
        return choose_within(coverage, contest.limits)
    enough = int(best.choice.gains[: len(best.accounts)].sum())
    place_cost = best.choice.place_cost
    return choose_within(coverage, contest.limits, place_cost=place_cost, enough=enough)
