"""Diffusion models: the probability that an account, once active, activates another.

All are independent-cascade models: each arc u → v gets one chance, when u becomes
active, to activate v, and succeeds with probability p(u→v).

Source: D. Kempe, J. Kleinberg, É. Tardos, "Maximizing the spread of influence through a
social network", KDD 2003, doi:10.1145/956750.956769.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class CascadeModel:
    """Independent cascade with p(u→v) = min(1, strength(u→v) · scale[v]).

    `graph`: the influence arcs; an arc without a weight has strength 1.
    `scale`: float64[n], one factor for each account that is influenced.
    """

    name: str
    graph: InfluenceGraph
    scale: Float64


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
    return CascadeModel("weighted-cascade", graph, scale)


def frozen(array: npt.NDArray[T]) -> npt.NDArray[T]:
    """A plain read-only view, so that kernels see one type for arrays in memory and mapped."""
    view = np.asarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view


def weights_of(adjacency: Adjacency) -> Float64:
    """The weights of the arcs for kernels; float64[0] where every arc weighs 1."""
    weights = adjacency.weights
    return frozen(np.empty(0, dtype=np.float64) if weights is None else weights)
