"""Tables for drawing, in O(1) a draw, which of the accounts that influence v activate it.

Each arc into v fires on its own with probability p_i. Instead of a coin for each arc, a
number of picks is drawn from a Poisson distribution with mean Λ = Σ λ_i, where
λ_i = -ln(1 - p_i), and each pick names arc i with probability λ_i / Λ. A Poisson process
that is split this way gives arc i a Poisson number of picks with mean λ_i, independently of
all others; it has at least one with probability 1 - exp(-λ_i) = p_i. So the set of distinct
arcs picked has exactly the wanted distribution. Under weighted cascade Λ is hardly above 1.
An arc that is picked twice costs a look, and no list of picks must be searched.

Where all p_i into v are equal, a pick is a uniform index. Otherwise it goes through an alias
table (A. J. Walker, "An efficient method for generating discrete random variables with
general distributions", ACM TOMS 3(3), 1977, doi:10.1145/355744.355749). Rows in which
picking would cost more than flipping (few arcs, or large probabilities) keep their coins.

Beside sorted probabilities with geometric skips this took 0.3 to 0.5 of the time.

Under linear threshold v has at most one pick, with the probability Σ p_i, and it names arc i
with probability p_i / Σ p_i: the same tables with Λ = Σ p_i, so an RR set is a walk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.models import CascadeModel, frozen, weights_of
from guanxi.algorithms.influence.rr_kernel import COINS, LIMITS, NOBODY, WHOLE
from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.parallel import block_ranges, run_blocks
from guanxi.shared.poisson import LARGEST_MEAN, LARGEST_PART

UInt32 = npt.NDArray[np.uint32]

#: λ of an arc that always fires, where it shares a row with arcs that are picked: e^-40 < 1e-17.
CERTAIN = 40.0

_ROWS = 1 << 16


@dataclass(frozen=True)
class SubsetTables:
    """What the sampling kernel reads; all arrays read-only.

    `indptr` int64[n+1], `sources` int32[m]: row v holds the accounts that influence v.
    `mean` float64: Λ per account, or per in-degree where `by_degree`. `limits` uint32, four for
    each: P(0 picks), P(at most 1), …, P(at most 3) in 2^31ths, so that the number of picks is how
    many of them a random number is not below, and more picks than that are rare. A last limit
    of COINS means a coin for each arc of the row, which falls with the probability that the
    first limit is (or as the slots say).
    `slots`: uint32[3m], or uint32[0] where the arcs of each row are equal. Arc j has
    slots[3j] = threshold · 2^32, slots[3j+1] = account below it, slots[3j+2] = account above.
    `longest_row`: picks or coins that one row may need at most. `hops`: steps back from the
    root, or -1 for no limit.
    """

    indptr: Int64
    sources: Int32
    slots: UInt32
    mean: Float64
    limits: UInt32
    by_degree: bool
    longest_row: int
    hops: int

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.indptr) - 1

    @property
    def bytes(self) -> int:
        """What the kernel reads here and there."""
        return self.indptr.nbytes + self.sources.nbytes + self.slots.nbytes + self.limits.nbytes


def subset_tables(model: CascadeModel, threads: int | None = None) -> SubsetTables:
    """Prepare `model` for sampling: O(m) time, 12 bytes an arc where arcs of a row differ."""
    into = model.graph.into
    degree = np.diff(into.indptr)
    equal = _equal_probability(model, degree)
    coin = np.zeros(0)
    if equal is None:
        slots, mean = _general_rows(model, degree, threads)
        by_degree = False
    else:
        slots = np.empty(0, dtype=np.uint32)
        filled = degree > 0
        by_degree = bool(np.allclose(equal[filled] * degree[filled], 1.0, rtol=1e-9, atol=0.0))
        if by_degree:
            degree = np.arange(int(degree.max(initial=0)) + 1)
            equal = 1.0 / np.maximum(degree, 1)
        coin = equal
        mean = _equal_rows(equal, degree, model.at_most_one)
    picks = LARGEST_PART * _parts(np.maximum(mean, 0.0))
    needed = np.where(mean < 0.0, degree, picks)
    return SubsetTables(
        frozen(into.indptr),
        frozen(into.indices),
        frozen(slots),
        frozen(mean),
        frozen(_limits(mean, coin, model.at_most_one)),
        by_degree,
        int(needed.max(initial=0)),
        -1 if model.hops is None else model.hops,
    )


def _limits(mean: Float64, coin: Float64, at_most_one: bool) -> UInt32:
    """The limits of all rows; `coin`: of rows with a mean below 0, if arcs of a row are equal."""
    limits = np.zeros((len(mean), LIMITS))  # all 0: surely more picks than limits tell apart
    if at_most_one:
        limits[:, 0] = 1.0 - mean
        limits[:, 1:] = 1.0
    else:
        few = np.flatnonzero(mean < LARGEST_MEAN)
        probability = np.exp(-np.maximum(mean[few], 0.0))
        for number in range(LIMITS):
            limits[few, number] = limits[few, number - 1] * (number > 0) + probability
            probability *= mean[few] / (number + 1)
    flipped = mean < 0.0
    if len(coin):
        limits[flipped, 0] = coin[flipped]
    parts: UInt32 = np.rint(np.clip(limits, 0.0, 1.0) * WHOLE).astype(np.uint32)
    parts[flipped, LIMITS - 1] = COINS
    return parts.ravel()


def _parts(mean: Float64) -> Float64:
    """`poisson_parts` of each mean."""
    return np.floor(mean * (1.0 / LARGEST_MEAN)) + 1.0


def _equal_probability(model: CascadeModel, degree: Int64) -> Float64 | None:
    """The common p of the arcs into each account; None where an account has different ones."""
    weights, indptr = model.graph.into.weights, model.graph.into.indptr
    if weights is None:
        return np.minimum(model.scale, 1.0)
    filled = np.flatnonzero(degree)
    if not len(filled):
        return np.zeros(len(degree))
    starts = indptr[filled]
    smallest = np.minimum.reduceat(weights, starts)
    if not np.array_equal(smallest, np.maximum.reduceat(weights, starts)):
        return None
    equal = np.zeros(len(degree))
    equal[filled] = np.minimum(smallest * model.scale[filled], 1.0)
    return equal


def _equal_rows(probability: Float64, degree: Int64, at_most_one: bool) -> Float64:
    if at_most_one:
        return probability * degree
    with np.errstate(divide="ignore"):
        mean = degree.astype(np.float64) * np.minimum(-np.log1p(-probability), CERTAIN)
    return np.where(degree <= mean, -1.0, mean)


def _general_rows(
    model: CascadeModel, degree: Int64, threads: int | None
) -> tuple[UInt32, Float64]:
    into = model.graph.into
    slots = np.empty(3 * into.m, dtype=np.uint32)
    mean = np.zeros(into.n)
    longest = int(degree.max(initial=0))
    arrays = frozen(into.indptr), frozen(into.indices), weights_of(into), frozen(model.scale)

    def work(rows: tuple[int, int]) -> None:
        heights, stack = np.empty(longest), np.empty(longest, dtype=np.int32)
        _fill_slots(*arrays, model.at_most_one, *rows, NOBODY, slots, mean, heights, stack)

    run_blocks(work, block_ranges(into.n, _ROWS), threads)
    return slots, mean


@kernel
def _fill_slots(
    indptr: Int64,
    sources: Int32,
    weights: Float64,
    scale: Float64,
    at_most_one: bool,
    first: int,
    last: int,
    nobody: int,
    slots: UInt32,
    mean: Float64,
    heights: Float64,
    stack: Int32,
) -> None:
    for v in range(first, last):
        start = indptr[v]
        degree = indptr[v + 1] - start
        total = 0.0
        for j in range(degree):
            p = weights[start + j] * scale[v]
            if at_most_one:
                heights[j] = p
            else:
                heights[j] = CERTAIN if p >= 1.0 else min(CERTAIN, -np.log1p(-p))
            total += heights[j]
        if at_most_one:
            mean[v] = total
            _fill_alias(sources, start, degree, degree / total, slots, heights, stack)
        elif degree <= 1.0 + 1.5 * total:
            mean[v] = -1.0
            for j in range(degree):
                p = weights[start + j] * scale[v]
                slot = 3 * (start + j)
                slots[slot] = np.uint32(min(p * 4294967296.0, 4294967295.0))
                slots[slot + 1] = sources[start + j]
                slots[slot + 2] = sources[start + j] if p >= 1.0 else nobody
        else:
            mean[v] = total
            _fill_alias(sources, start, degree, degree / total, slots, heights, stack)


@inline
def _fill_alias(
    sources: Int32,
    start: int,
    degree: int,
    factor: float,
    slots: UInt32,
    heights: Float64,
    stack: Int32,
) -> None:
    """Vose's construction; `stack` holds low columns from the left and high ones from the right."""
    low, high = 0, degree
    for j in range(degree):
        heights[j] *= factor
        slot = 3 * (start + j)
        slots[slot] = np.uint32(4294967295)
        slots[slot + 1] = slots[slot + 2] = sources[start + j]
        if heights[j] < 1.0:
            stack[low] = j
            low += 1
        else:
            high -= 1
            stack[high] = j
    while low > 0 and high < degree:
        low -= 1
        short, tall = stack[low], stack[high]
        slot = 3 * (start + short)
        slots[slot] = np.uint32(min(heights[short] * 4294967296.0, 4294967295.0))
        slots[slot + 2] = sources[start + tall]
        heights[tall] -= 1.0 - heights[short]
        if heights[tall] < 1.0:
            stack[low] = tall
            low += 1
            high += 1
