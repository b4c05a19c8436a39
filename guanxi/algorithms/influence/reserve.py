"""Accounts that meet the lower quotas together, held in reserve while others are chosen."""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.influence.contradictions import Rules
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Int32, Int64


def reserved(rules: Rules, candidates: Bool, cost: Int64, slots: int, budget: int) -> Int32:
    """int32: candidates that meet all lower bounds within all limits, dearest first.

    Where quotas overlap, finding them is a set cover problem: three orders are tried.
    Raises UsageError where none of them leads to such accounts.
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
    raise UsageError(
        "No list was found that meets all quotas, the number and the budget together: ease one "
        "of the quotas."
    )


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
