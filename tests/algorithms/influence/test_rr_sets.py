from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade, with_hops
from guanxi.algorithms.influence.rr_kernel import BLOCK
from guanxi.algorithms.influence.rr_sets import CHUNK, EVERYONE, Roots, Sampler
from guanxi.algorithms.influence.subsets import subset_tables
from guanxi.graph.arrays import Int32
from tests.algorithms.influence.exact import Worlds, arcs_of, graph_of, random_arcs

SETS = 1 << 16


def draw(
    sampler: Sampler, sets: int, collection: int = 9, roots: Roots = EVERYONE
) -> list[list[int]]:
    """The RR sets as lists, root first."""
    found: list[list[int]] = []
    for entries, ends in sampler.map(
        collection, sets, lambda chunk: (chunk.entries.copy(), chunk.ends), roots=roots
    ):
        found += [part.tolist() for part in np.split(entries, ends[:-1])]
    return found


def flat(sampler: Sampler, sets: int, collection: int = 9) -> Int32:
    parts = sampler.map(collection, sets, lambda chunk: chunk.entries.copy())
    return np.concatenate(list(parts))


def joint(model: CascadeModel, root: int, sets: int = SETS) -> npt.NDArray[np.float64]:
    """Share of RR sets of `root` that are each possible set of accounts (as bits)."""
    roots = Roots(np.array([root], dtype=np.int32))
    bits = [sum(1 << v for v in found) for found in draw(Sampler(model), sets, roots=roots)]
    return np.bincount(bits, minlength=1 << model.graph.n) / sets


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_distribution_of_whole_sets_is_exact(seed: int, weighted: bool) -> None:
    """Each possible RR set comes as often as the live arcs say: presence and independence."""
    graph = graph_of(5, random_arcs(np.random.default_rng(seed), 5, 10, weighted))
    worlds = Worlds.weighted_cascade(graph)
    for root in range(5):
        who = (worlds.reached >> np.uint64(root)) & np.uint64(1)
        bits = (who << np.arange(5, dtype=np.uint64)).sum(axis=1)
        expected = np.bincount(bits.astype(np.int64), weights=worlds.probability, minlength=32)
        error = np.sqrt(expected * (1 - expected) / SETS)
        found = joint(weighted_cascade(graph), root)
        assert (np.abs(found - expected) <= 4.5 * error + 1e-12).all()


def star(probabilities: npt.NDArray[np.float64], equal: bool) -> CascadeModel:
    """Everyone else influences account 0 with the given probabilities."""
    n = len(probabilities) + 1
    arcs = [(u, 0, p) for u, p in enumerate(probabilities, 1)]
    graph = graph_of(n, [arc[:2] for arc in arcs] if equal else arcs)
    return CascadeModel("star", graph, np.full(n, probabilities[0] if equal else 1.0))


@pytest.mark.parametrize(
    ("probabilities", "equal"),
    [
        (np.full(200, 0.3), True),  # Poisson numbers in several parts
        (np.full(200, 0.6), True),  # coins, as picking would cost more
        (np.full(300, 0.01), True),
        (np.full(3, 1.0), True),
        (np.linspace(0.001, 0.3, 200), False),
        (np.linspace(0.3, 1.0, 50), False),
        (np.r_[1.0, np.full(300, 0.002)], False),  # one arc is certain among many that are not
        (np.r_[1e-9, 0.999999, np.full(40, 0.03)], False),
        (np.array([0.5, 0.25]), False),
    ],
)
def test_every_kind_of_row_fires_each_arc_with_its_probability(
    probabilities: npt.NDArray[np.float64], equal: bool
) -> None:
    model = star(probabilities, equal)
    roots = Roots(np.zeros(1, dtype=np.int32))
    sets = 20_000
    counts = np.zeros(len(probabilities) + 1)
    sizes = []
    for found in draw(Sampler(model), sets, roots=roots):
        assert len(found) == len(set(found))
        counts[found] += 1
        sizes.append(len(found) - 1)
    share = counts[1:] / sets
    error = np.sqrt(probabilities * (1 - probabilities) / sets)
    assert (np.abs(share - probabilities) <= 5 * error + 1e-9).all()
    variance = float((probabilities * (1 - probabilities)).sum())
    assert np.mean(sizes) == pytest.approx(probabilities.sum(), abs=5 * (variance / sets) ** 0.5)
    assert np.var(sizes) == pytest.approx(variance, rel=0.08, abs=1e-9)


def test_rows_with_equal_strengths_need_no_slots() -> None:
    arcs = [(0, 1, 2.0), (2, 1, 2.0), (0, 2, 7.0)]
    tables = subset_tables(weighted_cascade(graph_of(3, arcs)))
    assert len(tables.slots) == 0
    assert tables.by_degree
    uneven = subset_tables(weighted_cascade(graph_of(4, [*arcs, (3, 1, 1.0)])))
    assert len(uneven.slots) == 12


def test_equal_strengths_give_the_sets_of_no_strengths() -> None:
    arcs = random_arcs(np.random.default_rng(5), 40, 200, False)
    plain = Sampler(weighted_cascade(graph_of(40, [arc[:2] for arc in arcs])))
    same = Sampler(weighted_cascade(graph_of(40, [(u, v, 3.0) for u, v, _ in arcs])))
    assert np.array_equal(flat(plain, 4096), flat(same, 4096))


@pytest.mark.parametrize("weighted", [False, True])
def test_same_bytes_for_any_number_of_threads(weighted: bool) -> None:
    graph = graph_of(300, random_arcs(np.random.default_rng(2), 300, 2000, weighted))
    model = weighted_cascade(graph)
    sets = 6 * CHUNK + 1500  # the last block is not whole
    one = flat(Sampler(model, threads=1), sets)
    for threads in (2, 3):
        assert np.array_equal(one, flat(Sampler(model, threads=threads), sets))


def test_seed_and_collection_change_the_sets() -> None:
    model = weighted_cascade(graph_of(50, random_arcs(np.random.default_rng(3), 50, 300, False)))
    base = flat(Sampler(model, seed=1), 4 * BLOCK)
    assert not np.array_equal(base, flat(Sampler(model, seed=2), 4 * BLOCK))
    assert not np.array_equal(base, flat(Sampler(model, seed=1), 4 * BLOCK, collection=10))
    assert len(flat(Sampler(model, seed=-(2**70)), BLOCK)) >= BLOCK


@pytest.mark.parametrize("hops", [None, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_waiting_for_memory_or_not_changes_nothing(weighted: bool, hops: int | None) -> None:
    graph = graph_of(300, random_arcs(np.random.default_rng(2), 300, 2000, weighted))
    model = with_hops(weighted_cascade(graph), hops)
    small, large = Sampler(model), Sampler(model)
    large.in_cache = 0
    assert np.array_equal(flat(small, 3 * CHUNK), flat(large, 3 * CHUNK))


def test_roots_are_spread_as_evenly_as_they_can_be() -> None:
    sampler = Sampler(weighted_cascade(graph_of(7, [(0, 1)])))
    roots = [found[0] for found in draw(sampler, 7 * 500 + 3)]
    assert roots[: 7 * 500] == np.repeat(np.arange(7), 500).tolist()
    assert len({draw(sampler, 3, collection)[0][0] for collection in range(40)}) > 3
    pool = np.array([4, 6], dtype=np.int32)
    assert [found[0] for found in draw(sampler, 8, roots=Roots(pool))] == [4] * 4 + [6] * 4


def test_a_full_buffer_changes_nothing() -> None:
    """RR sets of 3,000 accounts overflow the first buffer many times."""
    n = 3000
    chain = [(v, v + 1) for v in range(n - 1)]
    sampler = Sampler(weighted_cascade(graph_of(n, chain)), threads=1)
    sets = draw(sampler, 2 * BLOCK)
    assert sum(len(found) for found in sets) > 1 << 20
    assert all(found == list(range(found[0], -1, -1)) for found in sets)
    assert sets == draw(sampler, 2 * BLOCK)  # with the buffer as large as it has become


def test_roots_in_turn_and_from_a_pool() -> None:
    sampler = Sampler(weighted_cascade(graph_of(6, [(0, 1)])))
    pool = np.array([5, 2], dtype=np.int32)
    assert draw(sampler, 6, roots=Roots(pool, 3)) == [[5], [5], [5], [2], [2], [2]]
    picked = np.array([found[0] for found in draw(sampler, 4000, roots=Roots(pool))])
    assert set(picked.tolist()) == {2, 5}
    assert abs((picked == 5).mean() - 0.5) < 0.05
    everyone = np.array([found[0] for found in draw(sampler, 12_000)])
    assert (np.abs(np.bincount(everyone, minlength=6) / 12_000 - 1 / 6) < 0.02).all()


def test_progress_is_told_from_the_calling_thread() -> None:
    sampler = Sampler(weighted_cascade(graph_of(6, [(0, 1)])), threads=2)
    told: list[int] = []
    list(sampler.map(1, 20 * CHUNK + 5, lambda chunk: None, advance=told.append))
    assert sum(told) == 20 * CHUNK + 5
    assert len(told) > 1


def test_arcs_are_followed_backwards() -> None:
    """0 influences 1: only the RR set of 1 holds both."""
    graph = graph_of(2, [(0, 1)])
    assert arcs_of(graph) == [(0, 1, 1.0)]
    sets = draw(Sampler(weighted_cascade(graph)), 64)
    assert {tuple(found) for found in sets} == {(0,), (1, 0)}
