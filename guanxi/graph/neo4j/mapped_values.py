"""What properties of a graph that guanxi did not load hold, as the integers of a snapshot.

The rules are those of the readers: Unix times are seconds or milliseconds by their size, texts
are ISO 8601 (UTC where they name no zone), amounts are rounded to millionths, half to even.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import MILLIONTHS, NO_TIME, Bool, Int64, TextColumn

#: What stands in a list of times where the value is in another list, since it is no time.
RAW = NO_TIME + 1
#: What is no value at all, in the arrays that come out of here (`NO_TIME` is nothing there).
WRONG = NO_TIME + 2

_SECOND = 1_000_000
_MILLISECONDS_FROM = 100_000_000_000
_UNIX_END = 100_000_000_000_000
#: Whole numbers that may be dates (20260105) or dates with a clock: to be looked at as texts.
_COMPACT = ((19000101, 21001231), (190001010000, 210012312359), (19000101000000, 21001231235959))
#: Up to here float64 has millionths so exactly that it can tell which way to round, unless they
#: are within `_CLOSE` of a half.
_EXACT = float(1 << 42)
_CLOSE = 0.001


def times_of(at: list[int], raw: list[Any], rows: int) -> Int64:
    """Microseconds of `rows` values, NO_TIME where there is nothing, WRONG where that is no time.

    `at` has microseconds, or RAW where the value is the next of `raw`; or is empty, where
    nobody asked for times.
    """
    if not at:
        return np.full(rows, NO_TIME, dtype=np.int64)
    times = np.array(at, dtype=np.int64)
    if raw:
        times[times == RAW] = _others(raw)
    return times


def _others(raw: list[Any]) -> Int64:
    """Numbers and texts as times."""
    found = np.array(raw) if all(type(value) is int for value in raw) else None
    if found is None or found.dtype.kind != "i":
        return _parsed(raw)
    size = np.abs(found)
    times = np.where(size < _MILLISECONDS_FROM, found, 0) * _SECOND
    times += np.where(size >= _MILLISECONDS_FROM, np.where(size < _UNIX_END, found, 0), 0) * 1000
    unsure = size >= _UNIX_END
    for low, high in _COMPACT:
        unsure |= (low <= found) & (found <= high)
    places = np.flatnonzero(unsure)
    if len(places):
        times[places] = _parsed([raw[place] for place in places.tolist()])
    return times


def _parsed(raw: list[Any]) -> Int64:
    """The times that texts (or what else, as texts) stand for, as in a file."""
    from guanxi.graph.readers.text import ready
    from guanxi.graph.readers.times import ABSOLUTE, EMPTY, LOCAL, parse_times
    from guanxi.graph.readers.zones import LocalTimes

    texts = [str(value).strip(" \t") for value in raw]
    times, status = parse_times(ready(TextColumn.from_strings(texts)), LocalTimes("UTC"))
    wrong = (status != ABSOLUTE) & (status != LOCAL) & (status != EMPTY)
    return np.where(wrong, WRONG, times)


def millionths_of(values: list[Any], rows: int) -> tuple[Int64, Bool]:
    """Numbers as int64 millionths, and where there are any; WRONG where it is no such number.

    `values` has NO_TIME where there is nothing, or is empty where nobody asked.
    """
    if not values:
        return np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.bool_)
    array = np.array(values) if _plain(values) else np.empty(0)
    if array.dtype.kind == "i":
        there = array != NO_TIME
        fits = np.abs(np.where(there, array, 0)) <= np.iinfo(np.int64).max // MILLIONTHS
        return np.where(fits, np.where(there & fits, array, 0) * MILLIONTHS, WRONG), there
    if array.dtype.kind == "f" and len(array) == rows:
        return _of_floats(array, values)
    return _of_floats(np.full(rows, np.nan), values)


def counts_of(values: list[Any], rows: int) -> Int64:
    """Whole numbers that are not negative, 1 where there is none; WRONG where it is something else.

    `values` as in `millionths_of`.
    """
    found, there = millionths_of(values, rows)
    whole = (found >= 0) & (found % MILLIONTHS == 0)
    return np.where(there, np.where(whole, found // MILLIONTHS, WRONG), 1)


def _plain(values: list[Any]) -> bool:
    """Whether there are numbers only: numpy makes texts of numbers beside a text."""
    return {type(value) for value in values} <= {int, float}


def _of_floats(array: npt.NDArray[np.float64], values: list[Any]) -> tuple[Int64, Bool]:
    """By float64 where that is exact enough to round, else one by one as decimals."""
    there = array != float(NO_TIME)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = array * MILLIONTHS
        safe = (np.abs(scaled) < _EXACT) & (np.abs(scaled % 1 - 0.5) > _CLOSE)
        found = np.rint(np.where(safe, scaled, 0)).astype(np.int64)
    for place in np.flatnonzero(~safe).tolist():
        there[place] = values[place] != NO_TIME
        found[place] = _exactly(values[place]) if there[place] else 0
    return found, there


def _exactly(value: Any) -> int:
    """A number in millionths; WRONG where it is none, or too large."""
    if type(value) not in (int, float):
        return WRONG
    try:
        scaled = Decimal(repr(value)).scaleb(6).to_integral_value(ROUND_HALF_EVEN)
        whole = int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        return WRONG
    return whole if abs(whole) <= np.iinfo(np.int64).max else WRONG
