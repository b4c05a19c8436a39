"""Texts to microseconds since 1970 UTC: ISO 8601, Unix seconds, Unix milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import NO_TIME, Bytes, Int64, TextColumn
from guanxi.graph.readers.zones import LocalTimes
from guanxi.kernels import inline, kernel

Status = npt.NDArray[np.int8]

#: Status of a text: nothing there; a point in time by itself (Unix time, or with an offset); a
#: bare local time; not a time; what could be a date as well as a number of seconds.
EMPTY, ABSOLUTE, LOCAL, MALFORMED, AMBIGUOUS = 0, 1, 2, 3, 4

SECOND = 1_000_000
DAY = 86_400 * SECOND

_MILLISECONDS_FROM = 100_000_000_000  # Unix times from here on are milliseconds …
_UNIX_END = 100_000_000_000_000  # … and from here on no times at all
_FIRST, _END = -719_162 * DAY, 2_932_897 * DAY  # the years 1 to 9999, which Python can show


@inline
def _digits(data: Bytes, at: int, end: int, least: int, most: int) -> tuple[int, int]:
    """A number of `least` to `most` digits at `at`: its value and where it ends (-1: none)."""
    value = 0
    count = 0
    while at < end and count < most and 48 <= data[at] <= 57:
        digit: Any = data[at] - 48
        value = value * 10 + digit
        at += 1
        count += 1
    if count < least:
        at = -1
    return value, at


@inline
def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@inline
def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar (year 1 and later)."""
    shifted = year if month > 2 else year - 1
    months = month - 3 if month > 2 else month + 9
    leaps = shifted // 4 - shifted // 100 + shifted // 400
    return 365 * shifted + leaps + (153 * months + 2) // 5 + day - 719469


@inline
def _is_date(year: int, month: int, day: int) -> bool:
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= _days_in_month(year, month)


@inline
def _date(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """`YYYY-M-D` or `YYYY/M/D` at `at`: days since 1970 and where it ends (-1: none)."""
    year, at = _digits(data, at, end, 4, 4)
    if at < 0 or at >= end or (data[at] != 45 and data[at] != 47):
        return 0, -1
    separator = data[at]
    month, at = _digits(data, at + 1, end, 1, 2)
    if at < 0 or at >= end or data[at] != separator:
        return 0, -1
    day, at = _digits(data, at + 1, end, 1, 2)
    if at < 0 or not _is_date(year, month, day):
        return 0, -1
    return _days(year, month, day), at


@inline
def _clock(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """`H:MM[:SS[.fraction]]` at `at`: microseconds and where it ends (-1: none)."""
    hour, at = _digits(data, at, end, 1, 2)
    if at < 0 or at >= end or data[at] != 58:
        return 0, -1
    minute, at = _digits(data, at + 1, end, 2, 2)
    second = 0
    fraction = 0
    if 0 <= at < end and data[at] == 58:
        second, at = _digits(data, at + 1, end, 2, 2)
        if 0 <= at < end and (data[at] == 46 or data[at] == 44):
            at += 1
            scale = 100_000
            if at >= end or data[at] < 48 or data[at] > 57:
                return 0, -1
            while at < end and 48 <= data[at] <= 57:
                digit: Any = data[at] - 48
                fraction += digit * scale
                scale //= 10
                at += 1
    if hour > 23 or minute > 59 or second > 59:
        return 0, -1
    return ((hour * 60 + minute) * 60 + second) * SECOND + fraction, at


@inline
def _offset(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """`Z` or `±HH[:MM]` at `at`: microseconds east of UTC and where it ends (-1: none)."""
    if data[at] == 90 or data[at] == 122:
        return 0, at + 1
    if data[at] != 43 and data[at] != 45:
        return 0, -1
    sign = 1 if data[at] == 43 else -1
    hours, at = _digits(data, at + 1, end, 2, 2)
    minutes = 0
    if 0 <= at < end:
        if data[at] == 58:
            at += 1
        minutes, at = _digits(data, at, end, 2, 2)
    if hours > 23 or minutes > 59:
        return 0, -1
    return sign * (hours * 60 + minutes) * 60 * SECOND, at


@inline
def _iso(data: Bytes, start: int, end: int) -> tuple[int, int]:
    days, at = _date(data, start, end)
    if at < 0:
        return 0, MALFORMED
    time = days * DAY
    if at == end:
        return time, LOCAL
    if data[at] != 32 and data[at] != 84 and data[at] != 116:  # space, T, t
        return 0, MALFORMED
    clock, at = _clock(data, at + 1, end)
    if at < 0:
        return 0, MALFORMED
    if at == end:
        return time + clock, LOCAL
    if data[at] == 32 and at + 1 < end:
        at += 1
    offset, at = _offset(data, at, end)
    if at != end:
        return 0, MALFORMED
    return time + clock - offset, ABSOLUTE


@inline
def _compact_date(number: int, length: int) -> bool:
    """Whether 8, 12 or 14 digits read as `YYYYMMDD[hhmm[ss]]` of the years 1900 to 2100."""
    if length == 14:
        number //= 100
        length = 12
    if length == 12:
        if number % 100 > 59 or number // 100 % 100 > 23:
            return False
        number //= 10_000
        length = 8
    year = number // 10_000
    return (
        length == 8 and 1900 <= year <= 2100 and _is_date(year, number // 100 % 100, number % 100)
    )


@inline
def _unix(data: Bytes, start: int, end: int) -> tuple[int, int]:
    negative = data[start] == 45
    first = start + 1 if negative else start
    number, at = _digits(data, first, end, 1, 15)
    if at < 0 or number >= _UNIX_END:
        return 0, MALFORMED
    whole = at == end
    scale = 1000 if number >= _MILLISECONDS_FROM else SECOND
    time = number * scale
    if not whole:
        if data[at] != 46 or at + 1 == end:
            return 0, MALFORMED
        at += 1
        while at < end and 48 <= data[at] <= 57:
            scale //= 10
            digit: Any = data[at] - 48
            time += digit * scale
            at += 1
        if at != end:
            return 0, MALFORMED
    if whole and not negative and _compact_date(number, end - first):
        return 0, AMBIGUOUS
    return (-time if negative else time), ABSOLUTE


@kernel
def _parse(
    data: Bytes, starts: Int64, ends: Int64, iso_only: bool, times: Int64, status: Status
) -> None:
    for i in range(len(starts)):
        start = starts[i]
        end = ends[i]
        times[i] = NO_TIME
        if end <= start:
            status[i] = EMPTY
            continue
        if end - start >= 8 and (data[start + 4] == 45 or data[start + 4] == 47):
            time, found = _iso(data, start, end)
        elif iso_only:
            time, found = 0, MALFORMED
        else:
            time, found = _unix(data, start, end)
        status[i] = found
        if found in (ABSOLUTE, LOCAL):
            times[i] = time


def parse_times(
    column: TextColumn, local: LocalTimes, iso_only: bool = False
) -> tuple[Int64, Status]:
    """The texts as int64 microseconds UTC (NO_TIME where there is none), and a status each.

    Taken are

    - ISO 8601: `2026-01-05`, `2026-01-05T08:03:00.123Z`, `2026/1/5 8:03`, `… +08:00`. Digits
      beyond microseconds are cut off. Without an offset the time is one of `local`; a date
      alone is its midnight.
    - Unix time, unless `iso_only`: below 100,000,000,000 in seconds, from there on, and below
      100,000,000,000,000, in milliseconds, each with or without decimals.

    8, 12 or 14 digits that read as a date (`20260105`) are AMBIGUOUS, as Unix times they would
    silently mean something else. Times outside the years 1 to 9999 UTC are none.
    """
    times = np.empty(len(column), dtype=np.int64)
    status = np.empty(len(column), dtype=np.int8)
    _parse(column.data, column.starts, column.ends, iso_only, times, status)
    bare = status == LOCAL
    if bare.any():
        times[bare] = local.to_utc(times[bare])
    outside = ((times < _FIRST) & (times != NO_TIME)) | (times >= _END)
    if outside.any():
        status[outside] = MALFORMED
        times[outside] = NO_TIME
    return times, status
