import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.community.undirected import undirected
from guanxi.graph.arrays import InfluenceGraph


def dense(adjacency):
    matrix = np.zeros((adjacency.n, adjacency.n))
    rows = np.repeat(np.arange(adjacency.n), np.diff(adjacency.indptr))
    matrix[rows, adjacency.indices] = adjacency.weights
    return matrix


def test_both_directions_are_added_and_loops_left_out(tools):
    graph = tools.from_arcs(4, [(0, 1, 2.0), (1, 0, 0.5), (2, 1, 3.0), (2, 2, 9.0)])
    both = undirected(graph)
    assert both.indptr.tolist() == [0, 1, 3, 4, 4]
    assert both.indices.tolist() == [1, 0, 2, 1]
    assert both.weights.tolist() == [2.5, 2.5, 3.0, 3.0]


def test_without_weights_each_direction_counts_one(tools):
    weighted = tools.from_arcs(3, [(0, 1, 7.0), (1, 0, 7.0), (1, 2, 7.0)])
    bare = InfluenceGraph(
        out=type(weighted.out)(weighted.out.indptr, weighted.out.indices),
        into=type(weighted.into)(weighted.into.indptr, weighted.into.indices),
    )
    assert undirected(bare).weights.tolist() == [2.0, 2.0, 1.0, 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_matrix_plus_its_transpose(tools, seed):
    random = np.random.default_rng(seed)
    digraph = nx.gnp_random_graph(50, 0.1, seed=seed, directed=True)
    arcs = [(u, v, random.random()) for u, v in digraph.edges]
    both = undirected(tools.from_arcs(50, arcs))
    expected = np.zeros((50, 50))
    for u, v, w in arcs:
        expected[u, v] += w
        expected[v, u] += w
    assert (dense(both) == expected).all()
    assert (dense(both) == dense(both).T).all()
    for row in range(50):
        assert (np.diff(both.indices[both.indptr[row] : both.indptr[row + 1]]) > 0).all()


def test_same_bytes_for_any_number_of_threads(tools):
    random = np.random.default_rng(1)
    u, v = random.integers(0, 30_000, (2, 400_000))
    key = np.unique(u * 30_000 + v)
    u, v, w = key // 30_000, key % 30_000, random.random(len(key))
    graph = InfluenceGraph(out=tools.csr(30_000, u, v, w), into=tools.csr(30_000, v, u, w))
    one, three = undirected(graph, threads=1), undirected(graph, threads=3)
    for name in ("indptr", "indices", "weights"):
        assert getattr(one, name).tobytes() == getattr(three, name).tobytes()


def test_a_graph_without_arcs_or_accounts(tools):
    nothing = tools.csr(0, np.zeros(0, int), np.zeros(0, int))
    assert undirected(InfluenceGraph(nothing, nothing)).n == 0
    alone = tools.csr(3, np.zeros(0, int), np.zeros(0, int))
    assert undirected(InfluenceGraph(alone, alone)).indptr.tolist() == [0, 0, 0, 0]
