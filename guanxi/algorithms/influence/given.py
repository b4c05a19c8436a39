"""Influence probabilities from outside: from a file of (source, target, probability), or learned.

The arcs given are the whole graph: an account influences another only where it is said with
which probability, whether the two have a tie or not.
"""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.influence.models import CascadeModel
from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, Bool, Float64, InfluenceGraph, Int32, Int64


def given_probabilities(
    n: int, sources: Int32, targets: Int32, probability: Float64
) -> CascadeModel:
    """Independent cascade with p(source → target) = probability, and no other arcs.

    `sources`, `targets`: accounts 0 … n-1, source influences target; `probability` float64,
    0 … 1. In any order: the same triples give the same model. An arc with p = 0 is none, nor
    is one from an account to itself; an arc given twice with the same p counts once.

    Raises UsageError, with the number of the row from 1, for an account outside 0 … n-1, a
    probability outside 0 … 1, and an arc that is given twice with different probabilities.

    >>> import numpy as np
    >>> model = given_probabilities(3, np.array([2, 0]), np.array([1, 1]), np.array([0.5, 0.2]))
    >>> model.graph.into.indices, model.graph.into.weights
    (array([0, 2], dtype=int32), array([0.2, 0.5]))
    """
    source, target = np.asarray(sources, dtype=np.int64), np.asarray(targets, dtype=np.int64)
    p = np.asarray(probability, dtype=np.float64)
    if not source.shape == target.shape == p.shape or p.ndim != 1:
        raise UsageError("There must be as many sources as targets and as probabilities.")
    for side in (source, target):
        _refuse((side < 0) | (side >= n), f"names an account outside 0 … {n - 1}")
    _refuse(~((p >= 0.0) & (p <= 1.0)), "has no probability between 0 and 1")
    key = source * n + target
    order = np.argsort(key, kind="stable")
    repeated = np.zeros(len(p), dtype=np.bool_)
    repeated[order[1:]] = np.diff(key[order]) == 0
    differs = np.zeros(len(p), dtype=np.bool_)
    differs[order[1:]] = np.diff(p[order]) != 0.0
    _refuse(repeated & differs, "gives an arc again, with another probability")
    order = order[(~repeated & (p > 0.0) & (source != target))[order]]
    source, target, p = source[order], target[order], p[order]
    back = np.argsort(target, kind="stable")
    graph = InfluenceGraph(
        _rows(n, source, target, p), _rows(n, target[back], source[back], p[back])
    )
    sentence = "Independent cascade with the probabilities given for each pair of accounts."
    return CascadeModel("given", graph, np.ones(n), sentence=sentence)


def _rows(n: int, row: Int64, column: Int64, weight: Float64) -> Adjacency:
    """CSR of entries in the order of their rows."""
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))])
    return Adjacency(indptr.astype(np.int64), column.astype(np.int32), weight)


def _refuse(bad: Bool, why: str) -> None:
    if bad.any():
        raise UsageError(f"Row {int(np.argmax(bad)) + 1:,} of the probabilities {why}.")
