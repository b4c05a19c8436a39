import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.algorithms.community.leiden import leiden
from guanxi.algorithms.community.modularity import modularity
from guanxi.algorithms.community.undirected import undirected
from guanxi.errors import UsageError
from guanxi.fixtures import generate
from guanxi.graph.arrays import InfluenceGraph


def partitions(n):
    """Every partition of n nodes, as restricted growth strings."""

    def grow(prefix, highest):
        if len(prefix) == n:
            yield prefix
            return
        for label in range(highest + 2):
            yield from grow([*prefix, label], max(highest, label))

    return np.array(list(grow([0], 0)), dtype=np.int32)


SMALL = partitions(7)


def best_modularity(adjacency):
    """The best of all partitions, by one matrix product each."""
    n = adjacency.n
    matrix = np.zeros((n, n))
    matrix[np.repeat(np.arange(n), np.diff(adjacency.indptr)), adjacency.indices] = (
        adjacency.weights
    )
    k, total = matrix.sum(axis=0), matrix.sum()
    excess = matrix / total - np.outer(k, k) / total**2
    together = SMALL[:, :, None] == SMALL[:, None, :]
    return (together * excess).sum(axis=(1, 2)).max()


def test_karate_club_reaches_the_known_optimum(karate, tools):
    found = [leiden(karate, seed=seed) for seed in range(10)]
    for one in found:
        tools.assert_proper(karate, one)
        assert one.modularity > 0.415
    best = max(found, key=lambda one: one.modularity)
    assert best.modularity == pytest.approx(0.4198, abs=5e-5)  # the optimum, Brandes et al. 2008
    assert best.count == 4


def test_ring_of_cliques(tools):
    ring = tools.from_networkx(nx.ring_of_cliques(8, 6))
    found = leiden(ring)
    assert found.labels.tolist() == [1 + v // 6 for v in range(48)]
    assert found.sizes.tolist() == [6] * 8
    # 8 (1/8 - 1/64) less the share of the 8 ties of the ring
    assert found.modularity == pytest.approx(7 / 8 - 8 / 128)


def test_resolution_gives_more_and_smaller_communities(tools):
    """The resolution limit: in a ring of 30 cliques of 5 the optimum joins neighbours."""
    ring = tools.from_networkx(nx.ring_of_cliques(30, 5))
    counts = [leiden(ring, resolution=resolution).count for resolution in (0.2, 1.0, 4.0)]
    assert counts[0] < counts[1] < 30
    assert counts[2] == 30
    for resolution in (0.2, 1.0, 4.0):
        tools.assert_proper(ring, leiden(ring, resolution=resolution))


def test_tiny_graphs_against_all_partitions(tools):
    hit = 0
    for seed in range(40):
        adjacency = tools.from_networkx(tools.random_weighted(seed, n=7, p=0.45))
        best = best_modularity(adjacency)
        found = [leiden(adjacency, seed=s).modularity for s in range(5)]
        assert max(found) <= best + 1e-12
        assert max(found) >= best - 0.03
        hit += max(found) >= best - 1e-9
    assert hit >= 36


@pytest.mark.parametrize(
    "graph",
    [
        nx.les_miserables_graph(),
        nx.davis_southern_women_graph(),
        nx.connected_caveman_graph(12, 7),
        nx.powerlaw_cluster_graph(250, 3, 0.3, seed=4),
        nx.gnp_random_graph(250, 0.02, seed=5),
    ],
    ids=["miserables", "davis", "caveman", "powerlaw", "random"],
)
def test_no_worse_than_networkx_louvain(tools, graph):
    graph = nx.convert_node_labels_to_integers(graph)
    adjacency = tools.from_networkx(graph)
    ours = [leiden(adjacency, seed=seed).modularity for seed in range(5)]
    theirs = [
        nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=seed))
        for seed in range(5)
    ]
    assert np.mean(ours) >= np.mean(theirs) - 1e-9


@pytest.mark.parametrize(("mixing", "least"), [(0.1, 0.999), (0.3, 0.98), (0.45, 0.9)])
def test_planted_communities_are_found(tools, mixing, least):
    adjacency, truth = tools.planted(4000, 100, 16, mixing, seed=5)
    assert tools.nmi(leiden(adjacency).labels, truth) > least


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 40),
    share=st.floats(0.0, 0.3),
    seed=st.integers(0, 2**32 - 1),
    resolution=st.sampled_from([0.4, 1.0, 3.0]),
    iterations=st.integers(1, 3),
)
def test_communities_are_connected_and_numbered(tools, n, share, seed, resolution, iterations):
    adjacency = tools.from_networkx(tools.random_weighted(seed, n, share, True))
    found = leiden(adjacency, seed=seed, resolution=resolution, iterations=iterations)
    tools.assert_proper(adjacency, found)


def test_same_bytes_for_any_number_of_threads(large):
    adjacency, _ = large
    one, two, three = (leiden(adjacency, seed=4, threads=threads) for threads in (1, 2, 3))
    assert one.labels.tobytes() == two.labels.tobytes() == three.labels.tobytes()
    assert one.modularity == two.modularity == three.modularity


def test_the_order_of_edges_does_not_matter(tools):
    graph = tools.random_weighted(9, n=60)
    edges = list(graph.edges(data=True))
    np.random.default_rng(1).shuffle(edges)
    other = nx.Graph()
    other.add_nodes_from(range(60))
    other.add_edges_from((v, u, data) for u, v, data in edges)
    found = [leiden(tools.from_networkx(g)).labels.tobytes() for g in (graph, other)]
    assert found[0] == found[1]


def test_seed_decides_and_only_the_seed(tools):
    adjacency = tools.from_networkx(nx.gnp_random_graph(300, 0.02, seed=1))
    labels = [leiden(adjacency, seed=seed).labels.tobytes() for seed in (0, 0, 1, 2)]
    assert labels[0] == labels[1]
    assert len(set(labels)) == 3


def test_more_iterations_find_more(tools):
    adjacency = tools.from_networkx(nx.gnp_random_graph(600, 0.012, seed=2))
    found = [
        np.mean([leiden(adjacency, iterations=k, seed=s).modularity for s in range(6)])
        for k in (1, 2, 5)
    ]
    assert found[0] < found[1] < found[2]


def test_more_starts_find_more(tools):
    graph = nx.convert_node_labels_to_integers(nx.powerlaw_cluster_graph(300, 3, 0.2, seed=8))
    adjacency = tools.from_networkx(graph)
    found = [
        np.mean([leiden(adjacency, starts=k, seed=s).modularity for s in range(10)])
        for k in (1, 3, 8)
    ]
    assert found[0] < found[1] < found[2]
    usual = leiden(adjacency)
    assert usual.labels.tobytes() == leiden(adjacency, starts=8).labels.tobytes()
    assert usual.labels.tobytes() == leiden(adjacency, threads=3).labels.tobytes()
    fast = leiden(adjacency, iterations=1)
    assert fast.labels.tobytes() == leiden(adjacency, iterations=1, starts=1).labels.tobytes()
    tools.assert_proper(adjacency, leiden(adjacency, iterations=1, starts=5))


def test_weights_count(tools):
    path = nx.path_graph(4)
    nx.set_edge_attributes(path, {(0, 1): 1.0, (1, 2): 9.0, (2, 3): 1.0}, "weight")
    assert leiden(tools.from_networkx(path, weighted=False)).labels.tolist() == [1, 1, 2, 2]
    heavy = leiden(tools.from_networkx(path)).labels
    assert heavy[1] == heavy[2]


def test_the_unit_of_strength_does_not_matter(tools):
    graph = tools.random_weighted(3, n=80)
    adjacency = tools.from_networkx(graph)
    other = type(adjacency)(adjacency.indptr, adjacency.indices, adjacency.weights * 2.0**40)
    assert (leiden(adjacency).labels == leiden(other).labels).all()


def test_strengths_of_very_different_size(tools):
    random = np.random.default_rng(5)
    graph = nx.gnp_random_graph(200, 0.05, seed=5)
    for _, _, data in graph.edges(data=True):
        data["weight"] = 10.0 ** random.uniform(-6, 9)
    adjacency = tools.from_networkx(graph)
    tools.assert_proper(adjacency, leiden(adjacency))


def test_accounts_without_ties_are_alone(tools):
    graph = nx.disjoint_union(nx.empty_graph(3), nx.complete_graph(4))
    graph = nx.disjoint_union(graph, nx.empty_graph(2))
    found = leiden(tools.from_networkx(graph))
    assert found.labels.tolist() == [2, 3, 4, 1, 1, 1, 1, 5, 6]
    assert found.sizes.tolist() == [4, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("iterations", [1, 2])
def test_finds_what_is_planted_in_the_demo_network(tools, iterations):
    network = generate(interactions=0, campaigns=0)
    actor, target = network.arcs.follower, network.arcs.followee
    n = len(network.accounts)
    graph = InfluenceGraph(out=tools.csr(n, target, actor), into=tools.csr(n, actor, target))
    truth = network.population.community
    for seed in range(3):
        found = leiden(undirected(graph), seed=seed, iterations=iterations)
        assert tools.nmi(found.labels[truth > 0], truth[truth > 0]) > 0.92


def test_no_ties_and_no_accounts(tools):
    alone = leiden(tools.csr(3, np.zeros(0, int), np.zeros(0, int)))
    assert alone.labels.tolist() == [1, 2, 3]
    assert alone.modularity == 0.0
    nobody = leiden(tools.csr(0, np.zeros(0, int), np.zeros(0, int)), starts=2)
    assert nobody.count == 0


@pytest.mark.parametrize(
    "graph",
    [nx.star_graph(3000), nx.path_graph(3000), nx.complete_graph(150), nx.grid_graph([50, 50])],
    ids=["star", "path", "clique", "grid"],
)
def test_shapes_that_coarsen_badly(tools, graph):
    adjacency = tools.from_networkx(nx.convert_node_labels_to_integers(graph))
    tools.assert_proper(adjacency, leiden(adjacency))


def test_read_only_arrays_are_taken(karate):
    for array in (karate.indptr, karate.indices):
        array.flags.writeable = False
    assert leiden(karate).count >= 3
    for array in (karate.indptr, karate.indices):
        array.flags.writeable = True


def test_what_made_the_answer_is_said(karate):
    found = leiden(karate, resolution=1.5, iterations=3, seed=11)
    assert (found.method, found.resolution, found.iterations, found.seed) == ("leiden", 1.5, 3, 11)
    assert found.modularity == modularity(karate, found.labels, 1.5)


def test_progress_rises_to_the_end(large):
    told = []
    leiden(large[0], progress=lambda done, total: told.append((done, total)))
    done = [step for step, _ in told]
    assert done == sorted(done)
    assert told[-1] == (200, 200)
    assert len(set(done)) > 5


def test_progress_can_end_the_work(karate):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leiden(karate, progress=stop)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"resolution": 0.0}, "resolution"),
        ({"resolution": float("nan")}, "resolution"),
        ({"resolution": float("inf")}, "resolution"),
        ({"iterations": 0}, "at least 1 iteration"),
        ({"starts": 0}, "at least 1 start"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_parameters_are_refused(karate, wrong, words):
    with pytest.raises(UsageError, match=words):
        leiden(karate, **wrong)
