"""The trivalency model: ties that are strong, middling or weak, by lot.

Source: W. Chen, C. Wang, Y. Wang, "Scalable influence maximization for prevalent viral
marketing in large-scale social networks", KDD 2010, doi:10.1145/1835804.1835934.
"""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.influence.models import CascadeModel, frozen
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32, Int64
from guanxi.kernels import kernel
from guanxi.shared.random import splitmix64

#: The three probabilities, equally likely.
LEVELS = (0.1, 0.01, 0.001)


def trivalency(graph: InfluenceGraph, seed: int = 0) -> CascadeModel:
    """Independent cascade with p(u→v) drawn from 0.1, 0.01 and 0.001, once for each arc.

    The draw is a hash of (seed, u, v), so it depends neither on the order of the arcs nor on
    what other arcs there are; accounts are numbered in the order of their ids.
    """
    plain = seed & 0x7FFF_FFFF_FFFF_FFFF
    out = _with_draws(graph.out, plain, False)
    into = _with_draws(graph.into, plain, True)
    sentence = "Independent cascade with probability 0.1, 0.01 or 0.001 on each tie, by lot."
    return CascadeModel(
        "trivalency", InfluenceGraph(out, into), np.ones(graph.n), sentence=sentence
    )


def _with_draws(side: Adjacency, seed: int, backwards: bool) -> Adjacency:
    drawn = np.empty(side.m)
    indptr, indices = frozen(side.indptr), frozen(side.indices)
    _draw_levels(indptr, indices, seed, backwards, np.array(LEVELS), drawn)
    return Adjacency(side.indptr, side.indices, drawn)


@kernel
def _draw_levels(
    indptr: Int64, indices: Int32, seed: int, backwards: bool, levels: Float64, drawn: Float64
) -> None:
    start = splitmix64(seed)
    for row in range(len(indptr) - 1):
        for j in range(indptr[row], indptr[row + 1]):
            u, v = (indices[j], row) if backwards else (row, indices[j])
            mixed = splitmix64(splitmix64(start ^ np.uint64(u)) ^ np.uint64(v))
            drawn[j] = levels[np.int64(mixed % np.uint64(3))]
