"""Centrality: PageRank, HITS and core numbers beside igraph, NetworKit, scipy and NetworkX.

Every peer gets its own graph object before the clock starts; what it takes to build one
(or to read ours from a snapshot) is not part of these figures. PageRank stops at an L1
change of 1e-9. igraph's solver (PRPACK) has no such option and goes on to about 1e-12,
so guanxi is shown with that tolerance as well. NetworKit stops by its own rule at 1e-9.
The remark is the L1 change of one more exact step from the scores that came out.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import igraph
import networkit
import networkx
import numpy as np
from scipy import sparse

from benchmarks import graphs
from benchmarks.harness import Row, Scale, compare
from guanxi.algorithms.centrality.degree import weighted_in_degree
from guanxi.algorithms.centrality.hits import hits
from guanxi.algorithms.centrality.k_core import core_numbers
from guanxi.algorithms.centrality.pagerank import pagerank
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32

DAMPING = 0.85
TOLERANCE = 1e-9
#: Accounts and edges beside NetworkX.
SMALL = (10_000, 100_000)


def run(scale: Scale) -> list[Row]:
    networkit.setNumberOfThreads(scale.threads)
    # igraph's word on networks where many are followed by nobody; the scores are the same.
    warnings.filterwarnings("ignore", "More than 30% of hub or authority scores are zeros")
    return [
        *_pagerank(scale, weighted=False),
        *_pagerank(scale, weighted=True),
        *_hits(scale),
        *_k_core(scale),
        *_beside_networkx(scale),
    ]


def _pagerank(scale: Scale, weighted: bool) -> list[Row]:
    graph = graphs.influence_graph(scale.accounts, scale.edges, weighted)
    follows = igraph_follows(graph)
    matrix = csr(graph.out)
    ours = partial(pagerank, graph, damping=DAMPING, threads=scale.threads)
    return compare(
        f"PageRank, {graph.m:,} {'weighted' if weighted else 'plain'} ties",
        {
            "guanxi": lambda: ours(tolerance=TOLERANCE).scores,
            "guanxi, to 1e-12": lambda: ours(tolerance=1e-12).scores,
            "igraph (PRPACK)": partial(igraph_pagerank, follows, weighted),
            "NetworKit": partial(networkit_pagerank, networkit_follows(graph)),
            "scipy (power iteration)": partial(scipy_pagerank, graph, matrix),
        },
        scale,
        goal="≤ 0.75",
        note=lambda scores: f"{np.abs(step(graph, matrix, scores) - scores).sum():.0e}",
    )


def _hits(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(scale.accounts, scale.edges)
    follows = igraph_follows(graph)
    return compare(
        f"HITS, {graph.m:,} ties",
        {
            "guanxi": partial(hits, graph, threads=scale.threads),
            "igraph (ARPACK)": lambda: (follows.hub_score(), follows.authority_score()),
        },
        scale,
        goal="below 1",
        rounds=min(scale.rounds, 3),
    )


def _k_core(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(scale.accounts, scale.edges)
    undirected = igraph_follows(graph).as_undirected(mode="collapse")
    other = networkit.graphtools.toUndirected(networkit_follows(graph))
    other.removeMultiEdges()

    def networkit_cores() -> list[float]:
        cores = networkit.centrality.CoreDecomposition(other)
        cores.run()
        return list(cores.scores())

    return compare(
        f"Core numbers, {graph.m:,} ties",
        {
            "guanxi": partial(core_numbers, graph),
            "igraph": undirected.coreness,
            "NetworKit": networkit_cores,
        },
        scale,
        goal="below 1",
        note=lambda numbers: f"deepest {max(numbers):.0f}",
        rounds=min(scale.rounds, 3),
    )


def _beside_networkx(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(*SMALL)
    follows = networkx.DiGraph()
    follows.add_nodes_from(range(graph.n))
    follows.add_edges_from(np.column_stack(arcs(graph)).tolist())
    ties = follows.to_undirected()
    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "PageRank": (
            partial(pagerank, graph, threads=scale.threads),
            partial(networkx.pagerank, follows, tol=TOLERANCE / graph.n, max_iter=1000),
        ),
        "HITS": (
            partial(hits, graph, threads=scale.threads),
            partial(networkx.hits, follows, tol=TOLERANCE),
        ),
        "Core numbers": (partial(core_numbers, graph), partial(networkx.core_number, ties)),
    }
    rows = []
    for name, (ours, theirs) in pairs.items():
        rows += compare(
            f"{name}, {graph.m:,} ties, beside NetworkX",
            {"guanxi": ours, "NetworkX": theirs},
            scale,
            goal="below 1",
        )
    return rows


# How the peers are asked. All their graphs run from the follower to the followed.


def arcs(graph: InfluenceGraph) -> tuple[Int32, Int32]:
    """(follower, followed) of every tie, in the order of `graph.out`."""
    followed = np.repeat(np.arange(graph.n, dtype=np.int32), np.diff(graph.out.indptr))
    return graph.out.indices, followed


def csr(matrix: Adjacency) -> sparse.csr_array:
    weights = np.ones(matrix.m) if matrix.weights is None else matrix.weights
    return sparse.csr_array((weights, matrix.indices, matrix.indptr), shape=(matrix.n, matrix.n))


def igraph_follows(graph: InfluenceGraph) -> igraph.Graph:
    follows = igraph.Graph(n=graph.n, edges=np.column_stack(arcs(graph)), directed=True)
    if graph.out.weights is not None:
        follows.es["weight"] = graph.out.weights.tolist()
    return follows


def networkit_follows(graph: InfluenceGraph) -> networkit.Graph:
    follower, followed = (end.astype(np.uint64) for end in arcs(graph))
    weights = graph.out.weights
    return networkit.GraphFromCoo(
        (np.ones(graph.m) if weights is None else weights, (follower, followed)),
        n=graph.n,
        directed=True,
        weighted=weights is not None,
    )


def igraph_pagerank(follows: igraph.Graph, weighted: bool) -> Float64:
    return np.array(follows.pagerank(damping=DAMPING, weights="weight" if weighted else None))


def networkit_pagerank(follows: networkit.Graph) -> Float64:
    # Sinks left alone: the same scores but for a factor, and the faster of the two ways.
    method = networkit.centrality.PageRank(follows, DAMPING, TOLERANCE)
    method.norm = networkit.centrality.Norm.L1_NORM
    method.run()
    scores = np.array(method.scores())
    return scores / scores.sum()


def step(graph: InfluenceGraph, matrix: sparse.csr_array, scores: Float64) -> Float64:
    """One step of power iteration."""
    strength = weighted_in_degree(graph.into)
    stuck = strength == 0.0
    new = DAMPING * (matrix @ (scores / np.where(stuck, 1.0, strength)))
    return new + (DAMPING * scores[stuck].sum() + 1.0 - DAMPING) / graph.n


def scipy_pagerank(graph: InfluenceGraph, matrix: sparse.csr_array) -> Float64:
    strength = weighted_in_degree(graph.into)
    stuck = strength == 0.0
    inverse = 1.0 / np.where(stuck, 1.0, strength)
    scores = np.full(graph.n, 1.0 / graph.n)
    change = np.inf
    while change > TOLERANCE:
        new = DAMPING * (matrix @ (scores * inverse))
        new += (DAMPING * scores[stuck].sum() + 1.0 - DAMPING) / graph.n
        change = np.abs(new - scores).sum()
        scores = new
    return scores
