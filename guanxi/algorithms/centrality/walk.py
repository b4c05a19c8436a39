"""Sweeps of Gauss–Seidel that bring a random walk with jumps to its stationary scores."""

from __future__ import annotations

import itertools

import numpy as np

from guanxi.algorithms.centrality.degree import weighted_in_degree
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32, Int64, read_only
from guanxi.kernels import kernel
from guanxi.parallel import Workers

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


@kernel
def _sweep(
    rows: Int32,
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    damping: float,
    jumping: float,
    jump: Float64,
    inverse: Float64,
    threshold: float,
    share: Float64,
    scores: Float64,
    new_share: Float64,
    lagging: Int32,
) -> tuple[float, float, float, int]:
    """Score `rows` anew; returns the L1 change, the sum gained, the part of that sum
    gained by accounts that nobody influences, and the number of rows that changed by
    more than `threshold`, which are written to `lagging`.

    The share of an account is its score over the strength by which it is influenced
    (times `inverse`; 0 where nobody does): what it gives for each unit of strength.
    `new_share` may be `share` itself; then rows see the new scores of those before.
    """
    change = 0.0
    gained = 0.0
    stuck = 0.0
    count = 0
    weighted = len(weights) > 0
    for row in rows:
        total = 0.0
        if weighted:
            for k in range(indptr[row], indptr[row + 1]):
                total += weights[k] * share[indices[k]]
        else:
            for k in range(indptr[row], indptr[row + 1]):
                total += share[indices[k]]
        score = damping * total + jumping * jump[row]
        step = score - scores[row]
        scores[row] = score
        new_share[row] = score * inverse[row]
        change += abs(step)
        gained += step
        if inverse[row] == 0.0:
            stuck += step
        if abs(step) > threshold:
            lagging[count] = row
            count += 1
    return change, gained, stuck, count


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
        self._rows = graph.out
        self._matrix = (
            read_only(graph.out.indptr),
            read_only(graph.out.indices),
            read_only(weights),
        )
        self._damping, self._jump, self._workers = float(damping), jump, workers
        self._inverse = np.divide(1.0, strength, out=np.zeros(n), where=strength > 0.0)
        self._order = np.arange(n, dtype=np.int32)
        self._waves = waves(graph.out)
        self._new_share = np.empty(n)
        self._lagging = np.empty(n, dtype=np.int32)
        self._lagged = self._order[:0]
        self._change = np.inf
        self.scores = jump.copy()
        self._normalize()

    def sweep(self) -> float:
        """Score all rows anew, wave after wave; returns the L1 change."""
        threshold = _LAGGING * self._change / self._rows.n
        change = 0.0
        lagging = []
        for blocks in self._waves:
            alone = len(blocks) == 1
            parts = self._run(blocks, threshold, self._share if alone else self._new_share)
            if not alone:
                wave = slice(blocks[0][0], blocks[-1][-1] + 1)
                self._share[wave] = self._new_share[wave]
            for rows, (part, count) in zip(blocks, parts, strict=True):
                change += part
                lagging.append(self._lagging[rows[0] : rows[0] + count].copy())
        self._change = change
        self._relax(np.concatenate(lagging))
        return change

    def plain_sweep(self) -> float:
        """One step of plain power iteration from scores scaled to sum 1; the L1 change."""
        self._normalize()
        blocks = [rows for wave in self._waves for rows in wave]
        parts = self._run(blocks, np.inf, self._new_share)
        self._share, self._new_share = self._new_share, self._share
        return sum(change for change, _ in parts)

    def _normalize(self) -> None:
        self.scores /= self.scores.sum()
        self._share = self.scores * self._inverse
        stuck = float(self.scores[self._inverse == 0.0].sum())
        self._jumping = 1.0 - self._damping + self._damping * stuck

    def _relax(self, lagging: Int32) -> None:
        """Sweep the rows that lag some more times by themselves.

        Late in the iteration most of the change sits in small groups with no way out
        (two accounts who follow nobody but each other), which are cheap to settle. In a
        group of two, one lags in this sweep and the other in the next, so the lagging
        rows of the last two sweeps are taken.
        """
        rows = np.union1d(lagging, self._lagged)
        self._lagged = lagging
        indptr = self._rows.indptr
        work = len(rows) + int((indptr[rows + 1] - indptr[rows]).sum())
        allowed = int(_EXTRA_WORK * (self._rows.m + self._rows.n)) // max(work, 1)
        for _ in range(min(EXTRA_SWEEPS, allowed) if len(rows) else 0):
            [(change, _)] = self._run([rows], np.inf, self._share)
            if change <= _SETTLED * self._change:
                return

    def _run(
        self, blocks: list[Int32], threshold: float, new_share: Float64
    ) -> list[tuple[float, int]]:
        """Sweep blocks side by side; the L1 change and the count of lagging rows of each."""

        def work(rows: Int32) -> tuple[float, float, float, int]:
            return _sweep(
                rows,
                *self._matrix,
                self._damping,
                self._jumping,
                self._jump,
                self._inverse,
                threshold,
                self._share,
                self.scores,
                new_share,
                self._lagging[rows[0] :],
            )

        parts = self._workers.run(work, blocks)
        for _, gained, stuck, _ in parts:
            self._jumping += (1.0 - self._damping) * gained + self._damping * stuck
        return [(change, count) for change, _, _, count in parts]


def waves(rows: Adjacency) -> list[list[Int32]]:
    """All rows as waves of blocks of about `BLOCK` arcs and rows; one block if there are few."""
    order = np.arange(rows.n, dtype=np.int32)
    if rows.m + rows.n <= WAVE * BLOCK:
        return [[order]]
    work = rows.indptr + np.arange(rows.n + 1)
    cuts = np.searchsorted(work, np.arange(0, work[-1] + BLOCK, BLOCK))
    cuts = np.unique(np.minimum(cuts, rows.n))
    blocks = [order[start:end] for start, end in itertools.pairwise(cuts.tolist())]
    return [blocks[i : i + WAVE] for i in range(0, len(blocks), WAVE)]
