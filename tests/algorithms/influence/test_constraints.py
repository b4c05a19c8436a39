from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from guanxi.algorithms.influence.constraints import Constraints, Quota
from guanxi.algorithms.influence.limits import Limits, settle
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Int32

N = 10


def mask(*accounts: int) -> Bool:
    found = np.zeros(N, dtype=np.bool_)
    found[list(accounts)] = True
    return found


def accounts(*chosen: int) -> Int32:
    return np.array(chosen, dtype=np.int32)


def costs(**changed: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    cost = np.arange(1.0, N + 1)
    for name, value in changed.items():
        cost[int(name[1:])] = value
    return cost


GROUPS = np.array([0, 0, 0, 1, 1, 1, 2, 2, -1, -1], dtype=np.int32)


def test_arrays_of_limits() -> None:
    found = settle(
        Constraints(
            k=4,
            budget=6.5,
            cost=costs(),
            included=accounts(9, 3),
            excluded=mask(0),
            quotas=(Quota("each group: <=2", GROUPS, 0, 2),),
        ),
        N,
    )
    assert found.slots == 2
    assert found.included.tolist() == [9, 3]
    assert found.budget == 6_500_000
    assert np.flatnonzero(found.candidates).tolist() == [1, 2, 4, 5]  # 6 and above cost too much
    assert found.rules.count.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Constraints(), "must be given"),
        (Constraints(k=0), "at least 1, not 0"),
        (Constraints(budget=-1.0, cost=costs()), "not negative, not -1"),
        (Constraints(budget=np.inf, cost=costs()), "not inf"),
        (Constraints(budget=5.0), "needs a cost"),
        (Constraints(target=0.0), "above 0"),
        (Constraints(k=1, candidates=mask()[:3]), "candidates must be 10 true/false"),
        (Constraints(k=1, excluded=mask()[:3]), "exclusions must be 10 true/false"),
        (Constraints(budget=1.0, cost=np.ones(3)), "costs must be 10 numbers"),
        (Constraints(k=1, included=accounts(10)), "outside 0 … 9"),
        (Constraints(k=1, quotas=(Quota("q", GROUPS[:3], 1),)), "“q” must be 10 integers"),
        (Constraints(k=3, quotas=(Quota("q", GROUPS, 3, 2),)), "at least 3 .* at most 2"),
        (Constraints(k=3, quotas=(Quota("q", GROUPS, -1),)), "below 0"),
        (Constraints(k=3, quotas=(Quota.of_mask("q", mask(), 1),)), "no account at all"),
        (Constraints(k=1, included=accounts(1, 2)), "2 accounts are included.* may have 1"),
        (Constraints(k=3, included=accounts(1), excluded=mask(1)), "1 account is both"),
        (Constraints(k=3, included=accounts(1, 2), excluded=mask(1, 2)), "2 accounts are both"),
        (Constraints(k=1, candidates=mask()), "no account that may be chosen"),
        (
            Constraints(
                k=9, included=accounts(0, 1, 2), quotas=(Quota("each: <=2", GROUPS, 0, 2),)
            ),
            r"break the quota “each: <=2” \(group 0\): it counts 3 of them and allows 2",
        ),
        (
            Constraints(k=9, quotas=(Quota("each: >=3", GROUPS, 3),)),
            r"“each: >=3” \(group 2\) needs 3 accounts, and only 2",
        ),
        (
            Constraints(k=5, quotas=(Quota("each: >=2", GROUPS, 2),)),
            "The quota “each: >=2” .3 groups. needs 6 accounts together, and only 5",
        ),
        (
            Constraints(
                k=5,
                quotas=(Quota.of_mask("a", mask(0, 1, 2), 3), Quota.of_mask("b", mask(3, 4, 5), 3)),
            ),
            "“a” and “b” need 6 accounts together",
        ),
        (
            Constraints(
                k=9,
                quotas=(Quota.of_mask("five", mask(0, 1, 2, 3, 4), 5), Quota("<=2", GROUPS, 0, 2)),
            ),
            r"“five” needs 5 accounts, and the quota “<=2” \(group 0\) leaves room for 4",
        ),
        (
            Constraints(budget=0.5, cost=costs()),
            "budget, 0.5, is below the cost of every candidate; the cheapest costs 1",
        ),
        (
            Constraints(budget=8.0, cost=costs(), quotas=(Quota("each", GROUPS, 1),)),
            "The quota “each” .* costs 12 at the very least, and the budget is 8",
        ),
        (Constraints(budget=8.0, cost=costs(a3=-2.0)), "1 of the candidates has a cost .* -2"),
        (Constraints(budget=8.0, cost=np.full(N, np.nan)), "None of the 10 candidates has a cost"),
        (
            Constraints(budget=8.0, cost=np.full(N, np.nan), candidates=mask(3)),
            "The only candidate has no cost",
        ),
        (
            Constraints(k=1, included=np.array([0]), quotas=(Quota.of_mask("x", mask(1), 1),)),
            "The quota “x” needs 1 account, and only 0",
        ),
        (
            Constraints(k=3, candidates=mask(1), quotas=(Quota.of_mask("two", mask(1, 2), 2),)),
            "“two” needs 2 accounts, and only 1 may be chosen or is included",
        ),
        (
            Constraints(
                k=2,
                quotas=(
                    Quota.of_mask("x", mask(0, 1), 1),
                    Quota.of_mask("y", mask(1, 2), 1),
                    Quota.of_mask("z", mask(3, 0), 1),
                    Quota.of_mask("w", mask(4, 2), 1),
                    Quota.of_mask("not both", mask(0, 1, 2), 0, 1),
                ),
            ),
            "“x”, “y”, “z” and “w” need 3 accounts together, and only 2 can",
        ),
    ],
)
def test_contradictions_are_named(asked: Constraints, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        settle(asked, N)


def test_what_can_be_done_is_done_and_said() -> None:
    found = settle(Constraints(k=50), N)
    assert found.slots == 10
    assert found.notes == ["50 accounts were asked for; all 10 candidates are chosen."]
    found = settle(Constraints(k=50, budget=9.0, cost=costs(a0=np.nan)), N)
    assert found.notes == [
        "1 of 10 candidates has no cost and is left out of the choice.",
        "50 accounts were asked for; only 9 may be on the list.",
    ]
    assert not found.candidates[0]
    excluded = settle(Constraints(budget=9.0, cost=costs(a0=-1.0), excluded=mask(0)), N)
    assert excluded.notes == []


def reserve_of(*quotas: Quota, **asked: Any) -> list[int]:
    found: Limits = settle(Constraints(**{"k": 10, "cost": costs(), **asked, "quotas": quotas}), N)
    assert (found.rules.tally(found.reserve) >= found.rules.needs).all()
    return [int(account) for account in found.reserve]


def test_accounts_in_reserve_meet_the_lower_quotas_cheaply() -> None:
    assert reserve_of(Quota("each", GROUPS, 1), budget=20.0) == [6, 3, 0]
    assert reserve_of(Quota("each", GROUPS, 1), budget=20.0, included=accounts(7)) == [3, 0]
    both = Quota.of_mask("a", mask(0, 5), 1), Quota.of_mask("b", mask(1, 5), 1)
    assert reserve_of(*both, budget=6.0) == [1, 0]
    assert reserve_of(*both, budget=6.0, k=1) == [5]  # broad where places are scarce
    assert reserve_of(Quota("at most", GROUPS, 0, 2)) == []


def test_proven_factors() -> None:
    def factor(**asked: Any) -> float | None:
        found = settle(Constraints(**asked), N).factor
        return None if found is None else round(found[0], 4)

    upper, lower = Quota("<=2", GROUPS, 0, 2), Quota(">=1", GROUPS, 1)
    assert factor(k=3) == 0.6321
    assert factor(k=3, included=accounts(1)) == 0.6321
    assert factor(budget=9.0, cost=costs()) == 0.3935
    assert factor(budget=9.0, cost=costs(), k=20) == 0.3935
    assert factor(budget=9.0, cost=costs(), k=3) is None
    assert factor(k=5, quotas=(upper,)) == 0.5
    assert factor(k=5, quotas=(upper, upper)) is None
    assert factor(k=5, quotas=(lower,)) is None
    assert factor(budget=9.0, cost=costs(), quotas=(upper,)) is None
    assert factor(target=3.0) is None
