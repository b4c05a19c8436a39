"""Leiden: communities of high modularity, every one of them connected."""

from __future__ import annotations

from collections.abc import Callable

from guanxi.algorithms.community.communities import Communities, check_parameters, finished
from guanxi.algorithms.community.refinement import Chance
from guanxi.algorithms.community.search import SPREAD, Search, overlay
from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency
from guanxi.parallel import run_blocks

#: By default as many starts as have so many accounts and entries together, and at most so many.
#: On small graphs luck counts: of two seeds one may end far below the other. Time does not.
STARTS_SIZE = 1 << 20
MOST_STARTS = 8


def leiden(
    adjacency: Adjacency,
    *,
    resolution: float = 1.0,
    iterations: int = 2,
    seed: int = 0,
    starts: int | None = None,
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

    With several `starts`, each makes a first iteration by itself; accounts that all of
    them put together become one node, these are moved between the communities of the
    best start, and the further iterations go on from there. By default there are up to 8
    starts, fewer on larger graphs, and 1 where accounts and entries are more than half a
    million or there is but one iteration.

    `adjacency` is symmetric and without loops, weights above 0 (see `undirected`, and
    `modularity` for the formula). `resolution` above 1 gives more and smaller
    communities. `seed` decides the order in which accounts are looked at, and how
    communities are refined from the second iteration on. The same bits for any number
    of `threads`. Takes about 50 bytes for each entry of `adjacency`.

    Raises UsageError for a wrong graph or parameter.

    Sources: V. A. Traag, L. Waltman, N. J. van Eck, Sci. Rep. 9, 5233 (2019),
    doi:10.1038/s41598-019-41695-z; moves on the way back: R. Rotta, A. Noack, ACM J. Exp.
    Algorithmics 16 (2011), doi:10.1145/1963190.1970376; several starts: M. Ovelgönne, A.
    Geyer-Schulz, Contemp. Math. 588 (2013), doi:10.1090/conm/588/11701.

    >>> import numpy as np
    >>> two_pairs = Adjacency(np.arange(5), np.array([1, 0, 3, 2], dtype=np.int32))
    >>> leiden(two_pairs).labels.tolist()
    [1, 1, 2, 2]
    """
    check_parameters(resolution, seed)
    if iterations < 1:
        raise UsageError(f"Leiden needs at least 1 iteration, not {iterations}.")
    if starts is None:
        most = MOST_STARTS if iterations > 1 else 1
        starts = min(most, max(1, STARTS_SIZE // max(adjacency.n + adjacency.m, 1)))
    if starts < 1:
        raise UsageError(f"Leiden needs at least 1 start, not {starts}.")

    def report(iteration: int) -> Callable[[int], None] | None:
        if progress is None:
            return None
        return lambda percent: progress(100 * iteration + percent, 100 * iterations)

    def begin(start: int, threads: int | None) -> Search:
        search = Search.begin(adjacency, resolution, seed, start, threads)
        alone = report(0) if starts == 1 else None
        search.iterate(Chance(seed, (start << 32) + 1, 0.0), threads, alone)
        return search

    if starts == 1:
        search = begin(0, threads)
    else:
        found = run_blocks(lambda start: begin(start, 1), range(starts), threads)
        search = overlay(adjacency, resolution, found, Chance(seed, starts << 32, SPREAD))
    for iteration in range(1, iterations):
        chance = Chance(seed, (iteration << 8) + 1, SPREAD)
        if not search.iterate(chance, threads, report(iteration)):
            break
    if progress is not None:
        progress(100 * iterations, 100 * iterations)
    return finished(
        adjacency,
        search.by_account(),
        method="leiden",
        resolution=resolution,
        seed=seed,
        iterations=iterations,
        threads=threads,
    )
