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

Lower quotas: accounts that meet them are held in reserve (`reserve.reserved`). Another account
is chosen only if, with it and with those of the reserve that are still needed then, every limit
holds; it may take the place of some of them. So the list can always be completed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.limits import NO_LIMIT, Limits
from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.heap import sink

UInt8 = npt.NDArray[np.uint8]
_PRICES_OF_A_PLACE = 8
#: Never, now, or perhaps later when the reserve has changed.
_NEVER, _FITS, _LATER = 0, 1, 2


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
    chosen = _choose_within(
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
        enough - int(first.sum()),
        *_limit_arrays(limits),
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
    chosen = _take_in_order(order, *_limit_arrays(limits), accounts)
    return np.concatenate([limits.included, accounts[:chosen]])


def _limit_arrays(
    limits: Limits,
) -> tuple[Int64, int, Int32, Int64, Int64, Int64, Int32, UInt8, Int64, Int32]:
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
        limits.budget,
        families,
        rules.lower,
        rules.upper,
        np.stack([rules.count, sure]),
        limits.reserve,
        held,
        np.array([len(limits.reserve), limits.cost[limits.reserve].sum()], dtype=np.int64),
        np.empty_like(limits.reserve),
    )


@inline
def _meet(
    members: Int32,
    offsets: Int64,
    sets: Int32,
    indptr: Int64,
    gain: Int32,
    met: UInt8,
    u: Any,
) -> None:
    """Mark the sets of u as met and take them from the gains of their members."""
    for i in range(indptr[u], indptr[u + 1]):
        s = sets[i]
        if met[s]:
            continue
        met[s] = 1
        for j in range(offsets[s], offsets[s + 1]):
            gain[members[j]] -= 1


@kernel
def include_all(
    members: Int32,
    offsets: Int64,
    sets: Int32,
    indptr: Int64,
    gain: Int32,
    met: UInt8,
    included: Int32,
    gains: Int64,
) -> None:
    """Mark the sets of each account as met; fill `gains` with how many were new."""
    for i in range(len(included)):
        gains[i] = gain[included[i]]
        _meet(members, offsets, sets, indptr, gain, met, included[i])


@inline
def _spare(
    u: Any,
    families: Int32,
    lower: Int64,
    sure: Int64,
    reserve: Int32,
    held: UInt8,
    freed: Int32,
    cost: Int64,
) -> Any:
    """Count u as listed and free of the reserve what is not needed then; how many, what cost."""
    for f in range(families.shape[1]):
        if families[u, f] >= 0:
            sure[families[u, f]] += 1
    number, saved = 0, 0
    for i in range(len(reserve)):
        w = reserve[i]
        if held[w] == 0:
            continue
        needed = False
        for f in range(families.shape[1]):
            r = families[w, f]
            needed = needed or (r >= 0 and sure[r] <= lower[r])
        if needed:
            continue
        for f in range(families.shape[1]):
            if families[w, f] >= 0:
                sure[families[w, f]] -= 1
        freed[number] = w
        number += 1
        saved += cost[w]
    return number, saved


@inline
def _fits(
    u: Any,
    room: int,
    money: int,
    cost: Int64,
    families: Int32,
    lower: Int64,
    upper: Int64,
    count: Int64,
    reserve: Int32,
    held: UInt8,
    waiting: Int64,
    freed: Int32,
) -> Any:
    """Whether u may be chosen; if so, it is counted and the reserve is brought up to date.

    `room`, `money`: what is left of the number and the budget. `count[0]` by rule: accounts
    listed; `count[1]`: with those in reserve. `waiting`: number and cost of the reserve.
    """
    if cost[u] > money:
        return _NEVER
    for f in range(families.shape[1]):
        r = families[u, f]
        if r >= 0 and count[0, r] >= upper[r]:
            return _NEVER
    if held[u]:
        held[u] = 0
        waiting[0] -= 1
        waiting[1] -= cost[u]
    else:
        sure = count[1]
        freed_number, saved = _spare(u, families, lower, sure, reserve, held, freed, cost)
        fits = waiting[0] - freed_number + 1 <= room
        fits = fits and waiting[1] - saved + cost[u] <= money
        for f in range(families.shape[1]):
            r = families[u, f]
            fits = fits and (r < 0 or sure[r] <= upper[r])
        if not fits:
            for i in range(freed_number):
                for f in range(families.shape[1]):
                    if families[freed[i], f] >= 0:
                        sure[families[freed[i], f]] += 1
            for f in range(families.shape[1]):
                if families[u, f] >= 0:
                    sure[families[u, f]] -= 1
            return _LATER
        for i in range(freed_number):
            held[freed[i]] = 0
        waiting[0] -= freed_number
        waiting[1] -= saved
    for f in range(families.shape[1]):
        if families[u, f] >= 0:
            count[0, families[u, f]] += 1
    return _FITS


@kernel
def _choose_within(
    members: Int32,
    offsets: Int64,
    sets: Int32,
    indptr: Int64,
    gain: Int32,
    met: UInt8,
    keys: Float64,
    ids: Int32,
    divisor: Float64,
    fill: bool,
    enough: int,
    cost: Int64,
    budget: int,
    families: Int32,
    lower: Int64,
    upper: Int64,
    count: Int64,
    reserve: Int32,
    held: UInt8,
    waiting: Int64,
    freed: Int32,
    accounts: Int32,
    gains: Int64,
) -> int:
    """Fill `accounts` and `gains`; return how many were chosen. `keys`, `ids`: a sorted heap."""
    size, parked, chosen, money = len(ids), 0, 0, budget
    # Parked entries stand at the far end of the arrays of the heap.
    while size > 0 and chosen < len(accounts) and (enough > 0 or waiting[0] > 0):
        u = np.int64(ids[0])
        now = gain[u] / divisor[u]
        if keys[0] != now:
            keys[0] = now
            sink(keys, ids, size, 0)
            continue
        before = waiting[0]
        verdict = _NEVER
        if (enough > 0 and (now > 0.0 or fill)) or held[u]:
            verdict = _fits(
                u,
                len(accounts) - chosen,
                money,
                cost,
                families,
                lower,
                upper,
                count,
                reserve,
                held,
                waiting,
                freed,
            )
        size -= 1
        keys[0], ids[0] = keys[size], ids[size]
        sink(keys, ids, size, 0)
        if verdict == _LATER:
            parked += 1
            keys[len(ids) - parked], ids[len(ids) - parked] = now, u
        if verdict != _FITS:
            continue
        accounts[chosen], gains[chosen] = u, gain[u]
        chosen += 1
        money -= cost[u]
        enough -= gain[u]
        _meet(members, offsets, sets, indptr, gain, met, u)
        if waiting[0] != before and parked > 0:
            for i in range(parked):
                keys[size + i] = keys[len(ids) - parked + i]
                ids[size + i] = ids[len(ids) - parked + i]
            size += parked
            parked = 0
            for place in range(size // 2 - 1, -1, -1):
                sink(keys, ids, size, place)
    return chosen


@kernel
def _take_in_order(
    order: Int32,
    cost: Int64,
    budget: int,
    families: Int32,
    lower: Int64,
    upper: Int64,
    count: Int64,
    reserve: Int32,
    held: UInt8,
    waiting: Int64,
    freed: Int32,
    accounts: Int32,
) -> int:
    """Fill `accounts` with those of `order` that fit; return how many."""
    taken = np.zeros(len(cost), dtype=np.uint8)
    chosen, again, money = 0, 0, budget
    changed = True
    while changed:  # the reserve, after someone had to wait for it: they are asked once more
        changed = False
        start, again = again, len(order)
        for i in range(start, len(order)):
            u = np.int64(order[i])
            if taken[u] or chosen == len(accounts):
                continue
            before = waiting[0]
            verdict = _fits(
                u,
                len(accounts) - chosen,
                money,
                cost,
                families,
                lower,
                upper,
                count,
                reserve,
                held,
                waiting,
                freed,
            )
            if verdict == _LATER:
                again = min(again, i)
            if verdict != _FITS:
                continue
            taken[u] = 1
            accounts[chosen] = u
            chosen += 1
            money -= cost[u]
            if waiting[0] != before and again < i:
                changed = True
                break
    return chosen
