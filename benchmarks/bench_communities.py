"""Communities: Leiden and label propagation beside NetworKit and igraph.

All work on the undirected sum of both directions of weighted ties, made before the clock
starts. Every round has a seed of its own; the remark is the median over the rounds of the
modularity and, where communities were planted, of the normalised mutual information with
them. "guanxi, fast" is Leiden with one iteration. The goals of Leiden are ratios to
NetworKit's PLM with refinement, at the modularity of igraph's Leiden with two iterations.
"""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import igraph
import networkit
import numpy as np
import numpy.typing as npt

from benchmarks import graphs
from benchmarks.harness import Row, Scale, compare
from guanxi.algorithms.centrality.pagerank import pagerank
from guanxi.algorithms.community.core_users import core_users
from guanxi.algorithms.community.label_propagation import label_propagation
from guanxi.algorithms.community.leiden import leiden
from guanxi.algorithms.community.modularity import modularity
from guanxi.algorithms.community.undirected import undirected
from guanxi.graph.arrays import Adjacency, InfluenceGraph

Labels = npt.NDArray[np.integer[Any]]
#: Accounts, ties and mixing of the planted partition.
PLANTED = (100_000, 1_000_000, 0.3)


@dataclass
class Subject:
    """Makes communities with a new seed at each call, and remembers how good they were."""

    find: Callable[[int], Labels]
    adjacency: Adjacency
    truth: Labels | None
    seeds: Any = field(default_factory=itertools.count)
    quality: list[float] = field(default_factory=list)
    likeness: list[float] = field(default_factory=list)

    def __call__(self) -> tuple[Subject, Labels]:
        return self, self.find(next(self.seeds))


def note(answer: tuple[Subject, Labels]) -> str:
    subject, labels = answer
    found = np.asarray(labels).astype(np.int32)
    subject.quality.append(modularity(subject.adjacency, found))
    text = f"modularity {statistics.median(subject.quality):.5f}"
    if subject.truth is not None:
        subject.likeness.append(mutual_information(found, subject.truth))
        text += f", NMI {statistics.median(subject.likeness):.4f}"
    return text


def run(scale: Scale) -> list[Row]:
    networkit.setNumberOfThreads(scale.threads)
    graph = graphs.influence_graph(scale.accounts, scale.edges, True)
    adjacency = undirected(graph)
    name = f"{adjacency.m // 2:,} ties"
    rows = _leiden(f"Leiden, {name}", adjacency, None, scale)
    rows += _label_propagation(name, adjacency, scale)
    rows += _core_users(graph, scale)
    accounts, ties, mixing = (5_000, 50_000, 0.3) if scale.quick else PLANTED
    planted, truth = planted_partition(accounts, ties, mixing)
    return rows + _leiden(f"Leiden, planted, {planted.m // 2:,} ties", planted, truth, scale)


def _leiden(group: str, adjacency: Adjacency, truth: Labels | None, scale: Scale) -> list[Row]:
    ours = partial(leiden, adjacency, threads=scale.threads)
    theirs = networkit_graph(adjacency)
    other, weights = igraph_graph(adjacency)
    make = partial(Subject, adjacency=adjacency, truth=truth)
    rows = compare(
        group,
        {
            "guanxi": make(lambda seed: ours(seed=seed).labels),
            "guanxi, fast": make(lambda seed: ours(seed=seed, iterations=1).labels),
            "NetworKit PLM, refined": make(partial(networkit_plm, theirs)),
        },
        scale,
        goal="≤ 0.7",
        note=note,
    )
    rows[1] = replace(rows[1], goal="≤ 0.45")
    return rows + compare(
        f"{group}, quality",
        {
            "guanxi": make(lambda seed: ours(seed=seed).labels),
            "igraph Leiden, 2 iterations": make(partial(igraph_leiden, other, weights)),
            "NetworKit ParallelLeiden": make(partial(networkit_leiden, theirs)),
        },
        scale,
        goal="modularity of igraph's",
        note=note,
        rounds=min(scale.rounds, 3),
    )


def _label_propagation(name: str, adjacency: Adjacency, scale: Scale) -> list[Row]:
    make = partial(Subject, adjacency=adjacency, truth=None)
    ours = partial(label_propagation, adjacency, threads=scale.threads)
    return compare(
        f"Label propagation, {name}",
        {
            "guanxi": make(lambda seed: ours(seed=seed).labels),
            "NetworKit PLP": make(partial(networkit_plp, networkit_graph(adjacency))),
        },
        scale,
        goal="below 1",
        note=note,
        rounds=min(scale.rounds, 3),
    )


def _core_users(graph: InfluenceGraph, scale: Scale) -> list[Row]:
    labels = leiden(undirected(graph), threads=scale.threads, iterations=1).labels
    return compare(
        f"Core users of {labels.max():,} communities, {graph.m:,} arcs",
        {
            "guanxi": partial(core_users, graph, labels, threads=scale.threads),
            "one PageRank of the graph": partial(pagerank, graph, threads=scale.threads),
        },
        scale,
        goal="≤ 1",
        rounds=min(scale.rounds, 3),
    )


def planted_partition(
    accounts: int, ties: int, mixing: float, seed: int = 1
) -> tuple[Adjacency, Labels]:
    """Communities of 20 to 500 and degrees, both with heavy tails; `mixing` of the ties leave."""
    draw = np.random.default_rng([seed, accounts, ties])
    sizes = np.minimum(20 * (1 - draw.random(accounts)) ** -1.25, 500).astype(np.int64)
    truth = np.repeat(np.arange(accounts), sizes)[:accounts][draw.permutation(accounts)]
    degree = np.minimum((1 - draw.random(accounts)) ** -0.6, 100)
    stubs = draw.permutation(
        np.repeat(np.arange(accounts), draw.poisson(degree * 2 * ties / degree.sum()))
    )
    leaving = draw.random(len(stubs)) < mixing
    near, far = stubs[~leaving], stubs[leaving]
    near = near[np.argsort(truth[near], kind="stable")]
    halves = [part[: len(part) // 2 * 2].reshape(-1, 2) for part in (near, far)]
    pairs = np.sort(np.concatenate(halves), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int32)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    matrix = graphs.adjacency(accounts, both[:, 0], both[:, 1])
    return replace(matrix, weights=np.ones(matrix.m)), truth


def mutual_information(a: Labels, b: Labels) -> float:
    """Twice the mutual information of two partitions over the sum of their entropies."""

    def entropy(labels: Labels) -> float:
        share = np.unique(labels, return_counts=True)[1] / len(labels)
        return float(-(share * np.log(share)).sum())

    pair = a.astype(np.int64) * (int(b.max()) + 1) + b
    single = entropy(a) + entropy(b)
    return 2 * (single - entropy(pair)) / single


# How the peers are asked.


def once(adjacency: Adjacency) -> tuple[Labels, Labels, npt.NDArray[np.float64]]:
    """Each tie once, and its weight."""
    rows = np.repeat(np.arange(adjacency.n), np.diff(adjacency.indptr))
    first = rows < adjacency.indices
    assert adjacency.weights is not None
    return rows[first], adjacency.indices[first], adjacency.weights[first]


def networkit_graph(adjacency: Adjacency) -> networkit.Graph:
    u, v, weights = once(adjacency)
    return networkit.GraphFromCoo(
        (weights, (u.astype(np.uint64), v.astype(np.uint64))), n=adjacency.n, weighted=True
    )


def networkit_communities(method: Any) -> Labels:
    method.run()
    return np.array(method.getPartition().getVector())


def networkit_plm(graph: networkit.Graph, seed: int) -> Labels:
    networkit.setSeed(seed, True)
    return networkit_communities(networkit.community.PLM(graph, refine=True))


def networkit_leiden(graph: networkit.Graph, seed: int) -> Labels:
    networkit.setSeed(seed, True)
    return networkit_communities(networkit.community.ParallelLeiden(graph))


def networkit_plp(graph: networkit.Graph, seed: int) -> Labels:
    networkit.setSeed(seed, True)
    return networkit_communities(networkit.community.PLP(graph))


def igraph_graph(adjacency: Adjacency) -> tuple[igraph.Graph, list[float]]:
    u, v, weights = once(adjacency)
    return igraph.Graph(n=adjacency.n, edges=np.column_stack([u, v])), weights.tolist()


def igraph_leiden(graph: igraph.Graph, weights: list[float], seed: int) -> Labels:
    random.seed(seed)
    found = graph.community_leiden("modularity", weights=weights, n_iterations=2)
    return np.array(found.membership)
