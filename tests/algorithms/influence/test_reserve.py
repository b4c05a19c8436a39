"""Whether any list can keep overlapping quotas is answered as by looking at every list."""

from __future__ import annotations

import numpy as np
import pytest

from guanxi.algorithms.influence import integer_program, reserve
from guanxi.algorithms.influence.constraints import Constraints, Quota
from guanxi.algorithms.influence.limits import settle
from guanxi.errors import UsageError
from tests.algorithms.influence.instances import allowed_lists

N = 9


def overlapping(random: np.random.Generator, budgeted: bool) -> Constraints:
    """Quotas that overlap, and hardly enough room for them."""
    quotas = [Quota("each", random.integers(-1, 3, N).astype(np.int32), 1, 2)]
    for place in range(int(random.integers(1, 4))):
        half = random.random(N) < 0.6
        half[place] = True
        lower = int(random.integers(1, 3))
        upper = None if random.random() < 0.4 else lower + int(random.integers(2))
        quotas.append(Quota.of_mask(f"mask {place}", half, lower, upper))
    cost = np.round(random.lognormal(0.0, 0.7, N), 2)
    budget = float(np.round(random.uniform(1.0, 6.0), 2)) if budgeted else None
    return Constraints(
        k=int(random.integers(2, 5)),
        budget=budget,
        cost=cost if budgeted else None,
        included=random.choice(N, int(random.integers(2)), replace=False).astype(np.int32),
        quotas=tuple(quotas),
    )


@pytest.mark.parametrize("greedy", [True, False])
@pytest.mark.parametrize("budgeted", [False, True])
def test_a_reserve_is_found_where_there_is_one(
    budgeted: bool, greedy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not greedy:
        monkeypatch.setattr(reserve, "_collect", lambda *_: None)
    random = np.random.default_rng(3)
    outcomes = []
    for _ in range(250):
        asked = overlapping(random, budgeted)
        possible = any(True for _ in allowed_lists(asked, N))
        if possible:
            limits = settle(asked, N)
            assert limits.allow(np.concatenate([limits.included, limits.reserve]))
        else:
            with pytest.raises(UsageError, match=r"^(?!No list was found)"):
                settle(asked, N)
        outcomes.append(possible)
    assert 40 < sum(outcomes) < 210


#: 3 and 5 together meet them all, and every greedy order begins with 2, whom it keeps.
WHO = {
    "a": [2, 5, 6, 8],
    "b": [0, 3, 7],
    "c": [2, 3],
    "d": [5, 8],
    "e": [0, 2, 4, 5],
    "f": [1, 2, 5],
}
TRAP = tuple(Quota.of_mask(text, np.isin(np.arange(N), who), 1) for text, who in WHO.items())


def test_what_a_greedy_choice_misses() -> None:
    assert settle(Constraints(k=2, quotas=TRAP), N).reserve.tolist() == [3, 5]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 1}, "“a”, “b”, “c” and 3 more need 2 accounts together, and only 1 can"),
        ({"k": 2, "budget": 7.0}, "cost 8 at the very least, and the budget is 7"),
    ],
)
def test_what_no_list_can_do_is_said_with_its_reason(options: dict[str, float], words: str) -> None:
    cost = np.full(N, 4.0) if "budget" in options else None
    with pytest.raises(UsageError, match=words):
        settle(Constraints(quotas=TRAP, cost=cost, **options), N)  # type: ignore[arg-type]


def test_upper_quotas_that_leave_no_list_at_all() -> None:
    ring = [Quota.of_mask(f"{i}", np.isin(np.arange(N), [i, (i + 1) % 3]), 1, 1) for i in range(3)]
    with pytest.raises(
        UsageError, match="No list within the limits can meet the quotas “0”, “1” and “2”"
    ):
        settle(Constraints(k=5, quotas=tuple(ring)), N)


def test_a_search_that_ends_early_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(integer_program._OPTIONS, "time_limit", 0.0)
    with pytest.raises(UsageError, match="No list was found"):
        settle(Constraints(k=2, quotas=TRAP), N)


def test_a_program_too_large_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserve, "_LARGEST", 3)
    with pytest.raises(UsageError, match="No list was found"):
        settle(Constraints(k=1, quotas=TRAP), N)
