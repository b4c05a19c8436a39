"""How good a list provably is, beside the best possible list within the same limits.

Two independent collections of RR sets, of θ₁ and θ₂ sets, for an audience that weighs W (n,
where each of n accounts weighs 1). On the first, no allowed list meets more than B sets
(`bound`, `limited_bound`), so the best list meets at most B, and with probability at least
1 - δ₁

    reach(best) ≤ (√(B + a/2) + √(a/2))² · W/θ₁,  a = ln(1/δ₁).

On the second, which took no part in making the list, the list meets Λ sets, and with
probability at least 1 - δ₂

    reach(list) ≥ ((√(Λ + 2a/9) - √(a/2))² - a/18) · W/θ₂,  a = ln(1/δ₂).

Where the second collection chooses among several lists, the bound has to hold for each of
them: δ₂ is divided by their number. Where several best lists are bounded in one run, and where
a search may look again with more samples, δ₁ and δ₂ are divided so that all bounds hold
together.

Source: J. Tang, X. Tang, X. Xiao, J. Yuan, "Online processing algorithms for influence
maximization", SIGMOD 2018, doi:10.1145/3183713.3183749 (the two bounds of OPIM-C).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, sqrt


@dataclass(frozen=True)
class Certificate:
    """`reach(list) ≥ ratio · reach(best list)`, but for the failure probability.

    `lower`: of the reach of the list; `upper`: of the reach of the best list.
    """

    ratio: float
    lower: float
    upper: float
    failure_probability: float


def lower_reach(met: int, sets: int, total: float, failure: float) -> float:
    """A lower bound of the reach of a list that meets `met` of `sets` independent RR sets.

    >>> round(lower_reach(1000, 10_000, 500, 0.001), 2)
    44.35
    """
    a = log(1.0 / failure)
    root = max(0.0, sqrt(met + 2.0 * a / 9.0) - sqrt(a / 2.0))
    return max(0.0, root * root - a / 18.0) * total / sets


def upper_reach(bound: int, sets: int, total: float, failure: float) -> float:
    """An upper bound of the reach of a fixed list that meets at most `bound` of `sets` sets.

    >>> round(upper_reach(1000, 10_000, 500, 0.001), 2)
    56.23
    """
    a = log(1.0 / failure)
    root = sqrt(bound + a / 2.0) + sqrt(a / 2.0)
    return min(float(total), root * root * total / sets)


def least_met(target: float, sets: int, total: float, failure: float) -> int:
    """How many of `sets` a fixed list of a reach of `target` meets at least.

    The smallest number whose `upper_reach` is not below the target.

    >>> least_met(56.22, 10_000, 500, 0.001)
    1000
    """
    a = log(1.0 / failure)
    root = max(0.0, sqrt(target * sets / total) - sqrt(a / 2.0))
    return max(0, ceil(root * root - a / 2.0 - 1e-6))


@dataclass(frozen=True)
class Shares:
    """How a failure probability is divided; half for upper bounds, half for lower ones.

    `lists`: lists that compete in all; `instances`: limits for which the best list is
    bounded; `looks`: how often a search may look at growing collections.
    """

    failure_probability: float
    lists: int = 1
    instances: int = 1
    looks: int = 1

    @property
    def upper(self) -> float:
        """For each upper bound of the reach of a best list."""
        return self.failure_probability / (2.0 * self.looks) / self.instances

    @property
    def lower(self) -> float:
        """For each lower bound of the reach of a list."""
        return self.failure_probability / (2.0 * self.looks) / self.lists


def certify(
    *,
    met: int,
    judging_sets: int,
    bound: int,
    selection_sets: int,
    total: float,
    certain: float,
    shares: Shares,
) -> Certificate:
    """The certificate of a list, chosen as the best of those that compete.

    `met` of the `judging_sets`: the list; `bound` on the `selection_sets`: any allowed list.
    `total`: what the audience weighs; `certain`: what the list itself weighs, which it reaches
    for sure.
    """
    lower = max(certain, lower_reach(met, judging_sets, total, shares.lower))
    upper = max(certain, upper_reach(bound, selection_sets, total, shares.upper))
    return Certificate(min(1.0, lower / upper), lower, upper, shares.failure_probability)
