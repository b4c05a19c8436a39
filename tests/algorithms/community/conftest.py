"""Graphs and measures that the tests of communities share."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from guanxi.graph.arrays import Adjacency, InfluenceGraph


def csr(n, rows, columns, weights=None):
    order = np.lexsort((columns, rows))
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=n), out=indptr[1:])
    weights = None if weights is None else np.asarray(weights, dtype=np.float64)[order]
    return Adjacency(indptr, np.asarray(columns, dtype=np.int32)[order], weights)


def from_networkx(graph, weighted=True):
    """The symmetric Adjacency of an undirected graph on 0 … n-1; every weight 1 by default."""
    n = graph.number_of_nodes()
    ties = [(u, v, d.get("weight", 1.0)) for u, v, d in graph.edges(data=True) if u != v]
    u, v, w = (np.array(x) for x in zip(*ties, strict=True)) if ties else (np.zeros(0, int),) * 3
    both = np.concatenate([u, v]), np.concatenate([v, u])
    return csr(n, *both, np.concatenate([w, w]) if weighted else None)


def from_arcs(n, arcs):
    """InfluenceGraph of (u, v, strength) triples."""
    u, v, w = (np.array(x) for x in zip(*arcs, strict=True))
    return InfluenceGraph(out=csr(n, u, v, w), into=csr(n, v, u, w))


def random_weighted(seed, n=40, p=0.12, whole=False):
    random = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(n, p, seed=seed)
    for _, _, data in graph.edges(data=True):
        data["weight"] = float(random.integers(1, 5) if whole else random.random() + 0.01)
    return graph


def planted(n, size, degree, mixing, seed=0):
    """n nodes in communities of `size`; share `mixing` of the ties goes anywhere."""
    random = np.random.default_rng(seed)
    truth = random.permutation(np.arange(n) // size)
    by_truth = np.argsort(truth, kind="stable")
    u = random.integers(0, n, n * degree // 2)
    start = truth[u] * size
    near = by_truth[start + random.integers(0, np.minimum(size, n - start))]
    v = np.where(random.random(len(u)) < mixing, random.integers(0, n, len(u)), near)
    key = np.unique(np.minimum(u, v) * n + np.maximum(u, v))
    u, v = key // n, key % n
    u, v = u[u != v], v[u != v]
    both = np.concatenate([u, v]), np.concatenate([v, u])
    return csr(n, *both, np.ones(2 * len(u))), truth


def normalised_mutual_information(a, b):
    """Twice the mutual information of two partitions over the sum of their entropies."""
    a, b = (np.unique(x, return_inverse=True)[1].astype(np.int64) for x in (a, b))

    def entropy(counts):
        share = counts / counts.sum()
        return -(share * np.log(share)).sum()

    single = entropy(np.bincount(a)) + entropy(np.bincount(b))
    joint = entropy(np.unique(a * (b.max() + 1) + b, return_counts=True)[1])
    return 2 * (single - joint) / single


class Tools:
    csr = staticmethod(csr)
    from_networkx = staticmethod(from_networkx)
    from_arcs = staticmethod(from_arcs)
    random_weighted = staticmethod(random_weighted)
    planted = staticmethod(planted)
    nmi = staticmethod(normalised_mutual_information)

    @staticmethod
    def to_networkx(adjacency):
        graph = nx.Graph()
        graph.add_nodes_from(range(adjacency.n))
        rows = np.repeat(np.arange(adjacency.n), np.diff(adjacency.indptr))
        weights = np.ones(adjacency.m) if adjacency.weights is None else adjacency.weights
        graph.add_weighted_edges_from(
            zip(rows.tolist(), adjacency.indices.tolist(), weights.tolist(), strict=True)
        )
        return graph

    @staticmethod
    def as_sets(labels):
        return [set(np.flatnonzero(labels == c).tolist()) for c in np.unique(labels)]

    @staticmethod
    def assert_proper(adjacency, found):
        """What must hold of every answer: numbering, sizes, modularity, connectedness."""
        graph = Tools.to_networkx(adjacency)
        communities = Tools.as_sets(found.labels)
        assert found.labels.dtype == np.int32
        assert found.labels.shape == (adjacency.n,)
        assert [len(c) for c in communities] == found.sizes.tolist()
        key = [(-len(c), min(c)) for c in communities]
        assert key == sorted(key)
        assert all(nx.is_connected(graph.subgraph(c)) for c in communities)
        if adjacency.m:
            expected = nx.community.modularity(graph, communities, resolution=found.resolution)
            assert found.modularity == pytest.approx(expected, abs=1e-12)


@pytest.fixture(scope="session")
def tools():
    return Tools


@pytest.fixture(scope="session")
def karate():
    return from_networkx(nx.karate_club_graph(), weighted=False)


@pytest.fixture(scope="session")
def large():
    """Enough arcs for several blocks of work; and its planted communities."""
    return planted(60_000, 60, 24, 0.35, seed=3)
