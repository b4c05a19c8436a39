"""The kernel that draws RR sets: a breadth-first search backwards, in batches.

A batch first draws, for up to some hundred accounts of the queue, which arcs are picked, and
asks for their memory; then it looks at them. On graphs larger than the cache the waits for
memory overlap that way, which halves the time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.poisson import next_poisson
from guanxi.shared.prefetch import prefetch
from guanxi.shared.random import next_below, next_float, next_uint64, seed_stream
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


@kernel
def draw_sets(
    indptr: Int64,
    sources: Int32,
    slots: UInt32,
    mean: Float64,
    zero: Float64,
    by_degree: bool,
    at_most_one: bool,
    hops: int,
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
    steps back from the root at most, or -1. `visited` uint8[n] is all 0 before and after;
    `places` and `coins` have room for a batch.
    """
    equal = len(slots) == 0
    state = np.empty(2, dtype=np.uint64)
    used = ends[done - 1] if done > 0 else 0
    for s in range(done, len(ends)):
        number = first + s
        if number % BLOCK == 0:
            seed_stream(state, seed, collection, number // BLOCK)
        root = _root(state, number, pool, repeats, cumulative, guide, root_bits, len(indptr) - 1)
        begin, head, full = used, used, used >= len(buffer)
        if not full:
            buffer[used] = root
            visited[root] = 1
            used += 1
        level, stop = 0, used  # accounts from `stop` on are not looked at in this round
        while head < stop and not full:
            gathered = 0
            while head < stop and gathered < GATHERED:
                v = np.int64(buffer[head])
                head += 1
                start, degree = indptr[v], indptr[v + 1] - indptr[v]
                key = degree if by_degree else v
                if degree == 0:
                    continue
                if mean[key] < 0.0:
                    gathered = _flip_coins(
                        state, start, degree, equal, zero[key], gathered, places, coins
                    )
                    continue
                if at_most_one:
                    picks = np.int64(next_float(state) < zero[key])
                else:
                    picks = np.int64(next_poisson(state, mean[key], zero[key]))
                for _ in range(picks):
                    bits = next_uint64(state)
                    place = start + _high_times(bits, degree)
                    if equal:
                        prefetch(sources, place)
                    else:
                        place *= 3
                        coins[gathered] = np.uint32(bits & np.uint64(0xFFFFFFFF))
                        prefetch(slots, place)
                    places[gathered] = place
                    gathered += 1
            full = used + gathered > len(buffer)
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
                    prefetch(mean, u)
                    prefetch(zero, u)
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
def _root(
    state: UInt64,
    number: int,
    pool: Int32,
    repeats: int,
    cumulative: Int64,
    guide: Int32,
    bits: int,
    n: int,
) -> Any:
    if repeats > 0:
        return np.int64(pool[number // repeats])
    if len(cumulative) > 0:
        return np.int64(pool[next_place(state, cumulative, guide, bits)])
    if len(pool) > 0:
        return np.int64(pool[next_below(state, len(pool))])
    return next_below(state, n)


@inline
def _high_times(bits: Any, bound: int) -> Any:
    """The upper 32 of 64 random bits, scaled to 0 … bound - 1."""
    return np.int64(((bits >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))


@inline
def _flip_coins(
    state: UInt64,
    start: int,
    degree: int,
    equal: bool,
    probability: float,
    gathered: int,
    places: Int64,
    coins: UInt32,
) -> Any:
    """A coin for each arc of a row; the new number of places gathered."""
    for j in range(degree):
        if equal:
            places[gathered] = start + j
            gathered += next_float(state) < probability
        else:
            places[gathered] = 3 * (start + j)
            coins[gathered] = np.uint32(next_uint64(state) >> np.uint64(32))
            gathered += 1
    return gathered


@inline
def _slot(slots: UInt32, place: int, coin: Any) -> Any:
    """Which of the two accounts of a slot the coin falls on."""
    return np.int64(slots[place + 1] if coin < slots[place] else slots[place + 2])
