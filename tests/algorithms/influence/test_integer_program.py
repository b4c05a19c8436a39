from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from guanxi.algorithms.influence import integer_program
from guanxi.algorithms.influence.integer_program import IntegerProgram, Solved, solve


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


def test_what_parity_forbids_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 10 masks and their symmetric difference, lists of odd sums: branching would not end."""
    masks = np.random.default_rng(2).random((10, 900)) < 0.3
    matrix = np.vstack([masks, masks.sum(axis=0) % 2 == 1]).astype(np.float64)
    fixed, many = np.append(np.full(10, 3.0), 5.0), np.full(900, 4)
    monkeypatch.setattr(integer_program, "_bound_the_work", None)  # nobody comes so far
    assert solve(IntegerProgram(matrix, fixed, fixed, many, np.ones(900)), 99.0) == Solved(
        None, np.inf, True
    )


def test_parity_is_never_blamed_for_what_there_is() -> None:
    random = np.random.default_rng(7)
    blamed = 0
    for _ in range(300):
        rows, columns = random.integers(1, 6), random.integers(1, 5)
        matrix = (random.random((rows, columns)) < 0.5).astype(np.float64)
        low = random.integers(0, 5, rows).astype(np.float64)
        high = low + (random.random(rows) < 0.2)
        program = IntegerProgram(matrix, low, high, np.full(columns, 4), np.ones(columns))
        if integer_program._is_odd(program):
            blamed += 1
            assert cheapest_of_all(program) == np.inf
    assert blamed > 50


def test_the_work_is_bounded_and_by_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Triples of 15 that cover all pairs (a Steiner system has 35), soon given up."""
    triples = np.array(list(combinations(range(15), 3)))
    pairs = combinations(range(15), 2)
    matrix = np.array([[len({*pair} & {*t}) == 2 for t in triples.tolist()] for pair in pairs])
    n = len(triples)
    program = IntegerProgram(
        matrix.astype(np.float64), np.ones(105), np.full(105, np.inf), np.ones(n, int), np.ones(n)
    )
    for name in ("_MOST_STOPS", "_LEAST_STOPS"):
        monkeypatch.setattr(integer_program, name, 3)
    first, second = (solve(program, 34.0) for _ in range(2))
    assert first == second
    assert not first.proven
    assert first.x is None
    assert first.least <= 35


def test_no_rows_and_no_columns() -> None:
    none = np.empty(0)
    assert solve(IntegerProgram(np.empty((0, 0)), none, none, none.astype(int), none), 0.0).proven
    needed = IntegerProgram(np.empty((1, 0)), np.ones(1), np.ones(1), none.astype(int), none)
    solved = solve(needed, 9.0)
    assert solved.x is None
    assert solved.proven
    assert solved.least == np.inf
