"""The kernel that draws RR sets: a breadth-first search backwards.

One draw of 64 random bits says how many arcs into an account are picked, by comparison with
the limits of its table, and names the first of them. Which branch comes next cannot be
foreseen, and on small graphs that is what takes the time.

On graphs larger than the cache of a core waiting for memory takes more. There the arcs picked
for up to some hundred accounts of the queue are gathered first, and asked for; then they are
looked at. The waits overlap that way, which nearly halves the time on large graphs. Both ways
draw the same sets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.poisson import next_poisson, poisson_at, poisson_parts
from guanxi.shared.prefetch import prefetch
from guanxi.shared.random import next_below, next_uint64, seed_stream
from guanxi.shared.weighted import next_place

UInt8 = npt.NDArray[np.uint8]
UInt32 = npt.NDArray[np.uint32]
UInt64 = npt.NDArray[np.uint64]

#: RR sets that share a random stream.
BLOCK = 1024
#: Picks gathered before the first of them is looked at; a row may add its own on top.
GATHERED = 256
#: In a slot: the coin fell on the side of no activation.
NOBODY = 0xFFFFFFFF
#: Limits of the number of picks: in so many parts of 1, so many an account or degree.
WHOLE, LIMITS = 1 << 31, 4
#: The last limit of a row for which a coin is flipped for each arc.
COINS = 0xFFFFFFFF


@kernel
def draw_sets(
    indptr: Int64,
    sources: Int32,
    slots: UInt32,
    mean: Float64,
    limits: UInt32,
    by_degree: bool,
    hops: int,
    most_picks: int,
    pool: Int32,
    repeats: int,
    cumulative: Int64,
    guide: Int32,
    root_bits: int,
    seed: int,
    collection: int,
    first: int,
    done: int,
    visited: UInt8,
    places: Int64,
    coins: UInt32,
    buffer: Int32,
    ends: Int64,
) -> int:
    """Draw sets first + done … first + len(ends) - 1; return how many of `ends` are complete.

    Less than all when the buffer is full; then whole blocks are complete, and a call with
    that number as `done` and a larger buffer goes on. `first + done` begins a block. The
    tables are those of `subsets.SubsetTables`, the roots those of `rr_sets.Roots`. `hops`:
    steps back from the root at most, or -1. `visited` uint8[n] is all 0 before and after.
    `places` and `coins` have room for a batch; without any room each account's picks, at most
    `most_picks`, are looked at as they are drawn.
    """
    # One long function: inner helpers that take arrays would make numba count references to them
    # at every account, which takes several times as long as all the rest.
    equal, at_once = len(slots) == 0, len(places) == 0
    state = np.empty(2, dtype=np.uint64)
    used = ends[done - 1] if done > 0 else 0
    in_turn = repeats * (len(pool) if len(pool) > 0 else len(indptr) - 1)
    turn, left = 0, 0
    if first + done < in_turn:
        turn, left = (first + done) // repeats, repeats - (first + done) % repeats
    for s in range(done, len(ends)):
        number = first + s
        if number % BLOCK == 0:
            seed_stream(state, seed, collection, number // BLOCK)
        if number < in_turn:
            root = np.int64(pool[turn]) if len(pool) > 0 else turn
            left -= 1
            if left == 0:
                turn, left = turn + 1, repeats
        else:
            root = _random_root(state, pool, cumulative, guide, root_bits, len(indptr) - 1)
        begin, head, full = used, used, used >= len(buffer)
        if not full:
            buffer[used] = root
            visited[root] = 1
            used += 1
        level, stop = 0, used  # accounts from `stop` on are not looked at in this round
        while head < stop and not full:
            gathered = 0
            while head < stop and gathered < GATHERED:
                full = used + most_picks > len(buffer)
                if full:
                    break
                v = np.int64(buffer[head])
                head += 1
                start, degree = indptr[v], indptr[v + 1] - indptr[v]
                if degree == 0:
                    continue
                key = LIMITS * (degree if by_degree else v)
                flipped = limits[key + 3] == COINS
                bits = next_uint64(state)
                part = np.uint32(bits >> np.uint64(33))
                picks = np.int64(part >= limits[key]) + np.int64(part >= limits[key + 1])
                picks += np.int64(part >= limits[key + 2]) + np.int64(part >= limits[key + 3])
                if flipped:
                    picks = degree
                elif picks == LIMITS:
                    picks = _many_picks(state, part, mean[key // LIMITS])
                for i in range(picks):
                    if i > 0 or not equal:
                        bits = next_uint64(state)
                    coin = np.uint32(bits & np.uint64(0xFFFFFFFF))
                    if not flipped:
                        place = start + _scaled(coin if equal else bits >> np.uint64(32), degree)
                    elif not equal or np.uint32(bits >> np.uint64(33)) < limits[key]:
                        place = start + i
                    else:
                        continue
                    if at_once:
                        u = np.int64(sources[place]) if equal else _slot(slots, place, coin)
                        if u != NOBODY and visited[u] == 0:
                            visited[u] = 1
                            buffer[used] = u
                            used += 1
                        continue
                    places[gathered] = place
                    if equal:
                        prefetch(sources, place)
                    else:
                        coins[gathered] = coin
                        prefetch(slots, 3 * place)
                    gathered += 1
                if at_once and hops < 0:
                    stop = used
            full = full or used + gathered > len(buffer)
            if full:
                break
            for i in range(gathered):
                u = np.int64(sources[places[i]]) if equal else _slot(slots, places[i], coins[i])
                if u == NOBODY or visited[u] != 0:
                    continue
                visited[u] = 1
                buffer[used] = u
                used += 1
                prefetch(indptr, u)
                if not by_degree:
                    prefetch(limits, LIMITS * u)
            if hops < 0:
                stop = used
            elif head == stop:
                level += 1
                stop = used if level < hops else head
        for i in range(begin, used):
            visited[buffer[i]] = 0
        if full:
            return s - number % BLOCK
        ends[s] = used
    return len(ends)


@inline
def _many_picks(state: UInt64, part: Any, mean: float) -> Any:
    """The number of picks where it is beyond the limits: at `part` of the distribution function."""
    parts = poisson_parts(mean)
    zero = np.exp(-mean / parts)
    if parts == 1:
        picks = max(np.int64(LIMITS), np.int64(poisson_at((part + 0.5) / WHOLE, mean, zero)))
    else:
        picks = np.int64(next_poisson(state, mean, zero))
    return picks


@inline
def _random_root(
    state: UInt64, pool: Int32, cumulative: Int64, guide: Int32, bits: int, n: int
) -> Any:
    if len(cumulative) > 0:
        return np.int64(pool[next_place(state, cumulative, guide, bits)])
    if len(pool) > 0:
        return np.int64(pool[next_below(state, len(pool))])
    return next_below(state, n)


@inline
def _scaled(bits: Any, bound: int) -> Any:
    """32 random bits, scaled to 0 … bound - 1."""
    return np.int64((np.uint64(bits) * np.uint64(bound)) >> np.uint64(32))


@inline
def _slot(slots: UInt32, place: int, coin: Any) -> Any:
    """Which of the two accounts of a slot the coin falls on."""
    slot = 3 * place
    return np.int64(slots[slot + 1] if coin < slots[slot] else slots[slot + 2])
