"""Fewest steps from an account or a list to the others: breadth-first search in two directions.

Where few accounts are new, their rows are looked along; where many are, those who have not been
seen look for one among those who lead to them, and most find one soon. Source: S. Beamer,
K. Asanović, D. Patterson, "Direction-optimizing breadth-first search", SC 2012,
doi:10.1109/SC.2012.50.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.order import CLOSED
from guanxi.graph.arrays import Bytes, Int32, Int64, read_only
from guanxi.kernels import inline, kernel
from guanxi.shared.prefetch import prefetch

Words = npt.NDArray[np.uint64]
#: `indptr` and `indices` of a matrix.
Rows = tuple[Int64, Int32]

#: How far ahead of itself a search asks for the rows of the accounts that it comes to.
_AHEAD = 16
#: Whoever is unseen looks back where they are fewer than so many for each new account.
_LOOK_BACK = 5
_ONE = np.uint64(1)
_NO_ACCOUNTS: Bytes = np.empty(0, dtype=np.uint8)
_NO_LEVELS: Int32 = np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class Steps:
    """`level` int32[n]: fewest steps to each account, -1 where there is no way. `found` int32:
    the accounts with a level, where the search began first, by rising level.
    """

    level: Int32
    found: Int32

    @property
    def others(self) -> int:
        """Accounts that were found, the first one left out."""
        return len(self.found) - 1


@inline
def _is_in(bits: Words, v: int) -> Any:
    """Whether the bit of `v` is set: a bit each, so that the question stays in the cache."""
    return bits[np.uint32(v) >> np.uint32(6)] >> np.uint64(np.uint32(v) & np.uint32(63)) & _ONE


@inline
def _put(bits: Words, v: int) -> None:
    bits[np.uint32(v) >> np.uint32(6)] |= _ONE << np.uint64(np.uint32(v) & np.uint32(63))


@inline
def _forth(
    indptr: Int64,
    indices: Int32,
    marks: Bytes,
    done: int,
    end: int,
    found: int,
    seen: Words,
    queue: Int32,
    starts: int,
) -> Any:
    """Queue whom the rows of `queue[done:end]` lead to for the first time; how many are queued."""
    for place in range(done, end):
        if place + 2 * _AHEAD < end:
            prefetch(indptr, queue[place + 2 * _AHEAD])
        if place + _AHEAD < end:
            prefetch(indices, indptr[queue[place + _AHEAD]])
        u = queue[place]
        if len(marks) > 0 and marks[u] == CLOSED and place >= starts:
            continue
        for entry in range(indptr[u], indptr[u + 1]):
            v = indices[entry]
            if not _is_in(seen, v):
                _put(seen, v)
                queue[found] = v
                found += 1
    return found


@inline
def _back(
    indptr: Int64, indices: Int32, passed: Words, found: int, seen: Words, queue: Int32
) -> Any:
    """Queue the unseen whose rows name one who can be `passed`; how many are queued."""
    for v in range(len(indptr) - 1):
        if not _is_in(seen, v):
            for entry in range(indptr[v], indptr[v + 1]):
                if _is_in(passed, indices[entry]):
                    _put(seen, v)
                    queue[found] = v
                    found += 1
                    break
    return found


@kernel
def _walk(
    ahead_indptr: Int64,
    ahead: Int32,
    behind_indptr: Int64,
    behind: Int32,
    either_way: bool,
    marks: Bytes,
    wanted: Int32,
    starts: Int32,
    limit: int,
    seen: Words,
    passed: Words,
    level: Int32,
    queue: Int32,
) -> int:
    """Number of accounts queued, along `ahead` and, `either_way`, along `behind` as well.

    `level` comes as -1, `seen` and `passed` as 0. Ends after `limit` steps, or after the first
    step that comes to an account whose `wanted` is not below 0.
    """
    n, begun = len(level), len(starts)
    for place in range(begun):
        v = starts[place]
        level[v] = 0
        queue[place] = v
        _put(seen, v)
    done, found, step, met = 0, begun, 0, False
    while done < found and step < limit and not met:
        end = found
        step += 1
        if _LOOK_BACK * (end - done) < n - end:
            found = _forth(ahead_indptr, ahead, marks, done, end, found, seen, queue, begun)
            if either_way:
                found = _forth(behind_indptr, behind, marks, done, end, found, seen, queue, begun)
        else:
            for place in range(end):
                if len(marks) == 0 or marks[queue[place]] != CLOSED or place < begun:
                    _put(passed, queue[place])
            found = _back(behind_indptr, behind, passed, found, seen, queue)
            if either_way:
                found = _back(ahead_indptr, ahead, passed, found, seen, queue)
        for place in range(end, found):
            v = queue[place]
            level[v] = step
            met |= len(wanted) > 0 and wanted[v] >= 0
        done = end
    return found


def walk(
    ahead: Rows,
    behind: Rows,
    starts: Int32,
    limit: int,
    *,
    either_way: bool = False,
    marks: Bytes = _NO_ACCOUNTS,
    until: Int32 = _NO_LEVELS,
) -> Steps:
    """Fewest steps from the nearest of `starts` (int32, distinct) to the others, up to `limit`.

    `ahead`: `indptr` and `indices` of where the steps go; `behind`: of where those come from that
    lead to an account. `either_way`: steps go along `behind` as well. `marks`, `until`: as of
    `steps_from`.
    """
    n = len(ahead[0]) - 1
    level = np.full(n, -1, dtype=np.int32)
    queue = np.empty(n, dtype=np.int32)
    seen, passed = np.zeros((2, (n >> 6) + 1), dtype=np.uint64)
    found = _walk(
        read_only(ahead[0]),
        read_only(ahead[1]),
        read_only(behind[0]),
        read_only(behind[1]),
        either_way,
        marks,
        until,
        read_only(starts),
        limit,
        seen,
        passed,
        level,
        queue,
    )
    return Steps(level, queue[:found])


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
    return walk(
        *((back, forth) if backward else (forth, back)),
        np.array([account], dtype=np.int32),
        graph.n if limit is None else limit,
        either_way=either_way,
        marks=marks,
        until=until,
    )
