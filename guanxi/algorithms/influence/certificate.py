"""How good a list provably is, beside the best possible list of the same length.

Two independent collections of RR sets, of θ₁ and θ₂ sets, over n accounts. On the first,
no list of k candidates meets more than B sets (`selection.GreedyChoice.bound`), so the best
list meets at most B, and with probability at least 1 - δ₁

    reach(best) ≤ (√(B + a/2) + √(a/2))² · n/θ₁,  a = ln(1/δ₁).

On the second, which took no part in making the list, the list meets Λ sets, and with
probability at least 1 - δ₂

    reach(list) ≥ ((√(Λ + 2a/9) - √(a/2))² - a/18) · n/θ₂,  a = ln(1/δ₂).

Where the second collection chooses among several lists, the bound has to hold for each of
them: δ₂ is divided by their number.

Source: J. Tang, X. Tang, X. Xiao, J. Yuan, "Online processing algorithms for influence
maximization", SIGMOD 2018, doi:10.1145/3183713.3183749 (the two bounds of OPIM-C).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt


@dataclass(frozen=True)
class Certificate:
    """`reach(list) ≥ ratio · reach(best list)`, but for the failure probability.

    `lower`: of the reach of the list; `upper`: of the reach of the best list.
    """

    ratio: float
    lower: float
    upper: float
    failure_probability: float


def lower_reach(met: int, sets: int, n: int, failure: float) -> float:
    """A lower bound of the reach of a list that meets `met` of `sets` independent RR sets.

    >>> round(lower_reach(1000, 10_000, 500, 0.001), 2)
    44.35
    """
    a = log(1.0 / failure)
    root = max(0.0, sqrt(met + 2.0 * a / 9.0) - sqrt(a / 2.0))
    return max(0.0, root * root - a / 18.0) * n / sets


def upper_reach(bound: int, sets: int, n: int, failure: float) -> float:
    """An upper bound of the reach of a fixed list that meets at most `bound` of `sets` sets.

    >>> round(upper_reach(1000, 10_000, 500, 0.001), 2)
    56.23
    """
    a = log(1.0 / failure)
    root = sqrt(bound + a / 2.0) + sqrt(a / 2.0)
    return min(float(n), root * root * n / sets)


def certify(
    *,
    met: int,
    judging_sets: int,
    bound: int,
    selection_sets: int,
    n: int,
    size: int,
    lists: int,
    looks: int = 1,
    failure_probability: float,
) -> Certificate:
    """The certificate of a list of `size` accounts, chosen as the best of `lists` lists.

    `met` of the `judging_sets`: the list that won; `bound` on the `selection_sets`: any
    list. `looks`: how often a longer search may look at growing collections; half of the
    failure probability is for the upper bound and half for the lower one, each divided by
    the looks, and the half of the lower bound by the lists too.
    """
    share = failure_probability / (2.0 * looks)
    lower = max(float(size), lower_reach(met, judging_sets, n, share / lists))
    upper = max(float(size), upper_reach(bound, selection_sets, n, share))
    return Certificate(min(1.0, lower / upper), lower, upper, failure_probability)
