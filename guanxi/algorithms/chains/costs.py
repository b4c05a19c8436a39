"""What a step of a chain costs: minus the logarithm of its probability, in whole numbers.

    p(u → v) = strength(u → v) / Σ strength into v           (weighted cascade)
    cost(u → v) = [log₂ Σ strength into v] − [log₂ strength(u → v)]

where [x] is x to the nearest 2^-28. Costs are integers, so sums of them are exact and two
chains compare alike on every platform; the strongest chain is the one of least cost. The
logarithm is made of additions, multiplications and one division, in a fixed order: no
mathematical library of a platform has a word in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.parallel import run_blocks

#: Units of cost to one halving of the probability.
UNITS = 1 << 28
_ACCOUNTS_A_BLOCK = 1 << 16
_HALF_ROOT = math.sqrt(0.5)
_TWICE_LOG2_E = 2.0 / math.log(2.0)
_NO_WEIGHTS: Float64 = np.empty(0, dtype=np.float64)


@dataclass(frozen=True)
class ChainGraph:
    """Influence arcs with what they cost: row u of `out` and row v of `into` hold u → v.

    `indptr` int64[n+1], `indices` int32[m] as in the influence graph, `costs` int64[m]. For
    mutual ties both ways round are the same arrays. `strengths` float64[m] along `out` (empty:
    all 1), `total` float64[n]: Σ strength into each account. For mutual ties the strength is
    the smaller one, and `probabilities` float64[m] has the smaller probability.
    """

    out_indptr: Int64
    out_indices: Int32
    out_costs: Int64
    into_indptr: Int64
    into_indices: Int32
    into_costs: Int64
    strengths: Float64
    total: Float64
    probabilities: Float64 | None = None

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.out_indptr) - 1

    @property
    def m(self) -> int:
        """Number of arcs."""
        return len(self.out_indices)

    def step(self, u: int, v: int) -> tuple[float, float]:
        """`(strength, probability)` of the arc u → v, which must be there."""
        start, end = self.out_indptr[u : u + 2].tolist()
        place = start + int(np.searchsorted(self.out_indices[start:end], v))
        strength = float(self.strengths[place]) if len(self.strengths) else 1.0
        if self.probabilities is not None:
            return strength, float(self.probabilities[place])
        return strength, strength / float(self.total[v])


@inline
def _log2_units(x: float) -> Any:
    """log₂ of a positive number in units, to the nearest; the same bits everywhere.

    With x = f · 2^e, √½ ≤ f < √2 and z = (f − 1)/(f + 1): ln f = 2 (z + z³/3 + z⁵/5 + …),
    whose terms from z¹⁹ on are below 2^-50.
    """
    fraction, exponent = math.frexp(x)
    if fraction < _HALF_ROOT:
        fraction *= 2.0
        exponent -= 1
    z = (fraction - 1.0) / (fraction + 1.0)
    square = z * z
    series = 1.0 / 17.0
    for odd in (15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        series = series * square + 1.0 / odd
    return np.int64(math.floor((exponent + z * series * _TWICE_LOG2_E) * 268435456.0 + 0.5))


@kernel
def _totals(
    start: int, end: int, indptr: Int64, weights: Float64, total: Float64, log_total: Int64
) -> None:
    """Σ strength into each account of a block, and its logarithm."""
    for v in range(start, end):
        low, high = indptr[v], indptr[v + 1]
        strength = float(high - low)
        if len(weights) > 0:
            strength = 0.0
            for place in range(low, high):
                strength += weights[place]
        total[v] = strength
        if strength > 0.0:
            log_total[v] = _log2_units(strength)


@kernel
def _costs(
    start: int,
    end: int,
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    log_total: Int64,
    heads_are_rows: bool,
    costs: Int64,
) -> None:
    """The costs of the arcs of a block of rows; never below 0."""
    for row in range(start, end):
        for place in range(indptr[row], indptr[row + 1]):
            head = row if heads_are_rows else indices[place]
            strength = _log2_units(weights[place]) if len(weights) > 0 else 0
            costs[place] = max(0, log_total[head] - strength)


@kernel
def _mutual(
    out_indptr: Int64,
    out_indices: Int32,
    out_costs: Int64,
    out_weights: Float64,
    into_indptr: Int64,
    into_indices: Int32,
    into_costs: Int64,
    into_weights: Float64,
    total: Float64,
    indptr: Int64,
    indices: Int32,
    costs: Int64,
    strengths: Float64,
    probabilities: Float64,
) -> int:
    """Arcs that run both ways, at the dearer cost and the smaller strength; how many.

    With `indices` empty they are only counted.
    """
    found = 0
    for u in range(len(out_indptr) - 1):
        a, a_end = out_indptr[u], out_indptr[u + 1]
        b, b_end = into_indptr[u], into_indptr[u + 1]
        while a < a_end and b < b_end:
            if out_indices[a] < into_indices[b]:
                a += 1
            elif out_indices[a] > into_indices[b]:
                b += 1
            else:
                if len(indices) > 0:
                    v = out_indices[a]
                    forth = out_weights[a] if len(out_weights) > 0 else 1.0
                    back = into_weights[b] if len(into_weights) > 0 else 1.0
                    indices[found] = v
                    costs[found] = max(out_costs[a], into_costs[b])
                    strengths[found] = min(forth, back)
                    probabilities[found] = min(forth / total[v], back / total[u])
                found += 1
                a += 1
                b += 1
        indptr[u + 1] = found
    return found


def chain_graph(
    graph: InfluenceGraph, *, mutual: bool = False, threads: int | None = None
) -> ChainGraph:
    """The arcs with their costs. `mutual` keeps ties that run both ways, at the weaker of the two.

    >>> import numpy as np
    >>> indptr = np.array([0, 0, 1, 3])          # 0 → 1, 0 → 2, 1 → 2
    >>> into = Adjacency(indptr, np.array([0, 0, 1], dtype=np.int32))
    >>> out = Adjacency(np.array([0, 2, 3, 3]), np.array([1, 2, 2], dtype=np.int32))
    >>> costs = chain_graph(InfluenceGraph(out, into)).out_costs
    >>> (costs / UNITS).tolist()                 # 1 of 1, then 1 of 2
    [0.0, 1.0, 1.0]
    """
    total = np.zeros(graph.n, dtype=np.float64)
    log_total = np.zeros(graph.n, dtype=np.int64)
    into_weights = _weights(graph.into)
    _on_blocks(
        partial(
            _totals,
            indptr=graph.into.indptr,
            weights=into_weights,
            total=total,
            log_total=log_total,
        ),
        graph.n,
        threads,
    )
    out_costs = _arc_costs(graph.out, log_total, False, threads)
    into_costs = _arc_costs(graph.into, log_total, True, threads)
    if mutual:
        return _mutual_graph(graph, out_costs, into_costs, total)
    return ChainGraph(
        graph.out.indptr,
        graph.out.indices,
        out_costs,
        graph.into.indptr,
        graph.into.indices,
        into_costs,
        _weights(graph.out),
        total,
    )


def _weights(matrix: Adjacency) -> Float64:
    return _NO_WEIGHTS if matrix.weights is None else matrix.weights


def _on_blocks(work: Callable[..., None], n: int, threads: int | None) -> None:
    starts = range(0, n, _ACCOUNTS_A_BLOCK)
    run_blocks(lambda start: work(start, min(start + _ACCOUNTS_A_BLOCK, n)), starts, threads)


def _arc_costs(
    matrix: Adjacency, log_total: Int64, heads_are_rows: bool, threads: int | None
) -> Int64:
    costs = np.empty(matrix.m, dtype=np.int64)
    work = partial(
        _costs,
        indptr=matrix.indptr,
        indices=matrix.indices,
        weights=_weights(matrix),
        log_total=log_total,
        heads_are_rows=heads_are_rows,
        costs=costs,
    )
    _on_blocks(work, matrix.n, threads)
    return costs


def _mutual_graph(
    graph: InfluenceGraph, out_costs: Int64, into_costs: Int64, total: Float64
) -> ChainGraph:
    indptr = np.zeros(graph.n + 1, dtype=np.int64)
    given = (
        graph.out.indptr,
        graph.out.indices,
        out_costs,
        _weights(graph.out),
        graph.into.indptr,
        graph.into.indices,
        into_costs,
        _weights(graph.into),
        total,
    )
    none: tuple[Any, ...] = (np.empty(0, np.int32), np.empty(0, np.int64), _NO_WEIGHTS, _NO_WEIGHTS)
    ties = _mutual(*given, indptr, *none)
    indices = np.empty(ties, dtype=np.int32)
    costs = np.empty(ties, dtype=np.int64)
    strengths = np.empty(ties, dtype=np.float64)
    probabilities = np.empty(ties, dtype=np.float64)
    _mutual(*given, indptr, indices, costs, strengths, probabilities)
    return ChainGraph(*(indptr, indices, costs) * 2, strengths, total, probabilities=probabilities)
