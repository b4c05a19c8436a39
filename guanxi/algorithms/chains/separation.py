"""How far apart the accounts of a network are: every pair of them, counted by steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.chains.steps import LISTS, StepSearch
from guanxi.algorithms.chains.ways import Ways
from guanxi.graph.arrays import Float64, Int64, Progress
from guanxi.parallel import Workers, block_ranges

#: Steps that a search goes between two looks at whether it is over.
_STRIDE = 16
#: Blocks of searches between two words on the progress.
_WAVE = 64
#: The share of reachable pairs that lies within the effective diameter.
EFFECTIVE = 0.9


@dataclass(frozen=True)
class Measure:
    """A measure of the network with its 95 % interval; both ends are `value` where exact."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Separation:
    """How far apart the pairs (u, v) of two different accounts are, where v can be reached from u.

    `pairs` float64[steps + 1]: pairs at exactly so many steps (none at 0).
    `average`: mean steps of those pairs. `effective_diameter`: steps within which 90 % of
    them lie, interpolated between whole steps. `reachable`: their share of all pairs.
    `longest`: most steps of any pair; only that much is known where it was `sketched`.
    `complete`: whether no pair further apart was left out.
    """

    pairs: Float64
    average: Measure
    effective_diameter: Measure
    reachable: Measure
    longest: int
    sketched: bool
    complete: bool = True


def average_steps(pairs: npt.NDArray[np.float64]) -> float:
    """The mean of the steps; nan where there is no pair.

    >>> average_steps(np.array([0.0, 3.0, 1.0]))
    1.25
    """
    total = pairs.sum()
    return float((np.arange(len(pairs)) * pairs).sum() / total) if total > 0 else float("nan")


def effective_diameter(pairs: npt.NDArray[np.float64]) -> float:
    """Steps within which 90 % of the pairs lie; nan where there is no pair.

    With N(t) pairs within t steps and T the first t with N(t) ≥ 0.9 N(∞):
    T − 1 + (0.9 N(∞) − N(T − 1)) / (N(T) − N(T − 1)).

    Source: C. Palmer, P. Gibbons, C. Faloutsos, "ANF: a fast and scalable tool for data
    mining in massive graphs", KDD 2002, doi:10.1145/775047.775059.

    >>> effective_diameter(np.array([0.0, 80.0, 20.0]))
    1.5
    """
    within = np.cumsum(pairs)
    if not within[-1] > 0:
        return float("nan")
    wanted = EFFECTIVE * within[-1]
    last = int(np.argmax(within >= wanted))
    return float(last - 1 + (wanted - within[last - 1]) / (within[last] - within[last - 1]))


def reachable_share(pairs: npt.NDArray[np.float64], n: int) -> float:
    """The pairs as a share of all n (n − 1) pairs of two different accounts; 0 where none is."""
    return float(pairs.sum() / (n * (n - 1))) if n > 1 else 0.0


def exact_separation(
    ways: Ways, *, threads: int | None = None, progress: Progress | None = None
) -> Separation:
    """The separation of a network by a search from every account from which a step goes.

    Pairs are ordered: u to v along the steps of `ways`. Takes time in proportion to these
    accounts times arcs (over 64, times a few) plus accounts squared.

    >>> from guanxi.graph.arrays import Adjacency
    >>> line = Adjacency(np.array([0, 1, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> none = Adjacency(np.array([0, 0, 0, 0]), np.array([], dtype=np.int32))
    >>> found = exact_separation(Ways(line, none))
    >>> found.pairs.tolist(), round(found.average.value, 3), found.reachable.value
    ([0.0, 2.0, 1.0], 1.333, 0.5)
    """

    starts = ways.starts

    def work(block: tuple[int, int]) -> Int64:
        sources = starts[slice(*block)]
        search = StepSearch(ways, np.split(sources, len(sources)))
        parts = [np.zeros(1, dtype=np.int64)]
        while not search.over:
            parts.append(search.advance(_STRIDE).sum(axis=(0, 2)))
        return np.concatenate(parts)

    total = np.zeros(1, dtype=np.int64)
    blocks = block_ranges(len(starts), LISTS)
    with Workers(threads) as workers:
        for first in range(0, len(blocks), _WAVE):
            for counts in workers.run(work, blocks[first : first + _WAVE]):
                longer, shorter = sorted((total, counts), key=len, reverse=True)
                total = longer.copy()
                total[: len(shorter)] += shorter
            if progress is not None:
                progress(min(first + _WAVE, len(blocks)), len(blocks))
    pairs = np.trim_zeros(total, "b").astype(np.float64)
    pairs = pairs if len(pairs) else np.zeros(1)
    return Separation(
        pairs,
        _exactly(average_steps(pairs)),
        _exactly(effective_diameter(pairs)),
        _exactly(reachable_share(pairs, ways.n)),
        len(pairs) - 1,
        sketched=False,
    )


def _exactly(value: float) -> Measure:
    return Measure(value, value, value)
