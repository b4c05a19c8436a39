"""Constraints as arrays: what the selection kernels and the bounds work with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.constraints import Constraints, check_shapes
from guanxi.algorithms.influence.contradictions import (
    Rules,
    check_affordable,
    check_included,
    check_rules,
)
from guanxi.algorithms.influence.reserve import reserved
from guanxi.errors import UsageError
from guanxi.graph.arrays import MILLIONTHS, Bool, Float64, Int32, Int64
from guanxi.wording import agree, counted

#: A budget, a number or an upper bound that nothing reaches.
NO_LIMIT = 1 << 60
#: A cost above this many units could overflow sums of millionths.
_DEAREST = 1e9
_ALL = _DEAREST * MILLIONTHS


@dataclass(frozen=True)
class Limits:
    """Constraints that were checked, with the included accounts already counted.

    `candidates` bool[n]: who may be chosen; never an included account nor one that alone
    breaks a limit. `slots`: how many may be chosen. `cost` int64[n] and `budget` in millionths;
    where `priced` is false all costs are alike: 0, or 1 under a target. `rules`: the groups of
    all quotas. `reserve` int32: accounts with which the lower quotas can be met. `possible`:
    how many could be listed if there were neither a budget nor quotas. `notes`: what the user
    should know.
    """

    asked: Constraints
    candidates: Bool
    included: Int32
    slots: int
    cost: Int64
    budget: int
    priced: bool
    rules: Rules
    reserve: Int32
    possible: int
    notes: list[str]

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.candidates)

    @property
    def plain(self) -> bool:
        """Whether only the number of accounts and the candidates are limited."""
        limited = self.priced or len(self.included) or len(self.rules.upper)
        return not limited and self.asked.target is None

    @property
    def factor(self) -> tuple[float, str] | None:
        """What greedy is proven to reach of the best coverage, and the source; None: nothing.

        1 - 1/e under a number, 1 - 1/√e under a budget (the better of greedy by gain for its
        cost and the best single account), 1/2 under upper quotas whose groups are disjoint,
        with or without a number (a truncated partition matroid).
        """
        rules = self.rules
        quotas = len(rules.upper) > 0
        if self.asked.target is not None:
            return None
        limited = self.slots < int(np.count_nonzero(self.candidates))
        if quotas and (rules.lower.any() or len(rules.families) > 1 or self.priced):
            return None
        if quotas:
            return 0.5, "Fisher, Nemhauser, Wolsey 1978, doi:10.1007/BFb0121195"
        if self.priced:
            if limited:
                return None
            factor = float(1 - np.exp(-0.5))
            return factor, "Khuller, Moss, Naor 1999, doi:10.1016/S0020-0190(99)00031-9"
        factor = float(1 - np.exp(-1.0))
        return factor, "Nemhauser, Wolsey, Fisher 1978, doi:10.1007/BF01588971"

    def spent(self, accounts: Int32) -> Float64:
        """float64: what the first 1, 2, … accounts of a list cost, the included ones nothing."""
        free = np.isin(accounts, self.included)
        return np.cumsum(np.where(free, 0, self.cost[accounts])) / MILLIONTHS

    def replacements(self, accounts: Int32, place: int) -> Bool:
        """bool[n]: who may take the place of the chosen account `accounts[place]` in the list."""
        rules, listed = self.rules, accounts[np.arange(len(accounts)) != place]
        chosen = listed[~np.isin(listed, self.included)]
        count = rules.count + rules.tally(chosen)
        may: Bool = self.candidates & (self.cost <= self.budget - self.cost[chosen].sum())
        may &= ~rules.full(count)
        for rule in np.flatnonzero(count < rules.lower):
            may &= np.logical_or.reduce([family == rule for family in rules.families])
        may[accounts] = False
        return may

    def additions(self, accounts: Int32) -> Bool:
        """bool[n]: who may be added to a list, the lower quotas left aside."""
        chosen = accounts[~np.isin(accounts, self.included)]
        count = self.rules.count + self.rules.tally(chosen)
        may: Bool = self.candidates & (self.cost <= self.budget - self.cost[chosen].sum())
        may &= ~self.rules.full(count)
        may[accounts] = False
        return may

    def total_cost(self, accounts: Int32) -> int:
        """What a list costs in millionths, the included accounts left out."""
        return int(self.cost[accounts[~np.isin(accounts, self.included)]].sum())

    def price(self, accounts: Int32) -> float | None:
        """What a list costs, the included accounts left out, whether or not costs limit it.

        None where there are no costs, or one of them is not known.
        """
        if self.asked.cost is None:
            return None
        found = float(self.asked.cost[accounts[~np.isin(accounts, self.included)]].sum())
        return None if np.isnan(found) else round(found, 6)

    def allow(self, accounts: Int32) -> bool:
        """Whether a list that holds all included accounts keeps every limit."""
        chosen = accounts[~np.isin(accounts, self.included)]
        count = self.rules.count + self.rules.tally(chosen)
        return bool(
            len(chosen) <= self.slots
            and self.cost[chosen].sum() <= self.budget
            and self.candidates[chosen].all()
            and (count <= self.rules.upper).all()
            and (count >= self.rules.lower).all()
        )


def settle(constraints: Constraints, n: int) -> Limits:
    """Check `constraints` on a graph of `n` accounts and turn them into arrays.

    With fewer candidates than `k` all of them may be chosen, and a note says so; candidates
    without a known cost are left out under a budget, and a note says how many.

    Raises UsageError, with the reason in one sentence, where no list can keep them.
    """
    check_shapes(constraints, n)
    included = _included(constraints)
    candidates = np.ones(n, dtype=np.bool_)
    for mask, kept in ((constraints.candidates, True), (constraints.excluded, False)):
        if mask is not None:
            candidates &= np.asarray(mask) == kept
    candidates[included] = False
    notes: list[str] = []
    cost, priced = _costs(constraints, candidates, notes)
    possible = int(np.count_nonzero(candidates)) + len(included)
    if possible == 0:
        raise UsageError("There is no account that may be chosen.")
    if constraints.k is not None and constraints.k > possible:
        free = constraints.budget is None and not constraints.quotas
        all_of_them = (
            "the only candidate is" if possible == 1 else f"all {possible:,} candidates are"
        )
        outcome = f"{all_of_them} chosen." if free else f"only {possible:,} may be on the list."
        asked = agree(constraints.k, "was", "were")
        notes.append(f"{counted(constraints.k, 'account')} {asked} asked for; {outcome}")
    slots = NO_LIMIT if constraints.k is None else constraints.k - len(included)
    if slots < 0:
        raise UsageError(
            f"{len(included):,} accounts are included, and the list may have {constraints.k:,}."
        )
    slots = min(slots, int(np.count_nonzero(candidates)))
    rules = Rules.of(constraints.quotas, included, n)
    check_included(rules)
    candidates &= ~rules.full(rules.count)
    check_rules(rules, candidates, slots)
    budget = NO_LIMIT
    if constraints.budget is not None:
        if constraints.budget > _DEAREST and cost[candidates].sum(dtype=np.float64) > _ALL:
            raise UsageError(
                f"The budget, {constraints.budget:,.0f}, is above {_DEAREST:,.0f}, the most that "
                "is counted: give costs and budget in thousands or millions."
            )
        budget = round(min(constraints.budget, _DEAREST) * MILLIONTHS)
        check_affordable(rules, candidates, cost, budget)
        candidates &= cost <= budget
        check_rules(rules, candidates, slots)
    reserve = reserved(rules, candidates, cost, slots, budget)
    return Limits(
        constraints,
        candidates,
        included,
        slots,
        cost,
        budget,
        priced,
        rules,
        reserve,
        possible,
        notes,
    )


def _included(constraints: Constraints) -> Int32:
    given = np.asarray(constraints.included, dtype=np.int32)
    first = np.sort(np.unique(given, return_index=True)[1])
    included = given[first]
    excluded = constraints.excluded
    if excluded is not None and excluded[included].any():
        both = int(np.count_nonzero(excluded[included]))
        raise UsageError(
            f"{counted(both, 'account')} {agree(both, 'is', 'are')} both included and excluded."
        )
    return included


def _costs(constraints: Constraints, candidates: Bool, notes: list[str]) -> tuple[Int64, bool]:
    """Costs in millionths; takes candidates without a cost out of the mask."""
    n = len(candidates)
    priced = constraints.cost is not None and (
        constraints.budget is not None or constraints.target is not None
    )
    if not priced or constraints.cost is None:
        each = 0 if constraints.target is None else MILLIONTHS  # the shortest list is wanted
        return np.full(n, each, dtype=np.int64), False
    given = np.asarray(constraints.cost)
    wrong = candidates & ((given < 0) | np.isinf(given))
    bad = int(np.count_nonzero(wrong))
    if bad:
        raise UsageError(
            f"{bad:,} of the candidates {agree(bad, 'has', 'have')} a cost that is negative or "
            f"infinite, the first of them {given[np.flatnonzero(wrong)[0]]}."
        )
    dear = int(np.count_nonzero(candidates & (given > _DEAREST)))
    if dear:
        raise UsageError(
            f"{dear:,} of the candidates {agree(dear, 'costs', 'cost')} more than {_DEAREST:,.0f}, "
            "the most that is counted: give costs and budget in thousands or millions."
        )
    missing = candidates & np.isnan(given)
    number, before = int(np.count_nonzero(missing)), int(np.count_nonzero(candidates))
    if number and number == before:
        raise UsageError(
            "The only candidate has no cost."
            if before == 1
            else f"None of the {before:,} candidates has a cost."
        )
    if number:
        notes.append(
            f"{number:,} of {before:,} candidates {agree(number, 'has', 'have')} no cost and "
            f"{agree(number, 'is', 'are')} left out of the choice."
        )
        candidates &= ~missing
    known = np.where(candidates, given, 0.0)
    return np.rint(np.minimum(known, _DEAREST) * MILLIONTHS).astype(np.int64), True
