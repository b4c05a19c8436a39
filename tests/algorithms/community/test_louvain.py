import networkx as nx
import numpy as np
import pytest
from community import community_louvain

from guanxi.algorithms.community.leiden import leiden
from guanxi.algorithms.community.louvain import MANY_TIES, louvain, louvain_warning
from guanxi.graph.arrays import Adjacency


def test_karate_club(karate, tools):
    found = louvain(karate)
    tools.assert_proper(karate, found)
    assert 0.40 < found.modularity < 0.4199


@pytest.mark.parametrize("resolution", [0.6, 1.0, 2.0])
def test_is_what_the_package_finds(tools, resolution):
    graph = tools.random_weighted(4, n=80)
    found = louvain(tools.from_networkx(graph), resolution=resolution, seed=3)
    theirs = community_louvain.best_partition(graph, resolution=resolution, random_state=3)
    sets = tools.as_sets(np.array([theirs[v] for v in range(80)]))
    quality = nx.community.modularity(graph, sets, resolution=resolution)
    assert found.modularity >= quality - 1e-12  # above only where a community was split
    assert tools.nmi(found.labels, [theirs[v] for v in range(80)]) > 0.95


def test_close_to_leiden(tools):
    adjacency, truth = tools.planted(1000, 50, 12, 0.2, seed=2)
    ours, theirs = leiden(adjacency), louvain(adjacency)
    assert ours.modularity >= theirs.modularity - 1e-9
    assert tools.nmi(theirs.labels, truth) > 0.95


def test_every_parameter_counts(tools):
    adjacency = tools.from_networkx(nx.gnp_random_graph(200, 0.03, seed=1))
    usual = louvain(adjacency)
    assert (louvain(adjacency).labels == usual.labels).all()
    assert (louvain(adjacency, seed=1).labels != usual.labels).any()
    assert louvain(adjacency, resolution=3.0).count > usual.count


def test_no_ties(tools):
    found = louvain(tools.csr(3, np.zeros(0, int), np.zeros(0, int)))
    assert found.labels.tolist() == [1, 2, 3]


def test_a_word_before_a_graph_that_is_large_for_it(karate):
    assert louvain_warning(karate) is None
    many = Adjacency(np.array([0, 0]), np.empty(2 * MANY_TIES, dtype=np.int32))
    assert "300,000 ties" in louvain_warning(many)
    assert "GB" in louvain_warning(many)
