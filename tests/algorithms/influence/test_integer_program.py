from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from guanxi.algorithms.influence.integer_program import IntegerProgram, solve


def test_answers_are_those_of_another_solver() -> None:
    """SciPy's milp (HiGHS) says what the cheapest solution costs, if there is any."""
    random = np.random.default_rng(5)
    found = 0
    for _ in range(400):
        rows, columns = random.integers(1, 7), random.integers(1, 12)
        matrix = (random.random((rows, columns)) < 0.5).astype(np.float64)
        low = random.integers(0, 6, rows).astype(np.float64)
        high = np.where(random.random(rows) < 0.5, np.inf, low + random.integers(0, 3, rows))
        most = random.integers(0, 4, columns)
        cost = random.integers(0, 20, columns).astype(np.float64)
        limit = float(random.integers(0, 60))
        solved = solve(IntegerProgram(matrix, low, high, most, cost), limit)
        other = milp(
            cost,
            constraints=LinearConstraint(matrix, low, high),
            bounds=Bounds(0, most),
            integrality=np.ones(columns),
        )
        assert solved.proven
        cheapest = np.inf if other.x is None else other.fun
        assert solved.least <= cheapest + 1e-9
        assert (solved.x is not None) == (cheapest <= limit + 1e-9)
        if solved.x is not None:
            found += 1
            assert ((solved.x >= 0) & (solved.x <= most)).all()
            sums = matrix @ solved.x
            assert ((sums >= low) & (sums <= high)).all()
            assert cost @ solved.x <= limit
    assert 60 < found < 340


def test_no_rows_and_no_columns() -> None:
    none = np.empty(0)
    assert solve(IntegerProgram(np.empty((0, 0)), none, none, none.astype(int), none), 0.0).proven
    needed = IntegerProgram(np.empty((1, 0)), np.ones(1), np.ones(1), none.astype(int), none)
    solved = solve(needed, 9.0)
    assert solved.x is None
    assert solved.proven
    assert solved.least == np.inf
