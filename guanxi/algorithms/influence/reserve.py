"""Accounts that meet the lower quotas together, held in reserve while others are chosen.

Where quotas overlap, finding them is a set cover problem. Three greedy orders come first, which
nearly always find some; where they do not, an integer program says whether there are any: how
many accounts to take of each kind, alike in all groups and in cost.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from guanxi.algorithms.influence.contradictions import UNBOUNDED, Rules, money, named
from guanxi.algorithms.influence.integer_program import IntegerProgram, Solved, solve
from guanxi.errors import UsageError
from guanxi.graph.arrays import MILLIONTHS, Bool, Float64, Int32, Int64
from guanxi.wording import agree, counted

#: A program with more numbers than this in its matrix is not tried.
_LARGEST = 1 << 22


def reserved(rules: Rules, candidates: Bool, cost: Int64, slots: int, budget: int) -> Int32:
    """int32: candidates that meet all lower bounds within all limits, dearest first.

    Raises UsageError where there are none, or, in a sentence of its own, where the search for
    them would have taken too long.
    """
    if not rules.needs.any():
        return np.empty(0, dtype=np.int32)
    for order in ("cheapest", "scarcest", "broadest"):
        found = _collect(rules, candidates, cost, order)
        if found is None:
            continue
        found = _without_needless(rules, found, cost)
        if len(found) <= slots and int(cost[found].sum()) <= budget:
            return found
    found = _by_program(rules, candidates, cost, slots, budget)
    if found is None:
        raise UsageError(
            "No list was found that meets all quotas, the number and the budget together: ease "
            "one of the quotas."
        )
    return _without_needless(rules, found, cost)


def _by_program(
    rules: Rules, candidates: Bool, cost: Int64, slots: int, budget: int
) -> Int32 | None:
    """Accounts within all limits; UsageError where there surely are none, None if unknown."""
    names, number = named(rules, rules.needs > 0)
    quotas = f"{agree(number, 'quota', 'quotas')} {names}"
    together = agree(number, "", " together")
    unmet = f"No list within the limits can meet the {quotas}{together}."
    kinds = _Kinds(rules, candidates, np.zeros_like(cost))
    solved = kinds.solve(slots, None)
    if solved is not None and solved.x is None and solved.proven:
        needed = solved.least - 1e-6
        if slots < needed < np.inf:
            raise UsageError(
                f"The {quotas} {agree(number, 'needs', 'need')} {counted(ceil(needed), 'account')}"
                f"{together}, and only {slots:,} can still be put on the list."
            )
        raise UsageError(unmet)
    if budget < UNBOUNDED:
        kinds = _Kinds(rules, candidates, cost)
        solved = kinds.solve(slots, budget)
        if solved is not None and solved.x is None and solved.proven:
            least = round(solved.least * MILLIONTHS)
            if least > budget:
                raise UsageError(
                    f"The {quotas} {agree(number, 'costs', 'cost')} {money(least)} at the very "
                    f"least, and the budget is {money(budget)}."
                )
            raise UsageError(unmet)
    if solved is None or solved.x is None:
        return None
    found = kinds.accounts(solved.x)
    # Sums of prices in floats may round: what is handed on keeps the limits exactly.
    return found if len(found) <= slots and int(cost[found].sum()) <= budget else None


class _Kinds:
    """Candidates that some rule needs, by kind: alike in all groups and in cost."""

    def __init__(self, rules: Rules, candidates: Bool, cost: Int64) -> None:
        needs = np.append(rules.needs, 0)
        wanted = np.max([needs[family] for family in rules.families], axis=0)
        pool = np.flatnonzero(candidates & (wanted > 0)).astype(np.int32)
        pool = pool[np.lexsort((pool, cost[pool]))]
        groups = np.column_stack([family[pool] for family in rules.families])
        # Of those in the same groups a list without needless accounts has no more than any of
        # their rules needs; the cheapest are as good as any.
        alike = np.unique(groups, axis=0, return_inverse=True)[1].reshape(-1)
        order = np.argsort(alike, kind="stable")
        rank = np.empty(len(pool), dtype=np.int64)
        rank[order] = np.arange(len(pool)) - np.searchsorted(alike[order], alike[order])
        kept = rank < wanted[pool]
        self._rules, self._pool = rules, pool[kept]
        keys = np.column_stack([groups[kept], cost[self._pool]])
        self._kinds, kind = np.unique(keys, axis=0, return_inverse=True)
        self._kind = kind.reshape(-1)
        self._number = np.bincount(self._kind, minlength=len(self._kinds))

    def solve(self, slots: int, budget: int | None) -> Solved | None:
        """Within a number, or within a budget as well; None where that is too large a program."""
        rules = self._rules
        room = rules.upper - rules.count
        binding = np.flatnonzero((rules.needs > 0) | (rules.tally(self._pool) > room))
        if (len(binding) + 1) * len(self._kinds) > _LARGEST:
            return None
        groups = self._kinds[:, :-1]
        matrix = np.ones((len(binding) + 1, len(self._kinds)))
        for row, rule in enumerate(binding.tolist()):
            matrix[row] = (groups == rule).any(axis=1)
        low = np.append(rules.needs[binding], 0).astype(np.float64)
        high = np.append(np.minimum(room[binding], UNBOUNDED), slots).astype(np.float64)
        cost: Float64 = np.ones(len(self._kinds))
        if budget is not None:
            cost = self._kinds[:, -1] / MILLIONTHS
        limit = slots if budget is None else budget / MILLIONTHS
        if budget is None:
            matrix, low, high = matrix[:-1], low[:-1], high[:-1]
        return solve(IntegerProgram(matrix, low, high, self._number, cost), limit)

    def accounts(self, x: Int64) -> Int32:
        """So many accounts of each kind."""
        order = np.argsort(self._kind, kind="stable")
        in_order = self._kind[order]
        rank = np.arange(len(order)) - np.searchsorted(in_order, in_order)
        found: Int32 = self._pool[order[rank < x[in_order]]]
        return found


def _collect(rules: Rules, candidates: Bool, cost: Int64, order: str) -> Int32 | None:
    """Take accounts, one at a time, until every need is met; None where that gets stuck."""
    needy = np.append(rules.needs > 0, False)
    useful = candidates & np.logical_or.reduce([needy[family] for family in rules.families])
    pool = np.flatnonzero(useful).astype(np.int32)
    families = [family[pool] for family in rules.families]
    supply = np.append(rules.tally(pool), 0)
    needs, count = np.append(rules.needs, 0), rules.count.copy()
    chosen: list[int] = []
    free = np.ones(len(pool), dtype=np.bool_)
    while needs.any():
        shut = np.append(count >= rules.upper, False)
        open_ = free.copy()
        helps = np.zeros(len(pool), dtype=np.int64)
        for family in families:
            open_ &= ~shut[family]
            helps += needs[family] > 0
        if order == "scarcest":  # first the rule with the fewest accounts to spare
            unmet = np.flatnonzero(needs)
            rule = unmet[np.argmin(supply[unmet] - needs[unmet])]
            open_ &= np.logical_or.reduce([family == rule for family in families])
        allowed = np.flatnonzero(open_ & (helps > 0))
        if not len(allowed):
            return None
        keys = (-helps[allowed], cost[pool[allowed]])
        best = allowed[np.lexsort(keys if order == "cheapest" else keys[::-1])[0]]
        free[best] = False
        chosen.append(int(pool[best]))
        for family in families:
            rule = family[best]
            if rule >= 0:
                needs[rule] = max(0, needs[rule] - 1)
                count[rule] += 1
                supply[rule] -= 1
    return np.array(chosen, dtype=np.int32)


def _without_needless(rules: Rules, accounts: Int32, cost: Int64) -> Int32:
    """Sorted by falling cost, without accounts that all rules can spare."""
    accounts = accounts[np.lexsort((accounts, -cost[accounts]))]
    spare = rules.tally(accounts) - rules.needs
    kept = []
    for account in accounts.tolist():
        mine = [int(family[account]) for family in rules.families if family[account] >= 0]
        if all(spare[rule] > 0 for rule in mine):
            spare[mine] -= 1
        else:
            kept.append(account)
    return np.array(kept, dtype=np.int32)
