"""Forward simulation of independent cascades: the judge that shares nothing with RR sets.

Every arc out of an account that has just become active gets one coin. Slow, plain and
independent of the sampling tables, so it can tell whether those are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
    """Mean number of active accounts over `simulations` cascades, and its standard error."""

    mean: float
    error: float
    simulations: int


def simulate(
    model: CascadeModel,
    accounts: Int32,
    simulations: int = 20_000,
    *,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Simulation:
    """Let the list `accounts` start `simulations` cascades; itself counted as active.

    The same answer for any number of threads. Raises UsageError for fewer than 2 simulations.
    """
    if simulations < 2:
        raise UsageError(f"Simulations must be at least 2, not {simulations}.")
    out, n = model.graph.out, model.graph.n
    arrays = frozen(out.indptr), frozen(out.indices), weights_of(out), frozen(model.scale)
    start = np.unique(np.asarray(accounts, dtype=np.int32))
    seed &= 0x7FFF_FFFF_FFFF_FFFF

    def work(bounds: tuple[int, int]) -> tuple[int, int]:
        active, queue = np.zeros(n, dtype=np.uint8), np.empty(n, dtype=np.int32)
        total, squares = _cascades(*arrays, start, seed, bounds[0], bounds[1], active, queue)
        return total, squares

    blocks = block_ranges(simulations, BLOCK)
    total = squares = done = 0
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
    start: Int32,
    seed: int,
    first: int,
    last: int,
    active: npt.NDArray[np.uint8],
    queue: Int32,
) -> tuple[int, int]:
    """Sum and sum of squares of the sizes of cascades first … last-1, a block or part of one."""
    state = np.empty(2, dtype=np.uint64)
    seed_stream(state, seed, _COLLECTION, first // BLOCK)
    total, squares = 0, 0
    for _ in range(first, last):
        size = len(start)
        for i in range(size):
            queue[i] = start[i]
            active[start[i]] = 1
        head = 0
        while head < size:
            u = queue[head]
            head += 1
            for j in range(indptr[u], indptr[u + 1]):
                v = targets[j]
                strength = weights[j] if len(weights) > 0 else 1.0
                if active[v] == 0 and next_float(state) < strength * scale[v]:
                    active[v] = 1
                    queue[size] = v
                    size += 1
        for i in range(size):
            active[queue[i]] = 0
        total += size
        squares += size * size
    return total, squares
