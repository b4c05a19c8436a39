from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.centrality import walk
from guanxi.algorithms.centrality.pagerank import pagerank
from guanxi.errors import ConvergenceError, UsageError
from guanxi.graph.arrays import Adjacency, InfluenceGraph

#: A. Langville, C. Meyer, "A survey of eigenvector methods for web information retrieval",
#: SIAM Review 47(1), 2005: the walk goes along these arcs, account 2 is dangling.
PUBLISHED_ARCS = [(1, 2), (1, 3), (3, 1), (3, 2), (3, 5), (4, 5), (4, 6), (5, 4), (5, 6), (6, 4)]
PUBLISHED_SCORES = [0.03721, 0.05396, 0.04150, 0.37508, 0.20600, 0.28624]  # damping 0.9


def google_matrix(strengths: np.ndarray, damping: float, jump: np.ndarray) -> np.ndarray:
    """G[u, v]: probability of a step v → u of the walk with jumps."""
    influenced = strengths.sum(axis=0)
    steps = np.where(influenced > 0, strengths / np.where(influenced > 0, influenced, 1), 0)
    return damping * steps + np.outer(jump, 1 - damping * (influenced > 0))


def stationary(matrix: np.ndarray) -> np.ndarray:
    """The x of matrix @ x = x that sums to 1."""
    system = matrix - np.eye(len(matrix))
    system[-1] = 1.0  # the rows of the system are dependent: one gives way to the sum
    return np.linalg.solve(system, np.eye(len(matrix))[-1])


@pytest.fixture
def small_blocks(monkeypatch) -> None:
    """Cut small graphs as large ones are cut."""
    monkeypatch.setattr(walk, "BLOCK", 64)
    monkeypatch.setattr(walk, "WAVE", 4)


def test_published_values(from_follows) -> None:
    graph = from_follows(6, [(a - 1, b - 1) for a, b in PUBLISHED_ARCS])
    scores = pagerank(graph, damping=0.9).scores
    np.testing.assert_allclose(scores, PUBLISHED_SCORES, atol=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_equals_the_dense_stationary_vector(
    random_graph, dense, request, weighted, personal, cut
) -> None:
    if cut:
        request.getfixturevalue("small_blocks")
    for seed, damping in enumerate([0.85, 0.85, 0.5, 0.99, 0.0]):
        graph = random_graph(seed, 120, 700, weighted)
        jump = np.full(graph.n, 1 / graph.n)
        personalization = None
        if personal:
            personalization = np.zeros(graph.n)
            personalization[np.random.default_rng(seed).choice(graph.n, 3)] = [1.0, 2.0, 3.0]
            jump = personalization / personalization.sum()
        result = pagerank(graph, damping=damping, personalization=personalization)
        matrix = google_matrix(dense(graph), damping, jump)
        error = np.abs(result.scores - stationary(matrix)).sum()
        assert error <= 1e-9 / (1 - damping) + 1e-12
        assert np.abs(matrix @ result.scores - result.scores).sum() <= 1e-9
        assert result.scores.sum() == pytest.approx(1.0, abs=1e-12)
        assert result.scores.dtype == np.float64


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_networkx(random_graph, weighted) -> None:
    graph = random_graph(7, 200, 1500, weighted)
    arcs = nx.DiGraph()
    arcs.add_nodes_from(range(graph.n))
    actor = np.repeat(np.arange(graph.n), np.diff(graph.into.indptr))
    weights = np.ones(graph.m) if graph.into.weights is None else graph.into.weights
    arcs.add_weighted_edges_from(
        zip(actor.tolist(), graph.into.indices.tolist(), weights.tolist(), strict=True)
    )
    jump = dict(enumerate(np.random.default_rng(1).random(graph.n)))
    theirs = nx.pagerank(arcs, personalization=jump, tol=1e-14, max_iter=1000)
    ours = pagerank(graph, personalization=np.array(list(jump.values()))).scores
    np.testing.assert_allclose(ours, [theirs[i] for i in range(graph.n)], atol=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.usefixtures("small_blocks")
def test_same_bits_for_any_number_of_threads(random_graph, weighted) -> None:
    graph = random_graph(3, 500, 4000, weighted)
    first = pagerank(graph, threads=1)
    for threads in (2, 3, 7):
        other = pagerank(graph, threads=threads)
        assert other.scores.tobytes() == first.scores.tobytes()
        assert (other.iterations, other.change) == (first.iterations, first.change)


@pytest.mark.usefixtures("small_blocks")
def test_waves_hold_all_rows_once_in_blocks_of_some_size(random_graph) -> None:
    graph = random_graph(4, 500, 4000)
    followers = np.diff(graph.out.indptr)
    assert followers.max() > walk.BLOCK  # one row has more arcs than a block
    waves = walk.waves(graph.out)
    assert len(waves) > 3
    assert [len(wave) for wave in waves[:-1]] == [walk.WAVE] * (len(waves) - 1)
    blocks = [block for wave in waves for block in wave]
    assert [start for start, _ in blocks] == [0] + [end for _, end in blocks[:-1]]
    assert blocks[-1][1] == graph.n
    work = [end - start + followers[start:end].sum() for start, end in blocks]
    assert max(work) <= walk.BLOCK + followers.max() + 1


def test_small_graphs_are_one_block(random_graph) -> None:
    assert walk.waves(random_graph(4, 500, 4000).out) == [[(0, 500)]]


def test_names_do_not_matter(random_graph, relabelled) -> None:
    graph = random_graph(5, 150, 900, weighted=True)
    name = np.random.default_rng(5).permutation(graph.n)
    scores = pagerank(graph, tolerance=1e-12).scores
    renamed = pagerank(relabelled(graph, name), tolerance=1e-12).scores
    np.testing.assert_allclose(renamed[name], scores, atol=1e-11)


def test_pieces_keep_the_proportions_that_they_have_alone(from_follows, random_graph) -> None:
    first, second = random_graph(1, 40, 150), random_graph(2, 70, 300)

    def follows(graph: InfluenceGraph, shift: int) -> list[tuple[int, int]]:
        actor = np.repeat(np.arange(graph.n), np.diff(graph.into.indptr))
        return list(zip(actor + shift, graph.into.indices + shift, strict=True))

    both = from_follows(110, follows(first, 0) + follows(second, 40))
    scores = pagerank(both, tolerance=1e-12).scores
    for part, graph in ((scores[:40], first), (scores[40:], second)):
        alone = pagerank(graph, tolerance=1e-12).scores
        np.testing.assert_allclose(part / part.sum(), alone, atol=1e-11)


def test_small_groups_with_no_way_out_are_settled_by_themselves(
    from_follows, random_graph, monkeypatch
) -> None:
    core = random_graph(6, 2000, 20000)
    actor = np.repeat(np.arange(core.n), np.diff(core.into.indptr))
    follows = list(zip(actor.tolist(), core.into.indices.tolist(), strict=True))
    for pair in range(2000, 2020, 2):  # each followed by many, following nobody but the other
        follows += [(pair, pair + 1), (pair + 1, pair)]
        follows += [(fan, pair) for fan in range(0, 2000, 10 + pair % 7)]
    graph = from_follows(2020, follows)
    scores = pagerank(graph)
    monkeypatch.setattr(walk, "EXTRA_SWEEPS", 0)
    without = pagerank(graph)
    np.testing.assert_allclose(scores.scores, without.scores, atol=1e-8)
    assert scores.iterations < 0.8 * without.iterations


def test_strengths_count_by_their_ratios_alone(random_graph) -> None:
    graph = random_graph(8, 100, 500, weighted=True)
    scores = pagerank(graph).scores

    def scaled(matrix: Adjacency, factor: float) -> Adjacency:
        return replace(matrix, weights=factor * matrix.weights)

    doubled = InfluenceGraph(scaled(graph.out, 2.0), scaled(graph.into, 2.0))
    assert pagerank(doubled).scores.tobytes() == scores.tobytes()
    plain = InfluenceGraph(replace(graph.out, weights=None), replace(graph.into, weights=None))
    assert np.abs(pagerank(plain).scores - scores).sum() > 0.01
    alike = InfluenceGraph(
        replace(graph.out, weights=np.full(graph.m, 0.3)),
        replace(graph.into, weights=np.full(graph.m, 0.3)),
    )
    assert pagerank(alike).scores.tobytes() == pagerank(plain).scores.tobytes()


def test_arrays_may_be_memory_maps_that_cannot_be_written(random_graph, tmp_path) -> None:
    graph = random_graph(9, 100, 500, weighted=True)

    def mapped(matrix: Adjacency, name: str) -> Adjacency:
        arrays = []
        for field in ("indptr", "indices", "weights"):
            np.save(tmp_path / f"{name}-{field}.npy", getattr(matrix, field))
            arrays.append(np.load(tmp_path / f"{name}-{field}.npy", mmap_mode="r"))
        return Adjacency(*arrays)

    maps = InfluenceGraph(mapped(graph.out, "out"), mapped(graph.into, "into"))
    assert pagerank(maps).scores.tobytes() == pagerank(graph).scores.tobytes()


def test_damping_personalization_and_tolerance_change_the_answer(random_graph) -> None:
    graph = random_graph(10, 100, 500)
    base = pagerank(graph)
    assert np.abs(pagerank(graph, damping=0.5).scores - base.scores).sum() > 0.01
    jump = np.arange(graph.n, dtype=np.float64)
    assert np.abs(pagerank(graph, personalization=jump).scores - base.scores).sum() > 0.01
    loose = pagerank(graph, tolerance=1e-3)
    assert base.change <= 1e-9 < loose.change <= 1e-3
    assert loose.iterations < base.iterations


def test_what_cannot_be_reached_from_the_list_scores_nothing(from_follows) -> None:
    graph = from_follows(5, [(0, 1), (1, 2), (2, 0), (3, 4), (3, 0)])
    scores = pagerank(graph, personalization=np.array([1.0, 0, 0, 0, 0])).scores
    assert (scores[:3] > 0.1).all()
    assert scores[3:].tolist() == [0.0, 0.0]


def test_without_accounts_and_without_arcs(from_follows) -> None:
    assert pagerank(from_follows(0, [])).scores.shape == (0,)
    np.testing.assert_allclose(pagerank(from_follows(4, [])).scores, 0.25)
    jump = np.array([0.0, 3.0, 1.0, 0.0])
    scores = pagerank(from_follows(4, []), personalization=jump).scores
    np.testing.assert_allclose(scores, jump / 4)


def test_too_few_iterations_are_an_error(random_graph) -> None:
    with pytest.raises(ConvergenceError, match=r"within 3 sweeps \(the last one changed"):
        pagerank(random_graph(11, 100, 500), max_iterations=3)


@pytest.mark.parametrize("damping", [-0.1, 1.0, float("nan")])
def test_damping_out_of_range(from_follows, damping) -> None:
    with pytest.raises(UsageError, match="damping"):
        pagerank(from_follows(2, [(0, 1)]), damping=damping)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, float("nan")])
def test_tolerance_out_of_range(from_follows, tolerance) -> None:
    with pytest.raises(UsageError, match="tolerance"):
        pagerank(from_follows(2, [(0, 1)]), tolerance=tolerance)


@pytest.mark.parametrize("jump", [[1.0], [0.0, 0.0], [2.0, -1.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_personalization_out_of_range(from_follows, jump) -> None:
    with pytest.raises(UsageError, match="2 finite numbers"):
        pagerank(from_follows(2, [(0, 1)]), personalization=np.array(jump))


def test_progress_goes_up_to_the_end(random_graph) -> None:
    seen: list[tuple[int, int]] = []
    pagerank(random_graph(12, 100, 500), progress=lambda *step: seen.append(step))
    done = [step[0] for step in seen]
    assert all(total == 100 for _, total in seen)
    assert done == sorted(done)
    assert 80 < done[-1] < 100


def test_progress_where_a_sweep_changes_nothing(from_follows) -> None:
    seen: list[tuple[int, int]] = []
    found = pagerank(
        from_follows(3, [(0, 1)]),
        personalization=np.array([0.0, 0.0, 1.0]),
        progress=lambda *step: seen.append(step),
    )
    assert found.scores.tolist() == [0.0, 0.0, 1.0]
    assert seen == [(99, 100)]
