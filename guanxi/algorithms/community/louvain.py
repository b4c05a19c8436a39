"""Louvain as the package python-louvain does it, for those who know it, and as a cross-check."""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.community.communities import Communities, check_parameters, finished
from guanxi.graph.arrays import Adjacency

#: What a tie takes in Python objects, in memory and in time (measured at 400,000 ties).
BYTES_PER_TIE = 1200
SECONDS_PER_TIE = 1e-4
#: From so many ties on, a word about it is due.
MANY_TIES = 300_000


def louvain_warning(adjacency: Adjacency) -> str | None:
    """A sentence on time and memory where python-louvain will be slow, else None."""
    ties = adjacency.m // 2
    if ties < MANY_TIES:
        return None
    minutes = max(1, round(ties * SECONDS_PER_TIE / 60))
    return (
        f"python-louvain works in Python objects: {ties:,} ties will take about {minutes} min "
        f"and {ties * BYTES_PER_TIE / 1e9:.1f} GB; Leiden takes seconds and finds no less."
    )


def louvain(
    adjacency: Adjacency,
    *,
    resolution: float = 1.0,
    seed: int = 0,
    threads: int | None = None,
) -> Communities:
    """Communities by python-louvain's `best_partition`, through a networkx graph.

    Nodes and ties are added in the order of the accounts, and `seed` (its lowest 32
    bits) decides the order of looking at them, so the same graph gives the same answer.
    Communities that are not connected, which Louvain may leave, are split. `threads` is
    for the steps around it.

    `adjacency` is symmetric, without loops, weights above 0 (see `undirected`). See
    `louvain_warning` for what a large graph costs. The package applies the resolution to
    its moves as Leiden does, but decides when to stop by a formula that puts it on the
    other term; so expect less of it at resolutions far from 1.

    Raises UsageError for a wrong parameter.

    Source: V. D. Blondel et al., J. Stat. Mech. P10008 (2008),
    doi:10.1088/1742-5468/2008/10/P10008.
    """
    check_parameters(resolution, seed)
    import networkx as nx
    from community import community_louvain

    rows = np.repeat(np.arange(adjacency.n), np.diff(adjacency.indptr))
    once = rows < adjacency.indices
    weights = np.ones(adjacency.m) if adjacency.weights is None else adjacency.weights
    ties = rows[once].tolist(), adjacency.indices[once].tolist(), weights[once].tolist()
    graph = nx.Graph()
    graph.add_nodes_from(range(adjacency.n))
    graph.add_weighted_edges_from(zip(*ties, strict=True))
    dendrogram = community_louvain.generate_dendrogram(
        graph, resolution=resolution, random_state=seed % (1 << 32)
    )
    partition = community_louvain.partition_at_level(dendrogram, len(dendrogram) - 1)
    labels = np.fromiter(
        (partition[account] for account in range(adjacency.n)), np.int32, adjacency.n
    )
    return finished(
        adjacency,
        labels,
        method="louvain",
        resolution=resolution,
        seed=seed,
        iterations=len(dendrogram),
        threads=threads,
    )
