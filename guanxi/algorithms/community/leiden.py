"""Leiden: communities of high modularity, every one of them connected."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from guanxi.algorithms.community.aggregation import aggregate
from guanxi.algorithms.community.communities import Communities, check_parameters, finished
from guanxi.algorithms.community.csr import Level, reordered, shuffled
from guanxi.algorithms.community.moving import move_nodes
from guanxi.algorithms.community.numbering import members_of
from guanxi.algorithms.community.refinement import refine
from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, Int32

#: More levels than this are not built; graphs of millions have about ten.
MAX_LEVELS = 50
#: Share of the work of an iteration that is done when the coarsest level is reached.
_DOWN = 70


def leiden(
    adjacency: Adjacency,
    *,
    resolution: float = 1.0,
    iterations: int = 2,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Communities:
    """Communities of high modularity by the Leiden algorithm, all of them connected.

    In turns, nodes are moved to the community where modularity gains most, the
    communities are refined into well-knit parts, and the parts become the nodes of the
    next, smaller graph, until there is nothing to join. On the way back nodes are moved
    once more at every level. A further iteration begins with the communities of the one
    before, and ends early when it changes nothing. See the modules of the phases for what
    each does. What the moves on the way back have torn apart is split at the end.

    `adjacency` is symmetric and without loops, weights above 0 (see `undirected`, and
    `modularity` for the formula). `resolution` above 1 gives more and smaller
    communities. `seed` decides the order in which accounts are looked at; nothing else
    is random. The same bits for any number of `threads`. Takes about 90 bytes for each
    entry of `adjacency`.

    Raises UsageError for a wrong graph or parameter.

    Sources: V. A. Traag, L. Waltman, N. J. van Eck, Sci. Rep. 9, 5233 (2019),
    doi:10.1038/s41598-019-41695-z; moves on the way back: R. Rotta, A. Noack, ACM J. Exp.
    Algorithmics 16 (2011), doi:10.1145/1963190.1970376.

    >>> import numpy as np
    >>> two_pairs = Adjacency(np.arange(5), np.array([1, 0, 3, 2], dtype=np.int32))
    >>> leiden(two_pairs).labels.tolist()
    [1, 1, 2, 2]
    """
    check_parameters(resolution, seed)
    if iterations < 1:
        raise UsageError(f"Leiden needs at least 1 iteration, not {iterations}.")
    order = shuffled(adjacency.n, seed)
    level = reordered(adjacency, order, threads)
    total = float(level.strength.sum())
    scale = resolution / total if total else 0.0
    labels, count, _, _ = move_nodes(level, np.arange(level.n, dtype=np.int32), level.n, scale)
    for iteration in range(iterations):
        _, members = members_of(labels, count)
        level = reordered(level, members, threads)  # neighbours in memory from here on
        order, labels = order[members], labels[members]

        def report(percent: int, before: int = 100 * iteration) -> None:
            if progress is not None:
                progress(before + percent, 100 * iterations)

        labels, count, moves = _down_and_up(level, labels, count, scale, threads, report)
        if not moves:
            break
    found = np.empty_like(labels)
    found[order] = labels
    return finished(
        adjacency,
        found,
        method="leiden",
        resolution=resolution,
        seed=seed,
        iterations=iterations,
        threads=threads,
    )


def _down_and_up(
    level: Level,
    labels: Int32,
    count: int,
    scale: float,
    threads: int | None,
    report: Callable[[int], None],
) -> tuple[Int32, int, int]:
    """One iteration, from labels that are settled at `level`; labels, communities, moves."""
    accounts = level.n
    passed: list[tuple[Level, Int32]] = []
    moves = 0
    while count < level.n and len(passed) < MAX_LEVELS:
        part, community = refine(level, labels, count, scale, threads)
        if len(community) == level.n:
            break
        passed.append((level, part))
        level = aggregate(level, part, len(community), threads)
        labels, count, moved, _ = move_nodes(level, community, count, scale)
        moves += moved
        report(_DOWN - _DOWN * level.n // accounts)
    levels = len(passed)
    while passed:
        level, part = passed.pop()
        labels, count, moved, _ = move_nodes(level, labels[part], count, scale)
        moves += moved
        report(100 - (100 - _DOWN) * len(passed) // levels)
    return labels, count, moves
