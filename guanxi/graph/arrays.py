"""The array types that stores hand out and algorithms take.

Accounts are the integers `0 … n-1`, in the order of the bytes of their ids, so
that "ties break by id" is "ties break by the smaller integer".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

_Item = TypeVar("_Item", bound=np.generic)

#: No time, in arrays of microseconds since 1970 UTC.
NO_TIME = np.iinfo(np.int64).min
#: No day, in arrays of days since 1970 UTC.
NO_DAY = np.iinfo(np.int32).min
#: Weights and values are held as integers in millionths.
MILLIONTHS = 1_000_000


def read_only(array: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
    """The same memory as a plain array that cannot be written to.

    Kernels are compiled for each kind of argument, and to numba a memory map of a
    snapshot is another kind than an array in memory: through this they are one.
    """
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class TextColumn:
    """Texts as slices of one buffer of UTF-8: text i is `data[starts[i]:ends[i]]`.

    An empty text means "nothing there". Columns of one batch may share `data`.
    """

    data: Bytes
    starts: Int64
    ends: Int64

    @classmethod
    def from_strings(cls, texts: list[str]) -> TextColumn:
        """Pack `texts` (None is not allowed) into one buffer."""
        parts = [text.encode() for text in texts]
        bounds = np.zeros(len(parts) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in parts], out=bounds[1:])
        data = np.frombuffer(b"".join(parts), dtype=np.uint8)
        return cls(data, bounds[:-1], bounds[1:])

    def to_strings(self) -> list[str]:
        """The texts as Python strings."""
        raw = self.data.tobytes()
        return [
            raw[start:end].decode()
            for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        ]

    @cached_property
    def guide(self) -> tuple[int, list[bytes]]:
        """A step, and every text that stands at a multiple of it: about 1,000 of them.

        Where the texts ascend, these lead a search to the few among which the rest of it goes.
        """
        step = max(1, len(self) >> 10)
        data, bounds = self.data, zip(self.starts[::step], self.ends[::step], strict=True)
        return step, [data[start:end].tobytes() for start, end in bounds]

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.starts)


@dataclass(frozen=True)
class Adjacency:
    """A sparse matrix in CSR form: row i is `indices[indptr[i]:indptr[i+1]]`.

    `indptr` int64[n+1]; `indices` int32[m], ascending and distinct within a row;
    `weights` float64[m], positive, or None where every entry weighs the same (1).
    """

    indptr: Int64
    indices: Int32
    weights: Float64 | None = None

    @property
    def n(self) -> int:
        """Number of rows (accounts)."""
        return len(self.indptr) - 1

    @property
    def m(self) -> int:
        """Number of entries (arcs)."""
        return len(self.indices)


@dataclass(frozen=True)
class InfluenceGraph:
    """The influence arcs u → v (u influences v), with tie strengths, both ways round.

    `out`: row u holds the accounts that u influences.
    `into`: row v holds the accounts that influence v. The same arcs, transposed.
    """

    out: Adjacency
    into: Adjacency

    @property
    def n(self) -> int:
        """Number of accounts."""
        return self.out.n

    @property
    def m(self) -> int:
        """Number of influence arcs."""
        return self.out.m


#: Called with (done, total) in any unit; an algorithm calls it now and then from
#: the calling thread. Raising from it (KeyboardInterrupt) ends the work cleanly.
Progress = Any
