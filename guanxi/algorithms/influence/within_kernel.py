"""The kernels of the choice within limits: `within` says what they do, and prepares the arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.heap import sink

UInt8 = npt.NDArray[np.uint8]
#: What the kernels keep account of, together: cost by account; the rule of each account in each
#: family; lower and upper bounds by rule; `count[0]` by rule, accounts listed, and `count[1]`, with
#: those in reserve; the reserve, and who is still in it (`held`) by account; the number and the
#: cost of those `waiting` there; scratch as long as the reserve (`freed`).
State = tuple[Int64, Int32, Int64, Int64, Int64, Int32, UInt8, Int64, Int32]
#: Never, now, or perhaps later when the reserve has changed.
_NEVER, _FITS, _LATER = 0, 1, 2


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
    state: State,
) -> Any:
    """Whether u may be chosen; if so, it is counted and the reserve is brought up to date.

    `room`, `money`: what is left of the number and the budget.
    """
    cost, families, lower, upper, count, reserve, held, waiting, freed = state
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
        # Everybody in reserve is needed by some rule, and each whom u frees takes one of the
        # rules of u: no more than those are freed, and no more than the dearest cost saved.
        mine = 0
        for f in range(families.shape[1]):
            mine += families[u, f] >= 0
        dearest = cost[reserve[0]] if len(reserve) > 0 else 0
        if waiting[0] - mine + 1 > room or waiting[1] - mine * dearest + cost[u] > money:
            return _LATER
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
def choose_kernel(
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
    cheap_end: bool,
    enough: int,
    budget: int,
    state: State,
    accounts: Int32,
    gains: Int64,
) -> int:
    """Fill `accounts` and `gains`; return how many were chosen. `keys`, `ids`: a sorted heap.

    `cheap_end`: nobody is worth more than what is still wanted, so that the list ends cheaply.
    """
    cost, _, _, _, count, _, held, waiting, _ = state
    size, parked, chosen, money = len(ids), 0, 0, budget
    sure = np.empty(count.shape[1], dtype=np.int64)
    # Parked entries stand at the far end of the arrays of the heap.
    while size > 0 and chosen < len(accounts) and (enough > 0 or waiting[0] > 0):
        u = np.int64(ids[0])
        now = gain[u] / divisor[u]
        if cheap_end:
            now = min(now, max(enough, 0) / divisor[u])
        if keys[0] != now:
            keys[0] = now
            sink(keys, ids, size, 0)
            continue
        was_held, before = held[u] != 0, waiting[0]
        places, spare_money = len(accounts) - chosen - before, money - waiting[1]
        verdict = _NEVER
        if (enough > 0 and (now > 0.0 or fill)) or was_held:
            sure[:] = count[1]
            verdict = _fits(u, len(accounts) - chosen, money, state)
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
        # Who takes a place that was kept for it makes no room for others.
        if was_held or parked == 0 or waiting[0] == before:
            continue
        more = len(accounts) - chosen - waiting[0] > places or money - waiting[1] > spare_money
        for r in range(len(sure)):
            more = more or count[1, r] != sure[r]
        if more:
            for i in range(parked):
                keys[size + i] = keys[len(ids) - parked + i]
                ids[size + i] = ids[len(ids) - parked + i]
            size += parked
            parked = 0
            for place in range(size // 2 - 1, -1, -1):
                sink(keys, ids, size, place)
    return chosen


@kernel
def take_kernel(
    order: Int32,
    budget: int,
    state: State,
    accounts: Int32,
) -> int:
    """Fill `accounts` with those of `order` that fit; return how many."""
    cost, _, _, _, _, _, held, waiting, _ = state
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
            was_held, before = held[u] != 0, waiting[0]
            verdict = _fits(u, len(accounts) - chosen, money, state)
            if verdict == _LATER:
                again = min(again, i)
            if verdict != _FITS:
                continue
            taken[u] = 1
            accounts[chosen] = u
            chosen += 1
            money -= cost[u]
            if waiting[0] != before and not was_held and again < i:
                changed = True
                break
    return chosen
