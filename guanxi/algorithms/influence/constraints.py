"""What a planner asks of a seed list: how many, for how much, whom, and how many of which kind."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Float64, Int32
from guanxi.wording import counted

#: An account that belongs to no group of a quota.
NO_GROUP = -1


@dataclass(frozen=True)
class Quota:
    """Bounds on how many accounts of each group may, or must, be on the list.

    `groups` int32[n]: the group of each account, or -1; every group has the same bounds,
    `lower` to `upper` (None: no upper one). `text`: the quota in the words of who asked for it;
    `names`: those of the groups 0, 1, …, where they have any.

    >>> import numpy as np
    >>> Quota.of_mask("city = 'Shanghai': >=5", np.array([True, False]), lower=5).groups
    array([ 0, -1], dtype=int32)
    """

    text: str
    groups: Int32
    lower: int = 0
    upper: int | None = None
    names: tuple[str, ...] = ()

    @classmethod
    def of_mask(cls, text: str, members: Bool, lower: int = 0, upper: int | None = None) -> Quota:
        """The quota of one group: the accounts of the mask bool[n] `members`."""
        groups = np.where(members, 0, NO_GROUP).astype(np.int32)
        return cls(text, groups, lower, upper)


def _no_accounts() -> Int32:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class Constraints:
    """Which lists are allowed.

    `k`: accounts on the list at most, the included ones counted. `budget`: what the chosen
    accounts may cost together; `cost` float64[n], NaN where it is not known; both are counted
    in millionths, so sums are exact (with neither a budget nor a target they limit nothing and
    are only reported). Accounts that are `included` (int32) are signed already:
    they come first, what they cost is spent and not counted, and their reach and their part
    of every quota count. `candidates` bool[n]: who may be chosen beside them (default:
    everyone); `excluded` bool[n]: who must not be on the list, chosen or included. `quotas`
    count the whole list.

    `target`: not the best list, but the cheapest one (without costs, the shortest) whose
    reach is at least that.
    """

    k: int | None = None
    budget: float | None = None
    cost: Float64 | None = None
    included: Int32 = field(default_factory=_no_accounts)
    candidates: Bool | None = None
    excluded: Bool | None = None
    quotas: tuple[Quota, ...] = ()
    target: float | None = None


def check_shapes(constraints: Constraints, n: int) -> None:
    """Raise UsageError for numbers and arrays that mean nothing, whatever the graph."""
    if constraints.k is None and constraints.budget is None and constraints.target is None:
        raise UsageError("A number of seeds, a budget or a target must be given.")
    if constraints.k is not None and constraints.k < 1:
        raise UsageError(f"The number of seeds must be at least 1, not {constraints.k}.")
    budget = constraints.budget
    if budget is not None and not (np.isfinite(budget) and budget >= 0):
        raise UsageError(f"The budget must be a number that is not negative, not {budget}.")
    if budget is not None and constraints.cost is None:
        raise UsageError("A budget needs a cost for each account.")
    target = constraints.target
    if target is not None and not (np.isfinite(target) and target > 0):
        raise UsageError(f"The target must be a number above 0, not {target}.")
    _one_for_each(constraints.candidates, n, np.bool_, "The candidates", "true/false values")
    _one_for_each(constraints.excluded, n, np.bool_, "The exclusions", "true/false values")
    _one_for_each(constraints.cost, n, np.float64, "The costs", "numbers")
    for quota in constraints.quotas:
        groups = np.asarray(quota.groups)
        _one_for_each(groups, n, np.int32, f"The groups of the quota “{quota.text}”", "integers")
        if quota.lower < 0 or (quota.upper is not None and quota.upper < 0):
            raise UsageError(f"The quota “{quota.text}” has a bound below 0.")
        if quota.upper is not None and quota.upper < quota.lower:
            raise UsageError(
                f"The quota “{quota.text}” asks for at least {counted(quota.lower, 'account')} and "
                f"for at most {quota.upper:,}."
            )
    included = np.asarray(constraints.included)
    if len(included) and not (included.min() >= 0 and included.max() < n):
        raise UsageError(f"The included accounts name one outside 0 … {n - 1}.")


def _one_for_each(
    values: npt.NDArray[np.generic] | None, n: int, dtype: type[np.generic], what: str, kind: str
) -> None:
    if values is None:
        return
    values = np.asarray(values)
    if values.shape != (n,) or values.dtype != dtype:
        raise UsageError(f"{what} must be {n:,} {kind}, one for each account.")
