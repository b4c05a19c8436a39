"""Decimal texts to exact integers in millionths, and to the nearest float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Bytes, Float64, Int64, TextColumn
from guanxi.graph.readers.text import text_at
from guanxi.kernels import inline, kernel

Status = npt.NDArray[np.int8]

#: Status of a text: nothing there, a number, not a number, too large, a number but for its comma.
EMPTY, FINE, MALFORMED, TOO_LARGE, COMMA = 0, 1, 2, 3, 4

_LARGEST = np.iinfo(np.int64).max
_EXPONENT_CAP = 100_000  # of what an exponent is taken as, so that adding to it is safe
_EXACT_POWER = 22  # 10**22 is the largest power of ten that float64 holds exactly
_EXACT_INTEGER = 1 << 53


@inline
def _scan(data: Bytes, start: int, end: int) -> tuple[bool, bool, int, int, int]:
    """Read the form `[+-] digits [. digits] [e [+-] digits]`.

    Returns whether it is one, whether there is a minus, where its mantissa begins and ends, and
    the power of ten of the last digit of the mantissa.
    """
    at = start
    negative = False
    if at < end and (data[at] == 43 or data[at] == 45):
        negative = data[at] == 45
        at += 1
    first = at
    digits = 0
    decimals = 0
    seen_point = False
    while at < end:
        byte = data[at]
        if 48 <= byte <= 57:
            digits += 1
            if seen_point:
                decimals += 1
        elif byte == 46 and not seen_point:
            seen_point = True
        else:
            break
        at += 1
    last = at
    exponent = 0
    if at < end and digits > 0 and (data[at] == 101 or data[at] == 69):
        at += 1
        down = False
        if at < end and (data[at] == 43 or data[at] == 45):
            down = data[at] == 45
            at += 1
        if at == end:
            digits = 0
        while at < end and 48 <= data[at] <= 57:
            digit: Any = data[at] - 48
            exponent = exponent * 10 + digit
            if exponent > _EXPONENT_CAP:
                exponent = _EXPONENT_CAP
            at += 1
        if down:
            exponent = -exponent
    return digits > 0 and at == end, negative, first, last, exponent - decimals


@inline
def _misfit(data: Bytes, start: int, end: int) -> int:
    """COMMA where a text that is no number is nothing but digits, commas, points and a sign."""
    at = start
    if at < end and (data[at] == 43 or data[at] == 45):
        at += 1
    digits = 0
    commas = 0
    while at < end:
        byte = data[at]
        digits += 48 <= byte <= 57
        commas += byte == 44
        if not (48 <= byte <= 57 or byte == 44 or byte == 46):
            return MALFORMED
        at += 1
    return COMMA if digits > 0 and commas > 0 else MALFORMED


@inline
def _round_half_even(value: Any, dropped: Any, rest: bool) -> Any:
    up = dropped > 5 or (dropped == 5 and (rest or value % 2 == 1))
    return value + 1 if up else value


@kernel
def _parse_millionths(
    data: Bytes, starts: Int64, ends: Int64, values: Int64, status: Status
) -> None:
    for i in range(len(starts)):
        values[i] = 0
        if ends[i] <= starts[i]:
            status[i] = EMPTY
            continue
        fine, negative, first, last, power = _scan(data, starts[i], ends[i])
        if not fine:
            status[i] = _misfit(data, starts[i], ends[i])
            continue
        # The digits from the left until the one that stands for millionths; `left` counts those
        # to come, negative once we are past it.
        left = power + 6
        for at in range(first, last):
            if data[at] != 46:
                left += 1
        value: Any = 0
        dropped: Any = 0
        rest = False
        too_large: Any = False
        for at in range(first, last):
            if data[at] == 46:
                continue
            digit: Any = data[at] - 48
            left -= 1
            if left >= 0:
                if value > (_LARGEST - digit) // 10:
                    too_large = True
                    break
                value = value * 10 + digit
            elif left == -1:
                dropped = digit
            elif digit != 0:
                rest = True
        while left > 0 and value != 0 and not too_large:
            left -= 1
            too_large = value > _LARGEST // 10
            value *= 10
        if not too_large and dropped >= 5:
            too_large = value == _LARGEST
            if not too_large:
                value = _round_half_even(value, dropped, rest)
        if too_large:
            status[i] = TOO_LARGE
            continue
        status[i] = FINE
        values[i] = -value if negative else value


@kernel
def _parse_floats(
    data: Bytes, starts: Int64, ends: Int64, powers: Float64, values: Float64, status: Any
) -> None:
    """Where mantissa and power of ten are both exact in float64, so is one operation on them.

    Others get the status TOO_LARGE, and are left to the caller.
    """
    for i in range(len(starts)):
        values[i] = 0.0
        if ends[i] <= starts[i]:
            status[i] = EMPTY
            continue
        fine, negative, first, last, power = _scan(data, starts[i], ends[i])
        if not fine:
            status[i] = _misfit(data, starts[i], ends[i])
            continue
        mantissa: Any = 0
        for at in range(first, last):
            if data[at] != 46 and mantissa <= _EXACT_INTEGER:
                digit: Any = data[at] - 48
                mantissa = mantissa * 10 + digit
        if mantissa > _EXACT_INTEGER or power > _EXACT_POWER or power < -_EXACT_POWER:
            status[i] = TOO_LARGE
            continue
        status[i] = FINE
        value = np.float64(mantissa)
        value = value * powers[power] if power >= 0 else value / powers[-power]
        values[i] = -value if negative else value


def parse_millionths(column: TextColumn) -> tuple[Int64, Status]:
    """The texts as int64 millionths, and a status each (EMPTY … COMMA).

    A number is `[+-]digits[.digits][e[+-]digits]` in ASCII: no thousands separators (COMMA is for
    those with commas), currency signs, infinities. More than six decimals are rounded, half to
    even; the largest is 9,223,372,036,854.775807. Where the status is not FINE the value is 0.
    """
    values = np.empty(len(column), dtype=np.int64)
    status = np.empty(len(column), dtype=np.int8)
    _parse_millionths(column.data, column.starts, column.ends, values, status)
    return values, status


def parse_floats(column: TextColumn) -> tuple[Float64, Status]:
    """The texts as the nearest float64, in the grammar of `parse_millionths`, and a status each.

    TOO_LARGE is what only infinity would be nearest to.
    """
    values = np.empty(len(column), dtype=np.float64)
    status = np.empty(len(column), dtype=np.int8)
    powers = np.array([10.0**power for power in range(_EXACT_POWER + 1)])
    _parse_floats(column.data, column.starts, column.ends, powers, values, status)
    for row in np.flatnonzero(status == TOO_LARGE).tolist():
        value = float(text_at(column, row))
        if abs(value) != float("inf"):
            values[row] = value
            status[row] = FINE
    return values, status
