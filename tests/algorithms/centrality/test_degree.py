import numpy as np
import pytest

from guanxi.algorithms.centrality.degree import in_degree, out_degree, weighted_in_degree
from guanxi.graph.arrays import Adjacency


def test_counts_followers_and_follows() -> None:
    follows = Adjacency(np.array([0, 0, 2, 3, 4, 4]), np.array([0, 3, 3, 0], dtype=np.int32))
    assert in_degree(follows).tolist() == [2, 0, 0, 2, 0]
    assert out_degree(follows).tolist() == [0, 2, 1, 1, 0]
    assert in_degree(follows).dtype == out_degree(follows).dtype == np.int64


def test_strengths_do_not_change_the_number_of_followers() -> None:
    follows = Adjacency(np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32), np.array([5.0, 0.1]))
    assert in_degree(follows).tolist() == [1, 1]


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_the_sums_of_the_dense_matrix(random_graph, dense, weighted) -> None:
    for seed in range(5):
        graph = random_graph(seed, 60, 300, weighted)
        matrix = dense(graph)
        follows = graph.into  # a follow for each arc, from the influenced to the influencer
        assert in_degree(follows).tolist() == (matrix > 0).sum(axis=1).tolist()
        assert out_degree(follows).tolist() == (matrix > 0).sum(axis=0).tolist()
        np.testing.assert_allclose(weighted_in_degree(graph.out), matrix.sum(axis=1), rtol=1e-12)
        np.testing.assert_allclose(weighted_in_degree(graph.into), matrix.sum(axis=0), rtol=1e-12)


def test_weighted_in_degree_of_plain_follows_is_the_in_degree(random_graph) -> None:
    graph = random_graph(1, 60, 300)
    assert weighted_in_degree(graph.out).tolist() == in_degree(graph.into).tolist()


def test_without_accounts_and_without_arcs() -> None:
    none = Adjacency(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0))
    for function in (in_degree, out_degree, weighted_in_degree):
        assert function(none).shape == (0,)
    lonely = Adjacency(np.zeros(4, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0))
    for function in (in_degree, out_degree, weighted_in_degree):
        assert function(lonely).tolist() == [0, 0, 0]
