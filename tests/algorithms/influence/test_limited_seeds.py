"""Seed lists within limits, from the first sample to the certificate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from guanxi.algorithms.influence import run as run_module
from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.constraints import Constraints, Quota
from guanxi.algorithms.influence.limits import settle
from guanxi.algorithms.influence.run import Effort
from guanxi.algorithms.influence.seeds import SeedList, select_lists, select_seeds
from guanxi.errors import ResourceError, UsageError
from guanxi.graph.arrays import InfluenceGraph
from tests.algorithms.influence.exact import Worlds, graph_of, random_arcs
from tests.algorithms.influence.instances import (
    allowed_lists,
    best_of,
    coverage_of,
    keeps,
    random_constraints,
)
from tests.algorithms.influence.test_within import best_choice


def some_graph(seed: int = 0, n: int = 200, m: int = 900) -> InfluenceGraph:
    return graph_of(n, random_arcs(np.random.default_rng(seed), n, m, True))


GRAPH = some_graph()
COST = np.round(np.random.default_rng(9).lognormal(0.0, 1.0, 200), 2)
GROUPS = (np.arange(200) % 7).astype(np.int32)


@pytest.fixture
def few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small judging and reporting collections."""
    monkeypatch.setattr(run_module, "judging_sets", lambda sampler, mean: 8192)


def check_promise(instances: int, failure_probability: float) -> None:
    """Against the best of all allowed lists: limits of every kind, certificates that hold."""
    kinds = ("b", "kb", "ki", "ku", "kl", "bi", "kbul", "ko", "kbulio")
    wrong, certified, true = 0, [], []
    for instance in range(instances):
        random = np.random.default_rng([11, instance])
        n, m = int(random.integers(5, 9)), int(random.integers(3, 11))
        graph = graph_of(n, random_arcs(random, n, m, bool(instance % 2)))
        asked = random_constraints(random, n, kinds[instance % len(kinds)])
        worlds = Worlds.weighted_cascade(graph)
        best = best_of(asked, n, worlds.reach)
        if best is None:
            with pytest.raises(UsageError):
                select_seeds(graph, constraints=asked, selection_sets=2048)
            continue
        found = select_seeds(
            graph,
            constraints=asked,
            seed=instance,
            selection_sets=2048,
            failure_probability=failure_probability,
            threads=1,
        )
        chosen = found.accounts.tolist()
        assert keeps(asked, chosen)
        ratio = worlds.reach(chosen) / best if best else 1.0
        wrong += found.certified_ratio > ratio + 1e-9
        certified.append(found.certified_ratio)
        true.append(ratio)
    assert wrong <= failure_probability * instances
    assert np.mean(true) > 0.985
    assert np.mean(certified) > 0.8


@pytest.mark.usefixtures("few_looks")
def test_certificates_keep_their_promise_within_limits() -> None:
    check_promise(150, 0.05)


@pytest.mark.soak
@pytest.mark.usefixtures("few_looks")
def test_certificates_keep_their_promise_within_limits_a_thousand_times() -> None:
    check_promise(1000, 0.05)


@pytest.mark.parametrize("kind", ["k", "b", "ki", "bi", "ku"])
def test_proven_factor_holds_where_selection_uses_exact_reach(kind: str) -> None:
    """Arcs that fire with probability one half: all outcomes are as likely, and so is each of
    their reverse-reachable sets; a collection of all of them is exact."""
    for seed in range(12):
        random = np.random.default_rng([seed, 3])
        n, m = 7, 7
        arcs = [(u, v, 0.5) for u, v, _ in random_arcs(random, n, m, False)]
        worlds = Worlds.of(n, arcs)
        sets = [
            [u for u in range(n) if int(reached[u]) >> v & 1]
            for reached in worlds.reached
            for v in range(n)
        ]
        asked = random_constraints(random, n, kind)
        best = best_of(asked, n, worlds.reach)
        try:
            limits = settle(asked, n)
        except UsageError:  # the budget is below every cost
            assert asked.budget is not None
            continue
        choice = best_choice(coverage_of(n, sets), limits)
        reach = worlds.reach(choice.accounts.tolist())
        assert choice.met / 2**m == pytest.approx(reach)
        assert limits.factor is not None
        assert best is not None
        assert reach >= limits.factor[0] * best - 1e-9


def run(constraints: Constraints, **options: Any) -> SeedList:
    return select_seeds(GRAPH, constraints=constraints, **{"selection_sets": 8192, **options})


@pytest.mark.usefixtures("few_looks")
def test_each_limit_changes_the_list_and_is_kept() -> None:
    plain = run(Constraints(k=12))
    budget = run(Constraints(budget=8.0, cost=COST))
    assert budget.spent[-1] <= 8.0
    assert budget.spent.tolist() == pytest.approx(np.cumsum(COST[budget.accounts]).tolist())
    assert budget.factor is not None
    both = run(Constraints(k=6, budget=8.0, cost=COST))
    assert len(both.accounts) <= 6
    assert both.reach[-1] < budget.reach[-1]
    larger = run(Constraints(budget=16.0, cost=COST))
    assert larger.reach[-1] > budget.reach[-1]
    twice = run(Constraints(budget=8.0, cost=2 * COST))
    assert twice.reach[-1] < budget.reach[-1]
    included = run(Constraints(k=12, included=np.array([199, 0], dtype=np.int32)))
    assert included.accounts[:2].tolist() == [199, 0]
    assert included.included.tolist() == [True] * 2 + [False] * 10
    signed = run(Constraints(budget=8.0, cost=COST, included=plain.accounts[:1]))
    assert signed.spent[0] == 0.0
    assert signed.reach[-1] > budget.reach[-1]
    quota = Quota("each group: <=1", GROUPS, 0, 1)
    upper = run(Constraints(k=7, quotas=(quota,)))
    assert sorted(GROUPS[upper.accounts].tolist()) == list(range(7))
    lower = run(Constraints(k=7, quotas=(Quota.of_mask("last", GROUPS == 6, 5),)))
    assert (GROUPS[lower.accounts] == 6).sum() >= 5
    assert lower.reach[-1] < plain.reach[6]
    excluded = np.zeros(200, dtype=np.bool_)
    excluded[plain.accounts] = True
    assert not excluded[run(Constraints(k=12, excluded=excluded)).accounts].any()
    for found in (budget, both, included, upper, lower):
        assert 0.5 < found.certified_ratio < 1
        sizes = [entry.size for entry in found.comparison]
        assert max(sizes) <= max(12, len(budget.accounts))
        assert found.reach[-1] >= max(entry.reach for entry in found.comparison) * 0.97


@pytest.mark.usefixtures("few_looks")
def test_same_bytes_for_any_number_of_threads() -> None:
    asked = Constraints(
        9, 8.0, COST, np.array([3], dtype=np.int32), quotas=(Quota("g", GROUPS, 1),)
    )
    one, two, three = (run(asked, threads=threads, selection_sets=40_000) for threads in (1, 2, 3))
    assert one.accounts.tobytes() == two.accounts.tobytes() == three.accounts.tobytes()
    assert one.reach.tobytes() == two.reach.tobytes() == three.reach.tobytes()
    assert one.certified_ratio == two.certified_ratio == three.certified_ratio
    assert one.comparison == two.comparison == three.comparison


@pytest.mark.usefixtures("few_looks")
def test_the_audience_decides() -> None:
    """Two stars; only whom the smaller one reaches is worth anything."""
    arcs = [(0, v) for v in range(2, 8)] + [(1, v) for v in range(8, 11)]
    worth = np.zeros(12)
    worth[8:11] = 2.0
    found = select_seeds(graph_of(12, arcs), 1, audience=Audience.of(worth), selection_sets=4096)
    assert found.accounts.tolist() == [1]
    assert found.reach[-1] == pytest.approx(6.0)
    assert all(entry.reach <= 6.0 + 1e-9 for entry in found.comparison)


@pytest.mark.usefixtures("few_looks")
def test_several_budgets_from_one_run() -> None:
    asked = [Constraints(budget=budget, cost=COST) for budget in (2.0, 4.0, 8.0)]
    asked.append(Constraints(k=5))
    effort = Effort(selection_sets=8192)
    lists = select_lists(GRAPH, asked, effort=effort)
    assert [len(found.samples) for found in lists] == [3] * 4
    reaches = [found.reach[-1] for found in lists[:3]]
    assert reaches == sorted(reaches)
    for found, one in zip(lists, asked, strict=True):
        alone = select_lists(GRAPH, [one], effort=effort)[0]
        assert found.accounts.tolist() == alone.accounts.tolist()
        assert 0 < found.certified_ratio < alone.certified_ratio  # they hold together
    two = Constraints(k=5, included=np.array([1], dtype=np.int32))
    with pytest.raises(UsageError, match="same included"):
        select_lists(GRAPH, [asked[0], two], effort=effort)
    with pytest.raises(UsageError, match="no constraints"):
        select_lists(GRAPH, [])


@pytest.mark.usefixtures("few_looks")
def test_baselines_are_compared_and_do_not_compete() -> None:
    order = np.random.default_rng(1).permutation(200).astype(np.int32)
    asked = Constraints(budget=8.0, cost=COST)
    good = {"known": run(asked, selection_sets=50_000).accounts}
    found = run(asked, selection_sets=8, baselines={"random": order, **good})
    names = [entry.name for entry in found.comparison]
    assert names[-2:] == ["random", "known"]
    random, known = found.comparison[-2:]
    assert np.isnan(random.judged)
    assert not known.chosen
    assert 0 < random.cost <= 8.0
    assert random.size > 0
    assert random.reach < found.reach[-1]
    assert run(asked, selection_sets=8, heuristics=good).chosen_by == "known"


@pytest.mark.usefixtures("few_looks")
def test_a_baseline_ends_where_it_reaches_the_target() -> None:
    order = np.random.default_rng(1).permutation(200).astype(np.int32)
    found = run(Constraints(target=60.0, cost=COST), baselines={"random": order})
    random = found.comparison[-1]
    assert random.name == "random"
    assert 1 < random.size < 50
    assert 60.0 <= random.reach < 70.0
    assert random.cost == pytest.approx(COST[order[: random.size]].sum())


@pytest.mark.usefixtures("few_looks")
def test_the_shortest_and_the_cheapest_list_for_a_target() -> None:
    shortest = run(Constraints(target=60.0))
    assert shortest.reach_certain >= 60.0
    assert shortest.reach[-1] >= 60.0
    assert shortest.least_cost is not None
    assert shortest.least_cost == int(shortest.least_cost) <= len(shortest.accounts)
    assert shortest.certified_ratio == shortest.least_cost / len(shortest.accounts)
    assert run(Constraints(target=80.0)).reach[-1] > shortest.reach[-1]
    cheapest = run(Constraints(target=60.0, cost=COST))
    assert cheapest.spent[-1] < COST[shortest.accounts].sum()
    assert len(cheapest.accounts) > len(shortest.accounts)
    assert 0.5 < cheapest.certified_ratio < 1
    quota = Quota.of_mask("dear", np.sort(COST)[-10] <= COST, 4)
    costly = run(Constraints(target=60.0, cost=COST, quotas=(quota,)))
    assert (quota.groups[costly.accounts] == 0).sum() >= 4
    assert costly.spent[-1] > cheapest.spent[-1]
    everyone = run(Constraints(target=200.0))
    assert len(everyone.accounts) == 200  # whoever is listed is reached for sure


@pytest.mark.usefixtures("few_looks")
def test_no_list_that_reaches_a_target_is_cheaper_than_certified() -> None:
    wrong, ratios = 0, []
    for instance in range(40):
        random = np.random.default_rng([5, instance])
        n = int(random.integers(5, 9))
        graph = graph_of(n, random_arcs(random, n, int(random.integers(3, 11)), True))
        worlds = Worlds.weighted_cascade(graph)
        cost = np.round(random.lognormal(0, 1, n), 2) if instance % 2 else None
        target = float(random.uniform(1.5, 0.9 * n))
        asked = Constraints(target=target, cost=cost)
        found = select_seeds(
            graph, constraints=asked, selection_sets=4096, failure_probability=0.05, seed=instance
        )
        everyone = Constraints(k=n)
        enough = [c for c in allowed_lists(everyone, n) if worlds.reach(c) >= target]
        price = np.ones(n) if cost is None else cost
        least = min(float(price[c].sum()) for c in enough)
        assert found.least_cost is not None
        wrong += worlds.reach(found.accounts.tolist()) < target - 1e-9
        wrong += found.least_cost > least + 1e-6
        ratios.append(found.certified_ratio)
    assert wrong <= 2
    assert np.mean(ratios) > 0.6


@pytest.mark.usefixtures("few_looks")
def test_a_target_out_of_reach_is_said() -> None:
    with pytest.raises(UsageError, match=r"target of 201 .* all 200 candidates together reach"):
        run(Constraints(target=201.0))
    with pytest.raises(UsageError, match=r"target of 90 .* the best list found reaches about"):
        run(Constraints(k=3, target=90.0))
    with pytest.raises(UsageError, match="the best list found"):
        run(Constraints(target=90.0, budget=1.0, cost=COST))


@pytest.mark.usefixtures("few_looks")
def test_precision_goes_on_until_it_is_reached() -> None:
    once = run(Constraints(k=5), selection_sets=4096)
    asked: list[int] = []
    found = run(Constraints(k=5), selection_sets=4096, precision=0.93, before_run=asked.append)
    assert once.certified_ratio < 0.93 <= found.certified_ratio
    assert found.ended_by == "precision"
    assert found.samples["selection"] > 4096
    assert asked == sorted(asked)
    assert found.memory == asked[-1]
    again = run(Constraints(k=5), selection_sets=found.samples["selection"], looks=found.looks)
    assert again.accounts.tobytes() == found.accounts.tobytes()
    assert again.reach.tobytes() == found.reach.tobytes()
    assert again.certified_ratio == found.certified_ratio
    assert again.samples == found.samples
    content = run(Constraints(k=5), selection_sets=4096, precision=0.1)
    assert content.samples["selection"] == 4096


@pytest.mark.usefixtures("few_looks")
def test_memory_and_time_end_a_search() -> None:
    options = {"selection_sets": 4096, "precision": 0.999}
    slow = run(Constraints(k=5), max_seconds=1e-9, **options)
    assert slow.ended_by == "time"
    assert slow.samples["selection"] == 4096
    tight = run(Constraints(k=5), memory_limit=16 << 20, **options)
    assert tight.ended_by == "memory"
    assert 4096 < tight.samples["selection"] < 1 << 18
    assert tight.memory <= 16 << 20

    def refuse(needed: int) -> None:
        if needed > tight.memory - 1:
            raise ResourceError("too much")

    refused = run(Constraints(k=5), memory_limit=16 << 20, before_run=refuse, **options)
    assert refused.ended_by == "memory"
    assert refused.samples["selection"] < tight.samples["selection"]
    told: list[tuple[int, int]] = []
    run(Constraints(k=5), memory_limit=16 << 20, progress=lambda *now: told.append(now), **options)
    assert told[-1][0] == told[-1][1]
    assert told[-1][1] > told[0][1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"precision": 1.0}, "between 0 and 1"),
        ({"max_seconds": 5.0}, "with a precision"),
        ({"precision": 0.9, "max_seconds": 0.0}, "more than 0"),
        ({"looks": 0}, "looks must be at least 1"),
        ({"k": 3}, "either in constraints or alone"),
    ],
)
def test_what_cannot_be_asked(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run(Constraints(k=3), **options)


EVERYBODY = np.zeros(GRAPH.n, dtype=np.int32)


@pytest.mark.parametrize(
    ("asked", "least"),
    [
        (Constraints(k=4, included=np.arange(3, dtype=np.int32)), 0.8),
        (Constraints(k=3, included=np.arange(3, dtype=np.int32)), 1.0),
        (Constraints(budget=2.0, cost=np.linspace(1.0, 9.0, GRAPH.n)), 0.6),
        (Constraints(k=30, quotas=(Quota("all", EVERYBODY, 0, 1),)), 0.8),
    ],
)
def test_where_few_can_be_chosen_certificates_are_good_too(
    asked: Constraints, least: float
) -> None:
    """The first of those who have no place on the list set the price of one."""
    found = select_seeds(GRAPH, constraints=asked, selection_sets=32_768)
    assert found.certified_ratio >= least
