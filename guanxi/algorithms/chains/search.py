"""The strongest chain from one account to another: bidirectional best-first search.

Dijkstra's search from both ends over costs (see `costs`), the end that has looked at fewer
arcs going next. It ends when the two frontiers together are beyond the best chain found; then
every account on a best chain has been settled from one end at least, so of several best chains
the one with the smallest accounts, read from its start, can be told.

Sources: E. W. Dijkstra 1959, doi:10.1007/BF01386390; I. Pohl, "Bi-directional search",
Machine Intelligence 6, 1971.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.order import CLOSED, LIMIT, PENALTY, USED, Order
from guanxi.graph.arrays import Bytes, Int32, Int64
from guanxi.kernels import inline, kernel

_NO_KEY = np.iinfo(np.int64).max
_FULL = -1

# Columns of `labels`: one account, one row of 32 bytes, so one look into memory.
_STAMP, _FORWARD, _BACKWARD, _NEXT = 0, 1, 2, 3
# Places in `state`.
_BEST, _MEETING, _SIZES, _SCANNED = 0, 1, 2, 4


@inline
def _push(keys: Int64, ids: Int32, side: int, size: int, key: int, id: int) -> None:
    """Into the heap of one side: smallest key on top."""
    place = size
    while place > 0:
        above = (place - 1) >> 2
        if keys[side, above] <= key:
            break
        keys[side, place] = keys[side, above]
        ids[side, place] = ids[side, above]
        place = above
    keys[side, place] = key
    ids[side, place] = id


@inline
def _pop(keys: Int64, ids: Int32, side: int, size: int) -> None:
    """Take the top off a heap of `size` entries."""
    last = size - 1
    key, id = keys[side, last], ids[side, last]
    place = 0
    while True:
        child = 4 * place + 1
        if child >= last:
            break
        smallest = child
        for other in range(child + 1, min(child + 4, last)):
            if keys[side, other] < keys[side, smallest]:
                smallest = other
        if keys[side, smallest] >= key:
            break
        keys[side, place] = keys[side, smallest]
        ids[side, place] = ids[side, smallest]
        place = smallest
    keys[side, place] = key
    ids[side, place] = id


@inline
def _top(keys: Int64, ids: Int32, side: int, labels: Int64, state: Int64) -> Any:
    """Key of the next account to settle, after those entries that a better one made stale."""
    while state[_SIZES + side] > 0:
        if labels[ids[side, 0], _FORWARD + side] == keys[side, 0]:
            break
        _pop(keys, ids, side, state[_SIZES + side])
        state[_SIZES + side] -= 1
    return keys[side, 0]


@inline
def _is_banned(first: Int32, v: int) -> Any:
    """Whether a chain must not begin with the step to `v`."""
    found = False
    for other in first:
        found |= other == v
    return found


@kernel
def _settle(
    side: int,
    indptr: Int64,
    indices: Int32,
    costs: Int64,
    marks: Bytes,
    banned: Int32,
    ends: tuple[int, int],
    weighing: tuple[int, int],
    stamp: int,
    other_top: int,
    labels: Int64,
    keys: Int64,
    ids: Int32,
    meeting: Int32,
    state: Int64,
) -> bool:
    """Settle the top of one side and look along its arcs. False when a heap may get full."""
    u, reached = ids[side, 0], keys[side, 0]
    low, high = indptr[u], indptr[u + 1]
    size = state[_SIZES + side]
    if size + (high - low) > keys.shape[1]:
        return False
    _pop(keys, ids, side, size)
    size -= 1
    mine, theirs = _FORWARD + side, _BACKWARD - side
    start, far = ends[0], ends[1 - side]
    state[_SCANNED + side] += high - low
    # Backward, the head of all these arcs is the settled account.
    extra = PENALTY if side == 1 and u != ends[1] and marks[u] == USED else 0
    for place in range(low, high):
        v = indices[place]
        if marks[v] == CLOSED and v != far:
            continue
        if len(banned) > 0 and (
            (side == 0 and u == start and _is_banned(banned, v))
            or (side == 1 and v == start and _is_banned(banned, u))
        ):
            continue
        key = reached + costs[place] * weighing[0] + weighing[1] + extra
        if side == 0 and marks[v] == USED and v != far:
            key += PENALTY
        if key > LIMIT:
            continue
        if labels[v, _STAMP] != stamp:
            labels[v, _STAMP] = stamp
            labels[v, _FORWARD] = _NO_KEY
            labels[v, _BACKWARD] = _NO_KEY
        if key >= labels[v, mine]:
            if side == 1 and key == labels[v, mine] and u < labels[v, _NEXT]:
                labels[v, _NEXT] = u
            continue
        labels[v, mine] = key
        if side == 1:
            labels[v, _NEXT] = u
        beyond = labels[v, theirs]
        if beyond != _NO_KEY and key + beyond <= state[_BEST]:
            if key + beyond < state[_BEST]:
                state[_BEST] = key + beyond
                state[_MEETING] = 0
            meeting[state[_MEETING]] = v
            state[_MEETING] += 1
        # What the other side has settled, or what is too far in any case, leads no further.
        if beyond < other_top or key + other_top > state[_BEST]:
            continue
        _push(keys, ids, side, size, key, v)
        size += 1
    state[_SIZES + side] = size
    return True


@kernel
def _join(
    indptr: Int64,
    indices: Int32,
    costs: Int64,
    marks: Bytes,
    banned: Int32,
    ends: tuple[int, int],
    weighing: tuple[int, int],
    stamp: int,
    labels: Int64,
    queue: Int32,
    found: int,
) -> None:
    """From where the sides meet back to the start: each account's smallest best next one.

    `queue` begins with the `found` meeting accounts; what is queued gets the stamp plus one.
    """
    for place in range(found):
        labels[queue[place], _STAMP] = stamp + 1
    done = 0
    while done < found:
        v = queue[done]
        done += 1
        extra = PENALTY if marks[v] == USED and v != ends[1] else 0
        for place in range(indptr[v], indptr[v + 1]):
            u = indices[place]
            seen = labels[u, _STAMP]
            if (seen != stamp and seen != stamp + 1) or labels[u, _FORWARD] == _NO_KEY:
                continue
            step = costs[place] * weighing[0] + weighing[1] + extra
            if labels[u, _FORWARD] + step != labels[v, _FORWARD]:
                continue
            if len(banned) > 0 and u == ends[0] and _is_banned(banned, v):
                continue
            if seen == stamp:
                labels[u, _STAMP] = stamp + 1
                labels[u, _NEXT] = v
                queue[found] = u
                found += 1
            elif v < labels[u, _NEXT]:
                labels[u, _NEXT] = v


@kernel
def _search(
    out_indptr: Int64,
    out_indices: Int32,
    out_costs: Int64,
    into_indptr: Int64,
    into_indices: Int32,
    into_costs: Int64,
    marks: Bytes,
    banned: Int32,
    ends: tuple[int, int],
    weighing: tuple[int, int],
    stamp: int,
    labels: Int64,
    keys: Int64,
    ids: Int32,
    queue: Int32,
    state: Int64,
) -> int:
    """Number of accounts of the best chain, which `queue` lists; 0 for none, -1: heap full."""
    state[:] = 0
    state[_BEST] = _NO_KEY
    for side in range(2):
        end = ends[side]
        labels[end, _STAMP] = stamp
        labels[end, _FORWARD + side] = 0
        labels[end, _BACKWARD - side] = _NO_KEY
        _push(keys, ids, side, 0, 0, end)
        state[_SIZES + side] = 1
    while True:
        ahead = _top(keys, ids, 0, labels, state)
        behind = _top(keys, ids, 1, labels, state)
        if state[_SIZES] == 0 or state[_SIZES + 1] == 0 or ahead + behind > state[_BEST]:
            break
        if state[_SCANNED] <= state[_SCANNED + 1]:
            room = _settle(
                0,
                out_indptr,
                out_indices,
                out_costs,
                marks,
                banned,
                ends,
                weighing,
                stamp,
                behind,
                labels,
                keys,
                ids,
                queue,
                state,
            )
        else:
            room = _settle(
                1,
                into_indptr,
                into_indices,
                into_costs,
                marks,
                banned,
                ends,
                weighing,
                stamp,
                ahead,
                labels,
                keys,
                ids,
                queue,
                state,
            )
        if not room:
            return _FULL
    if state[_BEST] == _NO_KEY:
        return 0
    _join(
        into_indptr,
        into_indices,
        into_costs,
        marks,
        banned,
        ends,
        weighing,
        stamp,
        labels,
        queue,
        state[_MEETING],
    )
    account, length = ends[0], 1
    queue[0] = account
    while account != ends[1]:
        account = labels[account, _NEXT]
        queue[length] = account
        length += 1
    return length


class Scratch:
    """Memory of searches on one graph, for one thread at a time.

    A search touches only the labels of accounts that it comes to: those of earlier searches
    are told apart by their stamp. The heaps double when a search needs more.
    """

    def __init__(self, n: int) -> None:
        self.labels: Int64 = np.zeros((n, 4), dtype=np.int64)
        self.queue: Int32 = np.zeros(n + 1, dtype=np.int32)
        self.state: Int64 = np.zeros(6, dtype=np.int64)
        self._stamp = 0
        self._n = n
        self._layer: tuple[Int32, Int64, Int32] | None = None
        self._make_heaps(1 << 16)

    def _make_heaps(self, entries: int) -> None:
        self.keys: Int64 = np.zeros((2, entries), dtype=np.int64)
        self.ids: Int32 = np.zeros((2, entries), dtype=np.int32)

    def next_stamp(self) -> int:
        """An even number that no label has; the odd one after it is the search's own too."""
        self._stamp += 2
        return self._stamp

    def layer_arrays(self) -> tuple[Int32, Int64, Int32]:
        """Room for one layer (see `layers`): accounts, keys, places."""
        if self._layer is None:
            accounts, places = (np.empty(self._n, dtype=np.int32) for _ in range(2))
            self._layer = accounts, np.empty(self._n, dtype=np.int64), places
        return self._layer

    def grow(self) -> None:
        """Heaps of twice the size."""
        self._make_heaps(2 * self.keys.shape[1])


def best_chain(
    graph: ChainGraph,
    source: int,
    target: int,
    *,
    order: Order,
    marks: Bytes,
    scratch: Scratch,
    banned: Int32,
) -> tuple[int, list[int]] | None:
    """`(key, accounts)` of the best chain from `source` to `target`, None where there is none.

    `marks` uint8[n]: CLOSED accounts are never inside (the ends may be), USED ones only
    where there is no way around them. `banned`: accounts that must not be the first step.
    Among chains of equal key: the smallest accounts, compared from the source on.
    """
    while True:
        length = _search(
            graph.out_indptr,
            graph.out_indices,
            graph.out_costs,
            graph.into_indptr,
            graph.into_indices,
            graph.into_costs,
            marks,
            banned,
            (source, target),
            (order.per_cost, order.per_step),
            scratch.next_stamp(),
            scratch.labels,
            scratch.keys,
            scratch.ids,
            scratch.queue,
            scratch.state,
        )
        if length != _FULL:
            break
        scratch.grow()
    if length == 0:
        return None
    return int(scratch.state[_BEST]), scratch.queue[:length].tolist()
