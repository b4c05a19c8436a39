"""How many accounts lie so many steps from a list: breadth-first search, 64 lists at a time.

Each account has a word of 64 bits, one for each list; a step hands on whole words, so lists
that meet go on together. Source of the idea: M. Then et al., "The more the merrier: efficient
multi-source graph traversal", PVLDB 8(4), 2014, doi:10.14778/2735496.2735507.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.chains.breadth import walk
from guanxi.algorithms.chains.ways import Ways
from guanxi.graph.arrays import Int32, Int64, read_only
from guanxi.kernels import kernel
from guanxi.parallel import run_blocks

UInt64 = npt.NDArray[np.uint64]

#: Lists that are searched side by side: the bits of a word.
LISTS = 64
#: A sequence of de Bruijn: times a single bit, its first six bits tell which bit it is.
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_BIT_OF = np.zeros(LISTS, dtype=np.int64)
_BIT_OF[[(int(_DE_BRUIJN) << bit & (1 << 64) - 1) >> 58 for bit in range(LISTS)]] = range(LISTS)


@kernel
def _push(
    indptr: Int64,
    indices: Int32,
    active: Int32,
    size: int,
    frontier: UInt64,
    seen: UInt64,
    coming: UInt64,
    found: Int32,
    filled: int,
) -> int:
    """Hand the words of `active[:size]` on to the columns of their rows.

    Accounts that get bits they have not seen are appended to `found[:filled]`.
    """
    for place in range(size):
        u = active[place]
        word = frontier[u]
        for entry in range(indptr[u], indptr[u + 1]):
            v = np.uint32(indices[entry])
            fresh = word & ~seen[v]
            if fresh:
                if coming[v] == 0:
                    found[filled] = v
                    filled += 1
                coming[v] |= fresh
    return filled


@kernel
def _advance(
    indptr: Int64,
    indices: Int32,
    more_ptr: Int64,
    more: Int32,
    labels: Int32,
    seen: UInt64,
    frontier: UInt64,
    coming: UInt64,
    active: Int32,
    size: int,
    found: Int32,
    counts: Int64,
) -> int:
    """Go `counts.shape[1]` steps; add to `counts[list, step, label]` who is reached anew.

    `active[:size]` are the accounts whose words in `frontier` are not 0. Returns their
    new number: 0 when nobody further can be reached.
    """
    for step in range(counts.shape[1]):
        filled = _push(indptr, indices, active, size, frontier, seen, coming, found, 0)
        filled = _push(more_ptr, more, active, size, frontier, seen, coming, found, filled)
        for place in range(size):
            frontier[active[place]] = 0
        for place in range(filled):
            v = found[place]
            word = coming[v]
            coming[v] = 0
            seen[v] |= word
            frontier[v] = word
            active[place] = v
            label = labels[v]
            while word:
                low = word & (~word + np.uint64(1))
                counts[_BIT_OF[(low * _DE_BRUIJN) >> np.uint64(58)], step, label] += 1
                word ^= low
        size = filled
        if size == 0:
            break
    return size


class StepSearch:
    """A search from up to 64 lists of accounts at once, as many steps at a time as wanted.

    `lists`: accounts, int32, distinct within a list. `labels` int32[n] in [0, label_count):
    accounts are counted for each label; by default all have label 0.
    """

    def __init__(
        self,
        ways: Ways,
        lists: Sequence[Int32],
        labels: Int32 | None = None,
        label_count: int = 1,
    ) -> None:
        n = ways.n
        self._ways = ways.arrays()
        self._labels = read_only(np.zeros(n, dtype=np.int32) if labels is None else labels)
        self._shape = len(lists), label_count
        self._seen = np.zeros(n, dtype=np.uint64)
        for bit, accounts in enumerate(lists):
            self._seen[accounts] |= np.uint64(1 << bit)
        self._frontier = self._seen.copy()
        self._coming = np.zeros(n, dtype=np.uint64)
        self._active = np.empty(n, dtype=np.int32)
        self._found = np.empty(n, dtype=np.int32)
        start = np.flatnonzero(self._seen)
        self._size = len(start)
        self._active[: self._size] = start

    @property
    def newest(self) -> Int32:
        """int32: the accounts that the last step reached anew, in no order."""
        return self._active[: self._size]

    @property
    def over(self) -> bool:
        """Whether nobody further can be reached."""
        return self._size == 0

    def advance(self, steps: int) -> Int64:
        """Go further; int64[lists, steps, labels]: the accounts that each step reached anew."""
        counts = np.zeros((self._shape[0], steps, self._shape[1]), dtype=np.int64)
        self._size = _advance(
            *self._ways,
            self._labels,
            self._seen,
            self._frontier,
            self._coming,
            self._active,
            self._size,
            self._found,
            counts,
        )
        return counts


def accounts_by_step(
    ways: Ways,
    lists: Sequence[Int32],
    max_steps: int,
    *,
    labels: Int32 | None = None,
    label_count: int = 1,
    threads: int | None = None,
) -> Int64:
    """int64[lists, max_steps + 1, labels]: accounts exactly so many steps from each list.

    Step 0 is the list itself (int32, distinct accounts); an account counts at the fewest
    steps from any account of the list. Exact. `labels`: as of `StepSearch`.

    >>> from guanxi.graph.arrays import Adjacency
    >>> line = Adjacency(np.array([0, 1, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> none = Adjacency(np.array([0, 0, 0, 0]), np.array([], dtype=np.int32))
    >>> accounts_by_step(Ways(line, none), [np.array([0], dtype=np.int32)], 3)[0, :, 0].tolist()
    [1, 1, 1, 0]
    """

    if len(lists) == 1 and (ways.back is not None or ways.second.m):
        return _of_one_list(ways, lists[0], max_steps, labels, label_count)[None]

    def work(block: Sequence[Int32]) -> Int64:
        search = StepSearch(ways, block, labels, label_count)
        kinds = np.zeros(ways.n, dtype=np.int32) if labels is None else labels
        start = [np.bincount(kinds[accounts], minlength=label_count) for accounts in block]
        return np.concatenate([np.array(start)[:, None, :], search.advance(max_steps)], axis=1)

    blocks = [lists[first : first + LISTS] for first in range(0, len(lists), LISTS)]
    return np.concatenate(run_blocks(work, blocks, threads if len(blocks) > 1 else 1))


def _of_one_list(
    ways: Ways, accounts: Int32, max_steps: int, labels: Int32 | None, label_count: int
) -> Int64:
    """int64[max_steps + 1, labels] of a single list: a search that may look back is faster."""
    behind = ways.second if ways.back is None else ways.back
    steps = walk(
        (ways.first.indptr, ways.first.indices),
        (behind.indptr, behind.indices),
        accounts,
        max_steps,
        either_way=ways.back is None,
    )
    place = steps.level[steps.found] * np.int64(label_count)
    if labels is not None:
        place += labels[steps.found]
    counts = np.bincount(place, minlength=(max_steps + 1) * label_count)
    return counts.astype(np.int64).reshape(max_steps + 1, label_count)
