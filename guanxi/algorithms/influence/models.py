"""Diffusion models: how an account, once active, activates others.

Under independent cascade each arc u → v gets one chance, when u becomes active, to activate
v, and succeeds with probability p(u→v). Under linear threshold each account v draws a
threshold between 0 and 1, and becomes active when the shares p(u→v) of the active accounts
that influence it exceed the threshold.

A model is a `CascadeModel`: probabilities on arcs, and a rule. To add one, write a function
that makes it (`with_probabilities` takes any array of p), and list it in `catalogue`.

Source: D. Kempe, J. Kleinberg, É. Tardos, "Maximizing the spread of influence through a
social network", KDD 2003, doi:10.1145/956750.956769.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph

T = TypeVar("T", bound=np.generic)

#: Shares into an account that exceed 1 by less are a matter of rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class CascadeModel:
    """A diffusion model with p(u→v) = min(1, strength(u→v) · scale[v]).

    `graph`: the influence arcs; an arc without a weight has strength 1.
    `scale`: float64[n], one factor for each account that is influenced.
    `at_most_one`: linear threshold instead of independent cascade. In terms of who would
    have activated v, that is: at most one account, u with probability p(u→v), as Kempe et
    al. show; so the p into an account must not exceed 1 in all.
    `hops`: influence goes so many steps from the list at most; None: as far as it gets.
    `sentence`: the rule in words; `in_words` adds the horizon.
    """

    name: str
    graph: InfluenceGraph
    scale: Float64
    at_most_one: bool = False
    hops: int | None = None
    sentence: str = ""

    def in_words(self) -> str:
        """The model in words, for reports."""
        if self.hops is None:
            return self.sentence
        steps = "1 step" if self.hops == 1 else f"{self.hops:,} steps"
        return f"{self.sentence} Influence goes {steps} at most.".lstrip()


def weighted_cascade(graph: InfluenceGraph) -> CascadeModel:
    """p(u→v) = strength(u→v) / Σ_w strength(w→v): u's share of all that influences v.

    Without weights that is one over the number of accounts that influence v. The sum of
    p over everyone who influences v is 1; an account that nobody influences has no arc.

    Raises UsageError where a strength is not a positive finite number.

    >>> import numpy as np
    >>> into = Adjacency(np.array([0, 0, 1, 3]), np.array([0, 0, 1], dtype=np.int32),
    ...                  np.array([2.0, 1.0, 3.0]))
    >>> out = Adjacency(np.array([0, 2, 3, 3]), np.array([1, 2, 2], dtype=np.int32),
    ...                 np.array([2.0, 1.0, 3.0]))
    >>> weighted_cascade(InfluenceGraph(out, into)).scale
    array([0.  , 0.5 , 0.25])
    """
    into = graph.into
    filled = np.flatnonzero(np.diff(into.indptr))
    scale = np.zeros(graph.n)
    if into.weights is None:
        scale[filled] = 1.0 / np.diff(into.indptr)[filled]
    elif len(filled):
        totals = np.add.reduceat(into.weights, into.indptr[filled])
        if not (np.isfinite(totals).all() and into.weights.min() > 0.0):
            raise UsageError("Tie strengths must be positive finite numbers.")
        scale[filled] = 1.0 / totals
    sentence = (
        "Weighted cascade: an account activates another with the probability that is its share "
        "of all tie strength that influences the other."
    )
    return CascadeModel("weighted-cascade", graph, scale, sentence=sentence)


def linear_threshold(graph: InfluenceGraph) -> CascadeModel:
    """Linear threshold on the shares of weighted cascade.

    v becomes active when the accounts that are active have more than a random part, uniform
    between 0 and 1, of all tie strength that influences v.

    Raises UsageError where a strength is not a positive finite number.
    """
    sentence = (
        "Linear threshold: an account becomes active when active accounts hold more than a "
        "random part of all tie strength that influences it."
    )
    scale = weighted_cascade(graph).scale
    return CascadeModel("linear-threshold", graph, scale, at_most_one=True, sentence=sentence)


def uniform(graph: InfluenceGraph, probability: float) -> CascadeModel:
    """Independent cascade with the same `probability` on every arc, whatever its strength.

    Raises UsageError for a probability that is not above 0 and at most 1.
    """
    if not 0.0 < probability <= 1.0:
        raise UsageError(f"The probability must be above 0 and at most 1, not {probability}.")
    out, into = (Adjacency(side.indptr, side.indices) for side in (graph.out, graph.into))
    sentence = f"Independent cascade with probability {probability:g} on every tie."
    scale = np.full(graph.n, float(probability))
    return CascadeModel("uniform", InfluenceGraph(out, into), scale, sentence=sentence)


def with_hops(model: CascadeModel, hops: int | None) -> CascadeModel:
    """The model with a horizon: a list activates accounts at most `hops` steps away.

    For campaigns that end after some days. None is no horizon. Under linear threshold a step
    is a round: what is active after `hops` rounds counts. UsageError for `hops` below 1.
    """
    if hops is not None and hops < 1:
        raise UsageError(f"The number of hops must be at least 1, not {hops}.")
    return replace(model, hops=hops)


def probabilities(model: CascadeModel) -> tuple[Float64, Float64]:
    """p of each arc, float64[m] twice: in the order of `graph.out` and of `graph.into`."""
    out, into = model.graph.out, model.graph.into
    row = np.repeat(np.arange(into.n), np.diff(into.indptr))
    forth = np.ones(out.m) if out.weights is None else np.asarray(out.weights)
    back = np.ones(into.m) if into.weights is None else np.asarray(into.weights)
    scale = model.scale
    return np.minimum(1.0, forth * scale[out.indices]), np.minimum(1.0, back * scale[row])


def with_probabilities(model: CascadeModel, out: Float64, into: Float64) -> CascadeModel:
    """The model with other p: `out`, `into` float64[m] as of :func:`probabilities`.

    Arcs with p = 0 are left out of its graph. Raises UsageError for p outside 0 … 1, and under
    linear threshold where the p into an account add up to more than 1.
    """
    graph = model.graph
    for given in (out, into):
        if given.shape != (graph.m,) or not ((given >= 0.0) & (given <= 1.0)).all():
            raise UsageError(f"There must be {graph.m:,} probabilities between 0 and 1.")
    graph = InfluenceGraph(_weighted(graph.out, out), _weighted(graph.into, into))
    changed = replace(model, graph=graph, scale=np.ones(graph.n))
    check_shares(changed)
    return changed


def check_shares(model: CascadeModel) -> None:
    """Under linear threshold, UsageError where the p into an account exceed 1 in all."""
    into = model.graph.into
    if not model.at_most_one or not into.m:
        return
    row = np.repeat(np.arange(into.n), np.diff(into.indptr))
    most = float(np.bincount(row, weights=probabilities(model)[1]).max())
    if most > 1.0 + _ROUNDING:
        raise UsageError(
            "Under linear threshold the shares into an account must not exceed 1 in all, and "
            f"those into one account add up to {most:g}."
        )


def _weighted(side: Adjacency, probability: Float64) -> Adjacency:
    """The arcs with p > 0, weighted by p."""
    kept = probability > 0.0
    before = np.concatenate([[0], np.cumsum(kept)])
    return Adjacency(before[side.indptr], np.asarray(side.indices)[kept], probability[kept])


def frozen(array: npt.NDArray[T]) -> npt.NDArray[T]:
    """A plain read-only view, so that kernels see one type for arrays in memory and mapped."""
    view = np.asarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view


def weights_of(adjacency: Adjacency) -> Float64:
    """The weights of the arcs for kernels; float64[0] where every arc weighs 1."""
    weights = adjacency.weights
    return frozen(np.empty(0, dtype=np.float64) if weights is None else weights)
