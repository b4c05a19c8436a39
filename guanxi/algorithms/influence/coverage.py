"""RR sets kept in memory, with the index that says which sets an account is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.rr_sets import EVERYONE, Chunk, Roots, Sampler
from guanxi.graph.arrays import Int32, Int64
from guanxi.kernels import kernel
from guanxi.parallel import run_blocks

#: The index is built in at most so many parts, each with a cursor for every account.
MOST_PARTS = 4


@dataclass(frozen=True)
class Coverage:
    """A collection of RR sets, both ways round.

    Set s holds the accounts `members[offsets[s]:offsets[s+1]]`; account v is in the sets
    `sets[indptr[v]:indptr[v+1]]`, ascending. `offsets` int64[θ+1], `indptr` int64[n+1].
    """

    members: Int32
    offsets: Int64
    sets: Int32
    indptr: Int64

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.indptr) - 1

    @property
    def size(self) -> int:
        """Number of RR sets."""
        return len(self.offsets) - 1


def draw_coverage(
    sampler: Sampler,
    collection: int,
    sets: int,
    *,
    roots: Roots = EVERYONE,
    most_members: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> Coverage | None:
    """Draw `sets` RR sets and index them; None when they have more than `most_members`."""
    chunks: list[Chunk] = []
    held = 0

    def keep(chunk: Chunk) -> Chunk | None:
        nonlocal held
        held += len(chunk.entries)  # threads may miss an addition: a brake, the sum decides
        if most_members is not None and held > most_members:
            return None
        return Chunk(chunk.entries.copy(), chunk.ends)

    for chunk in sampler.map(collection, sets, keep, roots=roots, advance=advance):
        if chunk is None:
            return None
        chunks.append(chunk)
    if most_members is not None and sum(len(chunk.entries) for chunk in chunks) > most_members:
        return None
    members, offsets = _join(chunks, sets)
    return _with_index(members, offsets, sampler.n, sampler.threads)


def _join(chunks: list[Chunk], sets: int) -> tuple[Int32, Int64]:
    """One flat array of all chunks; each chunk is freed as soon as it is copied."""
    members = np.empty(sum(len(chunk.entries) for chunk in chunks), dtype=np.int32)
    offsets = np.zeros(sets + 1, dtype=np.int64)
    used, s = 0, 1
    chunks.reverse()
    while chunks:
        chunk = chunks.pop()
        members[used : used + len(chunk.entries)] = chunk.entries
        offsets[s : s + len(chunk.ends)] = chunk.ends + used
        used += len(chunk.entries)
        s += len(chunk.ends)
    return members, offsets


def _with_index(members: Int32, offsets: Int64, n: int, threads: int) -> Coverage:
    """Counting sort by account; parts of the sets in parallel, each at its own cursors."""
    parts = min(threads, MOST_PARTS)
    bounds = np.linspace(0, len(offsets) - 1, parts + 1).astype(np.int64)
    cursors = np.zeros((parts, n), dtype=np.int64)
    sets = np.empty(len(members), dtype=np.int32)

    def count(part: int) -> None:
        first, last = offsets[bounds[part]], offsets[bounds[part + 1]]
        _count_members(members, first, last, cursors[part])

    def fill(part: int) -> None:
        _fill_sets(members, offsets, bounds[part], bounds[part + 1], cursors[part], sets)

    run_blocks(count, range(parts), threads)
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(cursors.sum(axis=0), out=indptr[1:])
    start = indptr[:-1].copy()
    for part in range(parts):
        counts = cursors[part].copy()
        cursors[part] = start
        start += counts
    run_blocks(fill, range(parts), threads)
    return Coverage(members, offsets, sets, indptr)


@kernel
def _count_members(members: Int32, first: int, last: int, counts: Int64) -> None:
    for i in range(first, last):
        counts[members[i]] += 1


@kernel
def _fill_sets(
    members: Int32, offsets: Int64, first: int, last: int, cursor: Int64, sets: Int32
) -> None:
    for s in range(first, last):
        for i in range(offsets[s], offsets[s + 1]):
            v = members[i]
            sets[cursor[v]] = s
            cursor[v] += 1
