"""Betweenness, harmonic centrality, constraint and participation: the measures of `bridges`."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.algorithms.centrality.betweenness import betweenness
from guanxi.algorithms.centrality.constraint import Constraints
from guanxi.algorithms.centrality.harmonic import harmonic
from guanxi.algorithms.centrality.participation import (
    joined_communities,
    joining_accounts,
    participation,
)
from guanxi.algorithms.chains.ways import ways
from guanxi.algorithms.community.undirected import undirected
from guanxi.errors import ResourceError
from guanxi.graph.arrays import Adjacency, InfluenceGraph


def along_influence(graph: InfluenceGraph) -> nx.DiGraph:
    made = nx.DiGraph()
    made.add_nodes_from(range(graph.n))
    weights = np.ones(graph.m) if graph.out.weights is None else graph.out.weights
    rows = np.repeat(np.arange(graph.n), np.diff(graph.out.indptr))
    made.add_weighted_edges_from(
        zip(rows.tolist(), graph.out.indices.tolist(), weights.tolist(), strict=True)
    )
    return made


def as_ties(ties: Adjacency) -> nx.Graph:
    rows = np.repeat(np.arange(ties.n), np.diff(ties.indptr))
    made = nx.Graph()
    made.add_nodes_from(range(ties.n))
    made.add_weighted_edges_from(
        zip(rows.tolist(), ties.indices.tolist(), ties.weights.tolist(), strict=True)
    )
    return made


def values(by_node: dict[int, float]) -> list[float]:
    return [by_node[node] for node in sorted(by_node)]


def everyone(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.int32)


# Betweenness


def test_betweenness_of_a_ring_and_of_a_star(from_follows) -> None:
    ring = from_follows(5, [(i, (i + 1) % 5) for i in range(5)])
    # Of 12 ordered pairs of others, an account lies inside 1 + 2 + 3 on a ring one way.
    assert betweenness(ring).scores == pytest.approx([6 / 12] * 5)
    star = from_follows(4, [(0, i) for i in range(1, 4)] + [(i, 0) for i in range(1, 4)])
    assert betweenness(star).scores.tolist() == [1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(("n", "m"), [(12, 20), (60, 240), (300, 2000)])
def test_betweenness_equals_networkx(random_graph, n, m) -> None:
    graph = random_graph(n, n, m)
    found = betweenness(graph, threads=2)
    theirs = values(nx.betweenness_centrality(along_influence(graph)))
    np.testing.assert_allclose(found.scores, theirs, atol=1e-12)
    assert found.exact
    assert not found.errors.any()


def test_sampled_betweenness_is_unbiased_and_knows_its_error(random_graph) -> None:
    graph = random_graph(1, 150, 900)
    exact = betweenness(graph).scores
    runs = [betweenness(graph, sources=50, seed=seed) for seed in range(40)]
    scores, errors = (np.array([getattr(r, name) for r in runs]) for name in ("scores", "errors"))
    top = np.argsort(-exact)[:20]
    mean_error = scores.std(axis=0) / np.sqrt(len(runs))
    assert (np.abs(scores.mean(axis=0) - exact)[top] < 4 * mean_error[top]).all()
    # What they say of their error is what it is.
    assert errors.mean(axis=0)[top] == pytest.approx(scores.std(axis=0)[top], rel=0.45)
    assert errors.mean(axis=0)[top].mean() == pytest.approx(scores.std(axis=0)[top].mean(), rel=0.1)
    assert (runs[0].sources, runs[0].exact) == (50, False)


def test_all_sources_are_exact_and_fewer_depend_on_the_seed(random_graph) -> None:
    graph = random_graph(2, 80, 400)
    assert betweenness(graph, sources=80).exact
    one, other = (betweenness(graph, sources=20, seed=seed) for seed in (0, 1))
    assert one.scores.tolist() != other.scores.tolist()
    again = betweenness(graph, sources=20, threads=2)
    assert again.scores.tobytes() == one.scores.tobytes()
    assert betweenness(graph, sources=40).scores.tolist() != one.scores.tolist()


def test_strengths_do_not_make_ways_longer(random_graph) -> None:
    heavy = random_graph(3, 60, 300, True)
    light = InfluenceGraph(
        Adjacency(heavy.out.indptr, heavy.out.indices),
        Adjacency(heavy.into.indptr, heavy.into.indices),
    )
    assert betweenness(light).scores.tolist() == betweenness(heavy).scores.tolist()


def test_more_ways_than_can_be_counted_are_refused(from_follows) -> None:
    """A ladder of diamonds doubles the number of shortest ways at each rung."""
    rungs = 1100
    arcs = [
        arc
        for rung in range(rungs)
        for arc in (
            *((3 * rung, 3 * rung + side) for side in (1, 2)),
            *((3 * rung + side, 3 * rung + 3) for side in (1, 2)),
        )
    ]
    with pytest.raises(ResourceError, match="more shortest ways"):
        betweenness(from_follows(3 * rungs + 1, arcs))


# Harmonic centrality


@pytest.mark.parametrize(("n", "m"), [(12, 20), (100, 300), (200, 2000)])
def test_harmonic_equals_networkx_on_the_follows(random_graph, n, m) -> None:
    graph = random_graph(m, n, m)
    follows = along_influence(graph).reverse()
    theirs = np.array(values(nx.harmonic_centrality(follows))) / (n - 1)
    found = harmonic(ways(graph), everyone(n), threads=2)
    np.testing.assert_allclose(found, theirs, atol=1e-12)
    some = np.array([5, 3], dtype=np.int32)
    assert harmonic(ways(graph), some).tolist() == found[some].tolist()


def test_harmonic_of_a_long_chain(from_follows) -> None:
    chain = from_follows(40, [(i + 1, i) for i in range(39)])
    wanted = sum(1 / step for step in range(1, 40)) / 39
    assert harmonic(ways(chain), everyone(40))[0] == pytest.approx(wanted)
    assert harmonic(ways(chain, "against"), everyone(40))[0] == 0
    assert harmonic(ways(chain), everyone(0)).shape == (0,)


# Constraint


def test_constraint_of_a_star_and_of_a_triangle() -> None:
    star = Adjacency(
        np.array([0, 3, 4, 5, 6]), np.array([1, 2, 3, 0, 0, 0], dtype=np.int32), np.ones(6)
    )
    assert Constraints(star).of(everyone(4)) == pytest.approx([1 / 3, 1, 1, 1])
    triangle = Adjacency(
        np.array([0, 2, 4, 6]), np.array([1, 2, 0, 2, 0, 1], dtype=np.int32), np.ones(6)
    )
    # Each contact holds 1/2 directly and 1/4 through the other one.
    assert Constraints(triangle).of(everyone(3)) == pytest.approx([2 * 0.75**2] * 3)


@pytest.mark.parametrize(
    ("n", "m", "weighted"), [(12, 20, False), (80, 900, True), (300, 700, True)]
)
def test_constraint_equals_networkx(random_graph, n, m, weighted) -> None:
    ties = undirected(random_graph(n, n, m, weighted))
    theirs = values(nx.constraint(as_ties(ties), weight="weight"))
    np.testing.assert_allclose(Constraints(ties, threads=2).of(everyone(n)), theirs, rtol=1e-9)


def test_a_hub_beside_short_rows_and_a_short_row_beside_a_hub(from_follows) -> None:
    """The members of one row are looked up in the other where that is much longer."""
    arcs = [(i, 0) for i in range(1, 200)] + [(1, 2), (2, 3), (150, 151)]
    ties = undirected(from_follows(200, arcs))
    theirs = values(nx.constraint(as_ties(ties), weight="weight"))
    np.testing.assert_allclose(Constraints(ties).of(everyone(200)), theirs, rtol=1e-9)


@given(st.integers(0, 1000), st.integers(1, 30))
def test_the_lowest_are_those_of_a_sort(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    pairs = {tuple(sorted(p)) for p in random.integers(0, 40, (60, 2)).tolist() if p[0] != p[1]}
    graph = nx.Graph(pairs)
    graph.add_nodes_from(range(40))
    arcs = sorted(nx.DiGraph(graph).edges)
    indptr = np.searchsorted([u for u, _ in arcs], np.arange(41)).astype(np.int64)
    ties = Adjacency(indptr, np.array([v for _, v in arcs], dtype=np.int32))
    constraints = Constraints(ties)
    found = constraints.of(everyone(40))
    tied = np.flatnonzero(~np.isnan(found))
    wanted = tied[np.lexsort((tied, found[tied]))][:count]
    assert constraints.lowest(count, everyone(40)).tolist() == wanted.tolist()
    assert (constraints.least[tied] <= found[tied] + 1e-12).all()
    even = everyone(40)[::2]
    assert set(constraints.lowest(count, even).tolist()) <= set(even.tolist())


def test_the_search_for_the_lowest_stops_early(random_graph, monkeypatch) -> None:
    """Batches of a few accounts give what one batch gives, and not all are looked at."""
    ties = undirected(random_graph(7, 300, 2500, True))
    whole = Constraints(ties).lowest(5, everyone(300)).tolist()
    monkeypatch.setattr("guanxi.algorithms.centrality.constraint._BATCH", 8)
    constraints = Constraints(ties)
    looked_at: list[int] = []
    compute = constraints.of

    def of(accounts: np.ndarray) -> np.ndarray:
        looked_at.extend(accounts.tolist())
        return compute(accounts)

    monkeypatch.setattr(constraints, "of", of)
    assert constraints.lowest(5, everyone(300)).tolist() == whole
    assert len(looked_at) < 200


# Participation


def test_participation_as_in_the_paper(random_graph) -> None:
    ties = undirected(random_graph(4, 120, 700, True))
    labels = np.random.default_rng(4).integers(1, 7, 120).astype(np.int32)
    graph = as_ties(ties)
    for account, score in enumerate(participation(ties, labels, threads=2).tolist()):
        inside = np.zeros(7)
        for other, data in graph[account].items():
            inside[labels[other]] += data["weight"]
        wanted = 1 - ((inside / inside.sum()) ** 2).sum() if inside.sum() else 0.0
        assert score == pytest.approx(wanted, abs=1e-12)
        joined = joined_communities(ties, labels, account, 0.2)
        shares = inside / max(inside.sum(), 1)
        assert {c for c, _ in joined} == {c for c in range(7) if shares[c] >= 0.2}
        assert [share for _, share in joined] == sorted((s for _, s in joined), reverse=True)


def test_who_joins_communities_is_who_names_them_all(random_graph) -> None:
    graph = random_graph(7, n=80, m=400, weighted=True)
    ties = undirected(graph)
    labels = (np.arange(80) % 5 + 1).astype(np.int32)
    joined = 0
    for wanted in ([1], [2, 5], [1, 3, 4]):
        for at_least in (0.0, 0.1, 0.3):
            named = [
                set(wanted) <= {c for c, _ in joined_communities(ties, labels, v, at_least)}
                for v in range(80)
            ]
            assert joining_accounts(ties, labels, wanted, at_least, threads=2).tolist() == named
            joined += sum(named)
    assert 50 < joined < 600


def test_participation_is_highest_where_ties_are_spread_evenly(from_follows) -> None:
    ties = undirected(from_follows(6, [(i, 0) for i in range(1, 6)]))
    spread = [0, 1, 2, 3, 4, 5]
    for labels, wanted in (([1] * 6, 0.0), ([1, 1, 1, 1, 2, 2], 1 - 0.36 - 0.16), (spread, 0.8)):
        found = participation(ties, np.array(labels, dtype=np.int32))
        assert found[0] == pytest.approx(wanted)
        assert not found[1:].any()
