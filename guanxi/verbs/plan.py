"""What a planner asks of `seeds`, as the constraints of one or several lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.algorithms.influence.constraints import Constraints
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Float64, Int32
from guanxi.verbs.costs import PRICE, costs
from guanxi.verbs.lists import mask_of
from guanxi.verbs.quotas import read_quota
from guanxi.verbs.selectors import Selector, Who

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot

#: How many accounts are chosen where nobody says how many, or for how much.
USUAL_NUMBER = 10


@dataclass(frozen=True)
class Plan:
    """What is asked for; see `guanxi seeds --help`.

    `numbers` and `budgets`: with several of one of them there is a list for each. `cost`: a
    formula over the columns of the accounts (default: the column `price`). `target`: the
    cheapest list that reaches so many. `exclude`, `include`: files, conditions or ids. `where`:
    a condition on who may be chosen. `quotas`: conditions with bounds.
    """

    numbers: tuple[int, ...] = ()
    budgets: tuple[float, ...] = ()
    cost: str | None = None
    target: float | None = None
    exclude: Sequence[Who] = ()
    include: Sequence[Who] = ()
    where: str | None = None
    quotas: Sequence[str] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked for, for the meta of results."""
        found: dict[str, Any] = {
            "k": _one_or_all(self.numbers),
            "budget": _one_or_all(self.budgets),
            "target": self.target,
            "cost": self.cost,
            "where": self.where,
            "quotas": list(self.quotas) or None,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class PlannedLists:
    """The constraints of each list; `cost` float64[n] or None; how many accounts may be chosen,
    and how many each rule takes away.
    """

    lists: list[Constraints]
    cost: Float64 | None
    candidates: int
    excluded: dict[str, int]


def read_plan(selector: Selector, plan: Plan) -> PlannedLists:
    """The constraints that `plan` means on one snapshot.

    Raises UsageError, FilterError or InputError, which name what cannot be.
    """
    snapshot = selector.snapshot
    pairs = _numbers_and_budgets(plan)
    cost = costs(selector.engine, snapshot, plan.cost, selector.analysis)
    if cost is None and plan.budgets:
        raise UsageError(
            f"A budget needs the cost of each account: load accounts with a column {PRICE}, or "
            "give --cost a formula over their columns, such as --cost '0.02 * followers_reported'."
        )
    candidates = np.ones(snapshot.n, dtype=np.bool_)
    if plan.where is not None:
        candidates = mask_of(selector.meeting(plan.where, "who may be chosen"), snapshot.n)
    excluded, counts = _excluded(selector, plan.exclude)
    _, included = selector.all_of(plan.include, "the included")
    _refuse_opted_out(snapshot, included)
    if excluded[included].any():
        first = snapshot.id_of(int(included[int(np.argmax(excluded[included]))]))
        raise UsageError(f"{first} is both included and excluded.")
    quotas = tuple(read_quota(selector, text) for text in plan.quotas)
    lists = [
        Constraints(
            k=number,
            budget=budget,
            cost=cost,
            included=included,
            candidates=candidates,
            excluded=excluded,
            quotas=quotas,
            target=plan.target,
        )
        for number, budget in pairs
    ]
    free = candidates & ~excluded
    if not free.any() and not len(included):
        raise UsageError(
            "Nobody may be chosen: every account is excluded, has opted out, or does not meet "
            "the condition."
        )
    return PlannedLists(lists, cost, int(free.sum()), counts)


def _numbers_and_budgets(plan: Plan) -> list[tuple[int | None, float | None]]:
    for number in plan.numbers:
        if number < 1:
            raise UsageError(f"-k must be at least 1, not {number}.")
    if plan.target is not None and plan.budgets:
        raise UsageError("--target looks for the cheapest list; leave --budget out.")
    if len(plan.numbers) > 1 and len(plan.budgets) > 1:
        raise UsageError("Give several numbers (-k) or several budgets, not both.")
    numbers: Sequence[int | None] = plan.numbers or (None,)
    if not plan.numbers and not plan.budgets and plan.target is None:
        numbers = (USUAL_NUMBER,)
    return [(number, budget) for number in numbers for budget in plan.budgets or (None,)]


def _excluded(selector: Selector, entries: Sequence[Who]) -> tuple[Bool, dict[str, int]]:
    """bool[n]: who must not be on a list; how many each rule names.

    A list of which nobody is in the store is an error: it would exclude nobody.
    """
    snapshot = selector.snapshot
    counts, accounts = selector.all_of(entries, "the exclusions")
    mask = mask_of(accounts, snapshot.n)
    opted_out = snapshot.opted_out
    if opted_out is not None:
        mask |= opted_out
        counts["opted out"] = int(opted_out.sum())
    return mask, counts


def _refuse_opted_out(snapshot: Snapshot, included: Int32) -> None:
    opted_out = snapshot.opted_out
    if opted_out is None or not opted_out[included].any():
        return
    out = included[opted_out[included]]
    first, others = snapshot.id_of(int(out[0])), len(out) - 1
    if others:
        raise UsageError(
            f"{first} and {others:,} more are included and have opted out; they cannot be both. "
            "Leave them out: a condition does so with `and not opted_out`."
        )
    raise UsageError(f"{first} is included and has opted out; it cannot be both.")


def _one_or_all(values: tuple[Any, ...]) -> Any:
    return None if not values else values[0] if len(values) == 1 else list(values)
