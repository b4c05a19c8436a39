from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.algorithms.chains.steps import StepSearch, accounts_by_step
from guanxi.algorithms.chains.ways import ways
from guanxi.errors import UsageError
from tests.algorithms.chains.conftest import as_influence, random_digraph


def as_networkx(graph: nx.DiGraph, along: str) -> nx.Graph:
    """Where a step may go."""
    return {
        "influence": graph,
        "against": graph.reverse(),
        "either": graph.to_undirected(),
        "mutual": graph.to_undirected(reciprocal=True),
    }[along]


def by_steps(graph: nx.Graph, accounts: list[int], steps: int) -> list[int]:
    nearest: dict[int, int] = {}
    for account in accounts:
        for other, away in nx.single_source_shortest_path_length(graph, account).items():
            nearest[other] = min(away, nearest.get(other, away))
    counted = Counter(nearest.values())
    return [counted[step] for step in range(steps + 1)]


def lists_of(*accounts: list[int]) -> list[np.ndarray]:
    return [np.array(some, dtype=np.int32) for some in accounts]


def test_a_line_of_five(influence) -> None:
    line = ways(influence(nx.path_graph(5, create_using=nx.DiGraph)))
    assert accounts_by_step(line, lists_of([0], [2], [4], [0, 3]), 6)[:, :, 0].tolist() == [
        [1, 1, 1, 1, 1, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0],
        [2, 2, 1, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize("along", ["influence", "against", "either", "mutual"])
@pytest.mark.parametrize(("n", "m"), [(20, 30), (150, 700), (90, 3000)])
def test_equals_networkx(influence, digraph, along, n, m) -> None:
    graph = digraph(n, n, m)
    steps = ways(influence(graph), along)
    # More than 64 lists, so that there are several words; then one list of several accounts.
    lists = [[account] for account in range(n)] + [[0, n // 2, n - 1]]
    found = accounts_by_step(steps, lists_of(*lists), 7, threads=2)[:, :, 0]
    reference = as_networkx(graph, along)
    assert found.tolist() == [by_steps(reference, accounts, 7) for accounts in lists]
    for some in ([0], [n // 3], [0, n // 2, n - 1]):  # a single list is searched in another way
        alone = accounts_by_step(steps, lists_of(some), 7)
        assert alone[:, :, 0].tolist() == [by_steps(reference, some, 7)]


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(0, 120), st.data())
def test_a_list_is_as_near_as_its_nearest_account(seed, n, m, data) -> None:
    graph = as_influence(random_digraph(seed, n, m))
    accounts = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=5, unique=True))
    together = np.full(n, -1)
    alone = np.full(n, 99)
    for some, nearest in ((accounts, together), *(([one], None) for one in accounts)):
        search = StepSearch(ways(graph), lists_of(some))
        away = np.full(n, 99)
        away[some] = 0
        step = 0
        while not search.over:
            step += 1
            search.advance(1)
            away[search.newest] = step
        if nearest is None:
            alone = np.minimum(alone, away)
        else:
            together = away
    assert together.tolist() == alone.tolist()


def test_labels_split_the_counts(influence, digraph) -> None:
    graph = digraph(3, 80, 300)
    labels = np.random.default_rng(3).integers(0, 4, 80).astype(np.int32)
    steps, lists = ways(influence(graph)), lists_of([1], [2, 3])
    split = accounts_by_step(steps, lists, 4, labels=labels, label_count=4)
    assert split.shape == (2, 5, 4)
    assert split.sum(axis=2).tolist() == accounts_by_step(steps, lists, 4)[:, :, 0].tolist()
    nearest = nx.single_source_shortest_path_length(graph, 1)
    wanted = [sum(labels[v] == 2 for v, away in nearest.items() if away == s) for s in range(5)]
    assert split[0, :, 2].tolist() == wanted


def test_the_direction_changes_the_answer(influence) -> None:
    graph = influence(nx.DiGraph([(0, 1), (1, 0), (1, 2), (3, 1)]))
    found = {
        along: accounts_by_step(ways(graph, along), lists_of([1]), 1)[0, 1, 0]
        for along in ("influence", "against", "either", "mutual")
    }
    assert found == {"influence": 2, "against": 2, "either": 3, "mutual": 1}
    assert accounts_by_step(ways(graph), lists_of([3]), 2)[0, :, 0].tolist() == [1, 1, 2]
    with pytest.raises(UsageError, match="not 'up'"):
        ways(graph, "up")


def test_a_search_goes_on_where_it_stopped(influence, digraph) -> None:
    steps = ways(influence(digraph(5, 100, 150)))
    lists = lists_of(*([account] for account in range(10)))
    whole = StepSearch(steps, lists).advance(12)
    search = StepSearch(steps, lists)
    parts = [search.advance(size) for size in (1, 4, 7)]
    assert np.concatenate(parts, axis=1).tolist() == whole.tolist()
