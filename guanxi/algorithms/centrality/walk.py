"""Sweeps of Gauss–Seidel that bring a random walk with jumps to its stationary scores."""

from __future__ import annotations

import itertools

import numpy as np

from guanxi.algorithms.centrality.degree import weighted_in_degree
from guanxi.algorithms.centrality.sweeps import sweep, sweep_rows
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32, read_only
from guanxi.parallel import Workers

#: Rows from the first to before the second.
Block = tuple[int, int]
#: Arcs and rows of a block, which is what one thread does at a time.
BLOCK = 1 << 17
#: Blocks of a wave. They run side by side and do not see each other's new scores.
WAVE = 8
#: A row lags when it changes by so many times the mean; at most one row in so many does.
_LAGGING = 50
#: Lagging rows are swept again by themselves so many times, as far as all of that is no
#: more than this part of a whole sweep, or until they change by this part of the whole.
EXTRA_SWEEPS = 16
_EXTRA_WORK = 0.2
_SETTLED = 0.05


class Walk:
    """The scores on their way, and the arrays that a sweep needs.

    Every sweep is an iteration of a regular splitting of I − G, where G, the walk with
    its jumps, is a stochastic matrix all of whose accounts come back to the jump: the
    ray of the stationary scores stays, all else decays. Between sweeps the scores sum
    to whatever they like; the mass that jumps is kept in proportion.

    What a sweep computes depends on the graph alone: large graphs are cut into waves of
    blocks by their arcs, blocks of a wave all start from the same scores, and small
    graphs are one block.
    """

    def __init__(
        self, graph: InfluenceGraph, damping: float, jump: Float64, workers: Workers
    ) -> None:
        n = graph.n
        weights = graph.out.weights
        if weights is None or len(weights) == 0 or weights.min() == weights.max():
            # All alike: the kernel has nothing to read but the indices.
            weights = np.empty(0)
            strength = np.diff(graph.into.indptr).astype(np.float64)
        else:
            strength = weighted_in_degree(graph.into)
        self._damping, self._workers = float(damping), workers
        self._inverse = np.divide(1.0, strength, out=np.zeros(n), where=strength > 0.0)
        self._rows = graph.out
        self._given = (
            read_only(graph.out.indptr),
            read_only(graph.out.indices),
            read_only(weights),
            self._damping,
            jump,
            self._inverse,
        )
        self._waves = waves(graph.out)
        self._new_share = np.empty(n)
        self._lagging = np.empty(n, dtype=np.int32)
        self._lagged = self._lagging[:0]
        self._change = np.inf
        self.scores = jump.copy()
        self._normalize()

    def sweep(self) -> float:
        """Score all rows anew, wave after wave; returns the L1 change."""
        threshold = _LAGGING * self._change / len(self.scores)
        change = 0.0
        lagging = []
        for blocks in self._waves:
            alone = len(blocks) == 1
            parts = self._run(blocks, threshold, self._share if alone else self._new_share)
            if not alone:
                wave = slice(blocks[0][0], blocks[-1][1])
                self._share[wave] = self._new_share[wave]
            for (start, _), (part, count) in zip(blocks, parts, strict=True):
                change += part
                lagging.append(self._lagging[start : start + count].copy())
        self._change = change
        self._settle(np.concatenate(lagging))
        return change

    def plain_sweep(self) -> float:
        """One step of plain power iteration from scores scaled to sum 1; the L1 change."""
        self._normalize()
        blocks = [block for blocks in self._waves for block in blocks]
        parts = self._run(blocks, np.inf, self._new_share)
        self._share, self._new_share = self._new_share, self._share
        return sum(change for change, _ in parts)

    def _normalize(self) -> None:
        self.scores /= self.scores.sum()
        self._share = self.scores * self._inverse
        stuck = float(self.scores[self._inverse == 0.0].sum())
        self._jumping = 1.0 - self._damping + self._damping * stuck

    def _run(
        self, blocks: list[Block], threshold: float, new_share: Float64
    ) -> list[tuple[float, int]]:
        """Sweep blocks side by side; the L1 change and the count of lagging rows of each."""

        def work(block: Block) -> tuple[float, float, float, int]:
            start, end = block
            return sweep(
                start,
                end,
                *self._given,
                self._share,
                self.scores,
                self._jumping,
                new_share,
                threshold,
                self._lagging[start:end],
            )

        parts = self._workers.run(work, blocks)
        for _, gained, stuck, _ in parts:
            self._jump_more(gained, stuck)
        return [(change, count) for change, _, _, count in parts]

    def _settle(self, lagging: Int32) -> None:
        """Sweep the rows that lag some more times by themselves.

        Late in the iteration most of the change sits in small groups with no way out
        (two accounts who follow nobody but each other), which are cheap to settle. In a
        group of two, one lags in this sweep and the other in the next, so the lagging
        rows of the last two sweeps are taken.
        """
        rows = np.union1d(lagging, self._lagged)
        self._lagged = lagging
        if len(rows) == 0:
            return
        indptr = self._rows.indptr
        work = len(rows) + int((indptr[rows + 1] - indptr[rows]).sum())
        allowed = int(_EXTRA_WORK * (self._rows.m + self._rows.n)) // work
        for _ in range(min(EXTRA_SWEEPS, allowed)):
            change, gained, stuck = sweep_rows(
                rows, *self._given, self._share, self.scores, self._jumping
            )
            self._jump_more(gained, stuck)
            if change <= _SETTLED * self._change:
                return

    def _jump_more(self, gained: float, stuck: float) -> None:
        self._jumping += (1.0 - self._damping) * gained + self._damping * stuck


def waves(rows: Adjacency) -> list[list[Block]]:
    """All rows as waves of blocks of about `BLOCK` arcs and rows; one block if there are few."""
    if rows.m + rows.n <= WAVE * BLOCK:
        return [[(0, rows.n)]]
    work = rows.indptr + np.arange(rows.n + 1)
    cuts = np.searchsorted(work, np.arange(0, work[-1] + BLOCK, BLOCK))
    blocks = list(itertools.pairwise(np.unique(np.minimum(cuts, rows.n)).tolist()))
    return [blocks[i : i + WAVE] for i in range(0, len(blocks), WAVE)]
