"""Harmonic centrality: how near everybody else is, as seen from an account."""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.chains.steps import LISTS, StepSearch
from guanxi.algorithms.chains.ways import Ways
from guanxi.graph.arrays import Float64, Int32
from guanxi.parallel import run_blocks

#: Steps that a search goes between two looks at whether it is over.
_STRIDE = 16


def harmonic(ways: Ways, accounts: Int32, threads: int | None = None) -> Float64:
    """The mean of 1 / steps from each of `accounts` to every other account; float64, exact.

    H(u) = Σ 1 / d(u, v) / (n − 1) over v ≠ u, with 1 / d = 0 where v cannot be reached, along
    the steps of `ways`: with `influence`, 1 for an account that influences all others itself.
    (On arcs drawn from the follower to the followed it is the mean over the ways that lead to
    u, as the source has it.) `accounts`: int32. For all accounts of a large network there are
    the estimates of `guanxi.algorithms.chains.sketch`.

    Source: P. Boldi, S. Vigna, "Axioms for centrality", Internet Mathematics 10, 2014,
    doi:10.1080/15427951.2013.865686.

    >>> from guanxi.graph.arrays import Adjacency
    >>> line = Adjacency(np.array([0, 1, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> none = Adjacency(np.array([0, 0, 0, 0]), np.array([], dtype=np.int32))
    >>> harmonic(Ways(line, none), np.arange(3, dtype=np.int32)).tolist()
    [0.75, 0.5, 0.0]
    """

    def work(block: list[Int32]) -> Float64:
        search = StepSearch(ways, block)
        total, gone = np.zeros(len(block)), 0
        while not search.over:
            reached = search.advance(_STRIDE)[:, :, 0]
            total += (reached / np.arange(gone + 1, gone + 1 + _STRIDE)).sum(axis=1)
            gone += _STRIDE
        return total

    alone = [accounts[place : place + 1] for place in range(len(accounts))]
    blocks = [alone[first : first + LISTS] for first in range(0, len(alone), LISTS)]
    parts = run_blocks(work, blocks, threads if len(blocks) > 1 else 1)
    return np.concatenate([np.empty(0), *parts]) / max(ways.n - 1, 1)
