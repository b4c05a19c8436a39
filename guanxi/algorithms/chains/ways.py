"""Along which arcs a step may go: with influence, against it, either way, or where both run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, InfluenceGraph, Int32, Int64, read_only
from guanxi.kernels import kernel

#: The words for it. `influence`: from u to those whom u influences; `against`: to those who
#: influence u; `either`: to both; `mutual`: to those with whom u is tied both ways.
ALONG = ("influence", "against", "either", "mutual")


@dataclass(frozen=True)
class Ways:
    """From account u a step goes to the columns of row u of `first`, and of `second` as well.

    `second` has no entries where one matrix says it all. `back`: the steps that lead to an
    account, by its row; None where they are not at hand, or are those of `second` and `first`.
    """

    first: Adjacency
    second: Adjacency
    back: Adjacency | None = None

    @property
    def n(self) -> int:
        """Number of accounts."""
        return self.first.n

    @property
    def m(self) -> int:
        """Number of steps that can be gone."""
        return self.first.m + self.second.m

    @property
    def starts(self) -> Int32:
        """int32: the accounts from which a step goes anywhere."""
        steps = np.diff(self.first.indptr) + np.diff(self.second.indptr)
        return np.flatnonzero(steps).astype(np.int32)

    def arrays(self) -> tuple[Int64, Int32, Int64, Int32]:
        """`indptr` and `indices` of both matrices, as kernels take them."""
        return (
            read_only(self.first.indptr),
            read_only(self.first.indices),
            read_only(self.second.indptr),
            read_only(self.second.indices),
        )


@kernel
def _common(
    out_ptr: Int64, out: Int32, into_ptr: Int64, into: Int32, indptr: Int64, indices: Int32
) -> None:
    """The columns that stand in row v of both matrices; without `indices`, only how many."""
    write = len(indices) > 0
    for v in range(len(indptr) - 1):
        i, j = out_ptr[v], into_ptr[v]
        filled = indptr[v] if write else 0
        while i < out_ptr[v + 1] and j < into_ptr[v + 1]:
            x, y = out[i], into[j]
            if x == y:
                if write:
                    indices[filled] = x
                filled += 1
            i += x <= y
            j += y <= x
        if not write:
            indptr[v + 1] = filled


def _mutual(graph: InfluenceGraph) -> Adjacency:
    arcs = (
        read_only(graph.out.indptr),
        read_only(graph.out.indices),
        read_only(graph.into.indptr),
        read_only(graph.into.indices),
    )
    indptr = np.zeros(graph.n + 1, dtype=np.int64)
    _common(*arcs, indptr, np.empty(0, dtype=np.int32))
    np.cumsum(indptr, out=indptr)
    indices = np.empty(indptr[-1], dtype=np.int32)
    if len(indices):
        _common(*arcs, indptr, indices)
    return Adjacency(indptr, indices)


def ways(graph: InfluenceGraph, along: str = "influence") -> Ways:
    """The steps that `along` (one of `ALONG`) allows. Raises UsageError for another word.

    >>> out = Adjacency(np.array([0, 2, 3, 3]), np.array([1, 2, 0], dtype=np.int32))
    >>> into = Adjacency(np.array([0, 1, 2, 3]), np.array([1, 0, 0], dtype=np.int32))
    >>> ways(InfluenceGraph(out, into), "mutual").first.indices.tolist()
    [1, 0]
    """
    nothing = Adjacency(np.zeros(graph.n + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    if along == "influence":
        return Ways(graph.out, nothing, graph.into)
    if along == "against":
        return Ways(graph.into, nothing, graph.out)
    if along == "either":
        return Ways(graph.out, graph.into)
    if along == "mutual":
        both = _mutual(graph)
        return Ways(both, nothing, both)
    raise UsageError(f"Steps go along {', '.join(ALONG)}, not {along!r}.")
