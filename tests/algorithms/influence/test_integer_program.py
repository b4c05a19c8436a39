from __future__ import annotations

from itertools import product

import numpy as np

from guanxi.algorithms.influence.integer_program import IntegerProgram, solve


def cheapest_of_all(program: IntegerProgram) -> float:
    """What the cheapest solution costs, from a look at every combination."""
    choices = product(*(range(most + 1) for most in program.most.tolist()))
    x = np.array(list(choices), dtype=np.float64).reshape(-1, len(program.most))
    sums = x @ program.matrix.T
    allowed = ((sums >= program.low) & (sums <= program.high)).all(axis=1)
    return float((x @ program.cost)[allowed].min(initial=np.inf))


def test_answers_are_those_of_a_look_at_every_combination() -> None:
    random = np.random.default_rng(5)
    found = 0
    for _ in range(400):
        rows, columns = random.integers(1, 5), random.integers(2, 8)
        matrix = (random.random((rows, columns)) < 0.5).astype(np.float64)
        low = random.integers(0, 6, rows).astype(np.float64)
        high = np.where(random.random(rows) < 0.5, np.inf, low + random.integers(0, 3, rows))
        most = random.integers(0, 4, columns)
        cost = random.integers(0, 20, columns).astype(np.float64)
        limit = float(random.integers(0, 60))
        program = IntegerProgram(matrix, low, high, most, cost)
        solved = solve(program, limit)
        assert solved.proven
        cheapest = cheapest_of_all(program)
        assert solved.least <= cheapest + 1e-9
        if cheapest > limit:
            assert solved.least == cheapest or abs(solved.least - cheapest) <= 1e-9
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
