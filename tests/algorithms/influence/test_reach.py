from __future__ import annotations

import numpy as np
import pytest

from guanxi.algorithms.influence import reach
from guanxi.algorithms.influence.core_reach import core_reach
from guanxi.algorithms.influence.forward import simulate
from guanxi.algorithms.influence.lists import ListIndex
from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.algorithms.influence.reach import Measurement, estimate_reach
from guanxi.algorithms.influence.rr_sets import EVERYONE, Chunk, Collection, Sampler
from guanxi.errors import ResourceError, UsageError
from guanxi.graph.arrays import Int32
from tests.algorithms.influence.exact import Worlds, arcs_of, graph_of, random_arcs


def accounts(*numbers: int) -> Int32:
    return np.array(numbers, dtype=np.int32)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_estimate_and_simulation_agree_with_every_outcome(seed: int, weighted: bool) -> None:
    graph = graph_of(7, random_arcs(np.random.default_rng(seed), 7, 12, weighted))
    worlds = Worlds.weighted_cascade(graph)
    lists = [accounts(0), accounts(3, 1), accounts(6, 5, 4), accounts(2, 0)]
    estimate = estimate_reach(graph, lists, seed=seed, sets=50_000)
    model = weighted_cascade(graph)
    for which, chosen in enumerate(lists):
        exact = worlds.reach(chosen)
        error = (estimate.high[which] - estimate.low[which]) / (2 * 1.96)
        assert abs(estimate.reach[which] - exact) <= 4.5 * error + 1e-9
        forward = simulate(model, chosen, 20_000, seed=seed)
        assert abs(forward.mean - exact) <= 4.5 * forward.error + 1e-9
        for other in range(len(lists)):
            both = worlds.both(chosen, lists[other])
            assert estimate.both(which, other) == pytest.approx(both, abs=0.06)


def test_known_values() -> None:
    """A chain of certain arcs, and an account that one of two influencers wins by half."""
    chain = graph_of(4, [(0, 1), (1, 2), (2, 3)])
    np.testing.assert_array_equal(
        estimate_reach(chain, [accounts(0), accounts(2), accounts(3, 1)], sets=1000).reach,
        [4, 2, 3],
    )
    fork = graph_of(3, [(0, 2), (1, 2)])
    estimate = estimate_reach(fork, [accounts(0), accounts(0, 1)], sets=100_000)
    assert estimate.reach[0] == pytest.approx(1.5, abs=0.01)
    assert estimate.reach[1] == pytest.approx(2.75, abs=0.01)
    assert simulate(weighted_cascade(chain), accounts(1), 10).mean == 3


def test_strengths_count() -> None:
    even, uneven = ([(0, 2, 1.0), (1, 2, weight)] for weight in (1.0, 9.0))
    reach = [
        estimate_reach(graph_of(3, arcs), [accounts(1)], sets=50_000).reach[0]
        for arcs in (even, uneven)
    ]
    np.testing.assert_allclose(reach, [1.5, 1.9], atol=0.02)
    forward = [
        simulate(weighted_cascade(graph_of(3, arcs)), accounts(1)).mean for arcs in (even, uneven)
    ]
    np.testing.assert_allclose(forward, [1.5, 1.9], atol=0.02)


def test_any_cascade_model_will_do() -> None:
    graph = graph_of(4, [(0, 1), (1, 2), (2, 3), (0, 3)])
    model = CascadeModel("uniform", graph, np.full(4, 0.3))
    exact = Worlds.of(4, [(u, v, 0.3) for u, v, _ in arcs_of(graph)]).reach([0])
    assert estimate_reach(model, [accounts(0)], sets=100_000).reach[0] == pytest.approx(
        exact, abs=0.02
    )
    forward = simulate(model, accounts(0))
    assert abs(forward.mean - exact) < 4.5 * forward.error


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    graph = graph_of(12, random_arcs(np.random.default_rng(8), 12, 14, True))
    exact = Worlds.weighted_cascade(graph)
    lists = [accounts(0, 5), accounts(7), accounts(3, 2, 1)]
    truth = np.array([exact.reach(chosen) for chosen in lists])
    held = np.zeros(3)
    for seed in range(300):
        estimate = estimate_reach(graph, lists, seed=seed, sets=1500, threads=1)
        held += (estimate.low <= truth) & (truth <= estimate.high)
    assert (held / 300 >= 0.91).all()
    assert held.sum() < 900


def test_even_roots_make_intervals_narrower_and_no_less_true(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Accounts that nobody, or the list alone, influences: hardly any chance is left to them."""
    arcs = [(0, v) for v in range(20, 100)] + [(1, v) for v in range(90, 140)]
    arcs += random_arcs(np.random.default_rng(3), 140, 60, True)
    model = weighted_cascade(graph_of(300, arcs))
    lists = [accounts(0, 1, 2), accounts(2, 150)]
    truth = [
        Measurement(Sampler(model, 999), lists, 1_000_000).prefixes(which).reach
        for which in range(2)
    ]
    held, seeds = [np.zeros(3), np.zeros(2)], 200
    for seed in range(seeds):
        found = Measurement(Sampler(model, seed, threads=1), lists, 6000)
        for which in range(2):
            prefixes = found.prefixes(which)
            held[which] += (prefixes.low <= truth[which]) & (truth[which] <= prefixes.high)
    assert min(counts.min() for counts in held) >= 0.9 * seeds
    narrow = found.prefixes(0)
    monkeypatch.setattr(
        reach, "_effective_sets", lambda met, sets, *_: np.full(len(met), float(sets))
    )
    wide = found.prefixes(0)
    assert (narrow.high - narrow.low < 0.6 * (wide.high - wide.low)).all()
    np.testing.assert_array_equal(narrow.reach, wide.reach)


def test_twins_are_counted_as_they_stand() -> None:
    """Against the sets one by one; and chunks of one block give the same as longer ones."""
    graph = graph_of(40, random_arcs(np.random.default_rng(6), 40, 120, True))
    lists = [accounts(3, 9, 27), accounts(9), accounts(27, 1)]
    model, sets = weighted_cascade(graph), 3 * 1024 + 500
    sampler = Sampler(model, 5, threads=1)
    held = list(sampler.map(Collection.REPORTING, sets, lambda chunk: sets_of(chunk)))
    drawn = [members for chunk in held for members in chunk]
    apart, twins, before = [np.zeros(len(each)) for each in lists], 0, None
    for number, members in enumerate(drawn):
        if before is None or number % 1024 == 0 or before[0] != members[0]:
            before = members
            continue
        twins += 1
        for which, chosen in enumerate(lists):
            for place in range(len(chosen)):
                prefix = set(chosen[: place + 1].tolist())
                apart[which][place] += bool(prefix & set(before)) != bool(prefix & set(members))
        before = None
    assert twins > 1700
    for chunk in (1024, 8192):
        sampler.chunk = chunk
        found = ListIndex(lists, 40).meetings(sampler, Collection.REPORTING, sets)
        assert found.twins == twins
        for mine, theirs in zip(found.apart, apart, strict=True):
            np.testing.assert_array_equal(np.cumsum(mine), theirs)
    assert sampler.in_turn(EVERYONE, sets) == sets // 40 * 40


def sets_of(chunk: Chunk) -> list[list[int]]:
    return [each.tolist() for each in np.split(chunk.entries.copy(), chunk.ends[:-1])]


def test_prefixes_rise_and_end_with_the_list() -> None:
    graph = graph_of(200, random_arcs(np.random.default_rng(4), 200, 1200, True))
    chosen = np.random.default_rng(1).permutation(200)[:60].astype(np.int32)
    lists = [chosen, chosen[::-1].copy(), chosen[:10]]
    measured = Measurement(Sampler(weighted_cascade(graph)), lists, 20_000)
    one, other, short = (measured.prefixes(which) for which in range(3))
    for prefix in (one, other):
        assert (np.diff(prefix.reach) >= 0).all()
        assert (prefix.reach >= np.arange(1, 61)).all()
        assert (prefix.low <= prefix.reach).all()
        assert (prefix.reach <= prefix.high).all()
        assert (prefix.low >= np.arange(1, 61)).all()
        assert (prefix.high <= 200).all()
    assert one.reach[-1] == pytest.approx(other.reach[-1])
    np.testing.assert_allclose(short.reach, one.reach[:10])
    assert measured.both(0, 1) == pytest.approx(one.reach[-1])
    assert measured.both(0, 2) == pytest.approx(short.reach[-1])


def test_without_arcs_a_list_reaches_itself_exactly() -> None:
    graph = graph_of(1000, [])
    estimate = estimate_reach(graph, [accounts(5, 9, 700), accounts(5)], sets=1024)
    np.testing.assert_array_equal(estimate.reach, [3, 1])
    np.testing.assert_array_equal(estimate.low, [3, 1])
    assert estimate.both(0, 1) == 1
    assert simulate(weighted_cascade(graph), accounts(5, 9), 100).mean == 2
    assert simulate(weighted_cascade(graph), accounts(5, 9), 100).error == 0


def test_repeated_accounts_count_once_and_an_empty_list_reaches_nobody() -> None:
    graph = graph_of(4, [(0, 1), (2, 3)])
    estimate = estimate_reach(graph, [accounts(0, 0, 2), accounts(0, 2), accounts()], sets=5000)
    assert estimate.reach[0] == estimate.reach[1] == 4
    assert estimate.reach[2] == estimate.high[2] == 0
    prefix = Measurement(Sampler(weighted_cascade(graph)), [accounts(0, 0, 2)], 5000).prefixes(0)
    assert prefix.reach[0] == prefix.reach[1] == pytest.approx(2, abs=0.1)
    assert prefix.reach[2] == 4
    assert simulate(weighted_cascade(graph), accounts(0, 0), 10).mean == 2
    everyone = estimate_reach(graph, [np.arange(4, dtype=np.int32)], sets=100)
    assert everyone.reach[0] == everyone.low[0] == everyone.high[0] == 4
    assert estimate_reach(graph_of(0, []), [accounts()]).reach.tolist() == [0.0]


def test_threads_change_nothing_and_seeds_and_sets_do() -> None:
    graph = graph_of(50, random_arcs(np.random.default_rng(4), 50, 300, True))
    lists = [accounts(1, 2), accounts(3, 4, 5)]

    def both(**options: int) -> list[float]:
        options = {"threads": 1, "sets": 30_000, "seed": 0} | options
        found = estimate_reach(graph, lists, **options)  # type: ignore[arg-type]
        return [*found.reach, *found.low, *found.high, found.both(0, 1)]

    assert both() == both(threads=2) == both(threads=3)
    assert both() != both(seed=1)
    assert both() != both(sets=31_000)
    model = weighted_cascade(graph)
    runs = [simulate(model, lists[0], 500, threads=threads) for threads in (1, 2, 3)]
    assert runs[0] == runs[1] == runs[2]
    assert runs[0] != simulate(model, lists[0], 500, seed=1)
    assert runs[0] != simulate(model, lists[0], 600)
    wider = estimate_reach(graph, lists, sets=1000)
    assert wider.notes == []
    assert "Only 999 RR sets" in estimate_reach(graph, lists, sets=999).notes[0]
    assert (wider.high - wider.low > both()[4] - both()[2]).all()


def test_progress_ends_at_its_total() -> None:
    graph = graph_of(9, [(0, 1)])
    told: list[tuple[int, int]] = []
    estimate_reach(graph, [accounts(0)], progress=lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1]
    assert told == sorted(told)
    told.clear()
    simulate(weighted_cascade(graph), accounts(0), 5000, progress=lambda *step: told.append(step))
    assert told[-1] == (5000, 5000)


def test_what_cannot_be_asked() -> None:
    graph = graph_of(3, [(0, 1)])
    for bad in (accounts(3), accounts(-1)):
        with pytest.raises(UsageError, match="outside 0"):
            estimate_reach(graph, [bad], sets=100)
    with pytest.raises(UsageError, match="at least 1"):
        estimate_reach(graph, [accounts(0)], sets=0)
    with pytest.raises(ResourceError, match="--memory"):
        estimate_reach(graph, [accounts(0)], memory_limit=1000)
    with pytest.raises(UsageError, match="at least 2"):
        simulate(weighted_cascade(graph), accounts(0), 1)
    many = estimate_reach(graph, [accounts(0)] * 70, sets=100)
    assert many.both(0, 63) == many.reach[0]
    with pytest.raises(UsageError, match="first 64"):
        many.both(0, 64)


def test_core_users_reach_as_much_of_their_community_as_every_outcome_says() -> None:
    graph = graph_of(8, random_arcs(np.random.default_rng(2), 8, 14, True))
    labels = accounts(1, 1, 1, 1, 2, 2, 2, 3)
    core = np.array([[1, 0], [5, -1], [-1, -1]], dtype=np.int32)
    worlds = Worlds.weighted_cascade(graph)
    expected = []
    for chosen, members in (([0, 1], range(4)), ([5], range(4, 7))):
        active = np.bitwise_or.reduce(worlds.reached[:, chosen], axis=1)
        inside = active & np.uint64(sum(1 << v for v in members))
        expected.append(worlds.probability @ np.bitwise_count(inside) / len(members))
    found = core_reach(graph, labels, core)
    np.testing.assert_allclose(found, [*expected, 0.0], atol=0.01)
    assert np.array_equal(found, core_reach(graph, labels, core, threads=1))
    assert not np.array_equal(found, core_reach(graph, labels, core, seed=1))


def test_core_reach_checks_what_it_is_given() -> None:
    graph = graph_of(3, [(0, 1)])
    core = np.array([[0]], dtype=np.int32)
    with pytest.raises(UsageError, match="Labels"):
        core_reach(graph, accounts(1, 2, 1), core)
    with pytest.raises(UsageError, match="belong"):
        core_reach(graph, accounts(1, 2, 1), np.array([[0], [2]], dtype=np.int32))
    assert len(core_reach(graph_of(0, []), accounts(), np.empty((0, 10), dtype=np.int32))) == 0
