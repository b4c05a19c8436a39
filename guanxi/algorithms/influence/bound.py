"""A tighter bound on the RR sets that any list of k candidates can meet.

Give each RR set s a price π_s between 0 and 1. A list of k accounts meets at most

    Σ_s (1 - π_s) + the k largest of Σ_{s ∋ v} π_s over the candidates v

sets: a set that it meets counts 1 = (1 - π_s) + π_s, and its members collect the π_s. This
is the dual of the linear relaxation of maximum coverage; the bound of Tang et al. (2018) is
the case of prices 0 and 1 fixed by a greedy prefix. Here the prices move by Polyak's
subgradient steps: down where a set holds two or more of the k largest, up where it holds
none. Every step gives a valid bound, and the smallest is kept. Prices are integers in
65,536ths, so the sums are exact and the same for any number of threads.

Other limits than a number: the k largest become the best that accounts of these worths can
add up to within the limits (`relaxation`), and sets that included accounts meet are left out.

Only accounts that are in at least as many sets as the last greedy pick gained can be among
the k largest in a good bound; all others are counted as if they had that many (`floor`), or
under other limits as if all their sets had price 1. So sets keep only such contenders, and
sets with fewer than two of them have price 1.

Sources: B. T. Polyak, "Minimization of unsmooth functionals", USSR Computational Mathematics
and Mathematical Physics 9(3), 1969, doi:10.1016/0041-5553(69)90061-5; M. L. Fisher, "The
Lagrangian relaxation method for solving integer programming problems", Management Science
27(1), 1981, doi:10.1287/mnsc.27.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.selection import GreedyChoice
from guanxi.graph.arrays import Bool, Int32, Int64
from guanxi.kernels import kernel
from guanxi.parallel import run_blocks

UInt8 = npt.NDArray[np.uint8]
#: A price of 1.
ONE = 1 << 16
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
    largest = largest_of(coverage, choice, candidates)
    if largest is None:
        return choice.bound
    nothing_met = np.zeros(coverage.size, dtype=np.uint8)
    return largest.tighten(Prices(coverage, largest.contenders, nothing_met, threads))


class Reckoning(Protocol):
    """How much accounts of given worth can add up to within the limits of a list."""

    def most(self, worth: Int64, slot: Int32, given: int) -> tuple[int, Bool]:
        """A bound for contenders of worth int64 in 65,536ths, and which of them add to it.

        `slot` int32[n]: the place of each contender. `given`: what the bound is added to.
        """


@dataclass(frozen=True)
class LargestSums:
    """The k largest, where all but `contenders` bool[n] count as worth `floor` sets.

    `choice`: a list of k accounts, and a bound to begin with.
    """

    contenders: Bool
    choice: GreedyChoice
    floor: int

    def tighten(self, prices: Prices) -> int:
        """The smallest bound found on the sets that any k accounts meet."""
        met = int(self.choice.gains.sum())
        return prices.tighten(self, self.choice.accounts, met, self.choice.bound)

    def most(self, worth: Int64, slot: Int32, given: int) -> tuple[int, Bool]:
        """See `Reckoning.most`."""
        floor = self.floor * ONE
        worth = np.maximum(worth, floor)
        wanted = len(self.choice.accounts)
        k = min(wanted, len(worth))
        largest = np.argpartition(-worth, k - 1)[:k]
        taken = np.zeros(len(worth), dtype=np.bool_)
        taken[largest] = True
        return int(worth[largest].sum()) + floor * (wanted - k), taken


def largest_of(coverage: Coverage, choice: GreedyChoice, candidates: Bool) -> LargestSums | None:
    """What bounds a list of a number of accounts; None where all that can be met is met."""
    floor = int(choice.gains[-1]) if len(choice.gains) else 0
    if floor == 0 or choice.bound == int(choice.gains.sum()):
        return None
    contenders = candidates & (np.diff(coverage.indptr) >= floor)
    return LargestSums(contenders, choice, floor)


@dataclass(frozen=True)
class _Part:
    """What the pricing of some of the sets gave."""

    worth: Int64
    given: int
    norm: int


class Prices:
    """Prices of the RR sets that hold at least two contenders, and what they add up to.

    Takes the members and offsets of `coverage` for itself. `contenders` bool[n]; `met`
    uint8[θ]: sets that are left out. `slot` int32[n]: the place of each contender, or -1.
    """

    def __init__(
        self, coverage: Coverage, contenders: Bool, met: UInt8, threads: int | None = None
    ) -> None:
        listed = np.flatnonzero(contenders)
        self.slot = np.full(coverage.n, -1, dtype=np.int32)
        self.slot[listed] = np.arange(len(listed))
        self._members, self._offsets = coverage.members, coverage.offsets
        whole = np.linspace(0, coverage.size, _PARTS + 1).astype(np.int64)
        begins = self._offsets[whole]

        def keep(part: int) -> tuple[int, Int64]:
            alone = np.zeros(len(listed), dtype=np.int64)
            first, last = whole[part], whole[part + 1]
            arrays = self._members, self._offsets, met, self.slot, alone
            return _keep_contenders(*arrays, first, last, begins[part]), alone

        kept = run_blocks(keep, range(_PARTS), threads)
        self._alone = sum((alone for _, alone in kept), np.zeros(len(listed), dtype=np.int64))
        #: Of each part: its first set, the one after its last, and where its members begin.
        self._parts = [
            (int(first), int(first) + number, int(begin))
            for first, (number, _), begin in zip(whole, kept, begins, strict=False)
        ]
        self._price = np.empty(coverage.size, dtype=np.int32)
        self._largest = np.zeros(len(listed), dtype=np.uint8)
        self._threads = threads

    def tighten(
        self,
        reckoning: Reckoning,
        chosen: Int32,
        met: int,
        bound: int,
        steps: int = _STEPS,
        ease: float = 1.0,
    ) -> int:
        """The smallest of `bound` and of what the prices give, from new ones on.

        `chosen`: a list that meets `met` of the sets that are not left out. Steps get shorter by
        `ease` whenever one brought nothing: far above the list they would be too long.
        """
        self._price[:] = ONE // 2
        self._largest[:] = 0
        places = self.slot[chosen]
        self._largest[places[places >= 0]] = 1
        # From one half, this takes sets without a seed to 1 and those with two or more to 0.
        self._step(ONE // 2)
        length = 1.0
        for _ in range(steps):
            most, taken = reckoning.most(self._worth, self.slot, self._given)
            self._largest[:] = taken
            found = (self._given + most) // ONE
            length *= 1.0 if found < bound else ease
            bound = min(bound, found)
            if bound <= met * (1.0 + _CLOSE):
                break
            gap = self._given + most - met * ONE
            self._step(int(gap * length) // max(self._norm, 1))
        return bound

    def _step(self, size: int) -> None:
        """Move the prices by `size` times (members among the k largest - 1), downwards."""

        def work(part: int) -> _Part:
            worth = np.zeros(len(self._alone), dtype=np.int64)
            norm, given = _move_prices(
                self._members,
                self._offsets,
                self._price,
                self._largest,
                size,
                *self._parts[part],
                worth,
            )
            return _Part(worth, given, norm)

        parts = run_blocks(work, range(_PARTS), self._threads)
        self._worth = self._alone * ONE + sum(part.worth for part in parts)
        self._given = sum(part.given for part in parts)
        self._norm = sum(part.norm for part in parts)


@kernel
def _keep_contenders(
    members: Int32,
    offsets: Int64,
    met: UInt8,
    slot: Int32,
    alone: Int64,
    first: int,
    last: int,
    begin: int,
) -> int:
    """Shrink sets first … last-1, the members of which begin at `begin`, to contenders in place.

    Those with fewer than two are dropped; how many stay. `offsets[first]` is left alone: it
    belongs to the sets before.
    """
    kept, used = first, begin
    for s in range(first, last):
        end = offsets[s + 1]
        start = used
        for i in range(begin, end):
            contender = slot[members[i]]
            if contender >= 0 and met[s] == 0:
                members[used] = contender
                used += 1
        begin = end
        if used - start >= 2:
            kept += 1
            offsets[kept] = used
        else:
            if used > start:
                alone[members[start]] += 1
            used = start
    return kept - first


@kernel
def _move_prices(
    members: Int32,
    offsets: Int64,
    price: Int32,
    largest: UInt8,
    size: int,
    first: int,
    last: int,
    begin: int,
    worth: Int64,
) -> tuple[int, int]:
    """Move the prices of sets first … last-1; return (squared norm of the move, Σ (1 - π)).

    The members of the first of them begin at `begin`.
    """
    norm, given = 0, 0
    for s in range(first, last):
        end = offsets[s + 1]
        excess = -1
        for i in range(begin, end):
            excess += largest[members[i]]
        p = int(price[s])
        if (excess > 0 and p > 0) or (excess < 0 and p < ONE):
            norm += excess * excess
            p = min(max(p - size * excess, 0), ONE)
            price[s] = p
        given += ONE - p
        if p > 0:
            for i in range(begin, end):
                worth[members[i]] += p
        begin = end
    return norm, given
