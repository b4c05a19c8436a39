"""Reverse-reachable (RR) sets: who, in one random outcome, would have activated an account.

An RR set is drawn by choosing a root account and following, backwards, the arcs that fire.
A list of accounts meets it with the probability that the list activates the root, so

    reach(list) = n · P(list meets the RR set of a uniformly random root).

With an audience of weights w, roots are drawn in proportion to w, and Σ w takes the place
of n: that is the `total` of a sampler.

Source: C. Borgs, M. Brautbar, J. Chayes, B. Lucier, "Maximizing social influence in nearly
optimal time", SODA 2014, doi:10.1137/1.9781611973402.70.

Set number s of a collection belongs to block s // 1024, and each block has a random stream
of its own, so a collection is the same whatever the number of threads.

Where N sets are drawn for n accounts that weigh the same, each of them is the root of N // n
sets, and only the rest begins at random. No set is likelier to be met for it, but they scatter
less around the mean; a sum of independent events with chances p_1 … p_N exceeds or falls
short of Σ p_i by one or more no likelier than one with their mean throughout: W. Hoeffding, "On the
distribution of the number of successes in independent trials", Annals of Mathematical
Statistics 27(3), 1956, doi:10.1214/aoms/1177728178. So all bounds hold as for random roots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeVar

import numpy as np

from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.models import CascadeModel, frozen
from guanxi.algorithms.influence.rr_kernel import BLOCK, GATHERED, draw_sets
from guanxi.algorithms.influence.subsets import SubsetTables, subset_tables
from guanxi.errors import UsageError
from guanxi.graph.arrays import Int32, Int64
from guanxi.parallel import Workers, block_ranges, thread_count
from guanxi.shared.weighted import WeightedPlaces, weighted_places

R = TypeVar("R")

#: RR sets of one task of a thread, while they are small.
CHUNK = 8 * BLOCK
#: Members of the RR sets of one task, about, while it has more than one block.
_CHUNK_MEMBERS = 1 << 21
#: Tasks of each thread between two reports of progress.
_TASKS_A_WAVE = 8
#: Smaller tables are in the cache of a core, more or less.
_IN_CACHE = 1 << 20


class Collection(IntEnum):
    """Which independent collection of RR sets a random stream belongs to."""

    PILOT = 0
    JUDGING = 1
    REPORTING = 2
    REPORTING_LISTED = 3
    COMMUNITIES = 4
    ALTERNATES = 5
    EXPLAINING = 6
    EXPLAINING_LISTED = 7
    SELECTION = 16  # and above, where a first collection did not fit into memory


#: Roots that are equally likely need no places.
_EQUAL = WeightedPlaces(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), 0)


@dataclass(frozen=True)
class Roots:
    """Where RR sets begin.

    `pool` int32: the accounts to choose from, or int32[0] for the whole audience of the
    sampler. `repeats`: every account of the pool in turn that many times, then a random account
    in proportion to `places`, or any of them where there are none.
    """

    pool: Int32
    repeats: int = 0
    places: WeightedPlaces = _EQUAL


EVERYONE = Roots(np.empty(0, dtype=np.int32))


def audience_roots(audience: Audience, among: Int32) -> Roots:
    """Roots in proportion to their weight, of the accounts `among` that weigh something."""
    pool = among[audience.units[among] > 0].astype(np.int32)
    units = audience.units[pool]
    equal = not len(units) or units.min() == units.max()
    return Roots(pool, 0, _EQUAL if equal else weighted_places(units))


@dataclass(frozen=True)
class Chunk:
    """Consecutive RR sets: set i is `entries[ends[i-1]:ends[i]]` (from 0 for i = 0), root first."""

    entries: Int32
    ends: Int64


class _Scratch:
    """Working arrays of one thread; they live as long as the sampler."""

    def __init__(self, tables: SubsetTables, in_cache: int) -> None:
        self.visited = np.zeros(tables.n, dtype=np.uint8)
        gathered = 0 if tables.bytes < in_cache else GATHERED + tables.longest_row
        self.places = np.empty(gathered, dtype=np.int64)
        self.coins = np.empty(len(self.places), dtype=np.uint32)
        self.buffer = np.empty(1 << 16, dtype=np.int32)


class Sampler:
    """Draws RR sets of one model for one audience with one seed, on threads.

    `audience`: what each account is worth; by default 1. `chunk`: RR sets of one task, and
    `in_cache`: below how many bytes of tables nothing is asked for before it is needed; they change
    how much memory a thread works in and how long it waits, and no answer.
    """

    def __init__(
        self,
        model: CascadeModel,
        seed: int = 0,
        threads: int | None = None,
        *,
        audience: Audience | None = None,
    ) -> None:
        n = model.graph.n
        self.audience = Audience.everyone(n) if audience is None else audience
        if self.audience.n != n:
            raise UsageError(f"The audience must have {n:,} weights, one for each account.")
        #: Σ w of the audience (n where each weighs 1): reach is this times a share of sets.
        self.total = self.audience.total
        alike = self.audience.is_everyone
        self._everyone = (
            EVERYONE if alike else audience_roots(self.audience, np.arange(n, dtype=np.int32))
        )
        self.tables = subset_tables(model, threads)
        self.seed = seed & 0x7FFF_FFFF_FFFF_FFFF
        self.threads = thread_count(threads)
        self.chunk, self.in_cache = CHUNK, _IN_CACHE
        self._scratch: list[_Scratch] = []

    @property
    def n(self) -> int:
        """Number of accounts."""
        return self.tables.n

    def expect(self, members: float) -> None:
        """Fit the tasks to RR sets that have so many members in the mean."""
        blocks = int(_CHUNK_MEMBERS / (members * BLOCK))
        self.chunk = min(max(1, blocks) * BLOCK, CHUNK)

    def map(
        self,
        collection: int,
        sets: int,
        work: Callable[[Chunk], R],
        *,
        roots: Roots = EVERYONE,
        advance: Callable[[int], None] | None = None,
    ) -> Iterator[R]:
        """`work` on each chunk of the collection's first `sets` RR sets; results in their order.

        `roots`: where they begin; by default anywhere in the audience, in proportion. Those that
        are equally likely begin as many as they can each.

        `work` runs on the threads and must not keep the arrays of its chunk. `advance` is
        called now and then, from the calling thread, with the number of sets just drawn.
        """
        chunks = block_ranges(sets, self.chunk)
        wave = self.threads * _TASKS_A_WAVE
        begin = self._begin(roots, sets)

        def draw(bounds: tuple[int, int]) -> R:
            try:
                scratch = self._scratch.pop()
            except IndexError:
                scratch = _Scratch(self.tables, self.in_cache)
            answer = work(self._draw(collection, bounds, begin, scratch))
            self._scratch.append(scratch)
            return answer

        with Workers(self.threads) as workers:
            for start in range(0, len(chunks), wave):
                bounds = chunks[start : start + wave]
                yield from workers.run(draw, bounds)
                if advance is not None:
                    advance(bounds[-1][1] - bounds[0][0])

    def in_turn(self, roots: Roots, sets: int) -> int:
        """How many of the first `sets` RR sets of a collection have roots in turn."""
        begin = self._begin(roots, sets)
        return min(sets, begin.repeats * (len(begin.pool) or self.n))

    def _begin(self, roots: Roots, sets: int) -> Roots:
        begin = roots if len(roots.pool) else self._everyone
        if begin.repeats or len(begin.places.cumulative):
            return begin
        return replace(begin, repeats=sets // max(len(begin.pool) or self.n, 1))

    def _draw(
        self, collection: int, bounds: tuple[int, int], roots: Roots, scratch: _Scratch
    ) -> Chunk:
        first, last = bounds
        tables = self.tables
        ends = np.empty(last - first, dtype=np.int64)
        done = 0
        while True:
            done = draw_sets(
                tables.indptr,
                tables.sources,
                tables.slots,
                tables.mean,
                tables.limits,
                tables.by_degree,
                tables.hops,
                tables.longest_row,
                frozen(roots.pool),
                roots.repeats,
                frozen(roots.places.cumulative),
                frozen(roots.places.guide),
                roots.places.bits,
                self.seed,
                int(collection),
                first,
                done,
                scratch.visited,
                scratch.places,
                scratch.coins,
                scratch.buffer,
                ends,
            )
            used = int(ends[done - 1]) if done else 0
            if done == len(ends):
                return Chunk(scratch.buffer[:used], ends)
            larger = np.empty(2 * len(scratch.buffer), dtype=np.int32)
            larger[:used] = scratch.buffer[:used]
            scratch.buffer = larger
