"""Deterministic graphs with heavy tails, at any size, and their array forms."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32


def power_law_edges(accounts: int, edges: int, seed: int = 1) -> tuple[Int32, Int32]:
    """Follows (actor, target), distinct, without loops, sorted; a little fewer than `edges`.

    Both ends are drawn by rank to a power: the expected number of followers of the
    account of rank r falls as r**-0.75 (a tail exponent of 2.33), of follows as
    r**-0.5 (an exponent of 3); who is active has nothing to do with who is followed,
    and ids say nothing of either.
    """
    random = np.random.default_rng([seed, accounts, edges])
    target = _by_rank(random, accounts, edges, 0.75)
    actor = _by_rank(random, accounts, edges, 0.5)
    key = np.unique(actor.astype(np.int64) * accounts + target)
    actor, target = (key // accounts).astype(np.int32), (key % accounts).astype(np.int32)
    kept = actor != target
    return actor[kept], target[kept]


def _by_rank(random: np.random.Generator, accounts: int, count: int, power: float) -> Int32:
    """`count` accounts, drawn with probability falling as rank**-power, ranks shuffled."""
    ranks = (accounts * random.random(count) ** (1.0 / (1.0 - power))).astype(np.int32)
    return random.permutation(accounts).astype(np.int32)[ranks]


def adjacency(
    accounts: int, rows: Int32, columns: Int32, weights: Float64 | None = None
) -> Adjacency:
    """The matrix with an entry at (row, column) for each pair; pairs must be distinct."""
    order: npt.NDArray[np.int64] = np.argsort(rows.astype(np.int64) * accounts + columns)
    indptr = np.zeros(accounts + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=accounts), out=indptr[1:])
    return Adjacency(indptr, columns[order], None if weights is None else weights[order])


@lru_cache(maxsize=2)
def influence_graph(
    accounts: int, edges: int, weighted: bool = False, seed: int = 1
) -> InfluenceGraph:
    """The power-law follows as influence arcs: the followed influences the follower.

    Weighted: a quarter of the ties have interactions on top of the follow, and so a
    strength above 1, by a lognormal amount.
    """
    actor, target = power_law_edges(accounts, edges, seed)
    weights = None
    if weighted:
        random = np.random.default_rng([seed, accounts, edges, 1])
        weights = 1.0 + (random.random(len(actor)) < 0.25) * random.lognormal(0, 1, len(actor))
    return InfluenceGraph(
        out=adjacency(accounts, target, actor, weights),
        into=adjacency(accounts, actor, target, weights),
    )
