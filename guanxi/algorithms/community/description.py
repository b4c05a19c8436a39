"""Each community in figures, and the accounts at its core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.community.core_users import core_users
from guanxi.algorithms.community.modularity import ties_inside
from guanxi.algorithms.community.undirected import undirected
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32, Int64


@dataclass(frozen=True)
class Description:
    """Figures of each community; entry c-1 of every array speaks of community c.

    `sizes` int64: accounts. `share` float64: of all accounts. `density` float64: of all
    pairs of members, those with a tie in either direction, 0 for a single account.
    `internal_share` float64: of the strength of all ties of the members, both
    directions, what goes to other members (a tie between two members counts for both),
    0 where there are no ties. `core_users` int32[communities, 10]: its members with the
    highest PageRank within the community, best first, -1 where there are fewer than ten.
    """

    sizes: Int64
    share: Float64
    density: Float64
    internal_share: Float64
    core_users: Int32


def describe(
    graph: InfluenceGraph,
    labels: Int32,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Description:
    """Size, share, density, internal share and core users of each community.

    `labels` int32[n]: the community of each account, from 1 without gaps, as in
    `Communities`. See `Description` for the formulas, and `core_users` for the PageRank.

    Raises UsageError for labels that are not so, ConvergenceError as PageRank does.
    """
    core = core_users(graph, labels, threads=threads, progress=progress)
    ties, inside, strength = ties_inside(undirected(graph, threads), labels, threads)
    sizes = np.bincount(labels)[1:]
    pairs = sizes * (sizes - 1)
    within = np.bincount(labels, weights=inside)[1:]
    everything = np.bincount(labels, weights=strength)[1:]
    return Description(
        sizes=sizes.astype(np.int64),
        share=sizes / max(graph.n, 1),
        density=np.bincount(labels, weights=ties)[1:] / np.maximum(pairs, 1),
        internal_share=np.divide(
            within, everything, out=np.zeros(len(sizes)), where=everything > 0
        ),
        core_users=core.accounts,
    )
