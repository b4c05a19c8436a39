"""Simple lists that a chosen list has to beat: one-step gain and degree discount.

Both look one step ahead only: whom an account activates directly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from guanxi.algorithms.influence.models import CascadeModel, frozen, weights_of
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.heap import sink


def one_step_gain(model: CascadeModel, weights: Float64 | None = None) -> Float64:
    """float64[n]: Σ_v p(u→v) · w(v), the expected weight of those whom u activates directly.

    `weights` float64[n]: of the audience; by default 1 each.
    """
    arrays = _out_arrays(model)
    gain = np.empty(model.graph.n)
    worth = np.ones(model.graph.n) if weights is None else np.array(weights, dtype=np.float64)
    _first_gains(*arrays, worth, gain)
    return gain


def top_ranked(ranking: Int32, k: int, candidates: Bool) -> Int32:
    """The first `k` candidates of `ranking` (accounts, best first), then others by number.

    Raises UsageError where `ranking` names an account twice or one that does not exist.
    """
    n = len(candidates)
    ranking = np.asarray(ranking, dtype=np.int64)
    if len(ranking) and not (ranking.min() >= 0 and ranking.max() < n):
        raise UsageError(f"A ranking names an account outside 0 … {n - 1}.")
    ranked = np.zeros(n, dtype=np.bool_)
    ranked[ranking] = True
    if np.count_nonzero(ranked) < len(ranking):
        raise UsageError("A ranking names an account twice.")
    first = ranking[candidates[ranking]][:k]
    if len(first) < k:
        rest = np.flatnonzero(candidates & ~ranked)
        first = np.concatenate([first, rest[: k - len(first)]])
    return first.astype(np.int32)


def degree_discount(
    model: CascadeModel, k: int, candidates: Bool, weights: Float64 | None = None
) -> Int32:
    """`k` candidates chosen one by one for the largest gain in one-step reach.

    The one-step reach of a list S is |S| + Σ_{v ∉ S} (1 - Π_{u ∈ S} (1 - p(u→v))), each
    account counted with its weight in the audience, `weights` float64[n] (by default 1). This
    is degree discount for arcs of any probability: an account loses what chosen accounts
    already activate of its targets, and of itself. Ties go to the smaller account.

    Source: W. Chen, Y. Wang, S. Yang, "Efficient influence maximization in social networks",
    KDD 2009, doi:10.1145/1557019.1557047.
    """
    k = min(k, int(np.count_nonzero(candidates)))
    inactive = np.ones(model.graph.n) if weights is None else np.array(weights, dtype=np.float64)
    gain = one_step_gain(model, inactive) + inactive
    ids = np.flatnonzero(candidates).astype(np.int32)
    ids = ids[np.argsort(-gain[ids], kind="stable")]
    chosen = np.empty(k, dtype=np.int32)
    _discount(*_out_arrays(model), inactive, gain[ids], ids, chosen)
    return chosen


def _out_arrays(model: CascadeModel) -> tuple[Int64, Int32, Float64, Float64]:
    out = model.graph.out
    return frozen(out.indptr), frozen(out.indices), weights_of(out), frozen(model.scale)


@inline
def _probability(j: int, v: int, weights: Float64, scale: Float64) -> Any:
    """p of arc j, which leads to v."""
    strength = weights[j] if len(weights) > 0 else 1.0
    return min(1.0, strength * scale[v])


@inline
def _gain(
    u: int,
    indptr: Int64,
    targets: Int32,
    weights: Float64,
    scale: Float64,
    inactive: Float64,
) -> Any:
    """Σ_v p(u→v) · inactive[v]."""
    total = 0.0
    for j in range(indptr[u], indptr[u + 1]):
        v = targets[j]
        total += _probability(j, v, weights, scale) * inactive[v]
    return total


@kernel
def _first_gains(
    indptr: Int64,
    targets: Int32,
    weights: Float64,
    scale: Float64,
    inactive: Float64,
    gain: Float64,
) -> None:
    for u in range(len(gain)):
        gain[u] = _gain(u, indptr, targets, weights, scale, inactive)


@kernel
def _discount(
    indptr: Int64,
    targets: Int32,
    weights: Float64,
    scale: Float64,
    inactive: Float64,
    keys: Float64,
    ids: Int32,
    chosen: Int32,
) -> None:
    """`inactive[v]`: the weight of v times the probability that no chosen account activates it."""
    size = len(ids)
    for i in range(len(chosen)):
        while True:
            u = int(ids[0])
            now = inactive[u] + _gain(u, indptr, targets, weights, scale, inactive)
            if now >= keys[0]:
                break
            keys[0] = now
            sink(keys, ids, size, 0)
        chosen[i] = u
        inactive[u] = 0.0
        for j in range(indptr[u], indptr[u + 1]):
            v = targets[j]
            inactive[v] *= 1.0 - _probability(j, v, weights, scale)
        size -= 1
        keys[0], ids[0] = keys[size], ids[size]
        sink(keys, ids, size, 0)
