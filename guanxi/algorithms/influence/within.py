"""Greedy choice within limits: a budget, quotas, and accounts that are on the list already.

Under a budget the account with the largest gain for its cost is not always the best next
one, so there are two orders: by gain, and by gain for the cost. Whoever does not fit into
what is left of the budget is passed over. The better of the list by gain for the cost and of
the best single account reaches at least 1 - 1/√e of the best coverage (S. Khuller, A. Moss,
J. Naor, "The budgeted maximum coverage problem", Information Processing Letters 70, 1999,
doi:10.1016/S0020-0190(99)00031-9); the list by gain begins with the best single account.
Under upper quotas over disjoint groups greedy reaches 1/2 (M. Fisher, G. Nemhauser,
L. Wolsey, "An analysis of approximations for maximizing submodular set functions II",
Mathematical Programming Study 8, 1978, doi:10.1007/BFb0121195).

Where a number of sets is `enough`, a gain for the cost counts only as far as it is still wanted,
so that no list ends with an account dearer than it need be (L. Wolsey, "An analysis of the greedy
algorithm for the submodular set covering problem", Combinatorica 2, 1982,
doi:10.1007/BF02579435).

Lower quotas: accounts that meet them are held in reserve (`reserve.reserved`). Another account
is chosen only if, with it and with those of the reserve that are still needed then, every limit
holds; it may take the place of some of them. So the list can always be completed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.limits import NO_LIMIT, Limits
from guanxi.algorithms.influence.within_kernel import (
    State,
    choose_kernel,
    include_all,
    take_kernel,
)
from guanxi.graph.arrays import Int32, Int64

_PRICES_OF_A_PLACE = 8


@dataclass(frozen=True)
class LimitedChoice:
    """`accounts` int32: the included ones, then the chosen ones in their order; `gains` int64:
    RR sets newly met by each. `before`, `left` int32[n]: what each account would gain beside
    the included ones, and beside the whole list. `place_cost`: see `choose_within`."""

    accounts: Int32
    gains: Int64
    before: Int32
    left: Int32
    place_cost: float | None

    @property
    def met(self) -> int:
        """RR sets that the list meets."""
        return int(self.gains.sum())


def choose_within(
    coverage: Coverage,
    limits: Limits,
    *,
    place_cost: float | None = None,
    enough: int = NO_LIMIT,
) -> LimitedChoice:
    """Choose accounts one by one by their gain, or by their gain for the cost.

    With a `place_cost` the gain is divided by the cost (in millionths) and that much more: 0 is
    the gain for the cost; more than 0 is for lists of which both the number and the budget are
    limited, where a place on the list has a price too. Ties go to the smaller account. Without
    a budget accounts that gain nothing fill the list up to its number; with one, nothing is
    spent on them beyond what the quotas need. Once the list meets `enough` RR sets, only those
    are added whom the quotas need.
    """
    gain = np.diff(coverage.indptr).astype(np.int32)
    met = np.zeros(coverage.size, dtype=np.uint8)
    members, offsets, sets, indptr = (
        coverage.members,
        coverage.offsets,
        coverage.sets,
        coverage.indptr,
    )
    first = np.zeros(len(limits.included), dtype=np.int64)
    include_all(members, offsets, sets, indptr, gain, met, limits.included, first)
    divisor = np.ones(limits.n)
    if place_cost is not None:
        divisor = np.maximum(limits.cost + place_cost, 0.5)
    before = gain.copy()
    fill = limits.budget == NO_LIMIT
    usable = limits.candidates & (fill | (gain > 0))
    usable[limits.reserve] = True
    ids = np.flatnonzero(usable).astype(np.int32)
    keys = gain[ids] / divisor[ids]
    order = np.lexsort((ids, -keys))
    accounts = np.empty(min(limits.slots, len(ids)), dtype=np.int32)
    gains = np.zeros(len(accounts), dtype=np.int64)
    chosen = choose_kernel(
        members,
        offsets,
        sets,
        indptr,
        gain,
        met,
        keys[order],
        ids[order],
        divisor,
        fill,
        place_cost is not None,
        enough - int(first.sum()),
        limits.budget,
        _state(limits),
        accounts,
        gains,
    )
    return LimitedChoice(
        np.concatenate([limits.included, accounts[:chosen]]),
        np.concatenate([first, gains[:chosen]]),
        before,
        gain,
        place_cost,
    )


def choose_for_cost(coverage: Coverage, limits: Limits, enough: int = NO_LIMIT) -> LimitedChoice:
    """The best list by gain for the cost; a place gets a price where the number runs out first.

    That price is looked for by bisection, so that number and budget end together.
    """
    best = choose_within(coverage, limits, place_cost=0.0, enough=enough)
    if len(best.accounts) - len(limits.included) < limits.slots or best.met >= enough:
        return best
    costs = limits.cost[limits.candidates & (limits.cost > 0)]
    if limits.slots == int(np.count_nonzero(limits.candidates)) or not len(costs):
        return best
    low, high = float(costs.min()), 4.0 * float(costs.max())
    for _ in range(_PRICES_OF_A_PLACE):
        price = float(np.sqrt(low * high))
        choice = choose_within(coverage, limits, place_cost=price, enough=enough)
        if choice.met > best.met:
            best = choice
        if len(choice.accounts) - len(limits.included) < limits.slots:
            high = price
        else:
            low = price
    return best


def take_in_order(order: Int32, limits: Limits) -> Int32:
    """The included accounts, then every account of `order` (best first) that still fits."""
    order = np.asarray(order, dtype=np.int32)
    order = order[limits.candidates[order]]
    listed = np.zeros(limits.n, dtype=np.bool_)
    listed[order] = True
    unlisted = limits.candidates & (limits.budget == NO_LIMIT)
    unlisted[limits.reserve] = True
    unlisted &= ~listed
    order = np.concatenate([order, np.flatnonzero(unlisted).astype(np.int32)])
    accounts = np.empty(min(limits.slots, len(order)), dtype=np.int32)
    chosen = take_kernel(order, limits.budget, _state(limits), accounts)
    return np.concatenate([limits.included, accounts[:chosen]])


def _state(limits: Limits) -> State:
    """What the kernels keep account of; fresh copies of all that they change."""
    rules = limits.rules
    families = np.empty((limits.n, len(rules.families)), dtype=np.int32)
    for place, family in enumerate(rules.families):
        families[:, place] = family
    held = np.zeros(limits.n, dtype=np.uint8)
    held[limits.reserve] = 1
    sure = rules.count + rules.tally(limits.reserve)
    return (
        limits.cost,
        families,
        rules.lower,
        rules.upper,
        np.stack([rules.count, sure]),
        limits.reserve,
        held,
        np.array([len(limits.reserve), limits.cost[limits.reserve].sum()], dtype=np.int64),
        np.empty_like(limits.reserve),
    )
