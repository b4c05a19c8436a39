"""Numbers and times of others, as the readers of files would take them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.graph.arrays import NO_TIME, TextColumn
from guanxi.graph.neo4j.mapped_nodes import id_text
from guanxi.graph.neo4j.mapped_values import RAW, WRONG, counts_of, millionths_of, times_of
from guanxi.graph.readers.numbers import FINE, parse_millionths

SECOND = 1_000_000


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_floats_are_rounded_like_the_texts_of_files(values: list[float]) -> None:
    found, there = millionths_of(list(values), len(values))
    wanted, status = parse_millionths(TextColumn.from_strings([repr(value) for value in values]))
    assert there.all()
    assert found.tolist() == np.where(status == FINE, wanted, WRONG).tolist()


@given(st.lists(st.integers(-(10**7), 10**7).map(lambda n: n / 2 / 10**6), min_size=1))
def test_halves_of_a_millionth_go_to_the_even_one(values: list[float]) -> None:
    found, _ = millionths_of(list(values), len(values))
    wanted, _ = parse_millionths(TextColumn.from_strings([f"{value:.7f}" for value in values]))
    assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([2, 0.5, NO_TIME], [2_000_000, 500_000, 0]),
        ([2, NO_TIME], [2_000_000, 0]),
        ([9_223_372_036_854, 9_223_372_036_855], [9_223_372_036_854_000_000, WRONG]),
        (["5", 1, True, [1], NO_TIME], [WRONG, 1_000_000, WRONG, WRONG, 0]),
        ([math.nan, math.inf, 1e13], [WRONG, WRONG, WRONG]),
        ([2**53 + 1, 0.5], [WRONG, 500_000]),
        ([9_007_199_254, 0.1], [9_007_199_254_000_000, 100_000]),
    ],
)
def test_amounts(values: list[Any], wanted: list[int]) -> None:
    found, there = millionths_of(values, len(values))
    assert found.tolist() == wanted
    assert there.tolist() == [value != NO_TIME for value in values]


def test_nobody_asked() -> None:
    found, there = millionths_of([], 2)
    assert (found.tolist(), there.tolist()) == ([0, 0], [False, False])
    assert counts_of([], 2).tolist() == [1, 1]
    assert times_of([], [], 2).tolist() == [NO_TIME, NO_TIME]


def test_counts() -> None:
    assert counts_of([3, 2.0, 1.5, -1, "x", NO_TIME], 6).tolist() == [3, 2, WRONG, WRONG, WRONG, 1]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (1_700_000_000, 1_700_000_000 * SECOND),
        (-5, -5 * SECOND),
        (1_700_000_000_123, 1_700_000_000_123_000),
        (100_000_000_000_000, WRONG),
        (20260105, WRONG),
        (20269999, 20269999 * SECOND),
        (1_700_000_000.25, 1_700_000_000_250_000),
        (" 1970-01-01T00:00:01+01:00 ", -3599 * SECOND),
        ("1970-01-02", 86_400 * SECOND),
        ("soon", WRONG),
        ("", NO_TIME),
        (True, WRONG),
        ([1], WRONG),
    ],
)
def test_times(raw: Any, wanted: int) -> None:
    for others in ([], [7], ["1970-01-01"]):
        listed = [raw, *others]
        found = times_of([5, RAW, NO_TIME, *([RAW] * len(others))], listed, 3 + len(others))
        assert found.tolist()[:3] == [5, wanted, NO_TIME]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (-5, "-5"),
        ("\t微博:a b ", "微博:a b"),
        ("x" * 256, "x" * 256),
        ("x" * 257, None),
        ("é" * 129, None),
        ("a\x7fb", None),
        ("a\x85b", None),
        ("a\nb", None),
        ("  ", None),
        (1.0, None),
        (False, None),
        (None, None),
        ([1], None),
    ],
)
def test_ids(value: Any, text: str | None) -> None:
    assert id_text(value) == text
