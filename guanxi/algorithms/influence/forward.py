"""Forward simulation of a diffusion model: the judge that shares nothing with RR sets.

Independent cascade: every arc out of an account that has just become active gets one coin.
Linear threshold: every account has a threshold, and adds up the shares of the active accounts
that influence it. Slow, plain and independent of the sampling tables, so it can tell whether
those are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.models import CascadeModel, frozen, weights_of
from guanxi.errors import UsageError
from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import kernel
from guanxi.parallel import block_ranges, run_blocks
from guanxi.shared.random import next_float, seed_stream

#: Simulations that share a random stream.
BLOCK = 32
#: Forward streams are apart from those of RR sets.
_COLLECTION = 1 << 20


@dataclass(frozen=True)
class Simulation:
    """Mean weight of the active accounts over `simulations` cascades, and its standard error.

    Without an audience each account weighs 1.
    """

    mean: float
    error: float
    simulations: int


def simulate(
    model: CascadeModel,
    accounts: Int32,
    simulations: int = 20_000,
    *,
    audience: Audience | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Simulation:
    """Let the list `accounts` start `simulations` cascades; itself counted as active.

    `audience`: what each account is worth, by default 1. The same answer for any number of
    threads. Raises UsageError for fewer than 2 simulations and an audience of another graph.
    """
    if simulations < 2:
        raise UsageError(f"Simulations must be at least 2, not {simulations}.")
    out, n = model.graph.out, model.graph.n
    worth = np.empty(0) if audience is None else audience.weights
    if audience is not None and audience.n != n:
        raise UsageError(f"The audience must have {n:,} weights, one for each account.")
    room = n if model.at_most_one else 0
    arrays = (
        frozen(out.indptr),
        frozen(out.indices),
        weights_of(out),
        frozen(model.scale),
        frozen(worth),
    )
    start = np.unique(np.asarray(accounts, dtype=np.int32))
    seed &= 0x7FFF_FFFF_FFFF_FFFF

    def work(bounds: tuple[int, int]) -> tuple[float, float]:
        total, squares = _cascades(
            *arrays,
            model.at_most_one,
            n if model.hops is None else model.hops,
            start,
            seed,
            bounds[0],
            bounds[1],
            np.zeros(n, dtype=np.uint8),
            np.empty(n, dtype=np.int32),
            np.zeros(room),
            np.empty(room),
            np.empty(room, dtype=np.int32),
        )
        # Whole numbers add up exactly as such, however many there are.
        return (int(total), int(squares)) if audience is None else (total, squares)

    blocks = block_ranges(simulations, BLOCK)
    total: float = 0
    squares: float = 0
    for first in range(0, len(blocks), 64):
        for add, add_squares in run_blocks(work, blocks[first : first + 64], threads):
            total, squares = total + add, squares + add_squares
        done = blocks[min(first + 64, len(blocks)) - 1][1]
        if progress is not None:
            progress(done, simulations)
    variance = max(0.0, (squares - total * total / simulations) / (simulations - 1))
    return Simulation(total / simulations, float(np.sqrt(variance / simulations)), simulations)


@kernel
def _cascades(
    indptr: Int64,
    targets: Int32,
    weights: Float64,
    scale: Float64,
    worth: Float64,
    by_threshold: bool,
    hops: int,
    start: Int32,
    seed: int,
    first: int,
    last: int,
    active: npt.NDArray[np.uint8],
    queue: Int32,
    pressure: Float64,
    threshold: Float64,
    pushed: Int32,
) -> tuple[float, float]:
    """Sum and sum of squares of what cascades first … last-1 weigh, a block or part of one.

    For linear threshold, `pressure` float64[n], 0 before and after, adds up the shares that
    push an account, and `pushed` int32[n] notes whom.
    """
    state = np.empty(2, dtype=np.uint64)
    seed_stream(state, seed, _COLLECTION, first // BLOCK)
    total, squares = 0.0, 0.0
    for _ in range(first, last):
        size = len(start)
        for i in range(size):
            queue[i] = start[i]
            active[start[i]] = 1
        head, level, stop, touched = 0, 0, size, 0
        while head < stop:
            u = queue[head]
            head += 1
            for j in range(indptr[u], indptr[u + 1]):
                v = targets[j]
                if active[v] != 0:
                    continue
                p = (weights[j] if len(weights) > 0 else 1.0) * scale[v]
                if by_threshold:
                    if pressure[v] == 0.0:
                        threshold[v] = next_float(state)
                        pushed[touched] = v
                        touched += 1
                    pressure[v] += p
                    fires = threshold[v] < pressure[v]
                else:
                    fires = next_float(state) < p
                if fires:
                    active[v] = 1
                    queue[size] = v
                    size += 1
            if head == stop:
                level += 1
                stop = size if level < hops else head
        for i in range(touched):
            pressure[pushed[i]] = 0.0
        weight = 0.0 if len(worth) > 0 else float(size)
        for i in range(size):
            active[queue[i]] = 0
            if len(worth) > 0:
                weight += worth[queue[i]]
        total += weight
        squares += weight * weight
    return total, squares
