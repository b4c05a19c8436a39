"""Label propagation: communities for the hurried."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from guanxi.algorithms.community.communities import Communities, check_parameters, finished
from guanxi.algorithms.community.csr import reordered, shuffled
from guanxi.algorithms.community.moving import ROUNDING, move_nodes
from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency


def label_propagation(
    adjacency: Adjacency,
    *,
    max_sweeps: int = 10,
    resolution: float = 1.0,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Communities:
    """Communities by label propagation: each account takes the label most of its ties have.

    Every account starts with a label of its own. In an order that `seed` decides, an
    account takes the label with the greatest strength among its ties; of several equal
    ones, one that is not its own, since otherwise everything stops at pairs. Whose
    neighbours did not change is not looked at again. It ends when nothing changes, or
    after `max_sweeps` sweeps: what is left by then goes back and forth between equals.
    Communities that are not connected are split. Faster than Leiden and of lower
    modularity; on graphs without clear communities nearly all may end in one.

    `adjacency` is symmetric, without loops, weights above 0 (see `undirected`).
    `resolution` is that of the modularity that is reported; the labels do not depend on
    it. The same for any number of threads.

    Raises UsageError for a wrong graph or parameter.

    Source: U. N. Raghavan, R. Albert, S. Kumara, Phys. Rev. E 76, 036106 (2007),
    doi:10.1103/PhysRevE.76.036106.
    """
    check_parameters(resolution, seed)
    if max_sweeps < 1:
        raise UsageError(f"Label propagation needs at least 1 sweep, not {max_sweeps}.")
    order = shuffled(adjacency.n, seed)
    level = reordered(adjacency, order, threads)
    start = np.arange(level.n, dtype=np.int32)
    moved = move_nodes(level, start, level.n, 0.0, max_sweeps, -ROUNDING, progress)
    labels = np.empty_like(moved.labels)
    labels[order] = moved.labels
    return finished(
        adjacency,
        labels,
        method="label-propagation",
        resolution=resolution,
        seed=seed,
        iterations=moved.sweeps,
        threads=threads,
    )
