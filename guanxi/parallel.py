"""Blocks of work on threads. Kernels release the GIL, so plain threads are enough.

The answer never depends on the number of threads: the blocks are fixed by the
size of the input, each block writes only what is its own, and what must be
added up is added in the order of the blocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


#: More threads than this, and than processors, only take time to start.
_MOST_THREADS = 64


def thread_count(threads: int | None = None) -> int:
    """`threads` (64 at most, or one for each processor), or as many as this process may use."""
    usable = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        usable = len(os.sched_getaffinity(0))
    return usable if threads is None else max(1, min(threads, max(usable, _MOST_THREADS)))


def block_ranges(size: int, block: int) -> list[tuple[int, int]]:
    """`[0, size)` cut into ranges of `block`, the last one shorter."""
    return [(start, min(start + block, size)) for start in range(0, size, block)]


class Workers:
    """A pool of threads for work that is cut into blocks many times over.

    >>> with Workers(2) as workers:
    ...     workers.run(abs, [-1, -2])
    [1, 2]
    """

    def __init__(self, threads: int | None = None) -> None:
        count = thread_count(threads)
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def run(self, work: Callable[[T], R], blocks: Iterable[T]) -> list[R]:
        """`work` on each block; the results in the order of the blocks."""
        blocks = list(blocks)
        # To hand a single block to a thread would only cost the time to wake it, twice.
        if self._pool is None or len(blocks) == 1:
            return [work(block) for block in blocks]
        return list(self._pool.map(work, blocks))


def run_blocks(work: Callable[[T], R], blocks: Iterable[T], threads: int | None = None) -> list[R]:
    """`work` on each block; the results in the order of the blocks."""
    with Workers(threads) as workers:
        return workers.run(work, blocks)
