"""Degrees, separation and bridges: beside NetworKit, igraph and NetworkX.

Steps run along influence, unweighted. Every peer gets its own graph object before the clock
starts. NetworKit's effective diameter is of connected undirected graphs alone (and the mean over
accounts of the steps to 90 % of the others), so it gets the largest piece of the ties without
their direction; guanxi is shown that way too. Betweenness is estimated from the same number of
sources by both (each draws its own).
"""

from __future__ import annotations

from functools import partial

import networkit
import networkx
import numpy as np

from benchmarks import graphs
from benchmarks.bench_centrality import arcs, igraph_follows, networkit_follows
from benchmarks.harness import Row, Scale, compare
from guanxi.algorithms.centrality.betweenness import betweenness
from guanxi.algorithms.centrality.constraint import Constraints
from guanxi.algorithms.centrality.harmonic import harmonic
from guanxi.algorithms.centrality.participation import participation
from guanxi.algorithms.chains.separation import Separation, exact_separation
from guanxi.algorithms.chains.sketch import sketch_distances
from guanxi.algorithms.chains.steps import accounts_by_step
from guanxi.algorithms.chains.ways import ways
from guanxi.algorithms.community.undirected import undirected
from guanxi.graph.arrays import InfluenceGraph

#: Sources from which betweenness is estimated.
SOURCES = 32
#: Accounts and edges beside NetworKit's approximation of the effective diameter.
MIDDLE = (20_000, 200_000)
#: Accounts and edges of the networks on which everything is exact.
SMALL = (5_000, 50_000)


def run(scale: Scale) -> list[Row]:
    networkit.setNumberOfThreads(scale.threads)
    graph = graphs.influence_graph(scale.accounts, scale.edges)
    return [
        *_steps(scale, graph),
        *_separation(scale, graph),
        *_betweenness(scale, graph),
        *_ties(scale, graph),
        *_exact(scale),
    ]


def _steps(scale: Scale, graph: InfluenceGraph) -> list[Row]:
    star = int(np.argmax(np.diff(graph.out.indptr)))
    one = [np.array([star], dtype=np.int32)]
    follows = networkit_follows(graph)
    other = networkit.graphtools.transpose(follows)
    theirs = igraph_follows(graph)

    def networkit_steps() -> int:
        search = networkit.distance.BFS(other, star, False)
        search.run()
        return int((np.array(search.getDistances()) <= 6).sum())

    return compare(
        f"Accounts within 1 to 6 steps of one account, {graph.m:,} arcs",
        {
            "guanxi": lambda: int(accounts_by_step(ways(graph), one, 6).sum()),
            "NetworKit (BFS)": networkit_steps,
            "igraph": lambda: theirs.neighborhood_size(star, order=6, mode="in"),
        },
        scale,
        goal="≤ 0.5 s",
        note=lambda accounts: f"{accounts:,} accounts",
    )


def _separation(scale: Scale, graph: InfluenceGraph) -> list[Row]:
    small = graphs.influence_graph(*MIDDLE)
    other = networkit.graphtools.toUndirected(networkit_follows(small))
    other.removeMultiEdges()
    other = networkit.components.ConnectedComponents.extractLargestConnectedComponent(other, True)

    def networkit_diameter() -> None:
        networkit.distance.EffectiveDiameterApproximation(other).run()

    def ours(graph: InfluenceGraph, along: str) -> Separation:
        return sketch_distances(ways(graph, along), threads=scale.threads).separation

    def told(found: Separation | None) -> str:
        if found is None:
            return ""
        low, value, high = found.average.low, found.average.value, found.average.high
        return (
            f"average {value:.2f} ({low:.2f} to {high:.2f}), "
            f"effective diameter {found.effective_diameter.value:.2f}"
        )

    rows = compare(
        f"Separation of the whole network, {graph.m:,} arcs",
        {"guanxi": partial(ours, graph, "influence")},
        scale,
        goal="≤ 30 s",
        note=told,
        rounds=min(scale.rounds, 2),
    )
    return rows + compare(
        f"Separation of the whole network in either direction, {small.m:,} arcs",
        {"guanxi": partial(ours, small, "either"), "NetworKit (ANF)": networkit_diameter},
        scale,
        goal="below 1",
        note=told,
        rounds=min(scale.rounds, 2),
    )


def _betweenness(scale: Scale, graph: InfluenceGraph) -> list[Row]:
    follows = networkit_follows(graph)

    def theirs() -> list[float]:
        found = networkit.centrality.EstimateBetweenness(follows, SOURCES, True, True)
        found.run()
        return list(found.scores())

    return compare(
        f"Betweenness from {SOURCES} sources, {graph.m:,} arcs",
        {
            "guanxi": lambda: betweenness(graph, sources=SOURCES, threads=scale.threads).scores,
            "NetworKit": theirs,
        },
        scale,
        goal="below 1",
        rounds=min(scale.rounds, 3),
    )


def _ties(scale: Scale, graph: InfluenceGraph) -> list[Row]:
    ties = undirected(graph, scale.threads)
    labels = (np.arange(graph.n) % 200 + 1).astype(np.int32)
    everyone = np.arange(graph.n, dtype=np.int32)
    some = everyone[:20]
    return compare(
        f"What else bridges computes, {graph.m:,} arcs",
        {
            "guanxi, participation of all": partial(participation, ties, labels, scale.threads),
            "guanxi, the 20 lowest constraints": lambda: Constraints(ties, scale.threads).lowest(
                20, everyone
            ),
            "guanxi, harmonic centrality of 20": lambda: harmonic(ways(graph), some, scale.threads),
        },
        scale,
        rounds=min(scale.rounds, 3),
    )


def _exact(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(*SMALL)
    follows = igraph_follows(graph)
    made = networkx.DiGraph()
    made.add_nodes_from(range(graph.n))
    made.add_edges_from(np.column_stack(arcs(graph)).tolist())
    ties = undirected(graph, scale.threads)
    plain = follows.as_undirected(mode="each")
    everyone = np.arange(graph.n, dtype=np.int32)
    rows = compare(
        f"Average separation, exact, {graph.m:,} arcs",
        {
            "guanxi": lambda: exact_separation(ways(graph), threads=scale.threads).average.value,
            "igraph": lambda: follows.average_path_length(unconn=True),
        },
        scale,
        goal="below 1",
        note=lambda value: f"{value:.4f}",
        rounds=min(scale.rounds, 3),
    )
    rows += compare(
        f"Betweenness, exact, {graph.m:,} arcs",
        {
            "guanxi": lambda: betweenness(graph, threads=scale.threads).scores,
            "igraph": follows.betweenness,
        },
        scale,
        goal="below 1",
        rounds=min(scale.rounds, 3),
    )
    return rows + compare(
        f"Constraint of all accounts, {graph.m:,} arcs",
        {
            "guanxi": lambda: Constraints(ties, scale.threads).of(everyone).sum(),
            "igraph": lambda: np.nansum(plain.constraint()),
            "NetworkX": lambda: np.nansum(list(networkx.constraint(made).values())),
        },
        scale,
        goal="below 1",
        note=lambda value: f"sum {value:.2f}",
        rounds=1,
    )
