"""The phases of Leiden one by one, each against its slow definition."""

import itertools

import networkx as nx
import numpy as np
import pytest

from guanxi.algorithms.community.aggregation import aggregate
from guanxi.algorithms.community.connectivity import connected_pieces
from guanxi.algorithms.community.csr import Level, blocks_of, frozen, reordered, shuffled
from guanxi.algorithms.community.modularity import modularity
from guanxi.algorithms.community.moving import move_nodes
from guanxi.algorithms.community.numbering import compact, largest_first, members_of
from guanxi.algorithms.community.refinement import Chance, refine
from guanxi.algorithms.community.search import Search, overlay
from guanxi.errors import UsageError

GREEDY = Chance(0, 0, 0.0)
CHANCE = Chance(1, 0, 1.0)


def as_level(adjacency):
    return reordered(adjacency, np.arange(adjacency.n, dtype=np.int32), 1)


def dense(level):
    matrix = np.zeros((level.n, level.n))
    rows = np.repeat(np.arange(level.n), np.diff(level.indptr))
    matrix[rows, level.indices] = level.weights
    return matrix


def random_labels(seed, n, communities):
    labels = np.random.default_rng(seed).integers(0, communities, n).astype(np.int32)
    return labels, compact(labels)


def gains(level, labels, scale):
    """gain[v, c] of node v in community c, by the definition; column -1: alone."""
    matrix, k = dense(level), level.strength
    member = labels[:, None] == np.arange(labels.max() + 1)
    strength = (k[:, None] * member).sum(axis=0) - k[:, None] * member
    found = matrix @ member - scale * k[:, None] * strength
    return np.hstack([found, np.zeros((level.n, 1))])


def test_blocks_cover_everything_once_and_do_not_depend_on_threads():
    cost = np.concatenate(([0], np.cumsum(np.random.default_rng(1).integers(0, 50, 1000))))
    blocks = blocks_of(cost, 700)
    assert blocks[0][0] == 0
    assert blocks[-1][1] == 1000
    assert all(a[1] == b[0] for a, b in itertools.pairwise(blocks))
    assert max(cost[b] - cost[a] for a, b in blocks) < 1500
    assert blocks_of(np.zeros(1, dtype=np.int64)) == []


def test_shuffled_is_a_permutation_that_the_seed_decides():
    first = shuffled(1000, 1)
    assert sorted(first.tolist()) == list(range(1000))
    assert (first == shuffled(1000, 1)).all()
    assert (first != shuffled(1000, 2)).any()


def test_every_order_is_equally_likely():
    counts = {}
    for seed in range(6000):
        order = tuple(shuffled(3, seed).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert all(abs(count - 1000) < 150 for count in counts.values())


def test_reordered_is_the_same_graph_under_other_names(tools):
    level = as_level(tools.from_networkx(tools.random_weighted(3)))
    order = shuffled(40, 5)
    other = reordered(level, order, 1)
    assert (dense(other) == dense(level)[np.ix_(order, order)]).all()
    assert other.strength == pytest.approx(level.strength[order])


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_weights_that_are_no_strength_are_refused(tools, weight):
    pair = tools.csr(2, np.array([0, 1]), np.array([1, 0]), [weight, weight])
    with pytest.raises(UsageError, match="positive strength"):
        as_level(pair)


def test_loops_are_refused(tools):
    loop = tools.csr(2, np.array([0, 0, 1]), np.array([0, 1, 0]), [1.0, 1.0, 1.0])
    with pytest.raises(UsageError, match="two different accounts"):
        as_level(loop)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("resolution", [0.5, 1.0, 2.0])
def test_when_all_are_due_and_none_moves_no_node_can_gain(tools, seed, resolution):
    level = as_level(tools.from_networkx(tools.random_weighted(seed)))
    scale = resolution / level.strength.sum()
    moved = move_nodes(level, *random_labels(seed, 40, 1 + seed), scale)
    while moved.moves:
        moved = move_nodes(level, moved.labels, moved.communities, scale)
    assert moved.communities == len(np.unique(moved.labels))
    found = gains(level, moved.labels, scale)
    own = found[np.arange(40), moved.labels]
    assert (own >= found.max(axis=1) - 1e-9).all()


@pytest.mark.parametrize("seed", range(8))
def test_no_sweep_lowers_modularity(tools, seed):
    adjacency = tools.from_networkx(tools.random_weighted(seed, n=120, p=0.05))
    level = as_level(adjacency)
    scale = 1.0 / level.strength.sum()
    labels, count = np.arange(120, dtype=np.int32), 120
    before = modularity(adjacency, labels)
    for _ in range(5):
        labels, count, moves, sweeps = move_nodes(level, labels, count, scale, max_sweeps=1)
        after = modularity(adjacency, labels)
        assert sweeps == 1
        assert after > before - 1e-12 if moves else after == pytest.approx(before, abs=1e-15)
        before = after


def test_a_node_that_loses_in_every_community_is_put_on_its_own(tools):
    level = as_level(tools.from_networkx(nx.path_graph(3)))
    labels = np.zeros(3, dtype=np.int32)
    moved = move_nodes(level, labels, 1, scale=10.0)
    assert moved.communities == 3


@pytest.mark.parametrize("seed", range(6))
def test_parts_are_connected_and_inside_their_community(tools, seed):
    graph = tools.random_weighted(seed, n=80, p=0.06)
    level = as_level(tools.from_networkx(graph))
    labels, count = random_labels(seed, 80, 4)
    part, community = refine(level, labels, count, 1.0 / level.strength.sum(), GREEDY, 1)
    assert (community[part] == labels).all()
    assert (np.diff(community) >= 0).all()
    assert sorted(np.unique(part).tolist()) == list(range(len(community)))
    assert len(community) < 80
    assert all(nx.is_connected(graph.subgraph(nodes)) for nodes in tools.as_sets(part))


def test_refinement_leaves_apart_what_does_not_gain(tools):
    level = as_level(tools.from_networkx(nx.path_graph(4)))
    labels = np.zeros(4, dtype=np.int32)
    few, _ = refine(level, labels, 1, 0.0, GREEDY, 1)
    many, community = refine(level, labels, 1, 10.0, GREEDY, 1)
    assert len(np.unique(few)) < 4
    assert many.tolist() == [0, 1, 2, 3]
    assert community.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(4))
def test_aggregation_is_the_product_with_the_membership_matrix(tools, seed):
    level = as_level(tools.from_networkx(tools.random_weighted(seed, n=60)))
    part, count = random_labels(seed, 60, 12)
    smaller = aggregate(level, part, count, 1)
    member = (part[:, None] == np.arange(count)).astype(float)
    expected = member.T @ dense(level) @ member
    np.fill_diagonal(expected, 0.0)
    assert dense(smaller) == pytest.approx(expected, abs=1e-12)
    assert smaller.strength == pytest.approx(member.T @ level.strength)
    assert (smaller.weights > 0).all()


def test_modularity_is_kept_by_aggregation(tools):
    adjacency = tools.from_networkx(tools.random_weighted(7, n=60))
    level = as_level(adjacency)
    total = level.strength.sum()
    part, count = random_labels(7, 60, 9)
    smaller = aggregate(level, part, count, 1)
    inside = total - smaller.weights.sum()
    value = inside / total - ((smaller.strength / total) ** 2).sum()
    assert value == pytest.approx(modularity(adjacency, part), abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_pieces_are_the_connected_components(tools, seed):
    graph = nx.gnp_random_graph(150, 0.012, seed=seed)
    level = as_level(tools.from_networkx(graph))
    labels, count = random_labels(seed, 150, 5)
    pieces = connected_pieces(level.indptr, level.indices, labels, count, 1)
    expected = [
        set(piece)
        for nodes in tools.as_sets(labels)
        for piece in nx.connected_components(graph.subgraph(nodes))
    ]
    assert sorted(map(sorted, tools.as_sets(pieces))) == sorted(map(sorted, expected))


def test_numbering_by_hand():
    labels = np.array([5, 2, 5, 9, 2, 5, 0], dtype=np.int32)
    numbered, sizes = largest_first(labels)
    assert numbered.tolist() == [1, 2, 1, 3, 2, 1, 4]
    assert sizes.tolist() == [3, 2, 1, 1]
    assert labels.tolist() == [5, 2, 5, 9, 2, 5, 0]
    first, members = members_of(np.array([1, 0, 1, 1], dtype=np.int32), 3)
    assert first.tolist() == [0, 1, 4, 4]
    assert members.tolist() == [1, 0, 2, 3]


def test_phases_do_not_depend_on_threads(large):
    adjacency, truth = large
    level = reordered(adjacency, shuffled(adjacency.n, 1), 1)
    again = reordered(adjacency, shuffled(adjacency.n, 1), 3)
    assert level.weights.tobytes() == again.weights.tobytes()
    assert len(blocks_of(level.indptr)) > 2
    labels = truth.astype(np.int32)
    count = compact(labels)
    scale = 1.0 / level.strength.sum()
    parts = [refine(level, labels, count, scale, CHANCE, threads) for threads in (1, 2, 3)]
    assert parts[0][0].tobytes() == parts[1][0].tobytes() == parts[2][0].tobytes()
    one, three = (
        aggregate(level, parts[0][0], len(parts[0][1]), threads=threads) for threads in (1, 3)
    )
    for name in ("indptr", "indices", "weights", "strength"):
        assert getattr(one, name).tobytes() == getattr(three, name).tobytes()
    pieces = [
        connected_pieces(level.indptr, level.indices, labels, count, threads) for threads in (1, 3)
    ]
    assert pieces[0].tobytes() == pieces[1].tobytes()


def test_an_overlay_is_no_worse_than_the_best_of_its_searches(tools):
    graph = nx.convert_node_labels_to_integers(nx.powerlaw_cluster_graph(300, 3, 0.2, seed=3))
    adjacency = tools.from_networkx(graph)
    found = []
    for start in range(4):
        search = Search.begin(adjacency, 1.0, 7, start, 1)
        assert search.iterate(Chance(7, (start << 32) + 1, 0.0), 1) > 0
        found.append(search)
    single = [modularity(adjacency, search.by_account()) for search in found]
    assert len(set(single)) > 1
    together = overlay(adjacency, 1.0, found, CHANCE)
    assert modularity(adjacency, together.by_account()) > max(single)


def test_frozen_is_a_view_that_cannot_be_written():
    array = np.arange(3)
    view = frozen(array)
    assert np.shares_memory(array, view)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    assert array.flags.writeable


def test_a_level_without_nodes():
    nothing = frozen(np.zeros(0, np.int32))
    empty = Level(frozen(np.zeros(1, np.int64)), nothing, frozen(np.zeros(0)), np.zeros(0))
    assert move_nodes(empty, np.zeros(0, np.int32), 0, 1.0).communities == 0
