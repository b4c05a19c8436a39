import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.community.modularity import modularity
from guanxi.errors import UsageError


def test_karate_club_by_its_factions(karate):
    clubs = nx.get_node_attributes(nx.karate_club_graph(), "club")
    labels = np.array([clubs[v] == "Officer" for v in range(34)], dtype=np.int32)
    assert modularity(karate, labels) == pytest.approx(0.3582, abs=5e-5)  # Newman 2004


@pytest.mark.parametrize("resolution", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("seed", range(4))
def test_equals_networkx(tools, seed, resolution):
    graph = tools.random_weighted(seed)
    labels = np.random.default_rng(seed).integers(0, 6, 40).astype(np.int32)
    expected = nx.community.modularity(graph, tools.as_sets(labels), resolution=resolution)
    found = modularity(tools.from_networkx(graph), labels, resolution)
    assert found == pytest.approx(expected, abs=1e-12)


def test_all_in_one_is_one_minus_the_resolution(tools):
    adjacency = tools.from_networkx(tools.random_weighted(1))
    everyone = np.full(40, 3, dtype=np.int32)
    assert modularity(adjacency, everyone) == pytest.approx(0.0, abs=1e-15)
    assert modularity(adjacency, everyone, 0.25) == pytest.approx(0.75)


def test_names_of_communities_do_not_matter(tools):
    adjacency = tools.from_networkx(tools.random_weighted(2))
    labels = np.random.default_rng(2).integers(0, 5, 40).astype(np.int32)
    renamed = np.array([7, 3, 0, 9, 4], dtype=np.int32)[labels]
    assert modularity(adjacency, labels) == modularity(adjacency, renamed)


def test_same_bits_for_any_number_of_threads(large):
    adjacency, truth = large
    labels = truth.astype(np.int32)
    assert modularity(adjacency, labels, threads=1) == modularity(adjacency, labels, threads=3)


def test_no_ties_no_modularity(tools):
    alone = tools.csr(3, np.zeros(0, int), np.zeros(0, int))
    assert modularity(alone, np.arange(3, dtype=np.int32)) == 0.0


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, -1]])
def test_labels_must_fit(tools, labels):
    path = tools.from_networkx(nx.path_graph(3))
    with pytest.raises(UsageError, match="one community"):
        modularity(path, np.array(labels, dtype=np.int32))
