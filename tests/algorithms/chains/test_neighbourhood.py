import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guanxi.algorithms.chains.neighbourhood import Neighbourhood, neighbourhood
from guanxi.graph.arrays import Adjacency, InfluenceGraph
from tests.algorithms.chains.conftest import as_influence, random_digraph


def rows(found: Neighbourhood) -> list[tuple[int, int, int, float]]:
    columns = (found.source, found.target, found.step, found.strength)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def star() -> nx.DiGraph:
    """0 is tied weakly to 1 … 4; 1 strongly to 5 and 6, who are tied to each other."""
    graph = nx.DiGraph()
    graph.add_weighted_edges_from([(0, i, float(i)) for i in range(1, 5)])
    graph.add_weighted_edges_from([(1, 5, 50.0), (6, 1, 40.0), (5, 6, 30.0)])
    return graph


def test_each_step_has_its_part(influence) -> None:
    graph = influence(star())
    own = [(0, 4, 1, 4.0), (0, 3, 1, 3.0), (0, 2, 1, 2.0), (0, 1, 1, 1.0)]
    assert rows(neighbourhood(graph, 0, 1, 3)) == own[:3]
    # Two ties of step 1 leave account 1 out, and only there it goes on: step 1 takes the rest.
    assert rows(neighbourhood(graph, 0, 2, 4)) == own
    assert rows(neighbourhood(graph, 0, 2, 6)) == [*own, (1, 5, 2, 50.0), (6, 1, 2, 40.0)]
    assert len(rows(neighbourhood(graph, 0, 2, 99))) == 7
    assert neighbourhood(graph, 0, 1, 2).within == 4
    assert neighbourhood(graph, 0, 2, 2).within == 6


@given(
    st.integers(0, 10_000),
    st.integers(2, 30),
    st.integers(0, 90),
    st.integers(1, 3),
    st.integers(1, 60),
)
def test_the_picture_hangs_together(seed: int, n: int, m: int, steps: int, ties: int) -> None:
    graph = random_digraph(seed, n, m)
    found = neighbourhood(as_influence(graph), 0, steps, ties)
    away = nx.single_source_shortest_path_length(graph.to_undirected(), 0, cutoff=steps)
    inside = [arc for arc in graph.edges if arc[0] in away and arc[1] in away]
    assert len(found.source) == min(ties, len(inside))
    assert found.within == len(away) - 1
    drawn = {0}
    for u, v, step, strength in rows(found):
        assert graph[u][v]["weight"] == strength
        assert step == max(away[u], away[v])
        assert {u, v} & drawn
        drawn |= {u, v}
    assert len({(u, v) for u, v, _, _ in rows(found)}) == len(found.source)


def test_without_strengths_the_near_and_the_small_come_first(influence) -> None:
    graph = influence(star())
    plain = InfluenceGraph(
        Adjacency(graph.out.indptr, graph.out.indices),
        Adjacency(graph.into.indptr, graph.into.indices),
    )
    found = neighbourhood(plain, 0, 2, 5)
    assert [row[:3] for row in rows(found)] == [(0, i, 1) for i in range(1, 5)] + [(1, 5, 2)]
    assert np.unique(found.strength).tolist() == [1.0]
