"""A tighter bound on the RR sets that any list of k candidates can meet.

Give each RR set s a price π_s between 0 and 1. A list of k accounts meets at most

    Σ_s (1 - π_s) + the k largest of Σ_{s ∋ v} π_s over the candidates v

sets: a set that it meets counts 1 = (1 - π_s) + π_s, and its members collect the π_s. This
is the dual of the linear relaxation of maximum coverage; the bound of Tang et al. (2018) is
the case of prices 0 and 1 fixed by a greedy prefix. Here the prices move by Polyak's
subgradient steps: down where a set holds two or more of the k largest, up where it holds
none. Every step gives a valid bound, and the smallest is kept. Prices are integers in
65,536ths, so the sums are exact and the same for any number of threads.

Only accounts that are in at least as many sets as the last greedy pick gained can be among
the k largest in a good bound; all others are counted as if they had that many (`floor`).
So sets keep only such contenders, and sets with fewer than two of them have price 1.

Sources: B. T. Polyak, "Minimization of unsmooth functionals", USSR Computational Mathematics
and Mathematical Physics 9(3), 1969, doi:10.1016/0041-5553(69)90061-5; M. L. Fisher, "The
Lagrangian relaxation method for solving integer programming problems", Management Science
27(1), 1981, doi:10.1287/mnsc.27.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.selection import GreedyChoice
from guanxi.graph.arrays import Bool, Int32, Int64
from guanxi.kernels import kernel
from guanxi.parallel import run_blocks

#: A price of 1.
_ONE = 1 << 16
#: Sets are priced in so many parts, in parallel.
_PARTS = 4
#: Steps at most, and the gap to the greedy list (relative) at which no more are taken.
_STEPS = 16
_CLOSE = 0.003


def tighten_bound(
    coverage: Coverage, choice: GreedyChoice, candidates: Bool, threads: int | None = None
) -> int:
    """The smallest bound found, at most `choice.bound`.

    Overwrites `coverage.members` and `coverage.offsets` (they shrink to the contenders), so
    that no further memory is needed: call it last.
    """
    met = int(choice.gains.sum())
    floor = int(choice.gains[-1]) if len(choice.gains) else 0
    if floor == 0 or choice.bound == met:
        return choice.bound  # all that candidates can meet is met
    prices = _Prices(coverage, choice, candidates, floor, threads)
    best = choice.bound
    for _ in range(_STEPS):
        bound = prices.bound()
        best = min(best, bound // _ONE)
        if best <= met * (1.0 + _CLOSE):
            break
        prices.step((bound - met * _ONE) // max(prices.norm, 1))
    return best


@dataclass(frozen=True)
class _Part:
    """What the pricing of some of the sets gave."""

    worth: Int64
    given: int
    norm: int


class _Prices:
    """Prices of the RR sets that hold at least two contenders, and what they add up to."""

    def __init__(
        self,
        coverage: Coverage,
        choice: GreedyChoice,
        candidates: Bool,
        floor: int,
        threads: int | None,
    ) -> None:
        contenders = np.flatnonzero(candidates & (np.diff(coverage.indptr) >= floor))
        slot = np.full(coverage.n, -1, dtype=np.int32)
        slot[contenders] = np.arange(len(contenders))
        self._alone = np.zeros(len(contenders), dtype=np.int64)
        self._members, self._offsets = coverage.members, coverage.offsets
        kept = _keep_contenders(self._members, self._offsets, slot, self._alone)
        self._bounds = np.linspace(0, kept, _PARTS + 1).astype(np.int64)
        self._price = np.full(kept, _ONE // 2, dtype=np.int32)
        self._largest = np.zeros(len(contenders), dtype=np.uint8)
        self._largest[slot[choice.accounts]] = 1
        self._k, self._floor, self._threads = len(choice.accounts), floor * _ONE, threads
        # From one half, this takes sets without a seed to 1 and those with two or more to 0.
        self.step(_ONE // 2)

    def step(self, size: int) -> None:
        """Move the prices by `size` times (members among the k largest - 1), downwards."""

        def work(part: int) -> _Part:
            worth = np.zeros(len(self._alone), dtype=np.int64)
            norm, given = _move_prices(
                self._members,
                self._offsets,
                self._price,
                self._largest,
                size,
                self._bounds[part],
                self._bounds[part + 1],
                worth,
            )
            return _Part(worth, given, norm)

        parts = run_blocks(work, range(_PARTS), self._threads)
        self._worth = self._alone * _ONE + sum(part.worth for part in parts)
        self._given = sum(part.given for part in parts)
        self.norm = sum(part.norm for part in parts)

    def bound(self) -> int:
        """The bound that the present prices give, times 65,536; marks the k largest."""
        worth = np.maximum(self._worth, self._floor)
        k = min(self._k, len(worth))
        largest = np.argpartition(-worth, k - 1)[:k]
        self._largest[:] = 0
        self._largest[largest] = 1
        return self._given + int(worth[largest].sum()) + self._floor * (self._k - k)


@kernel
def _keep_contenders(members: Int32, offsets: Int64, slot: Int32, alone: Int64) -> int:
    """Shrink the sets to contenders in place, drop those with fewer than two; how many stay."""
    kept, used, begin = 0, 0, offsets[0]
    for s in range(len(offsets) - 1):
        end = offsets[s + 1]
        first = used
        for i in range(begin, end):
            contender = slot[members[i]]
            if contender >= 0:
                members[used] = contender
                used += 1
        begin = end
        if used - first >= 2:
            kept += 1
            offsets[kept] = used
        else:
            if used > first:
                alone[members[first]] += 1
            used = first
    return kept


@kernel
def _move_prices(
    members: Int32,
    offsets: Int64,
    price: Int32,
    largest: npt.NDArray[np.uint8],
    size: int,
    first: int,
    last: int,
    worth: Int64,
) -> tuple[int, int]:
    """Move the prices of sets first … last-1; return (squared norm of the move, Σ (1 - π))."""
    norm, given = 0, 0
    for s in range(first, last):
        excess = -1
        for i in range(offsets[s], offsets[s + 1]):
            excess += largest[members[i]]
        p = int(price[s])
        if (excess > 0 and p > 0) or (excess < 0 and p < _ONE):
            norm += excess * excess
            p = min(max(p - size * excess, 0), _ONE)
            price[s] = p
        given += _ONE - p
        if p > 0:
            for i in range(offsets[s], offsets[s + 1]):
                worth[members[i]] += p
    return norm, given
