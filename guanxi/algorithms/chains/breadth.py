"""Fewest steps from one account to all others: breadth-first search, in the order of the steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.order import CLOSED
from guanxi.graph.arrays import Bytes, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.prefetch import prefetch

#: How far ahead of itself a search asks for the rows of the accounts that it comes to.
_AHEAD = 16
_NO_ACCOUNTS: Bytes = np.empty(0, dtype=np.uint8)
_NO_LEVELS: Int32 = np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class Steps:
    """`level` int32[n]: fewest steps to each account, -1 where there is no way. `found` int32:
    the accounts with a level, the first of them where the search began, by rising level.
    """

    level: Int32
    found: Int32

    @property
    def others(self) -> int:
        """Accounts that were found, the first one left out."""
        return len(self.found) - 1


@inline
def _ask_for(indptr: Int64, indices: Int32, queue: Int32, place: int, end: int) -> None:
    """Bring the row of an account near that will be needed soon, and before it where it begins."""
    if place + 2 * _AHEAD < end:
        prefetch(indptr, queue[place + 2 * _AHEAD])
    if place + _AHEAD < end:
        prefetch(indices, indptr[queue[place + _AHEAD]])


@inline
def _look_along(
    indptr: Int64,
    indices: Int32,
    u: int,
    step: int,
    wanted: Int32,
    seen: npt.NDArray[np.uint64],
    level: Int32,
    queue: Int32,
    found: int,
) -> Any:
    """Queue whom the row of `u` leads to for the first time: (how many are queued, met one wanted).

    Who has been seen is a bit each, so that the question stays in the cache.
    """
    met = False
    for place in range(indptr[u], indptr[u + 1]):
        v = np.uint32(indices[place])
        word, bit = v >> np.uint32(6), np.uint64(1) << np.uint64(v & np.uint32(63))
        if seen[word] & bit == 0:
            seen[word] |= bit
            level[v] = step
            queue[found] = v
            found += 1
            met |= len(wanted) > 0 and wanted[v] >= 0
    return found, met


@kernel
def _walk(
    indptr: Int64,
    indices: Int32,
    more_indptr: Int64,
    more_indices: Int32,
    marks: Bytes,
    wanted: Int32,
    account: int,
    limit: int,
    seen: npt.NDArray[np.uint64],
    level: Int32,
    queue: Int32,
) -> int:
    """Number of accounts queued; `level` comes as -1, `seen` as 0. Ends after `limit` steps,
    or after the first step that comes to an account whose `wanted` is not below 0.
    """
    seen[account >> 6] |= np.uint64(1) << np.uint64(account & 63)
    level[account] = 0
    queue[0] = account
    done, found, met = 0, 1, False
    while done < found and level[queue[done]] < limit and not met:
        end, step = found, level[queue[done]] + 1
        for place in range(done, end):
            _ask_for(indptr, indices, queue, place, end)
            u = queue[place]
            if len(marks) > 0 and marks[u] == CLOSED and place > 0:
                continue
            found, there = _look_along(indptr, indices, u, step, wanted, seen, level, queue, found)
            met |= there
            if len(more_indptr) > 0:
                found, there = _look_along(
                    more_indptr, more_indices, u, step, wanted, seen, level, queue, found
                )
                met |= there
        done = end
    return found


def steps_from(
    graph: ChainGraph,
    account: int,
    marks: Bytes = _NO_ACCOUNTS,
    *,
    limit: int | None = None,
    backward: bool = False,
    either_way: bool = False,
    until: Int32 = _NO_LEVELS,
) -> Steps:
    """Fewest steps from `account` to the others, up to `limit`.

    CLOSED accounts (`marks` uint8[n]; empty: nobody) are reached and not passed. `backward`:
    steps from each account to this one instead; `either_way`: along arcs in both directions.
    `until` int32[n]: the search ends after the step that comes to an account where this is not
    below 0.
    """
    forth = (graph.out_indptr, graph.out_indices)
    back = (graph.into_indptr, graph.into_indices)
    first, second = (back, forth) if backward else (forth, back)
    if not either_way:
        second = (second[0][:0], second[1][:0])
    level = np.full(graph.n, -1, dtype=np.int32)
    queue = np.empty(graph.n, dtype=np.int32)
    seen = np.zeros((graph.n >> 6) + 1, dtype=np.uint64)
    most = graph.n if limit is None else limit
    found = _walk(*first, *second, marks, until, account, most, seen, level, queue)
    return Steps(level, queue[:found])
