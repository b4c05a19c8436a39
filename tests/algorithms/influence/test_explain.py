from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from guanxi.algorithms.influence.alternates import find_alternates
from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.constraints import Constraints, Quota
from guanxi.algorithms.influence.explain import MOST_COMMUNITIES, Explanation, explain_seeds
from guanxi.algorithms.influence.limits import settle
from guanxi.errors import ResourceError, UsageError
from guanxi.graph.arrays import Int32
from tests.algorithms.influence.exact import Worlds, graph_of, random_arcs
from tests.algorithms.influence.instances import (
    coverage_of,
    covered,
    keeps,
    random_constraints,
    random_sets,
)
from tests.algorithms.influence.test_within import best_choice


def listed(*accounts: int) -> Int32:
    return np.array(accounts, dtype=np.int32)


#: 0 reaches 2 to 5, 1 reaches 7 and 8, for sure, and each of them 6 half the time.
ARCS = [(0, v, 1.0) for v in range(2, 7)] + [(1, v, 1.0) for v in (6, 7, 8)]


def test_by_hand() -> None:
    graph = graph_of(12, ARCS)
    communities = np.array([5, 7, 5, 5, 5, 5, 7, 7, 7, -1, -1, -1], dtype=np.int32)
    found = explain_seeds(graph, listed(0, 1), communities=communities, sets=200_000)
    np.testing.assert_allclose(found.alone, [5.5, 3.5], atol=0.05)
    np.testing.assert_allclose(found.added, [5.5, 3.25], atol=0.05)
    np.testing.assert_allclose(found.lost, [5.25, 3.25], atol=0.05)
    np.testing.assert_allclose(found.overlap, 0.25, atol=0.05)
    np.testing.assert_allclose(found.overlap_of_own, [0.25 / 5.5, 0.25 / 3.5], atol=0.02)
    np.testing.assert_allclose(found.overlap_of_rest, [0.25 / 3.5, 0.25 / 5.5], atol=0.02)
    assert found.reach == pytest.approx(8.75, abs=0.05)
    np.testing.assert_allclose(found.reach_of_rest, [3.5, 5.5], atol=0.05)
    assert found.communities.tolist() == [-1, 5, 7]
    expected = [[0, 5, 0.5], [0, 0, 3.5], [0, 5, 3.75]]
    np.testing.assert_allclose(found.by_community, expected, atol=0.05)
    # Whoever comes instead reaches nobody else; not 6, which the other one reaches already.
    assert set(found.instead.tolist()) <= {2, 3, 4, 5, 7, 8, 9, 10, 11}
    np.testing.assert_allclose(found.lost_instead, [4.25, 2.25], atol=0.05)


def exact_of(
    worlds: Worlds, accounts: list[int], instead: Int32, displaced: Int32
) -> dict[str, Any]:
    reach = worlds.reach
    places = range(len(accounts))
    rests = [[v for v in accounts if v != accounts[i]] for i in places]
    whole = reach(accounts)
    return {
        "alone": [reach([v]) for v in accounts],
        "added": [reach(accounts[: i + 1]) - reach(accounts[:i]) for i in places],
        "lost": [whole - reach(rest) for rest in rests],
        "reach_of_rest": [reach(rest) for rest in rests],
        "overlap": [worlds.both([accounts[i]], rests[i]) if rests[i] else 0.0 for i in places],
        "lost_instead": [
            whole - reach([*rests[i], int(instead[i])] if instead[i] >= 0 else rests[i])
            for i in places
        ],
        "displaced_added": [
            reach([*accounts[:i], int(displaced[i])]) - reach(accounts[:i])
            if displaced[i] >= 0
            else 0.0
            for i in places
        ],
    }


@pytest.mark.parametrize("seed", range(8))
def test_everything_equals_exact_values(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 8
    graph = graph_of(n, random_arcs(random, n, 11, bool(seed % 2)))
    accounts = random.choice(n, 3, replace=False).astype(np.int32)
    found = explain_seeds(graph, accounts, sets=100_000, seed=seed)
    worlds = Worlds.weighted_cascade(graph)
    exact = exact_of(worlds, accounts.tolist(), found.instead, found.displaced)
    for name, values in exact.items():
        np.testing.assert_allclose(getattr(found, name), values, atol=0.06, err_msg=name)
    assert found.reach == pytest.approx(worlds.reach(accounts.tolist()), abs=0.05)
    np.testing.assert_allclose(found.by_community[:, 0], [*found.alone, found.reach])
    assert (found.lost_low <= found.lost_instead).all()
    assert (found.lost_high >= found.lost_instead).all()
    np.testing.assert_allclose(found.overlap_of_own * found.alone, found.overlap)
    np.testing.assert_allclose(found.overlap_of_rest * found.reach_of_rest, found.overlap)


def test_intervals_of_what_is_lost_hold_the_truth_as_often_as_they_say() -> None:
    graph = graph_of(8, random_arcs(np.random.default_rng(2), 8, 11, True))
    worlds = Worlds.weighted_cascade(graph)
    accounts, inside = [0, 3, 5], 0
    for seed in range(60):
        found = explain_seeds(graph, listed(*accounts), sets=2000, seed=seed)
        lost = exact_of(worlds, accounts, found.instead, found.displaced)["lost_instead"]
        inside += int(((found.lost_low <= lost) & (lost <= found.lost_high)).sum())
    assert inside >= 0.93 * 180


@pytest.mark.parametrize("kind", ["k", "b", "ki", "kul", "bul", "kbuli", "ko"])
def test_replacements_are_the_best_that_keep_the_limits(kind: str) -> None:
    for seed in range(15):
        random = np.random.default_rng([seed, 9])
        n = int(random.integers(6, 10))
        sets = random_sets(random, n, 200)
        asked = random_constraints(random, n, kind)
        try:
            limits = settle(asked, n)
        except UsageError:
            continue
        coverage, value = coverage_of(n, sets), covered(sets)
        accounts = best_choice(coverage, limits).accounts
        found = find_alternates(coverage, accounts, limits)
        mask = asked.candidates
        assert mask is not None
        others = [v for v in range(n) if mask[v] and v not in accounts]
        for place in range(len(accounts)):
            rest = [v for v in accounts.tolist() if v != accounts[place]]
            allowed = [v for v in others if keeps(asked, [*rest, v])]
            if place < len(limits.included) or not allowed:
                assert found.instead[place] == -1
                continue
            best = min(allowed, key=lambda v: (-value([*rest, v]), v))
            assert found.instead[place] == best
        if not limits.priced and not asked.quotas:
            for place in range(len(limits.included), len(accounts)):
                before = accounts[:place].tolist()
                best = min(others, key=lambda v: (-value([*before, v]), v), default=-1)
                assert found.displaced[place] == best


def test_displaced_accounts_could_have_been_taken() -> None:
    sets = [[0]] * 9 + [[1]] * 8 + [[2]] * 7 + [[3]] * 6 + [[4]] * 2
    coverage = coverage_of(5, sets)
    cost = np.array([3.0, 9.0, 4.0, 3.0, 0.5])
    limits = settle(Constraints(budget=6.5, cost=cost), 5)
    found = find_alternates(coverage, listed(0, 3), limits)
    assert found.displaced.tolist() == [4, 4]  # by gain for the cost; 1 is too dear
    assert found.instead.tolist() == [4, 4]
    one = Quota.of_mask("one", np.array([True, True, False, False, False]), 0, 1)
    limits = settle(Constraints(k=2, quotas=(one,)), 5)
    found = find_alternates(coverage, listed(0, 2), limits)
    assert found.displaced.tolist() == [1, 3]  # 1 is no longer allowed beside 0
    assert found.instead.tolist() == [1, 3]


def test_under_a_target_the_cheapest_who_keeps_it_comes_instead() -> None:
    sets = [[0]] * 9 + [[1]] * 9 + [[2]] * 7 + [[3]] * 6 + [[4]] * 2
    coverage, cost = coverage_of(5, sets), np.array([3.0, 90.0, 4.0, 3.5, 0.5])
    for target, worth, expected in (
        (10.0, 1.0, [2, 4]),
        (13.0, 1.0, [2, 2]),
        (14.0, 1.0, [1, 2]),  # the dear one alone keeps it
        (28.0, 2.0, [1, 2]),
        (16.0, 1.0, [4, 2]),  # nobody keeps it: the most for the cost
        (18.0, 1.0, [4, 1]),
    ):
        limits = settle(Constraints(target=target, cost=cost), 5)
        found = find_alternates(coverage, listed(0, 3), limits, worth)
        assert found.instead.tolist() == expected


GRAPH = graph_of(100, random_arcs(np.random.default_rng(4), 100, 500, True))


def bytes_of(found: Explanation) -> list[bytes]:
    arrays = (found.alone, found.lost, found.lost_instead, found.displaced_added, found.instead)
    return [array.tobytes() for array in arrays]


def test_same_bytes_for_any_number_of_threads_and_every_option_counts() -> None:
    accounts = listed(5, 17, 60, 2)

    def run(**options: Any) -> Explanation:
        return explain_seeds(GRAPH, accounts, **{"sets": 30_000, "threads": 1, **options})

    base = run()
    assert bytes_of(base) == bytes_of(run(threads=2)) == bytes_of(run(threads=3))
    assert bytes_of(run(seed=1)) != bytes_of(base)
    assert bytes_of(run(sets=20_000)) != bytes_of(base)
    worth = np.arange(100.0)
    weighed = run(audience=Audience.of(worth))
    assert weighed.reach > 10 * base.reach
    np.testing.assert_allclose(weighed.added.sum(), weighed.reach)
    asked = Constraints(k=4, excluded=np.isin(np.arange(100), base.instead))
    other = run(constraints=asked)
    assert not np.isin(other.instead, base.instead).any()
    labels = (np.arange(100) % 3).astype(np.int32)
    assert run(communities=labels).communities.tolist() == [-1, 0, 1, 2]
    told: list[tuple[int, int]] = []
    run(progress=lambda *now: told.append(now))
    assert told[-1][0] == told[-1][1]


def test_many_communities_are_told_apart_only_as_far_as_they_are_large() -> None:
    n = MOST_COMMUNITIES + 44
    labels = np.arange(n, dtype=np.int32)
    labels[-1] = n - 2  # one community of two, all others of one
    found = explain_seeds(graph_of(n, []), listed(n - 1, n - 3), communities=labels, sets=1024)
    assert len(found.communities) == MOST_COMMUNITIES + 1
    assert n - 2 in found.communities
    assert n - 3 not in found.communities
    assert found.by_community[0, found.communities == n - 2].tolist() == [1.0]
    assert found.by_community[1, 0] == 1.0


@pytest.mark.parametrize(
    ("accounts", "options", "words"),
    [
        (listed(), {}, "is empty"),
        (listed(1, 1), {}, "twice"),
        (listed(100), {}, "outside 0 … 99"),
        (listed(1, 2), {"constraints": Constraints(k=1)}, "does not keep"),
        (listed(1, 2), {"constraints": Constraints(k=2, included=listed(2))}, "does not keep"),
        (listed(1), {"sets": 0}, "at least 1"),
        (listed(1), {"communities": listed(1)}, "100 labels"),
    ],
)
def test_what_cannot_be_explained(accounts: Int32, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        explain_seeds(GRAPH, accounts, **options)


def test_memory_is_kept() -> None:
    with pytest.raises(ResourceError, match="--memory"):
        explain_seeds(GRAPH, listed(1), memory_limit=1 << 20)
