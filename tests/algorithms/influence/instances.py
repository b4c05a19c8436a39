"""Small random instances of constrained selection, and answers by looking at every list."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from guanxi.algorithms.influence.constraints import Constraints, Quota
from guanxi.algorithms.influence.coverage import Coverage
from guanxi.graph.arrays import Int32


def coverage_of(n: int, sets: Sequence[Sequence[int]]) -> Coverage:
    offsets = np.cumsum([0, *map(len, sets)]).astype(np.int64)
    members = np.array([v for members in sets for v in members], dtype=np.int32)
    where: list[list[int]] = [[] for _ in range(n)]
    for s, inside in enumerate(sets):
        for v in inside:
            where[v].append(s)
    indptr = np.cumsum([0, *map(len, where)]).astype(np.int64)
    flat = np.array([s for inside in where for s in inside], dtype=np.int32)
    return Coverage(members, offsets, flat, indptr)


def random_sets(random: np.random.Generator, n: int, number: int) -> list[list[int]]:
    """Sets in which some accounts are far more often than others."""
    weight = random.pareto(1.0, n) + 0.05
    share = np.minimum(0.9, weight / weight.sum() * random.uniform(1.0, 3.0))
    return [np.flatnonzero(random.random(n) < share).tolist() for _ in range(number)]


def random_constraints(random: np.random.Generator, n: int, kind: str) -> Constraints:
    """`kind`: letters for what is asked: k, b(udget), i(ncluded), u(pper), l(ower), o(verlap)."""
    cost = np.round(random.lognormal(0.0, 1.0, n), 2) if "b" in kind else None
    budget = None if cost is None else float(np.round(cost.sum() * random.uniform(0.1, 0.5), 2))
    included: Int32 = np.empty(0, dtype=np.int32)
    if "i" in kind:
        included = random.choice(n, 1 + int(random.integers(2)), replace=False).astype(np.int32)
    quotas = []
    groups = random.integers(-1, 3, n).astype(np.int32)
    if "u" in kind or "l" in kind:
        lower = int("l" in kind)
        upper = 2 + int(random.integers(2)) if "u" in kind else None
        quotas.append(Quota("each group", groups, lower, upper))
    if "o" in kind:
        half = random.random(n) < 0.5
        half[0] = True
        quotas.append(Quota.of_mask("half", half, int(random.integers(2)), 2))
    candidates = random.random(n) < 0.9
    k = len(included) + int(random.integers(3, 6)) if "k" in kind else None
    return Constraints(k, budget, cost, included, candidates, None, tuple(quotas))


def allowed_lists(constraints: Constraints, n: int) -> Iterator[list[int]]:
    """Every list that keeps the constraints, read from their definition."""
    included = constraints.included.tolist()
    candidates = constraints.candidates
    mask = np.ones(n, dtype=np.bool_) if candidates is None else candidates
    if constraints.excluded is not None:
        mask = mask & ~constraints.excluded
    pool = [v for v in range(n) if mask[v] and v not in included]
    most = len(pool) if constraints.k is None else constraints.k - len(included)
    for size in range(min(most, len(pool)) + 1):
        for chosen in itertools.combinations(pool, size):
            if keeps(constraints, [*included, *chosen]):
                yield [*included, *chosen]


def keeps(constraints: Constraints, accounts: list[int]) -> bool:
    """Whether a list with all included accounts keeps budget and quotas."""
    chosen = [v for v in accounts if v not in constraints.included]
    if constraints.budget is not None and constraints.cost is not None:
        millionths = sum(round(float(constraints.cost[v]) * 1e6) for v in chosen)
        if millionths > round(constraints.budget * 1e6):
            return False
    for quota in constraints.quotas:
        for group in set(quota.groups.tolist()) - {-1}:
            number = sum(int(quota.groups[v]) == group for v in accounts)
            if number < quota.lower or (quota.upper is not None and number > quota.upper):
                return False
    return True


def best_of(constraints: Constraints, n: int, value: Callable[[list[int]], float]) -> float | None:
    """The largest value of an allowed list; None where no list is allowed."""
    return max((value(chosen) for chosen in allowed_lists(constraints, n)), default=None)


def covered(sets: Sequence[Sequence[int]]) -> Callable[[list[int]], int]:
    """How many of the sets a list meets."""
    bits = [0] * (1 + max((v for inside in sets for v in inside), default=0))
    for s, inside in enumerate(sets):
        for v in inside:
            bits[v] |= 1 << s

    def value(accounts: list[int]) -> int:
        together = 0
        for v in accounts:
            together |= bits[v] if v < len(bits) else 0
        return together.bit_count()

    return value
