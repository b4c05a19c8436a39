"""Who wins a contest: decided by RR sets that took no part in making any of the lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from guanxi.algorithms.influence.certificate import Shares
from guanxi.algorithms.influence.contest import Contest, Entry, Goal
from guanxi.algorithms.influence.lists import ListIndex
from guanxi.algorithms.influence.rr_sets import Collection, Sampler
from guanxi.errors import UsageError
from guanxi.graph.arrays import Float64
from guanxi.wording import agree


@dataclass(frozen=True)
class Judged:
    """A contest after the decision: its entries, the number of the winner, and how many of the
    judging sets each entry meets. `shares`: what the lower bounds were divided by.
    """

    entries: list[Entry]
    winner: int
    met: list[int]
    shares: Shares

    @property
    def best(self) -> Entry:
        """The entry that won."""
        return self.entries[self.winner]


@dataclass(frozen=True)
class Judge:
    """Looks at `sets` RR sets of the judging collection, again and again if need be."""

    sampler: Sampler
    sets: int
    shares: Shares
    advance: Callable[[int], None]

    def goal(self, contest: Contest) -> Goal | None:
        """The target of a contest on this collection."""
        target = contest.limits.asked.target
        return None if target is None else Goal(target, self.sampler.total, self.sets)

    def decide(
        self, contests: Sequence[Contest], fields: Sequence[Sequence[Entry]]
    ) -> list[Judged | None]:
        """Who wins each contest of `fields`; None where no entry reaches the target."""
        entries = [entry for field in fields for entry in field]
        lists = [entry.accounts for entry in entries]
        index = ListIndex(lists, self.sampler.n, most_paired=0)
        first = index.meetings(
            self.sampler, Collection.JUDGING, self.sets, advance=self.advance
        ).first
        # A beginning that falsely seems to reach a target does so together with the longest one
        # that does not reach it, as counts only grow: one bound for each list is enough.
        shares = replace(self.shares, lists=len(lists))
        decided: list[Judged | None] = []
        for contest, field in zip(contests, fields, strict=True):
            mine, first = first[: len(field)], first[len(field) :]
            goal = self.goal(contest)
            if goal is None:
                met = [int(counts.sum()) for counts in mine]
                decided.append(Judged(list(field), int(np.argmax(met)), met, shares))
            else:
                decided.append(self._cheapest(contest, field, mine, goal, shares))
        return decided

    def _cheapest(
        self,
        contest: Contest,
        field: Sequence[Entry],
        first: list[Float64],
        goal: Goal,
        shares: Shares,
    ) -> Judged | None:
        """Shorten all lists to what reaches the target; the cheapest wins, then the shortest."""
        weights = self.sampler.audience.weights
        needed = goal.met(shares.lower)
        entries, met = [], []
        for entry, counts in zip(field, first, strict=True):
            certain = np.cumsum(weights[entry.accounts])
            accounts = contest.shorten(entry.accounts, counts, needed, certain)
            if accounts is not None:
                entries.append(replace(entry, accounts=accounts))
                met.append(int(counts[: len(accounts)].sum()))
        if not entries:
            return None
        costs = [
            (contest.limits.total_cost(entry.accounts), len(entry.accounts)) for entry in entries
        ]
        return Judged(entries, min(range(len(entries)), key=costs.__getitem__), met, shares)

    def unreachable(self, contest: Contest, field: Sequence[Entry]) -> UsageError:
        """The sentence for a target that no list was found to reach."""
        limits, target = contest.limits, contest.limits.asked.target or 0.0
        index = ListIndex([entry.accounts for entry in field], self.sampler.n, most_paired=0)
        found = index.meetings(self.sampler, Collection.JUDGING, self.sets)
        best = max(float(counts.sum()) for counts in found.first) * self.sampler.total / self.sets
        who = "the best list found reaches"
        if len(field[0].accounts) == limits.possible:
            everyone = f"all {limits.possible:,} candidates together reach"
            who = agree(limits.possible, "the only candidate reaches", everyone)
        return UsageError(
            f"No list surely reaches the target of {target:,.15g} within the limits: {who} about "
            f"{best:,.1f}."
        )
