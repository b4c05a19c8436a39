import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.community.description import describe
from guanxi.algorithms.community.detect import METHODS, detect
from guanxi.errors import UsageError


def random_arcs(seed, n=60):
    random = np.random.default_rng(seed)
    digraph = nx.gnp_random_graph(n, 0.08, seed=seed, directed=True)
    return [(u, v, random.random() + 0.1) for u, v in digraph.edges]


def test_by_hand(tools):
    graph = tools.from_arcs(6, [(0, 1, 2.0), (1, 0, 1.0), (1, 2, 1.0), (2, 3, 4.0), (3, 4, 3.0)])
    found = describe(graph, np.array([1, 1, 1, 2, 2, 3], dtype=np.int32))
    assert found.sizes.tolist() == [3, 2, 1]
    assert found.share.tolist() == [3 / 6, 2 / 6, 1 / 6]
    assert found.density.tolist() == [2 / 3, 1.0, 0.0]
    assert found.internal_share.tolist() == [8 / 12, 6 / 10, 0.0]
    assert found.core_users[2].tolist() == [5] + [-1] * 9


@pytest.mark.parametrize("seed", range(4))
def test_against_networkx(tools, seed):
    arcs = random_arcs(seed)
    labels = np.random.default_rng(seed).permutation(np.arange(60) % 5).astype(np.int32)
    labels += np.int32(1)
    found = describe(tools.from_arcs(60, arcs), labels)
    graph = nx.Graph()
    graph.add_nodes_from(range(60))
    graph.add_edges_from((u, v) for u, v, _ in arcs)
    for community in range(1, 6):
        members = np.flatnonzero(labels == community).tolist()
        assert found.density[community - 1] == pytest.approx(nx.density(graph.subgraph(members)))
        inside = sum(w for u, v, w in arcs if labels[u] == labels[v] == community)
        ends = sum(w for a, b, w in arcs for end in (a, b) if labels[end] == community)
        assert found.internal_share[community - 1] == pytest.approx(2 * inside / ends)
    assert found.share.sum() == pytest.approx(1.0)


class Steps:
    """A progress callback that keeps what it was told."""

    def __init__(self):
        self.told = []

    def __call__(self, done, total):
        self.told.append((done, total))


def test_every_method_of_detection(tools):
    graph = tools.from_arcs(60, random_arcs(7))
    for method in METHODS:
        found = detect(graph, method, seed=3)
        assert found.method == method
        assert found.seed == 3
        assert detect(graph, method, seed=3, resolution=2.0).modularity != found.modularity
        steps = Steps()
        one = describe(graph, found.labels, threads=1, progress=steps)
        assert one.sizes.tolist() == found.sizes.tolist()
        assert steps.told == [(1, 1)]
    once = detect(graph, iterations=1)
    assert once.iterations == 1
    assert detect(graph).iterations == 2


def test_an_unknown_method_is_refused(tools):
    with pytest.raises(UsageError, match="leiden, louvain, label-propagation"):
        detect(tools.from_arcs(2, [(0, 1, 1.0)]), "walktrap")
