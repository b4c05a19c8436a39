"""Steps from one account, and what is said where there is no chain, beside NetworkX."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.algorithms.chains.breadth import steps_from
from guanxi.algorithms.chains.costs import chain_graph
from guanxi.algorithms.chains.giant import giant_component, leading_to
from guanxi.algorithms.chains.nearest import how_far
from guanxi.algorithms.chains.order import CLOSED


def levels_of(graph: nx.Graph, start: int, limit: int | None = None) -> list[int]:
    known = nx.single_source_shortest_path_length(graph, start, limit)
    return [known.get(v, -1) for v in range(graph.number_of_nodes())]


def without_passing(graph: nx.DiGraph, closed: set[int]) -> nx.DiGraph:
    """Closed accounts are reached, and lead nowhere."""
    left = graph.copy()
    left.remove_edges_from([(u, v) for u, v in graph.edges if u in closed])
    return left


@pytest.mark.parametrize(("n", "m"), [(2, 1), (64, 90), (65, 200), (300, 700)])
def test_levels_equal_networkx_in_every_direction(influence, digraph, n, m) -> None:
    graph = digraph(n, n, m)
    chains = chain_graph(influence(graph))
    for start in (0, 1, n - 1):
        for options, same in (
            ({}, graph),
            ({"backward": True}, graph.reverse()),
            ({"either_way": True}, graph.to_undirected()),
        ):
            for limit in (None, 0, 2):
                found = steps_from(chains, start, limit=limit, **options)
                assert found.level.tolist() == levels_of(same, start, limit)
                assert found.found[0] == start
                by_level = found.level[found.found].tolist()
                assert by_level == sorted(by_level)
                assert sorted(found.found.tolist()) == np.flatnonzero(found.level >= 0).tolist()
                assert found.others == (found.level > 0).sum()


def test_closed_accounts_are_reached_and_not_passed(influence, digraph) -> None:
    graph = digraph(5, 120, 400)
    closed = {3, 7, 20, 33, 50, 51, 52}
    marks = np.zeros(120, dtype=np.uint8)
    marks[list(closed)] = CLOSED
    chains = chain_graph(influence(graph))
    for start in (0, 4, 20):  # 20 is closed itself: an end may be
        left = without_passing(graph, closed - {start})
        assert steps_from(chains, start, marks).level.tolist() == levels_of(left, start)


def test_a_search_ends_with_the_step_that_meets_one_wanted(influence) -> None:
    line = chain_graph(influence(nx.path_graph(9, create_using=nx.DiGraph)))
    wanted = np.full(9, -1, dtype=np.int32)
    assert steps_from(line, 0, until=wanted).others == 8
    wanted[[3, 6]] = (0, 4)
    assert steps_from(line, 0, until=wanted).found.tolist() == [0, 1, 2, 3]
    assert steps_from(line, 5, until=wanted, either_way=True).others == 2


def test_how_far_as_networkx_finds_it(influence, digraph) -> None:
    """On sparse networks in which most pairs have no chain."""
    asked = 0
    for seed in range(6):
        graph = digraph(seed, 60, 55)
        chains = chain_graph(influence(graph))
        marks = np.zeros(60, dtype=np.uint8)
        giant = giant_component(chains, marks)
        plain = graph.to_undirected()
        for source in range(0, 60, 7):
            for target in range(3, 60, 8):
                if source == target or nx.has_path(graph, source, target):
                    continue
                asked += 1
                found = how_far(chains, source, target, marks, (None, giant)[asked % 2])
                ahead = nx.single_source_shortest_path_length(graph, source)
                assert found.accounts == len(ahead) - 1
                assert len(found.by_step) == max(ahead.values())
                assert found.leading == len(nx.ancestors(graph, target))
                near = nx.single_source_shortest_path_length(plain, target)
                known = [(near[v], away, v) for v, away in ahead.items() if v in near]
                nearest = min(known) if known else (-1, None, None)
                assert (found.distance, found.nearest) == (nearest[0], nearest[2])
    assert asked > 100


@given(seed=st.integers(0, 2**32), closed=st.integers(0, 14), m=st.integers(10, 160))
@settings(max_examples=60, deadline=None)
def test_who_leads_to_an_account(influence, digraph, seed, closed, m) -> None:
    """With the giant component and without it, around closed accounts, ends that are closed too."""
    graph = digraph(seed, 40, m)
    chains = chain_graph(influence(graph))
    marks = np.zeros(40, dtype=np.uint8)
    shut = {int(v) for v in np.random.default_rng(seed).permutation(40)[:closed]}
    marks[list(shut)] = CLOSED
    giant = giant_component(chains, marks)
    assert giant is not None
    assert giant.is_for(marks)
    for target in range(0, 40, 3):
        left = without_passing(graph.reverse(), shut - {target})
        wanted = len(nx.descendants(left, target))
        assert leading_to(chains, target, marks, giant) == wanted
        assert leading_to(chains, target, marks) == wanted


def test_nobody_is_open(influence, digraph) -> None:
    chains = chain_graph(influence(digraph(1, 10, 20)))
    marks = np.full(10, CLOSED, dtype=np.uint8)
    assert giant_component(chains, marks) is None
    assert not giant_component(chains, marks * 0).is_for(marks)
