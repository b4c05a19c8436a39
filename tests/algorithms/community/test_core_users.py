import numpy as np
import pytest

from guanxi.algorithms.centrality.pagerank import pagerank
from guanxi.algorithms.community.core_users import core_users
from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import InfluenceGraph


def random_graph(tools, seed, n=200, arcs=1200, communities=6):
    random = np.random.default_rng(seed)
    u, v = random.integers(0, n, (2, arcs))
    key = np.unique((u * n + v)[u != v])
    u, v, w = key // n, key % n, random.random(len(key)) + 0.01
    graph = InfluenceGraph(out=tools.csr(n, u, v, w), into=tools.csr(n, v, u, w))
    labels = random.permutation(np.arange(n) % communities).astype(np.int32) + np.int32(1)
    return graph, labels, (u, v, w)


def test_by_hand(tools):
    """0 is followed by 1 and 2; 3 and 4 follow each other; 5 is alone."""
    graph = tools.from_arcs(6, [(0, 1, 1.0), (0, 2, 1.0), (3, 4, 1.0), (4, 3, 1.0), (3, 0, 5.0)])
    found = core_users(graph, np.array([1, 1, 1, 2, 2, 3], dtype=np.int32))
    assert found.accounts[:, :4].tolist() == [[0, 1, 2, -1], [3, 4, -1, -1], [5, -1, -1, -1]]
    # Nobody in the community influences 0, so that its score h is spread over all three;
    # the other two get only that and the jump: h + 2 (0.05 + 0.85 h / 3) = 1.
    head = 0.9 / (1 + 1.7 / 3)
    assert found.scores[:3].tolist() == pytest.approx([head, (1 - head) / 2, (1 - head) / 2])
    assert found.scores[3:].tolist() == pytest.approx([0.5, 0.5, 1.0])


@pytest.mark.parametrize("seed", range(4))
def test_equals_pagerank_of_each_community_by_itself(tools, seed):
    graph, labels, (u, v, w) = random_graph(tools, seed)
    found = core_users(graph, labels)
    for community in range(1, 7):
        members = np.flatnonzero(labels == community)
        inside = (labels[u] == community) & (labels[v] == community)
        place = np.searchsorted(members, np.stack([u, v])[:, inside])
        arcs = list(zip(*place.tolist(), w[inside].tolist(), strict=True))
        alone = pagerank(tools.from_arcs(len(members), arcs)).scores
        assert found.scores[members] == pytest.approx(alone, abs=1e-9)
        best = members[np.argsort(-found.scores[members], kind="stable")[:10]]
        assert found.accounts[community - 1].tolist() == best.tolist()


def test_equal_scores_by_the_smaller_account(tools):
    ring = [(i, (i + 1) % 15, 1.0) for i in range(15)]
    found = core_users(tools.from_arcs(15, ring), np.ones(15, dtype=np.int32))
    assert found.accounts.tolist() == [list(range(10))]


def test_every_parameter_counts(tools):
    graph, labels, _ = random_graph(tools, 9)
    usual = core_users(graph, labels).scores
    assert np.abs(core_users(graph, labels, damping=0.5).scores - usual).max() > 1e-3
    rough = core_users(graph, labels, tolerance=1e-2).scores
    assert 1e-6 < np.abs(rough - usual).max() < 1e-1
    with pytest.raises(ConvergenceError, match="6 of 6 communities"):
        core_users(graph, labels, max_iterations=3)


def test_same_bytes_for_any_number_of_threads(tools, large):
    adjacency, truth = large
    graph = InfluenceGraph(out=adjacency, into=adjacency)
    told = []
    one = core_users(graph, truth.astype(np.int32) + np.int32(1), threads=1)
    three = core_users(
        graph,
        truth.astype(np.int32) + np.int32(1),
        threads=3,
        progress=lambda *step: told.append(step),
    )
    assert one.scores.tobytes() == three.scores.tobytes()
    assert one.accounts.tobytes() == three.accounts.tobytes()
    assert told[-1][0] == told[-1][1] > 1
    assert one.scores.sum() == pytest.approx(len(one.accounts))


@pytest.mark.parametrize("labels", [[1, 1], [0, 1, 2], [1, 1, 3]])
def test_labels_must_be_numbers_from_one_without_gaps(tools, labels):
    graph = tools.from_arcs(3, [(0, 1, 1.0)])
    with pytest.raises(UsageError, match="from 1"):
        core_users(graph, np.array(labels, dtype=np.int32))


@pytest.mark.parametrize("wrong", [{"damping": 1.0}, {"damping": -0.1}, {"tolerance": 0.0}])
def test_values_out_of_range_are_refused(tools, wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        core_users(tools.from_arcs(2, [(0, 1, 1.0)]), np.ones(2, dtype=np.int32), **wrong)


def test_nobody(tools):
    nothing = tools.csr(0, np.zeros(0, int), np.zeros(0, int))
    assert core_users(InfluenceGraph(nothing, nothing), np.zeros(0, np.int32)).accounts.size == 0
