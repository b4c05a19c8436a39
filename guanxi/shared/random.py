"""Random streams for kernels: xoroshiro128++ seeded by splitmix64.

A stream belongs to a block of work, never to a thread: `(seed, collection, block)`
gives the same stream on any machine and with any number of threads.

Source: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators",
ACM TOMS 47(4), 2021, doi:10.1145/3460772.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.kernels import inline

UInt64 = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@inline
def splitmix64(x: Any) -> Any:
    """One step of splitmix64: uint64 → a well mixed uint64."""
    z = np.uint64(x) + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@inline
def seed_stream(state: UInt64, seed: int, collection: int, block: int) -> None:
    """Fill `state` (uint64[2]) for the stream of `(seed, collection, block)`."""
    mixed = splitmix64(np.uint64(seed))
    mixed = splitmix64(mixed ^ np.uint64(collection))
    mixed = splitmix64(mixed ^ np.uint64(block))
    state[0] = mixed
    state[1] = splitmix64(mixed)


@inline
def next_uint64(state: UInt64) -> Any:
    """The next 64 random bits of the stream; changes `state` (uint64[2])."""
    s0 = state[0]
    s1 = state[1]
    summed = s0 + s1
    result = ((summed << np.uint64(17)) | (summed >> np.uint64(47))) + s0
    s1 ^= s0
    state[0] = ((s0 << np.uint64(49)) | (s0 >> np.uint64(15))) ^ s1 ^ (s1 << np.uint64(21))
    state[1] = (s1 << np.uint64(28)) | (s1 >> np.uint64(36))
    return result


@inline
def next_float(state: UInt64) -> Any:
    """A float64 in [0, 1), uniform over multiples of 2**-53."""
    return (next_uint64(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inline
def next_below(state: UInt64, bound: int) -> Any:
    """An integer in [0, bound), bound < 2**32, by multiply-shift (bias below 2**-32)."""
    return np.int64(((next_uint64(state) >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))
