"""How good a list provably is, beside the best possible list within the same limits.

Two independent collections of RR sets, of θ₁ and θ₂ sets, for an audience that weighs W (n,
where each of n accounts weighs 1). On the first, no allowed list meets more than B sets
(`bound`, `limited_bound`), so the best list meets at most B. On the second, which took no part
in making the list, the list meets Λ sets. What a fixed list meets is binomial (or scatters less,
see `rr_sets`), so with probability at least 1 - δ₁, and 1 - δ₂,

    reach(best) ≤ W · p for the p > (B + 1)/θ₁ with 2 θ₁ KL((B + 1)/θ₁, p) = z²(δ₁),
    reach(list) ≥ W · p for the p < (Λ - 1)/θ₂ with 2 θ₂ KL((Λ - 1)/θ₂, p) = z²(δ₂),

where KL(x, p) = x ln(x/p) + (1 - x) ln((1 - x)/(1 - p)), and z(δ) is what a standard normal
variable exceeds with probability δ. These bounds are exact, however few sets are met, and
tighter than OPIM-C's, which hold for sums that need not be binomial.

Where the second collection chooses among several lists, the bound has to hold for each of
them: δ₂ is divided by their number. Where several best lists are bounded in one run, and where
a search may look again with more samples, δ₁ and δ₂ are divided so that all bounds hold
together.

Sources: A. M. Zubkov, A. A. Serov, "A complete proof of universal inequalities for the
distribution function of the binomial law", Theory of Probability and Its Applications 57(3),
2013, doi:10.1137/S0040585X97986138; J. Tang, X. Tang, X. Xiao, J. Yuan, "Online processing
algorithms for influence maximization", SIGMOD 2018, doi:10.1145/3183713.3183749 (the two
collections of OPIM-C).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from math import erfc, inf, log, sqrt


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
    45.44
    """
    if met <= 1:
        return total * met * failure / sets  # some set is met: at most the sum of all chances
    share = (met - 1) / sets
    most = _normal(failure) ** 2 / (2.0 * sets)
    return total * _where(lambda p: _divergence(share, p) >= most, 0.0, share)


def upper_reach(bound: int, sets: int, total: float, failure: float) -> float:
    """An upper bound of the reach of a fixed list that meets at most `bound` of `sets` sets.

    >>> round(upper_reach(1000, 10_000, 500, 0.001), 2)
    54.81
    """
    missed = max(0, sets - bound)
    if missed <= 1:
        return total - total * missed * failure / sets
    share = (bound + 1) / sets
    most = _normal(failure) ** 2 / (2.0 * sets)
    return total * _where(lambda p: _divergence(share, p) >= most, 1.0, share)


def least_met(target: float, sets: int, total: float, failure: float) -> int:
    """How many of `sets` a fixed list of a reach of `target` meets at least.

    The smallest number whose `upper_reach` is not below the target.

    >>> least_met(54.81, 10_000, 500, 0.001)
    1000
    """

    def reaches(met: int) -> bool:
        return upper_reach(met, sets, total, failure) >= target

    return bisect_left(range(sets), True, key=reaches)


def _divergence(x: float, p: float) -> float:
    """KL(x, p) of two chances, 0 < x < 1."""
    if not 0.0 < p < 1.0:
        return inf
    return x * log(x / p) + (1.0 - x) * log((1.0 - x) / (1.0 - p))


def _normal(failure: float) -> float:
    """What a standard normal variable exceeds with chance `failure`; 0 for one half or more."""
    return _where(lambda z: erfc(z / sqrt(2.0)) / 2.0 <= failure, 40.0, 0.0)


def _where(holds: Callable[[float], bool], there: float, elsewhere: float) -> float:
    """How far from `there`, where a condition holds, towards `elsewhere` it goes on to hold."""
    for _ in range(60):
        middle = (there + elsewhere) / 2.0
        if holds(middle):
            there = middle
        else:
            elsewhere = middle
    return there


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
