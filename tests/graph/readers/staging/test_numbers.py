import re
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guanxi.graph.arrays import TextColumn
from guanxi.graph.readers.numbers import (
    COMMA,
    EMPTY,
    FINE,
    MALFORMED,
    TOO_LARGE,
    parse_floats,
    parse_millionths,
)
from guanxi.graph.readers.text import ready

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
LARGEST = 2**63 - 1


def millionths(text: str) -> tuple[int, int]:
    if not text:
        return 0, EMPTY
    if not NUMBER.match(text):
        return 0, MALFORMED
    value = Decimal(text)
    if value and value.adjusted() > 20:
        return 0, TOO_LARGE
    scaled = value.scaleb(6) if value.adjusted() > -30 else Decimal(0)
    whole = int(scaled.to_integral_value(ROUND_HALF_EVEN))
    return (whole, FINE) if abs(whole) <= LARGEST else (0, TOO_LARGE)


def parse(text: str) -> tuple[int, int]:
    values, status = parse_millionths(ready(TextColumn.from_strings([text])))
    return int(values[0]), int(status[0])


numbers = st.from_regex(r"\A[+-]?[0-9]{0,14}(\.[0-9]{0,9})?([eE][+-]?[0-9]{1,2})?\Z")
halves = st.builds("{}.{:06d}{}".format, st.integers(-3, 3), st.integers(0, 5), st.sampled_from(
    ["5", "50", "501", "49", "4999", "51"]
))  # fmt: skip


@given(st.one_of(numbers, halves, st.text(st.sampled_from("0159.+-eE"), max_size=12)))
@example("9223372036854.775807")
@example("9223372036854.775808")
@example("9223372036854.7758074")
@example("9223372036854.7758075")
@example("-9223372036854.775807")
@example("1e999999999999")
@example("0e999999999999")
@example("1e-999999999999")
@example("0." + "0" * 300 + "1e300")
@example("9" * 400 + "e-395")
def test_millionths_are_those_of_decimal(text: str) -> None:
    assert parse(text) == millionths(text)


@pytest.mark.parametrize(
    "text",
    ["1,a", "￥5", "5元", "１２", "١٢", "inf", "nan", "0x10", "1_000", "--1", "1e", "e5"],
)
def test_what_is_no_number(text: str) -> None:
    assert parse(text) == (0, MALFORMED)


@pytest.mark.parametrize("text", ["1,234.5", "60,000", "2,5", "-1,5"])
def test_numbers_with_a_comma_are_told_apart(text: str) -> None:
    assert parse(text) == (0, COMMA)


@given(
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
        st.from_regex(r"\A-?[0-9]{1,20}(\.[0-9]{0,20})?(e-?[0-9]{1,3})?\Z"),
        st.text(st.sampled_from("09.+-e"), max_size=8),
    )
)
@example("9007199254740993")
@example("1e23")
@example("1e400")
@example("5e-324")
def test_floats_are_those_of_python(text: str) -> None:
    values, status = parse_floats(ready(TextColumn.from_strings([text])))
    if not text:
        assert status[0] == EMPTY
    elif not NUMBER.match(text):
        assert status[0] == MALFORMED
    elif abs(float(text)) == float("inf"):
        assert status[0] == TOO_LARGE
    else:
        assert status[0] == FINE
        assert values[0] == float(text)
