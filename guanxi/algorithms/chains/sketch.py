"""HyperANF: how far apart all pairs of a large network are, from counters of 64 bytes.

Each account has a HyperLogLog counter of those within t steps; the counter for t + 1 is the
union of those of the accounts one step away. Several independent runs give the error.

Sources: P. Boldi, M. Rosa, S. Vigna, "HyperANF: approximating the neighbourhood function of very
large graphs on a budget", WWW 2011, doi:10.1145/1963405.1963493. The estimator of a counter:
O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017,
arXiv:1702.01284. It is made for many registers; with 64 it is 0.8 % (few accounts) to 1.7 % (many)
too high in the mean, and that is taken off.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from guanxi.algorithms.chains.separation import (
    Measure,
    Separation,
    average_steps,
    effective_diameter,
    reachable_share,
)
from guanxi.algorithms.chains.ways import Ways
from guanxi.algorithms.community.csr import blocks_of
from guanxi.graph.arrays import Bool, Bytes, Float64, Int32, Int64, Progress
from guanxi.kernels import inline, kernel
from guanxi.parallel import Workers
from guanxi.shared.prefetch import prefetch
from guanxi.shared.random import splitmix64

#: Registers of a counter: its standard error is 1.04 / √64 = 13 %.
REGISTERS = 64
#: Independent runs, whose spread gives the error.
RUNS = 6
#: Rounds of a run at most; pairs further apart than so many steps are left out.
MAX_ROUNDS = 512
#: The 97.5 % point of Student's t distribution with `RUNS` − 1 degrees of freedom.
_T = 2.571
#: How far ahead of itself a round asks for counters.
_AHEAD = 16
_UNIT = np.uint64(1 << 57)
_REGISTERS = np.uint64(REGISTERS)


def _sigma(share: float) -> float:
    """Ertl's σ(x) = x + Σ x^(2^k) 2^(k−1), for the registers that are empty."""
    if share == 1.0:
        return math.inf
    total, weight = share, 1.0
    while True:
        share *= share
        before = total
        total += share * weight
        weight *= 2.0
        if total == before:
            return total


#: What empty registers add to the sum, by how many are.
_EMPTY = np.array([REGISTERS * _sigma(empty / REGISTERS) for empty in range(REGISTERS + 1)])


def _scales() -> Float64:
    """What the sum divides, by how many registers are empty: Ertl's m² / (2 ln 2), less its bias.

    A counter of one account says m ln(m / (m − 1)); one of many is 1.079 / m too high (P. Flajolet
    et al., "HyperLogLog", AofA 2007, doi:10.46298/dmtcs.3545). Between them, as measured, the bias
    goes as 1 − exp(−x / 2.5 m) with the size x, which is 1 − (empty share)^0.4.
    """
    few = REGISTERS * math.log(REGISTERS / (REGISTERS - 1)) - 1
    many = 1.079 / REGISTERS
    empty = np.arange(REGISTERS + 1) / REGISTERS
    bias = few + (many - few) * (1 - empty**0.4)
    return np.asarray(REGISTERS * REGISTERS / (2.0 * math.log(2.0)) / (1 + bias))


_SCALES = _scales()


@kernel
def _start(seed: int, run: int, counters: Bytes) -> None:
    """Every counter holds its own account alone."""
    stream = splitmix64(splitmix64(np.uint64(seed)) ^ np.uint64(run))
    for v in range(len(counters) // 64):
        bits = splitmix64(stream + np.uint64(v))
        rank = 1
        rest = bits >> np.uint64(6)
        while rank < 59 and rest & np.uint64(1) == 0:
            rank += 1
            rest >>= np.uint64(1)
        counters[v * 64 + np.int64(bits & np.uint64(63))] = rank


@inline
def _unite(
    indptr: Int64, indices: Int32, v: int, old: Bytes, new: Bytes, changed: Bool, last: int
) -> Any:
    """Unite the counter of `v` with those of its row that the last round has changed, if any.

    Counters are addressed by unsigned places and never sliced: so the loop over the registers
    becomes one instruction or a few.
    """
    any_changed = False
    mine = np.uint64(v) * _REGISTERS
    for entry in range(indptr[v], indptr[v + 1]):
        if entry + _AHEAD < last and changed[indices[entry + _AHEAD]]:
            prefetch(old, np.uint64(indices[entry + _AHEAD]) * _REGISTERS)
        u = np.uint64(indices[entry])
        if changed[u]:
            any_changed = True
            theirs = u * _REGISTERS
            for k in range(REGISTERS):
                place = mine + np.uint64(k)
                new[place] = max(new[place], old[theirs + np.uint64(k)])
    return any_changed


@inline
def _differs(v: int, old: Bytes, new: Bytes) -> Any:
    """Whether the counter of `v` is another one now."""
    mine = np.uint64(v) * _REGISTERS
    bits = np.uint8(0)
    for k in range(REGISTERS):
        bits |= old[mine + np.uint64(k)] ^ new[mine + np.uint64(k)]
    return bits != 0


@inline
def _estimate(v: int, counters: Bytes, empty: Float64, scales: Float64) -> Any:
    """How many accounts the counter of `v` holds."""
    mine = np.uint64(v) * _REGISTERS
    total = np.uint64(0)  # of 2^-register, in units of 2^-57
    none = 0
    for k in range(REGISTERS):
        register = counters[mine + np.uint64(k)]
        none += register == 0
        total += _UNIT >> np.uint64(register)
    return scales[none] / (total / _UNIT - none + empty[none])


@kernel
def _round(
    indptr: Int64,
    indices: Int32,
    more_ptr: Int64,
    more: Int32,
    step: int,
    old: Bytes,
    new: Bytes,
    changed: Bool,
    changing: Bool,
    sizes: Float64,
    harmonic: Float64,
    empty: Float64,
    scales: Float64,
    low: int,
    high: int,
) -> float:
    """One round for accounts `low … high-1`; the sum of what their counters gained.

    `sizes` are the estimates of the counters, `harmonic` their gains over the steps, added up.
    In round 0 they are measured as they stand. `new` is as `old` where nothing has `changed`.
    """
    gained = 0.0
    for v in range(low, high):
        if changed[v]:
            mine = np.uint64(v) * _REGISTERS
            for k in range(REGISTERS):
                new[mine + np.uint64(k)] = old[mine + np.uint64(k)]
        united = _unite(indptr, indices, v, old, new, changed, indptr[high])
        united |= _unite(more_ptr, more, v, old, new, changed, more_ptr[high])
        changing[v] = united and _differs(v, old, new)
        if changing[v] or step == 0:
            size = _estimate(v, new, empty, scales)
            if step > 0:
                gained += size - sizes[v]
                harmonic[v] += (size - sizes[v]) / step
            sizes[v] = size
    return gained


@dataclass(frozen=True)
class Sketch:
    """What the runs found: `separation`, and `harmonic` float64[n] (see `centrality.harmonic`)."""

    separation: Separation
    harmonic: Float64


def sketch_distances(
    ways: Ways,
    *,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Sketch:
    """Estimate the separation of a network by `RUNS` runs of HyperANF.

    Intervals are of 95 %, from the jackknife over the runs. Needs about 150 bytes an account;
    time in proportion to arcs times the rounds in which their counters still change.
    The same for any number of threads.
    """
    n = ways.n
    harmonic = np.zeros(n)
    runs: list[Float64] = []
    over = True
    cost = ways.first.indptr + ways.second.indptr + np.arange(n + 1)
    blocks = blocks_of(cost) if n else []
    with Workers(threads) as workers:
        for run in range(RUNS):
            told = None if progress is None else _part(progress, run)
            pairs, ended = _one_run(ways, seed, run, blocks, workers, harmonic, told)
            runs.append(pairs)
            over &= ended
    steps = max(len(pairs) for pairs in runs)
    found = np.array([np.pad(pairs, (0, steps - len(pairs))) for pairs in runs])
    return Sketch(_summary(found, n, over), harmonic / (RUNS * max(n - 1, 1)))


def _part(progress: Progress, run: int) -> Callable[[float], None]:
    return lambda done: progress(run + done, RUNS)


def _one_run(
    ways: Ways,
    seed: int,
    run: int,
    blocks: list[tuple[int, int]],
    workers: Workers,
    harmonic: Float64,
    told: Callable[[float], None] | None,
) -> tuple[Float64, bool]:
    """Pairs by steps as one run estimates them, and whether it came to its end."""
    n = ways.n
    arrays = ways.arrays()
    old = np.zeros(n * REGISTERS, dtype=np.uint8)
    _start(seed, run, old)
    new = old.copy()
    changed, changing = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    sizes = np.empty(n)
    pairs = [0.0]
    for step in range(MAX_ROUNDS + 1):

        def work(
            block: tuple[int, int],
            step: int = step,
            sides: tuple[Bytes, Bytes, Bool, Bool] = (old, new, changed, changing),
        ) -> float:
            return _round(*arrays, step, *sides, sizes, harmonic, _EMPTY, _SCALES, *block)

        gained = sum(workers.run(work, blocks))
        if step == 0:
            changing[:] = True  # round 0 measures the counters of the accounts alone
        else:
            pairs.append(gained)
        old, new, changed, changing = new, old, changing, changed
        if told is not None:
            told(1.0 - 0.8**step)
        if not changed.any():
            break
    over = not changed.any()
    return np.append(0.0, np.trim_zeros(np.array(pairs[1:]), "b")), over


def _summary(runs: Float64, n: int, over: bool) -> Separation:
    pairs = runs.mean(axis=0)
    return Separation(
        pairs,
        _jackknife(average_steps, runs, low=1.0),
        _jackknife(effective_diameter, runs, low=0.0),
        _jackknife(lambda some: reachable_share(some, n), runs, low=0.0, high=1.0),
        len(pairs) - 1,
        sketched=True,
        complete=over,
    )


def _jackknife(
    measure: Callable[[Float64], float], runs: Float64, low: float, high: float = math.inf
) -> Measure:
    """The measure of all runs together, and its interval from leaving out one at a time.

    Only what comes of it is brought between `low` and `high`: what is cut off has no spread.
    """
    value = measure(runs.mean(axis=0))
    without = np.array(
        [measure(np.delete(runs, run, axis=0).mean(axis=0)) for run in range(len(runs))]
    )
    spread = (len(runs) - 1) / len(runs) * ((without - without.mean()) ** 2).sum()
    error = _T * math.sqrt(spread)
    return Measure(*np.clip([value, value - error, value + error], low, high).tolist())
