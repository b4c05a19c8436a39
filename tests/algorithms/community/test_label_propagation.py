import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.community.label_propagation import label_propagation
from guanxi.errors import UsageError


def test_two_cliques_with_a_bridge(tools):
    found = label_propagation(tools.from_networkx(nx.barbell_graph(6, 0)))
    assert found.labels.tolist() == [1] * 6 + [2] * 6
    assert found.method == "label-propagation"


@pytest.mark.parametrize("seed", range(6))
def test_in_the_end_everybody_is_where_most_ties_go(tools, seed):
    graph = tools.random_weighted(seed, n=60, p=0.1)
    adjacency = tools.from_networkx(graph)
    found = label_propagation(adjacency, max_sweeps=200, seed=seed)
    assert found.iterations < 200
    tools.assert_proper(adjacency, found)
    for v in range(60):
        pull = {}
        for u, data in graph[v].items():
            pull[found.labels[u]] = pull.get(found.labels[u], 0.0) + data["weight"]
        if pull:
            assert pull[found.labels[v]] == pytest.approx(max(pull.values()))


def test_planted_communities_are_found(tools):
    adjacency, truth = tools.planted(4000, 100, 16, 0.2, seed=5)
    found = label_propagation(adjacency)
    assert tools.nmi(found.labels, truth) > 0.95


def test_ties_of_one_strength_do_not_stop_at_pairs(tools):
    adjacency, _ = tools.planted(4000, 50, 5, 0.1, seed=6)
    networkx_sets = nx.community.asyn_lpa_communities(tools.to_networkx(adjacency), seed=1)
    theirs = nx.community.modularity(tools.to_networkx(adjacency), list(networkx_sets))
    assert label_propagation(adjacency).modularity > theirs - 0.02


def test_every_parameter_counts(tools):
    adjacency, _ = tools.planted(2000, 50, 5, 0.3, seed=7)
    usual = label_propagation(adjacency)
    assert (label_propagation(adjacency).labels == usual.labels).all()
    assert (label_propagation(adjacency, seed=1).labels != usual.labels).any()
    assert (label_propagation(adjacency, max_sweeps=1).labels != usual.labels).any()
    other = label_propagation(adjacency, resolution=2.0)
    assert (other.labels == usual.labels).all()
    assert other.modularity < usual.modularity


def test_same_bytes_for_any_number_of_threads(large):
    one, three = (label_propagation(large[0], threads=threads) for threads in (1, 3))
    assert one.labels.tobytes() == three.labels.tobytes()


def test_progress_and_wrong_parameters(karate):
    told = []
    label_propagation(karate, max_sweeps=3, progress=lambda *step: told.append(step))
    assert told == [(i + 1, 3) for i in range(len(told))]
    with pytest.raises(UsageError, match="at least 1 sweep"):
        label_propagation(karate, max_sweeps=0)


def test_accounts_without_ties_are_alone(tools):
    found = label_propagation(tools.csr(3, np.zeros(0, int), np.zeros(0, int)))
    assert found.labels.tolist() == [1, 2, 3]
