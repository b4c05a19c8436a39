import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.algorithms.chains.separation import (
    average_steps,
    effective_diameter,
    exact_separation,
)
from guanxi.algorithms.chains.sketch import (
    REGISTERS,
    RUNS,
    _sigma,
    _start,
    sketch_distances,
)
from guanxi.algorithms.chains.ways import ways


def all_steps(graph: nx.DiGraph) -> list[int]:
    return [
        away
        for source, nearest in nx.all_pairs_shortest_path_length(graph)
        for other, away in nearest.items()
        if source != other
    ]


def test_a_ring_of_five(influence) -> None:
    found = exact_separation(ways(influence(nx.cycle_graph(5, create_using=nx.DiGraph))))
    assert found.pairs.tolist() == [0, 5, 5, 5, 5]
    assert (found.average.value, found.longest, found.reachable.value) == (2.5, 4, 1.0)
    assert found.effective_diameter.value == pytest.approx(3 + 3 / 5)
    assert not found.sketched
    assert found.complete


@pytest.mark.parametrize(("n", "m"), [(10, 12), (130, 400), (200, 2500)])
def test_exact_equals_networkx(influence, digraph, n, m) -> None:
    graph = digraph(m, n, m)
    found = exact_separation(ways(influence(graph)), threads=2)
    steps = all_steps(graph)
    assert found.pairs.tolist() == np.bincount(steps).tolist()
    assert found.average.value == pytest.approx(np.mean(steps))
    assert found.reachable.value == pytest.approx(len(steps) / (n * (n - 1)))
    assert found.longest == max(steps)
    assert (found.average.low, found.average.high) == (found.average.value,) * 2


def test_a_long_chain_is_followed_to_its_end(influence) -> None:
    line = nx.path_graph(100, create_using=nx.DiGraph)
    told: list[tuple[int, int]] = []
    found = exact_separation(ways(influence(line)), progress=lambda *at: told.append(at))
    assert found.longest == 99
    assert found.pairs[1:].tolist() == list(range(99, 0, -1))
    assert told == [(2, 2)]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12).filter(any))
def test_ninety_per_cent_lie_within_the_effective_diameter(counts: list[int]) -> None:
    pairs = np.array([0.0, *counts])
    found = effective_diameter(pairs)
    within = np.interp(found, np.arange(len(pairs)), np.cumsum(pairs))
    assert within == pytest.approx(0.9 * pairs.sum())
    assert average_steps(pairs) <= len(counts)


def test_nobody_and_nothing_to_reach(influence) -> None:
    for n in (0, 1, 3):
        steps = ways(influence(nx.empty_graph(n, create_using=nx.DiGraph)))
        for found in (exact_separation(steps), sketch_distances(steps).separation):
            assert found.pairs.tolist() == [0]
            assert np.isnan(found.average.value)
            assert np.isnan(found.effective_diameter.value)
            assert found.reachable.value == 0


def within(measure, exact) -> bool:
    return measure.low <= exact.value <= measure.high


def test_the_sketch_covers_what_is_exact(influence, digraph) -> None:
    """Intervals of 95 %: of 36 of them, no more than 5 may miss (chance below 2 in 100)."""
    misses = 0
    for seed in range(12):
        steps = ways(influence(digraph(seed, 400, 1600)), ("influence", "either")[seed % 2])
        exact, sketch = exact_separation(steps), sketch_distances(steps, seed=seed).separation
        assert sketch.average.value == pytest.approx(exact.average.value, rel=0.08)
        assert sketch.sketched
        assert sketch.complete
        for name in ("average", "effective_diameter", "reachable"):
            misses += not within(getattr(sketch, name), getattr(exact, name))
    assert misses <= 5


def rings(size: int, number: int) -> nx.DiGraph:
    return nx.disjoint_union_all([nx.cycle_graph(size, create_using=nx.DiGraph)] * number)


@pytest.mark.parametrize(
    "graph",
    [
        rings(3, 400),
        rings(2, 33),
        rings(66, 1),
        nx.gnm_random_graph(70, 1500, seed=1, directed=True),
        nx.gnm_random_graph(90, 200, seed=2, directed=True),
        nx.star_graph(80).to_directed(),
    ],
    ids=["triangles", "pairs", "ring", "dense", "sparse", "star"],
)
def test_intervals_of_small_networks_and_parts_hold_as_often_as_they_say(influence, graph) -> None:
    steps = ways(influence(graph))
    exact = exact_separation(steps)
    runs = [sketch_distances(steps, seed=seed, threads=1).separation for seed in range(200)]
    for name in ("average", "effective_diameter", "reachable"):
        true = getattr(exact, name)
        held = sum(m.low - 1e-9 <= true.value <= m.high + 1e-9 for m in (
            getattr(run, name) for run in runs
        ))  # fmt: skip
        assert held >= 180, name  # of 200; chance below 1 in 300 where 95 % are right


def test_counters_are_right_in_the_mean(influence) -> None:
    """Ertl's estimator alone would be 0.8 % too high for counters of three."""
    triangles = ways(influence(rings(3, 4000)))
    found = [sketch_distances(triangles, seed=seed).separation.pairs.sum() for seed in range(4)]
    assert np.mean(found) == pytest.approx(24_000, rel=0.001)


def test_accounts_without_a_step_are_not_searched_from(influence) -> None:
    graph = nx.DiGraph([(0, 1), (5, 0)])
    graph.add_nodes_from(range(10))
    steps = ways(influence(graph))
    assert steps.starts.tolist() == [0, 5]
    assert exact_separation(steps).pairs.tolist() == [0, 2, 1]


def test_the_sketch_estimates_harmonic_centrality(influence, digraph) -> None:
    graph = digraph(1, 400, 2000)
    found = sketch_distances(ways(influence(graph))).harmonic
    theirs = nx.harmonic_centrality(graph.reverse())
    exact = np.array([theirs[v] for v in range(400)]) / 399
    # All counters share the draw of the hubs: they err together, by 1.04 / √384 = 5 %.
    assert np.abs(found - exact).mean() < 0.1 * exact.mean()
    assert np.corrcoef(found, exact)[0, 1] > 0.98


def test_the_sketch_counts_few_accounts_almost_exactly(influence) -> None:
    """A counter with most registers empty is nearly a bitmap: pairs of a short ring."""
    ring = ways(influence(nx.cycle_graph(8, create_using=nx.DiGraph)))
    runs = [sketch_distances(ring, seed=seed).separation for seed in range(6)]
    assert np.mean([run.pairs.sum() for run in runs]) == pytest.approx(56, rel=0.05)
    assert {run.longest for run in runs} == {7}


def test_a_sketch_that_is_cut_off_says_so(influence, monkeypatch) -> None:
    line = ways(influence(nx.path_graph(30, create_using=nx.DiGraph)))
    whole = sketch_distances(line).separation
    assert (whole.complete, whole.longest) == (True, 29)
    monkeypatch.setattr("guanxi.algorithms.chains.sketch.MAX_ROUNDS", 5)
    part = sketch_distances(line).separation
    assert (part.complete, part.longest) == (False, 5)
    assert part.pairs.tolist() == whole.pairs[:6].tolist()


def test_threads_change_nothing_and_the_seed_does(influence, digraph) -> None:
    steps = ways(influence(digraph(2, 300, 1500)))
    one, two = sketch_distances(steps, threads=1), sketch_distances(steps, threads=2)
    assert one.separation.pairs.tobytes() == two.separation.pairs.tobytes()
    assert one.harmonic.tobytes() == two.harmonic.tobytes()
    other = sketch_distances(steps, seed=1)
    assert other.separation.pairs.tolist() != one.separation.pairs.tolist()


def sizes_of(counters: np.ndarray) -> np.ndarray:
    """Ertl's estimate of every counter (a row), as the paper writes it, less its bias."""
    empty = (counters == 0).sum(axis=1)
    sigma = np.array([_sigma(share) for share in empty / REGISTERS])
    ranks = np.where(counters > 0, 2.0 ** -counters.astype(float), 0.0).sum(axis=1)
    bias = 0.00789485 + 0.00896453 * (1 - (empty / REGISTERS) ** 0.4)
    return REGISTERS**2 / (2 * np.log(2)) / (REGISTERS * sigma + ranks) / (1 + bias)


@pytest.mark.parametrize("along", ["influence", "either"])
def test_each_round_unites_the_counters_of_those_a_step_away(influence, digraph, along) -> None:
    """Rounds as their definition says, each counter with those of all its row."""
    steps = ways(influence(digraph(8, 60, 130)), along)
    runs = []
    for run in range(RUNS):
        flat = np.zeros(60 * REGISTERS, dtype=np.uint8)
        _start(3, run, flat)
        counters, pairs = flat.reshape(60, REGISTERS), [0.0]
        while True:
            wider = counters.copy()
            for matrix in (steps.first, steps.second):
                for v in range(60):
                    for u in matrix.indices[matrix.indptr[v] : matrix.indptr[v + 1]]:
                        wider[v] = np.maximum(wider[v], counters[u])
            if (wider == counters).all():
                break
            pairs.append((sizes_of(wider) - sizes_of(counters)).sum())
            counters = wider
        runs.append(pairs)
    longest = max(map(len, runs))
    wanted = np.mean([np.pad(pairs, (0, longest - len(pairs))) for pairs in runs], axis=0)
    found = sketch_distances(steps, seed=3).separation
    assert found.pairs == pytest.approx(wanted)
    assert found.complete


def test_registers_are_drawn_as_hyperloglog_asks() -> None:
    """Each register alike often, rank r with chance 2^-r, another run another draw."""
    counters = np.zeros(20_000 * REGISTERS, dtype=np.uint8)
    _start(0, 0, counters)
    table = counters.reshape(-1, REGISTERS)
    assert ((table > 0).sum(axis=1) == 1).all()
    used = np.bincount(table.argmax(axis=1), minlength=REGISTERS)
    assert used.min() > 220
    assert used.max() < 410
    ranks = np.bincount(table.max(axis=1), minlength=5)[1:5] / 20_000
    assert ranks == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 16], abs=0.012)
    again = np.zeros_like(counters)
    _start(0, 1, again)
    assert (again != counters).any()
