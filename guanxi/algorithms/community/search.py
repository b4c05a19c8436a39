"""Iterations of Leiden: from settled communities down to the coarsest level, and up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.community.aggregation import aggregate
from guanxi.algorithms.community.csr import Level, reordered, shuffled
from guanxi.algorithms.community.modularity import modularity
from guanxi.algorithms.community.moving import move_nodes
from guanxi.algorithms.community.numbering import compact, members_of
from guanxi.algorithms.community.refinement import Chance, refine
from guanxi.graph.arrays import Adjacency, Int32

#: More levels than this are not built; graphs of millions have about ten.
MAX_LEVELS = 50
#: How much chance refinement is given from the second iteration on. The first does best
#: without; the others would only repeat what was found (measured on a dozen graphs).
SPREAD = 1.0
#: Percentage of an iteration that is done when the coarsest level is reached.
_DOWN = 70

Report = Callable[[int], None]


@dataclass
class Search:
    """Where a search stands: node i of `level`, account `order[i]`, is in community `labels[i]`.

    Communities are 0 … count-1. `scale`, and what it makes of gains, as in `move_nodes`.
    """

    level: Level
    order: Int32
    labels: Int32
    count: int
    scale: float

    @classmethod
    def begin(
        cls, adjacency: Adjacency, resolution: float, seed: int, start: int, threads: int | None
    ) -> Search:
        """Single accounts, looked at in an order of chance, settled in communities."""
        order = shuffled(adjacency.n, seed, start << 32)
        level = reordered(adjacency, order, threads)
        total = float(level.strength.sum())
        scale = resolution / total if total else 0.0
        alone = np.arange(level.n, dtype=np.int32)
        labels, count, _, _ = move_nodes(level, alone, level.n, scale)
        return cls(level, order, labels, count, scale)

    def by_account(self) -> Int32:
        """The community of each account, int32[n]."""
        found = np.empty_like(self.labels)
        found[self.order] = self.labels
        return found

    def iterate(self, chance: Chance, threads: int | None, report: Report | None = None) -> int:
        """One iteration; how many nodes it moved."""
        # By community, so that neighbours are close in memory; within one by chance.
        fresh = shuffled(self.level.n, chance.seed, chance.stream)
        step = fresh[members_of(self.labels[fresh], self.count)[1]]
        self.level = reordered(self.level, step, threads)
        self.order = self.order[step]
        self.labels, self.count, moves = _down_and_up(
            self.level, self.labels[step], self.count, self.scale, chance, threads, report
        )
        return moves


def _down_and_up(
    level: Level,
    labels: Int32,
    count: int,
    scale: float,
    chance: Chance,
    threads: int | None,
    report: Report | None = None,
) -> tuple[Int32, int, int]:
    """Refine, aggregate and move down to the coarsest level, and move on the way up.

    From labels that are settled at `level`; labels, communities and moves come back.
    """
    nodes = level.n
    passed: list[tuple[Level, Int32]] = []
    moves = 0
    while count < level.n and len(passed) < MAX_LEVELS:
        part, community = refine(level, labels, count, scale, chance.at(len(passed)), threads)
        if len(community) == level.n:
            break
        passed.append((level, part))
        level = aggregate(level, part, len(community), threads)
        labels, count, moved, _ = move_nodes(level, community, count, scale)
        moves += moved
        if report is not None:
            report(_DOWN - _DOWN * level.n // nodes)
    levels = len(passed)
    while passed:
        level, part = passed.pop()
        labels, count, moved, _ = move_nodes(level, labels[part], count, scale)
        moves += moved
        if report is not None:
            report(100 - (100 - _DOWN) * len(passed) // levels)
    return labels, count, moves


def overlay(
    adjacency: Adjacency, resolution: float, searches: list[Search], chance: Chance
) -> Search:
    """The best of `searches`, improved by what the others found.

    Accounts that all of them put together become one node; these nodes are moved, from
    the communities of the search with the highest modularity, and so on by a whole
    iteration over them.
    """
    found = [search.by_account() for search in searches]
    quality = [modularity(adjacency, labels, resolution) for labels in found]
    best = searches[int(np.argmax(quality))]
    cells = np.zeros(adjacency.n, dtype=np.int64)
    for labels in found:
        cells = np.unique(cells * adjacency.n + labels, return_inverse=True)[1]
    cell = cells[best.order].astype(np.int32)
    count = compact(cell)
    community = np.empty(count, dtype=np.int32)
    community[cell] = best.labels
    level = aggregate(best.level, cell, count, 1)
    moved = move_nodes(level, community, best.count, best.scale)
    labels, count, _ = _down_and_up(
        level, moved.labels, moved.communities, best.scale, chance, threads=1
    )
    settled = move_nodes(best.level, labels[cell], count, best.scale)
    return Search(best.level, best.order, settled.labels, settled.communities, best.scale)
