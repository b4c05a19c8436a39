from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.centrality import hits as module
from guanxi.algorithms.centrality.hits import hits
from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import InfluenceGraph


def test_known_values(from_follows) -> None:
    # 2 and 3 follow 0, and 3 follows 1: the golden ratio, by hand.
    result = hits(from_follows(4, [(2, 0), (3, 0), (3, 1)]))
    golden = (np.sqrt(5) - 1) / 2
    np.testing.assert_allclose(result.authorities, [golden, 1 - golden, 0, 0], atol=1e-8)
    np.testing.assert_allclose(result.hubs, [0, 0, 1 - golden, golden], atol=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_the_singular_vectors_of_the_dense_matrix(random_graph, dense, weighted) -> None:
    for seed in range(4):
        graph = random_graph(seed, 80, 500, weighted)
        left, _, right = np.linalg.svd(dense(graph))
        result = hits(graph)
        for ours, theirs in ((result.authorities, left[:, 0]), (result.hubs, right[0])):
            np.testing.assert_allclose(ours, theirs / theirs.sum(), atol=1e-7)
            assert ours.sum() == pytest.approx(1.0, abs=1e-12)


def test_equals_networkx(random_graph) -> None:
    graph = random_graph(5, 100, 700)
    arcs = nx.DiGraph()
    arcs.add_nodes_from(range(graph.n))
    actor = np.repeat(np.arange(graph.n), np.diff(graph.into.indptr))
    arcs.add_edges_from(zip(actor.tolist(), graph.into.indices.tolist(), strict=True))
    hubs, authorities = nx.hits(arcs, tol=1e-12)
    result = hits(graph)
    np.testing.assert_allclose(result.hubs, [hubs[i] for i in range(graph.n)], atol=1e-7)
    np.testing.assert_allclose(
        result.authorities, [authorities[i] for i in range(graph.n)], atol=1e-7
    )


def test_turning_all_arcs_swaps_hubs_and_authorities(random_graph) -> None:
    graph = random_graph(6, 100, 700, weighted=True)
    there = hits(graph, tolerance=1e-12)
    back = hits(InfluenceGraph(out=graph.into, into=graph.out), tolerance=1e-12)
    np.testing.assert_allclose(there.hubs, back.authorities, atol=1e-10)
    np.testing.assert_allclose(there.authorities, back.hubs, atol=1e-10)


def test_strengths_change_the_answer(random_graph) -> None:
    graph = random_graph(7, 100, 700, weighted=True)
    plain = InfluenceGraph(replace(graph.out, weights=None), replace(graph.into, weights=None))
    assert np.abs(hits(graph).hubs - hits(plain).hubs).sum() > 0.01


def test_names_do_not_matter(random_graph, relabelled) -> None:
    graph = random_graph(8, 100, 700, weighted=True)
    name = np.random.default_rng(8).permutation(graph.n)
    renamed = hits(relabelled(graph, name), tolerance=1e-12)
    np.testing.assert_allclose(renamed.hubs[name], hits(graph, tolerance=1e-12).hubs, atol=1e-10)


def test_same_bits_for_any_number_of_threads(random_graph, monkeypatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 16)
    graph = random_graph(9, 300, 2000, weighted=True)
    first = hits(graph, threads=1)
    for threads in (2, 5):
        other = hits(graph, threads=threads)
        assert other.hubs.tobytes() == first.hubs.tobytes()
        assert other.authorities.tobytes() == first.authorities.tobytes()


def test_tolerance_decides_when_to_stop(random_graph) -> None:
    graph = random_graph(10, 100, 500)
    tight, loose = hits(graph), hits(graph, tolerance=1e-3)
    assert tight.change <= 1e-9 < loose.change <= 1e-3
    assert loose.iterations < tight.iterations
    with pytest.raises(UsageError, match="tolerance"):
        hits(graph, tolerance=0.0)


def test_too_few_iterations_are_an_error(random_graph) -> None:
    with pytest.raises(ConvergenceError, match="within 2 iterations"):
        hits(random_graph(11, 100, 500), max_iterations=2)


def test_without_arcs_nobody_scores(from_follows) -> None:
    assert hits(from_follows(0, [])).hubs.shape == (0,)
    result = hits(from_follows(3, []))
    assert result.hubs.tolist() == result.authorities.tolist() == [0.0, 0.0, 0.0]


def test_progress_counts_iterations(random_graph) -> None:
    seen: list[tuple[int, int]] = []
    result = hits(random_graph(12, 50, 300), progress=lambda *step: seen.append(step))
    assert seen == [(i, 1000) for i in range(1, result.iterations)]
