"""What every method of finding communities returns, and what all of them do at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.community.connectivity import connected_pieces
from guanxi.algorithms.community.csr import frozen
from guanxi.algorithms.community.modularity import modularity
from guanxi.algorithms.community.numbering import compact, largest_first
from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, Int32, Int64


@dataclass(frozen=True)
class Communities:
    """A partition of the accounts into communities, each of them connected.

    `labels` int32[n]: the community of each account, from 1, the largest first, those
    of one size by their smallest account. `sizes` int64[communities]: `sizes[c-1]`
    accounts are in community c. An account without a tie is a community of one.
    `modularity` is that of `labels` at `resolution`, on the undirected graph.
    `iterations`: of Leiden, levels of Louvain, sweeps of label propagation.
    """

    labels: Int32
    sizes: Int64
    modularity: float
    method: str
    seed: int
    resolution: float
    iterations: int

    @property
    def count(self) -> int:
        """Number of communities."""
        return len(self.sizes)


def check_parameters(resolution: float, seed: int) -> None:
    """Raise UsageError for a resolution or a seed that no method can work with."""
    if not (resolution > 0 and math.isfinite(resolution)):
        raise UsageError(f"The resolution must be a number above 0, not {resolution}.")
    if not 0 <= seed < 1 << 63:
        raise UsageError(f"The seed must be a whole number from 0 to 2^63 - 1, not {seed}.")


def finished(
    adjacency: Adjacency,
    labels: Int32,
    *,
    method: str,
    resolution: float,
    seed: int,
    iterations: int,
    threads: int | None,
) -> Communities:
    """Split `labels` (any numbers from 0) into connected pieces, number and measure them.

    Splitting a community that has no tie between its pieces never lowers modularity.
    """
    given = np.array(labels, dtype=np.int32)
    count = compact(given)
    indptr, indices = frozen(adjacency.indptr), frozen(adjacency.indices)
    pieces = connected_pieces(indptr, indices, given, count, threads)
    numbered, sizes = largest_first(pieces)
    return Communities(
        labels=numbered,
        sizes=sizes,
        modularity=modularity(adjacency, numbered, resolution, threads),
        method=method,
        seed=seed,
        resolution=resolution,
        iterations=iterations,
    )
