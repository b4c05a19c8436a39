import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.centrality.k_core import core_numbers
from guanxi.graph.arrays import InfluenceGraph


def ties(graph: InfluenceGraph) -> nx.Graph:
    undirected = nx.Graph()
    undirected.add_nodes_from(range(graph.n))
    actor = np.repeat(np.arange(graph.n), np.diff(graph.into.indptr))
    undirected.add_edges_from(zip(actor.tolist(), graph.into.indices.tolist(), strict=True))
    return undirected


def test_karate_club(from_follows) -> None:
    # Its innermost core, of number 4, has these ten members (counted from 0).
    club = nx.karate_club_graph()
    numbers = core_numbers(from_follows(34, club.edges()))
    assert numbers.max() == 4
    assert np.flatnonzero(numbers == 4).tolist() == [0, 1, 2, 3, 7, 8, 13, 30, 32, 33]
    assert np.bincount(numbers).tolist() == [0, 1, 11, 12, 10]


@pytest.mark.parametrize(("n", "m"), [(30, 40), (60, 400), (200, 1500), (40, 1200)])
def test_equals_networkx(random_graph, n, m) -> None:
    for seed in range(5):
        graph = random_graph(seed, n, m)
        theirs = nx.core_number(ties(graph))
        assert core_numbers(graph).tolist() == [theirs[i] for i in range(n)]


def test_both_ways_count_once(from_follows) -> None:
    assert core_numbers(from_follows(3, [(0, 1), (1, 0), (1, 2)])).tolist() == [1, 1, 1]


def test_each_core_is_the_largest_set_that_holds_together(random_graph) -> None:
    graph = random_graph(9, 100, 900)
    undirected = ties(graph)
    numbers = core_numbers(graph)
    for k in range(1, int(numbers.max()) + 2):
        left = set(undirected)
        while thin := {v for v in left if len(left.intersection(undirected[v])) < k}:
            left -= thin
        assert left == set(np.flatnonzero(numbers >= k).tolist())


def test_direction_and_strength_do_not_matter(random_graph) -> None:
    graph = random_graph(10, 100, 900)
    back = InfluenceGraph(out=graph.into, into=graph.out)
    assert core_numbers(back).tolist() == core_numbers(graph).tolist()
    heavy = random_graph(10, 100, 900, weighted=True)
    assert sorted(core_numbers(heavy)) == sorted(core_numbers(graph))


def test_names_do_not_matter(random_graph, relabelled) -> None:
    graph = random_graph(11, 100, 900)
    name = np.random.default_rng(11).permutation(graph.n)
    assert core_numbers(relabelled(graph, name))[name].tolist() == core_numbers(graph).tolist()


def test_without_accounts_and_without_ties(from_follows) -> None:
    assert core_numbers(from_follows(0, [])).shape == (0,)
    assert core_numbers(from_follows(3, [])).tolist() == [0, 0, 0]
