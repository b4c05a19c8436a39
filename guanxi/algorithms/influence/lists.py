"""How many RR sets of a collection each of several lists of accounts meets, list by list.

The sets are drawn, looked at and forgotten; memory does not grow with their number. Two sets in a
row that have the same root are twins: how often a list meets but one of them says how much of the
chance lies within roots, which is all that is left of it where every account is a root as often.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.models import frozen
from guanxi.algorithms.influence.rr_kernel import BLOCK
from guanxi.algorithms.influence.rr_sets import EVERYONE, Chunk, Roots, Sampler
from guanxi.errors import UsageError
from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import kernel

#: So many lists, the first ones, are also compared in pairs.
MOST_PAIRED = 64
_ONE_EACH: Float64 = np.empty(0)


@dataclass(frozen=True)
class Meetings:
    """Counts of RR sets; whole numbers, unless sets were given a worth.

    `first`: float64 for each list and place: sets of which that place is the first in the
    list; its running sum says how many sets each prefix meets. `apart`, likewise: its running sum
    says of how many of the `twins` each prefix meets one and not the other. `pairs` float64[p, p]:
    sets that both of two lists meet, p = min(number of lists, 64).
    """

    first: list[Float64]
    apart: list[Float64]
    twins: int
    pairs: Float64


class ListIndex:
    """Several lists of accounts, arranged for lookup by account.

    `most_paired`: so many of them, the first ones, are also compared in pairs.
    """

    def __init__(self, lists: Sequence[Int32], n: int, most_paired: int = MOST_PAIRED) -> None:
        parts = [np.asarray(accounts, dtype=np.int32) for accounts in lists]
        flat = np.concatenate([np.empty(0, dtype=np.int32), *parts])
        if len(flat) and not (flat.min() >= 0 and flat.max() < n):
            raise UsageError(f"A list names an account outside 0 … {n - 1}.")
        self._most_paired = most_paired
        sizes = [len(part) for part in parts]
        self.bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.listed, slot = np.unique(flat, return_inverse=True)
        order = np.argsort(slot, kind="stable")
        self._slot = np.full(n, -1, dtype=np.int32)
        self._slot[self.listed] = np.arange(len(self.listed))
        self._starts = np.searchsorted(slot[order], np.arange(len(self.listed) + 1))
        self._places = order.astype(np.int64)
        self._list = np.repeat(np.arange(len(parts)), sizes)[order].astype(np.int32)

    @property
    def paired(self) -> int:
        """How many lists are compared in pairs."""
        return min(len(self.bounds) - 1, self._most_paired)

    def meetings(
        self,
        sampler: Sampler,
        collection: int,
        sets: int,
        *,
        roots: Roots = EVERYONE,
        worth: Float64 = _ONE_EACH,
        advance: Callable[[int], None] | None = None,
    ) -> Meetings:
        """Count over the first `sets` RR sets of a collection.

        `worth`: float64, how much a set counts whose root is each of the accounts `listed`
        (all roots must be); by default every set counts 1.
        """

        size, lists = int(self.bounds[-1]), len(self.bounds) - 1
        first, apart, pairs = np.zeros(size), np.zeros(size), np.zeros(self.paired**2)
        twins = 0

        def count(chunk: Chunk) -> tuple[Float64, Float64, Float64, int]:
            found = np.zeros_like(first), np.zeros_like(apart), np.zeros_like(pairs)
            best = np.full((2, lists), -1, dtype=np.int64)
            twins = _count_meetings(
                chunk.entries,
                chunk.ends,
                self._slot,
                self._starts,
                self._list,
                self._places,
                best,
                np.empty_like(best),
                *found,
                self.paired,
                frozen(worth),
            )
            return *found, twins

        for add_first, add_apart, add_pairs, add_twins in sampler.map(
            collection, sets, count, roots=roots, advance=advance
        ):
            first += add_first
            apart += add_apart
            pairs += add_pairs
            twins += add_twins
        ends = self.bounds[1:-1]
        shape = self.paired, self.paired
        return Meetings(np.split(first, ends), np.split(apart, ends), twins, pairs.reshape(shape))


@kernel
def _count_meetings(
    entries: Int32,
    ends: Int64,
    slot: Int32,
    starts: Int64,
    list_of: Int32,
    place_of: Int64,
    best: Int64,
    met: Int64,
    first: Float64,
    apart: Float64,
    pairs: Float64,
    paired: int,
    worth: Float64,
) -> int:
    """`best`, all -1 before: the first place of each list that the set holds, in row 0 for sets
    that may have a twin yet to come, and in row 1 for the second of twins. Returns how many twins
    there are; none goes beyond a block of RR sets, so that chunks change nothing.
    """
    begin = 0
    counts = 1.0
    open_root, open_lists, twins = -1, 0, 0
    for s in range(len(ends)):
        root = entries[begin]
        if len(worth) > 0:
            counts = worth[slot[root]]
        second = 1 if root == open_root and s % BLOCK > 0 else 0
        if second == 0:
            for a in range(open_lists):
                best[0, met[0, a]] = -1
        lists = 0
        for i in range(begin, ends[s]):
            account = slot[entries[i]]
            if account < 0:
                continue
            for j in range(starts[account], starts[account + 1]):
                which = list_of[j]
                if best[second, which] < 0:
                    met[second, lists] = which
                    lists += 1
                    best[second, which] = place_of[j]
                else:
                    best[second, which] = min(best[second, which], place_of[j])
        begin = ends[s]
        for a in range(lists):
            which = met[second, a]
            first[best[second, which]] += counts
            if which < paired:
                for b in range(lists):
                    if met[second, b] < paired:
                        pairs[which * paired + met[second, b]] += counts
        if second == 0:
            open_root, open_lists = root, lists
            continue
        twins += 1
        for row in range(2):
            for a in range(open_lists if row == 0 else lists):
                which = met[row, a]
                mine, other = best[row, which], best[1 - row, which]
                # From its place on, a prefix meets both if it has met the other one by then.
                apart[mine] += 1.0 if other < 0 or mine < other else -1.0 if mine > other else 0.0
        for row in range(2):
            for a in range(open_lists if row == 0 else lists):
                best[row, met[row, a]] = -1
        open_root, open_lists = -1, 0
    return twins
