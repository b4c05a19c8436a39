from __future__ import annotations

import itertools

import numpy as np
import pytest

from guanxi.algorithms.influence.bound import tighten_bound
from guanxi.algorithms.influence.coverage import Coverage, draw_coverage
from guanxi.algorithms.influence.models import weighted_cascade
from guanxi.algorithms.influence.rr_sets import Sampler
from guanxi.algorithms.influence.selection import choose_greedily
from guanxi.graph.arrays import Bool, InfluenceGraph
from tests.algorithms.influence.exact import graph_of, random_arcs


def some_graph(seed: int, n: int = 60, m: int = 240, weighted: bool = False) -> InfluenceGraph:
    return graph_of(n, random_arcs(np.random.default_rng(seed), n, m, weighted))


def cover(graph: InfluenceGraph, sets: int, threads: int = 1, seed: int = 0) -> Coverage:
    coverage = draw_coverage(Sampler(weighted_cascade(graph), seed, threads), 1, sets)
    assert coverage is not None
    return coverage


def sets_of(coverage: Coverage) -> list[set[int]]:
    parts = np.split(coverage.members, coverage.offsets[1:-1])
    return [set(part.tolist()) for part in parts]


def slow_greedy(sets: list[set[int]], k: int, candidates: list[int]) -> tuple[list[int], list[int]]:
    chosen: list[int] = []
    gains = []
    left = list(sets)
    for _ in range(min(k, len(candidates))):
        gain = {v: 0 for v in candidates if v not in chosen}
        for members in left:
            for v in members & gain.keys():
                gain[v] += 1
        best = min(gain, key=lambda v: (-gain[v], v))
        chosen.append(best)
        gains.append(gain[best])
        left = [members for members in left if best not in members]
    return chosen, gains


def some_mask(n: int, seed: int) -> Bool:
    return np.random.default_rng(seed).random(n) < 0.5


def test_index_lists_the_sets_of_each_account() -> None:
    coverage = cover(some_graph(1), 5000)
    sets = sets_of(coverage)
    for v in range(coverage.n):
        found = coverage.sets[coverage.indptr[v] : coverage.indptr[v + 1]]
        assert found.tolist() == [s for s, members in enumerate(sets) if v in members]


def test_index_is_the_same_for_any_number_of_threads() -> None:
    graph = some_graph(2, weighted=True)
    one = cover(graph, 30_000, threads=1)
    for threads in (2, 3, 7):
        other = cover(graph, 30_000, threads)
        for name in ("members", "offsets", "sets", "indptr"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_a_draw_that_would_be_too_large_is_given_up() -> None:
    sampler = Sampler(weighted_cascade(some_graph(1)))
    full = draw_coverage(sampler, 1, 5000)
    assert full is not None
    assert draw_coverage(sampler, 1, 5000, most_members=len(full.members)) is not None
    assert draw_coverage(sampler, 1, 5000, most_members=len(full.members) - 1) is None


@pytest.mark.parametrize("seed", range(6))
def test_greedy_equals_a_slow_one(seed: int) -> None:
    graph = some_graph(seed, weighted=seed % 2 == 1)
    coverage = cover(graph, 1000)
    mask = some_mask(graph.n, seed)
    for candidates in (np.ones(graph.n, dtype=np.bool_), mask):
        found = choose_greedily(coverage, 12, candidates)
        chosen, gains = slow_greedy(sets_of(coverage), 12, np.flatnonzero(candidates).tolist())
        assert found.accounts.tolist() == chosen
        assert found.gains.tolist() == gains


def test_ties_and_nothing_left_go_by_account() -> None:
    """Accounts 4 and 5 are alike; what no set holds comes last, by number."""
    coverage = Coverage(
        members=np.array([5, 4, 4, 5, 2], dtype=np.int32),
        offsets=np.array([0, 2, 4, 5]),
        sets=np.array([2, 0, 1, 0, 1], dtype=np.int32),
        indptr=np.array([0, 0, 0, 1, 1, 3, 5]),
    )
    found = choose_greedily(coverage, 6, np.ones(6, dtype=np.bool_))
    assert found.accounts.tolist() == [4, 2, 0, 1, 3, 5]
    assert found.gains.tolist() == [2, 1, 0, 0, 0, 0]
    assert found.bound == 3
    without = np.array([True, True, True, True, False, True])
    assert choose_greedily(coverage, 2, without).accounts.tolist() == [5, 2]


@pytest.mark.parametrize("seed", range(25))
def test_bounds_hold_for_the_best_list_and_tighten(seed: int) -> None:
    random = np.random.default_rng(seed)
    graph = some_graph(seed, n=12, m=int(random.integers(5, 60)), weighted=seed % 2 == 0)
    coverage = cover(graph, 3000)
    sets = sets_of(coverage)
    k = int(random.integers(1, 5))
    mask = some_mask(12, seed)
    mask[:k] = True
    found = choose_greedily(coverage, k, mask)
    holds = np.zeros((12, len(sets)), dtype=bool)
    for s, members in enumerate(sets):
        holds[list(members), s] = True
    lists = itertools.combinations(np.flatnonzero(mask).tolist(), k)
    best = max(int(holds[list(chosen)].any(axis=0).sum()) for chosen in lists)
    tight = tighten_bound(coverage, found, mask, threads=2)
    assert found.gains.sum() <= best <= tight <= found.bound
    assert found.gains.sum() >= (1 - 1 / np.e) * best


def test_prices_tighten_the_bound_much_and_alike_for_any_threads() -> None:
    """Where hubs overlap, prefixes alone leave a wide gap."""
    graph = some_graph(3, n=400, m=3000)
    everyone = np.ones(400, dtype=np.bool_)
    bounds = []
    for threads in (1, 2, 3):
        coverage = cover(graph, 20_000)
        found = choose_greedily(coverage, 20, everyone)
        bounds.append(tighten_bound(coverage, found, everyone, threads))
    met = int(found.gains.sum())
    assert bounds[0] == bounds[1] == bounds[2]
    assert found.bound > 1.15 * met
    assert bounds[0] < 1.07 * met


def test_bound_of_a_list_that_meets_all_is_what_it_meets() -> None:
    graph = some_graph(1, n=10, m=20)
    coverage = cover(graph, 500)
    everyone = np.ones(10, dtype=np.bool_)
    found = choose_greedily(coverage, 10, everyone)
    assert found.bound == 500 == tighten_bound(coverage, found, everyone)
