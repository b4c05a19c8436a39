from __future__ import annotations

import itertools

import numpy as np
import pytest

from guanxi.algorithms.influence.bound import Prices
from guanxi.algorithms.influence.constraints import Constraints, Quota
from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.limited_bound import LimitedSums, met_by
from guanxi.algorithms.influence.limits import Limits, settle
from guanxi.algorithms.influence.selection import choose_greedily
from guanxi.algorithms.influence.within import (
    LimitedChoice,
    choose_for_cost,
    choose_within,
    take_in_order,
)
from guanxi.errors import UsageError
from tests.algorithms.influence.instances import (
    allowed_lists,
    best_of,
    coverage_of,
    covered,
    keeps,
    random_constraints,
    random_sets,
)

KINDS = ("k", "b", "kb", "ki", "bi", "ku", "kl", "kul", "bu", "bul", "ko", "kboi", "kbulio")


def best_choice(coverage: Coverage, limits: Limits) -> LimitedChoice:
    choices = [choose_within(coverage, limits), choose_for_cost(coverage, limits)]
    return max(choices, key=lambda choice: choice.met)


def bound_of(coverage: Coverage, limits: Limits, choice: LimitedChoice, threads: int = 1) -> int:
    met = met_by(coverage, limits.included)
    sums = LimitedSums(limits, choice)
    return sums.tighten(Prices(coverage, sums.contenders, met, threads)) + int(met.sum())


@pytest.mark.parametrize("kind", KINDS)
def test_lists_keep_all_limits_and_bounds_hold(kind: str) -> None:
    """Beside every list that is allowed; and nothing is refused that could be done."""
    shares = []
    for seed in range(25):
        random = np.random.default_rng([seed, len(kind)])
        n = int(random.integers(6, 10))
        sets = random_sets(random, n, 200)
        asked = random_constraints(random, n, kind)
        value = covered(sets)
        best = best_of(asked, n, value)
        if best is None:
            with pytest.raises(UsageError):
                settle(asked, n)
            continue
        limits = settle(asked, n)
        coverage = coverage_of(n, sets)
        for choice in (choose_within(coverage, limits), choose_for_cost(coverage, limits)):
            chosen = choice.accounts.tolist()
            assert keeps(asked, chosen)
            assert limits.allow(choice.accounts)
            assert len(set(chosen)) == len(chosen)
            assert choice.met == value(chosen)
            assert choice.left.tolist() == [value([*chosen, v]) - value(chosen) for v in range(n)]
        in_order = take_in_order(random.permutation(n).astype(np.int32), limits)
        assert keeps(asked, in_order.tolist())
        choice = best_choice(coverage, limits)
        if limits.factor is not None:
            assert choice.met >= limits.factor[0] * best
        bound = bound_of(coverage, limits, choice)
        assert choice.met <= best <= bound
        shares.append((choice.met / best, best / bound))
    greedy, tight = np.mean(shares, axis=0)
    assert greedy > 0.97
    assert tight > 0.85


def test_without_other_limits_it_is_plain_greedy() -> None:
    for seed in range(5):
        random = np.random.default_rng(seed)
        coverage = coverage_of(30, random_sets(random, 30, 500))
        limits = settle(Constraints(k=12), 30)
        plain = choose_greedily(coverage, 12, limits.candidates)
        found = choose_within(coverage, limits)
        assert found.accounts.tolist() == plain.accounts.tolist()
        assert found.gains.tolist() == plain.gains.tolist()


#: 0 meets five sets; 1, 2 and 3 meet two each, for a fifth of the cost.
SETS = [[0], [0], [0], [0], [0, 1], [1], [2], [2], [3], [3], [4]]


def chosen(asked: Constraints, *, for_cost: bool = False) -> list[int]:
    coverage, limits = coverage_of(5, SETS), settle(asked, 5)
    choose = choose_for_cost if for_cost else choose_within
    return [int(account) for account in choose(coverage, limits).accounts]


def test_a_costly_account_that_alone_beats_the_cheap_list_wins() -> None:
    cost = np.array([10.0, 1.0, 9.0, 9.0, 0.5])
    asked = Constraints(budget=10.0, cost=cost)
    assert chosen(asked, for_cost=True) == [1, 4]
    assert chosen(asked) == [0]
    assert best_choice(coverage_of(5, SETS), settle(asked, 5)).met == 5
    cheap = Constraints(budget=10.0, cost=np.array([10.0, 2.0, 2.0, 2.0, 2.0]))
    assert chosen(cheap, for_cost=True) == [1, 2, 3, 4]
    assert best_choice(coverage_of(5, SETS), settle(cheap, 5)).met == 7


def test_each_limit_changes_the_list() -> None:
    assert chosen(Constraints(k=2)) == [0, 2]
    assert chosen(Constraints(k=2, included=np.array([1], dtype=np.int32))) == [1, 0]
    half = Quota.of_mask("small", np.array([False, True, True, True, True]), 0, 1)
    assert chosen(Constraints(k=3, quotas=(half,))) == [0, 2]
    low = Quota.of_mask("last", np.array([False, False, False, False, True]), 1)
    assert chosen(Constraints(k=2, quotas=(low,))) == [0, 4]
    cost = np.array([3.0, 1.0, 1.0, 1.0, 1.0])
    assert chosen(Constraints(budget=4.0, cost=cost)) == [0, 2]
    assert chosen(Constraints(budget=3.999999, cost=cost)) == [0]  # exact in millionths
    assert chosen(Constraints(budget=0.3, cost=np.array([9, 0.1, 0.1, 0.1, 9.0]))) == [1, 2, 3]
    free = np.array([9.0, 0.0, 9.0, 9.0, 0.0])
    assert chosen(Constraints(budget=0.0, cost=free), for_cost=True) == [1, 4]


def test_a_place_has_a_price_where_number_and_budget_run_out() -> None:
    """By cost alone the cheap ones fill both places; by gain alone the dear one takes all."""
    sets = [[0]] * 10 + [[1]] * 2 + [[2]] * 2 + [[3]] * 7 + [[4]] * 6
    cost = np.array([10.0, 0.5, 0.5, 4.0, 4.0])
    limits = settle(Constraints(k=2, budget=10.0, cost=cost), 5)
    coverage = coverage_of(5, sets)
    assert choose_within(coverage, limits).met == 10
    assert choose_within(coverage, limits, place_cost=0.0).met == 4
    assert choose_for_cost(coverage, limits).accounts.tolist() == [3, 4]


def test_accounts_in_reserve_give_way_and_those_who_waited_are_asked_again() -> None:
    """3 is in reserve for two quotas; 0 waits for it until 1 and 2 have met both."""
    sets = [[1]] * 9 + [[0]] * 8 + [[2]] * 7 + [[3]]
    one = Quota.of_mask("one", np.array([False, True, False, True]), 1)
    two = Quota.of_mask("two", np.array([False, False, True, True]), 1)
    asked = Constraints(k=3, quotas=(one, two))
    found = choose_within(coverage_of(4, sets), settle(asked, 4))
    assert found.accounts.tolist() == [1, 0, 2]
    low = Quota.of_mask("low", np.array([True, False, False, True]), 1, 1)
    found = choose_within(coverage_of(4, sets), settle(Constraints(k=2, quotas=(low,)), 4))
    assert found.accounts.tolist() == [1, 0]
    order = np.array([0, 1, 2, 3], dtype=np.int32)
    assert take_in_order(order, settle(asked, 4)).tolist() == [0, 1, 2]


def test_rankings_are_taken_as_far_as_they_fit() -> None:
    cost = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    order = np.arange(5, dtype=np.int32)
    assert take_in_order(order, settle(Constraints(budget=7.5, cost=cost), 5)).tolist() == [0, 3]
    assert take_in_order(order[::-1].copy(), settle(Constraints(k=2), 5)).tolist() == [4, 3]
    assert take_in_order(order[3:], settle(Constraints(k=3), 5)).tolist() == [3, 4, 0]


def test_a_list_that_has_enough_ends_cheaply() -> None:
    """0 meets the most sets for its cost, and far more than are wanted; 1 meets just those."""
    coverage = coverage_of(3, [[0]] * 90 + [[1]] * 10 + [[2]])
    asked = Constraints(cost=np.array([9.0, 2.0, 1.0]), budget=20.0)
    limits = settle(asked, 3)
    assert choose_for_cost(coverage, limits, enough=10).accounts.tolist() == [1]
    assert choose_for_cost(coverage, limits, enough=50).accounts.tolist() == [0]
    assert choose_for_cost(coverage, limits).accounts.tolist() == [0, 1, 2]


def test_enough_ends_the_choice_but_for_the_quotas() -> None:
    asked = Constraints(k=5, quotas=(Quota.of_mask("q", np.arange(5) == 4, 1),))
    coverage, limits = coverage_of(5, SETS), settle(asked, 5)
    assert choose_within(coverage, limits, enough=5).accounts.tolist() == [0, 4]
    assert choose_within(coverage, limits, enough=6).accounts.tolist() == [0, 2, 4]


@pytest.mark.parametrize("kind", ["b", "bu", "kb"])
def test_no_list_that_meets_as_much_costs_less_than_the_bound(kind: str) -> None:
    tight = []
    for seed in range(20):
        random = np.random.default_rng([seed, 5])
        n = int(random.integers(6, 10))
        sets = random_sets(random, n, 200)
        asked = random_constraints(random, n, kind)
        value, limits = covered(sets), settle(asked, n)
        coverage = coverage_of(n, sets)
        choice = choose_for_cost(coverage, limits)
        if not choice.met:
            continue
        sums = LimitedSums(limits, choice, needed=choice.met)
        sums.tighten(Prices(coverage, sums.contenders, met_by(coverage, limits.included)))
        enough = [c for c in allowed_lists(asked, n) if value(c) >= choice.met]
        least = min(limits.total_cost(np.array(c, dtype=np.int32)) for c in enough) / 1e6
        assert sums.least_cost <= least * (1 + 1e-9)
        tight.append(sums.least_cost / least)
    assert np.mean(tight) > 0.7


def test_bounds_are_the_same_for_any_number_of_threads() -> None:
    bounds = set()
    for threads in (1, 2, 3):
        random = np.random.default_rng(3)
        coverage = coverage_of(200, random_sets(random, 200, 3000))
        groups = random.integers(0, 5, 200).astype(np.int32)
        cost = np.round(random.lognormal(0, 1, 200), 2)
        asked = Constraints(20, 15.0, cost, quotas=(Quota("g", groups, 1, 6),))
        limits = settle(asked, 200)
        choice = best_choice(coverage, limits)
        bounds.add(bound_of(coverage, limits, choice, threads))
    assert len(bounds) == 1
    assert choice.met > 0.8 * bounds.pop()


def test_every_list_of_a_tiny_instance_is_looked_at() -> None:
    """The reference itself: with nothing asked but two accounts, all pairs and fewer."""
    lists = list(allowed_lists(Constraints(k=2), 4))
    assert len(lists) == 1 + 4 + 6
    assert [0, 3] in lists
    assert all(a < b for a, b in itertools.pairwise([0, 3]))
