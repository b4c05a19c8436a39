"""Introductions: known answers, every assignment of small instances, and what must always hold."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from guanxi.algorithms.chains.assignment import assign, success, unlimited
from guanxi.algorithms.chains.costs import ChainGraph, chain_graph
from guanxi.algorithms.chains.introductions import IntroductionFinder, Way, Ways
from tests.algorithms.chains.test_strongest import Arcs, graph_of, random_arcs


def finder_of(n: int, arcs: Arcs, sources: list[int], **options: object) -> IntroductionFinder:
    graph = chain_graph(graph_of(n, arcs))
    return IntroductionFinder(graph, np.array(sources, dtype=np.int32), **options)  # type: ignore[arg-type]


def probability(graph: ChainGraph, accounts: tuple[int, ...]) -> float:
    return math.prod(graph.step(u, v)[1] for u, v in itertools.pairwise(accounts))


# 0 and 1 are the team; 2 knows the way to 4, 5 and 6, 3 to 4 and 5; 1 knows 6 itself.
ARCS: Arcs = {
    (0, 2): 1,
    (1, 3): 1,
    (2, 4): 3,
    (3, 4): 1,
    (2, 5): 2,
    (3, 5): 2,
    (2, 6): 3,
    (1, 6): 1,
}


def test_ways_by_hand() -> None:
    four, six = finder_of(7, ARCS, [0, 1], max_hops=4).find([4, 6], 9)
    assert four == Ways([Way((0, 2, 4), 0.75), Way((1, 3, 4), 0.25)], all_known=True)
    assert six == Ways([Way((0, 2, 6), 0.75), Way((1, 6), 0.25)], all_known=True)
    assert [way.introducer for way in six.ways] == [2, None]
    [cut] = finder_of(7, ARCS, [0, 1], max_hops=4).find([4], 1)
    assert cut == Ways([Way((0, 2, 4), 0.75)], all_known=False)
    [direct] = finder_of(7, ARCS, [0, 1], max_hops=1).find([6], 9)
    assert direct.ways == [Way((1, 6), 0.25)]


def test_assignment_by_hand() -> None:
    known = finder_of(7, ARCS, [0, 1], max_hops=4).find([4, 5, 6], 9)
    # Without a limit 2 is asked three times. With it, 2 is worth most for 4 (0.5 more than 3)
    # and for 6 (0.5 more than the direct tie); a tie that must be decided somehow.
    assert [ways[0].introducer for ways in unlimited(known, 1)] == [2, 2, 2]
    chosen = assign(known, capacity=1)
    assert sum(success(ways) for ways in chosen) == pytest.approx(0.75 + 0.5 + 0.25)
    assert chosen[1][0].introducer == 3
    twice = assign(known, capacity=2)
    assert [ways[0].introducer for ways in twice] == [2, 3, 2]
    second = assign(known, capacity=2, alternatives=2)
    assert [[way.introducer for way in ways] for ways in second] == [[2, 3], [3], [2, None]]
    assert success(second[0]) == 1 - 0.25 * 0.75


@pytest.mark.parametrize("seed", range(25))
def test_ways_are_the_best_through_each_introducer(seed: int) -> None:
    n = 9
    arcs = random_arcs(seed, n, 32, (1.0, 2.0, 0.7))
    sources, closed = [0, 1], [2] if seed % 2 else []
    hops = 2 + seed % 3
    finder = finder_of(n, arcs, sources, max_hops=hops, closed=np.array(closed, dtype=np.int32))
    graph = chain_graph(graph_of(n, arcs))
    targets = [3, 4, 5, 6, 7, 8]
    for target, found in zip(targets, finder.find(targets, 99), strict=True):
        best: dict[int | None, float] = {}
        inner = [v for v in range(n) if v not in (*sources, *closed, target)]
        for length in range(hops):
            for middle in itertools.permutations(inner, length):
                for source in sources:
                    chain = (source, *middle, target)
                    if all(pair in arcs for pair in itertools.pairwise(chain)):
                        first = middle[0] if middle else None
                        best[first] = max(best.get(first, 0.0), probability(graph, chain))
        assert {way.introducer: pytest.approx(way.probability) for way in found.ways} == best
        for way in found.ways:
            assert way.probability == probability(graph, way.accounts)
        assert found.ways == sorted(found.ways, key=lambda way: -way.probability)
        assert found.all_known


def random_ways(random: np.random.Generator, targets: int, introducers: int) -> list[Ways]:
    known = []
    for target in range(targets):
        chosen = random.choice(introducers, int(random.integers(0, introducers + 1)), replace=False)
        ways = [Way((90, int(c), 100 + target), float(random.random())) for c in chosen]
        if random.random() < 0.3:
            ways.append(Way((90, 100 + target), float(random.random()) / 2))
        known.append(Ways(sorted(ways, key=lambda way: -way.probability), all_known=True))
    return known


def is_within(ways: list[Way | None], capacity: int) -> bool:
    asked = Counter(way.introducer for way in ways if way and way.introducer is not None)
    return max(asked.values(), default=0) <= capacity


@pytest.mark.parametrize("seed", range(60))
def test_no_assignment_is_better(seed: int) -> None:
    random = np.random.default_rng(seed)
    known = random_ways(random, 5, 3)
    capacity = 1 + seed % 2
    best = max(
        sum(way.probability for way in ways if way)
        for ways in itertools.product(*([None, *entry.ways] for entry in known))
        if is_within(list(ways), capacity)
    )
    chosen = assign(known, capacity=capacity)
    assert is_within([way for ways in chosen for way in ways], capacity)
    assert sum(success(ways) for ways in chosen) == pytest.approx(best, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_ways_that_are_not_known_yet_are_looked_for(seed: int) -> None:
    random = np.random.default_rng(100 + seed)
    everything = random_ways(random, 12, 6)
    asked_for: list[int] = []

    def more(targets: list[int], most: int) -> list[Ways]:
        asked_for.extend(targets)
        return [cut(everything[target], most) for target in targets]

    def cut(ways: Ways, most: int) -> Ways:
        return Ways(ways.ways[:most], all_known=len(ways.ways) <= most)

    short = [cut(ways, 1) for ways in everything]
    for alternatives in (1, 2, 3):
        whole = assign(everything, capacity=2, alternatives=alternatives)
        found = assign(short, capacity=2, alternatives=alternatives, more=more)
        assert all(way.accounts for ways in found for way in ways)
        assert sum(map(success, found)) == pytest.approx(sum(map(success, whole)))
        for ways in found:
            introducers = [way.introducer for way in ways]
            assert len(set(introducers)) == len(introducers) <= alternatives
    assert asked_for


def test_more_capacity_and_more_alternatives_never_harm() -> None:
    known = random_ways(np.random.default_rng(5), 40, 6)
    expected = {
        (capacity, alternatives): sum(
            map(success, assign(known, capacity=capacity, alternatives=alternatives))
        )
        for capacity in (1, 3, 9, 40)
        for alternatives in (1, 2, 3)
    }
    for (capacity, alternatives), value in expected.items():
        for other in ((capacity, alternatives + 1), (capacity * 3, alternatives)):
            assert expected.get(other, value) >= value - 1e-12
    for alternatives in (1, 2, 3):
        free = sum(map(success, unlimited(known, alternatives)))
        assert expected[40, alternatives] == pytest.approx(free)


def test_threads_change_nothing() -> None:
    arcs = random_arcs(3, 80, 500)
    targets = list(range(10, 80))
    one = finder_of(80, arcs, [0, 1, 2], max_hops=4, threads=1).find(targets, 5)
    seen: list[tuple[int, int]] = []
    two = finder_of(80, arcs, [0, 1, 2], max_hops=4, threads=2).find(
        targets, 5, lambda done, total: seen.append((done, total))
    )
    assert one == two
    assert seen[-1] == (70, 70)
