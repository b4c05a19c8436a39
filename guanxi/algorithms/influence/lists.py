"""How many RR sets of a collection each of several lists of accounts meets, list by list.

The sets are drawn, looked at and forgotten; memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.models import frozen
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
    list; its running sum says how many sets each prefix meets. `pairs` float64[p, p]: sets
    that both of two lists meet, p = min(number of lists, 64).
    """

    first: list[Float64]
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

        def count(chunk: Chunk) -> tuple[Float64, Float64]:
            first = np.zeros(self.bounds[-1])
            pairs = np.zeros(self.paired * self.paired)
            best = np.full(len(self.bounds) - 1, -1, dtype=np.int64)
            _count_meetings(
                chunk.entries,
                chunk.ends,
                self._slot,
                self._starts,
                self._list,
                self._places,
                best,
                np.empty_like(best),
                first,
                pairs,
                self.paired,
                frozen(worth),
            )
            return first, pairs

        first = np.zeros(self.bounds[-1])
        pairs = np.zeros(self.paired * self.paired)
        for add_first, add_pairs in sampler.map(
            collection, sets, count, roots=roots, advance=advance
        ):
            first += add_first
            pairs += add_pairs
        return Meetings(np.split(first, self.bounds[1:-1]), pairs.reshape(self.paired, self.paired))


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
    pairs: Float64,
    paired: int,
    worth: Float64,
) -> None:
    """`best`, all -1 before and after: the first place of each list that the set holds."""
    begin = 0
    counts = 1.0
    for s in range(len(ends)):
        if len(worth) > 0:
            counts = worth[slot[entries[begin]]]
        lists = 0
        for i in range(begin, ends[s]):
            account = slot[entries[i]]
            if account < 0:
                continue
            for j in range(starts[account], starts[account + 1]):
                which = list_of[j]
                if best[which] < 0:
                    met[lists] = which
                    lists += 1
                    best[which] = place_of[j]
                else:
                    best[which] = min(best[which], place_of[j])
        begin = ends[s]
        for a in range(lists):
            first[best[met[a]]] += counts
            best[met[a]] = -1
            if met[a] < paired:
                for b in range(lists):
                    if met[b] < paired:
                        pairs[met[a] * paired + met[b]] += counts
