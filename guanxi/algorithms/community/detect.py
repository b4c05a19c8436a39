"""Communities of an influence graph by any of the methods, under one signature."""

from __future__ import annotations

from collections.abc import Callable

from guanxi.algorithms.community.communities import Communities
from guanxi.algorithms.community.label_propagation import label_propagation
from guanxi.algorithms.community.leiden import leiden
from guanxi.algorithms.community.louvain import louvain
from guanxi.algorithms.community.undirected import undirected
from guanxi.errors import UsageError
from guanxi.graph.arrays import InfluenceGraph

METHODS = ("leiden", "louvain", "label-propagation")


def detect(
    graph: InfluenceGraph,
    method: str = "leiden",
    *,
    resolution: float = 1.0,
    iterations: int = 2,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Communities:
    """Communities of `graph`, on the undirected sum of both directions.

    `method` is one of `METHODS`. `iterations` is for Leiden alone; label propagation
    knows no resolution, which then is only that of the modularity it reports.

    Raises UsageError for another method, and what the method itself raises.
    """
    if method not in METHODS:
        raise UsageError(f"Communities are found by {', '.join(METHODS)}, not by {method!r}.")
    adjacency = undirected(graph, threads)
    if method == "louvain":
        return louvain(adjacency, resolution=resolution, seed=seed, threads=threads)
    if method == "label-propagation":
        return label_propagation(
            adjacency, resolution=resolution, seed=seed, threads=threads, progress=progress
        )
    return leiden(
        adjacency,
        resolution=resolution,
        iterations=iterations,
        seed=seed,
        threads=threads,
        progress=progress,
    )
