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

from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.order import CLOSED, FREE, LIMIT, PENALTY, USED, Order
from guanxi.algorithms.chains.scratch import NO_KEY, QUEUED, Scratch
from guanxi.graph.arrays import Bytes, Int32, Int64
from guanxi.kernels import inline, kernel

_FULL = -1

# Columns of `labels`: one account, one row of 32 bytes, so one look into memory.
_FORWARD, _BACKWARD, _NEXT = 0, 1, 2
# Places in `state`: the best key so far, how many accounts are known to be on such a chain, how
# many have labels, and for each side the entries of its heap and the arcs it has looked at.
_BEST, _MEETING, _TOUCHED, _SIZES, _SCANNED = 0, 1, 2, 3, 5


@inline
def _push(keys: Int64, ids: Int32, size: int, key: int, id: int) -> None:
    """Into a heap of `size` entries with four below each: smallest key on top."""
    place = size
    while place > 0:
        above = (place - 1) >> 2
        if keys[above] <= key:
            break
        keys[place] = keys[above]
        ids[place] = ids[above]
        place = above
    keys[place] = key
    ids[place] = id


@inline
def _pop(keys: Int64, ids: Int32, size: int) -> None:
    """Take the top off a heap of `size` entries."""
    last = size - 1
    key, id = keys[last], ids[last]
    place = 0
    while True:
        child = 4 * place + 1
        if child >= last:
            break
        smallest, least = child, keys[child]
        for other in range(child + 1, min(child + 4, last)):
            if keys[other] < least:
                smallest, least = other, keys[other]
        if least >= key:
            break
        keys[place] = least
        ids[place] = ids[smallest]
        place = smallest
    keys[place] = key
    ids[place] = id


@inline
def _top(keys: Int64, ids: Int32, side: int, labels: Int64, state: Int64) -> Any:
    """Key of the next account to settle, after those entries that a better one made stale."""
    size = state[_SIZES + side]
    while size > 0 and labels[ids[0], _FORWARD + side] != keys[0]:
        _pop(keys, ids, size)
        size -= 1
    state[_SIZES + side] = size
    return keys[0]


@inline
def _is_banned(first: Int32, v: int) -> Any:
    """Whether a chain must not begin with the step to `v`."""
    found = False
    for other in first:
        found |= other == v
    return found


@inline
def _settle(
    side: int,
    indptr: Int64,
    indices: Int32,
    costs: Int64,
    marks: Bytes,
    banned: Int32,
    ends: tuple[int, int],
    weighing: tuple[int, int],
    other_top: int,
    labels: Int64,
    touched: Int32,
    keys: Int64,
    ids: Int32,
    meeting: Int32,
    state: Int64,
) -> Any:
    """Settle the top of one side and look along its arcs. False when a heap may get full."""
    u, reached = ids[0], keys[0]
    low, high = indptr[u], indptr[u + 1]
    size = state[_SIZES + side]
    if size + (high - low) > len(keys):
        return False
    _pop(keys, ids, size)
    size -= 1
    mine, theirs = _FORWARD + side, _BACKWARD - side
    start, far = ends[0], ends[1 - side]
    state[_SCANNED + side] += high - low
    # Backward, the head of all these arcs is the settled account.
    extra = PENALTY if side == 1 and u != ends[1] and marks[u] == USED else 0
    step = weighing[1] + extra + reached
    best, known = state[_BEST], state[_TOUCHED]
    for place in range(low, high):
        key = costs[place] * weighing[0] + step
        # What is too far, unless it is settled from the other side, which has seen this arc.
        if key > best - other_top:
            continue
        v = indices[place]
        if marks[v] != FREE and v != far:
            if marks[v] == CLOSED:
                continue
            if side == 0:
                key += PENALTY
        if key > LIMIT:
            continue
        if len(banned) > 0 and (
            (side == 0 and u == start and _is_banned(banned, v))
            or (side == 1 and v == start and _is_banned(banned, u))
        ):
            continue
        before, beyond = labels[v, mine], labels[v, theirs]
        if key >= before:
            if side == 1 and key == before and u < labels[v, _NEXT]:
                labels[v, _NEXT] = u
            continue
        labels[v, mine] = key
        if side == 1:
            labels[v, _NEXT] = u
        touched[known] = v
        known += before == NO_KEY and beyond == NO_KEY
        if beyond != NO_KEY and key + beyond <= best:
            if key + beyond < best:
                best = key + beyond
                state[_MEETING] = 0
            meeting[state[_MEETING]] = v
            state[_MEETING] += 1
        # What the other side has settled, or what is too far by now, leads no further.
        if beyond < other_top or key > best - other_top:
            continue
        _push(keys, ids, size, key, v)
        size += 1
    state[_SIZES + side] = size
    state[_BEST], state[_TOUCHED] = best, known
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
    labels: Int64,
    queue: Int32,
    found: int,
) -> None:
    """From where the sides meet back to the start: each account's smallest best next one.

    `queue` begins with the `found` meeting accounts.
    """
    for place in range(found):
        labels[queue[place], QUEUED] = 1
    done = 0
    while done < found:
        v = queue[done]
        done += 1
        extra = PENALTY if marks[v] == USED and v != ends[1] else 0
        for place in range(indptr[v], indptr[v + 1]):
            u = indices[place]
            if labels[u, _FORWARD] == NO_KEY:
                continue
            step = costs[place] * weighing[0] + weighing[1] + extra
            if labels[u, _FORWARD] + step != labels[v, _FORWARD]:
                continue
            if len(banned) > 0 and u == ends[0] and _is_banned(banned, v):
                continue
            if labels[u, QUEUED] == 0:
                labels[u, QUEUED] = 1
                labels[u, _NEXT] = v
                queue[found] = u
                found += 1
            elif v < labels[u, _NEXT]:
                labels[u, _NEXT] = v


@kernel
def _clear(labels: Int64, touched: Int32, known: int) -> None:
    """Take the labels of a search away."""
    for place in range(known):
        v = touched[place]
        labels[v, _FORWARD] = NO_KEY
        labels[v, _BACKWARD] = NO_KEY
        labels[v, QUEUED] = 0


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
    labels: Int64,
    touched: Int32,
    keys: Int64,
    ids: Int32,
    back_keys: Int64,
    back_ids: Int32,
    queue: Int32,
    state: Int64,
) -> int:
    """Number of accounts of the best chain, which `queue` lists; 0 for none, -1: heap full.

    Labels stay as they are at the end; `_clear` takes them away.
    """
    state[:] = 0
    state[_BEST], state[_TOUCHED] = NO_KEY, 2
    for side in range(2):
        end = ends[side]
        labels[end, _FORWARD + side] = 0
        touched[side] = end
        state[_SIZES + side] = 1
    _push(keys, ids, 0, 0, ends[0])
    _push(back_keys, back_ids, 0, 0, ends[1])
    while True:
        ahead = _top(keys, ids, 0, labels, state)
        behind = _top(back_keys, back_ids, 1, labels, state)
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
                behind,
                labels,
                touched,
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
                ahead,
                labels,
                touched,
                back_keys,
                back_ids,
                queue,
                state,
            )
        if not room:
            return _FULL
    if state[_BEST] == NO_KEY:
        return 0
    _join(
        into_indptr,
        into_indices,
        into_costs,
        marks,
        banned,
        ends,
        weighing,
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
            scratch.labels,
            scratch.touched,
            scratch.keys,
            scratch.ids,
            scratch.back_keys,
            scratch.back_ids,
            scratch.queue,
            scratch.state,
        )
        _clear(scratch.labels, scratch.touched, scratch.state[_TOUCHED])
        if length != _FULL:
            break
        scratch.grow()
    if length == 0:
        return None
    return int(scratch.state[_BEST]), scratch.queue[:length].tolist()
