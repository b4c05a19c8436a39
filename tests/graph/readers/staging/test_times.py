import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from guanxi.errors import UsageError
from guanxi.graph.arrays import NO_TIME, TextColumn
from guanxi.graph.readers.text import ready
from guanxi.graph.readers.times import (
    ABSOLUTE,
    AMBIGUOUS,
    EMPTY,
    LOCAL,
    MALFORMED,
    parse_times,
)
from guanxi.graph.readers.zones import LocalTimes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def parse(text: str, zone: str = "UTC", iso_only: bool = False) -> tuple[int, int]:
    column = ready(TextColumn.from_strings([text]))
    times, status = parse_times(column, LocalTimes(zone), iso_only)
    return int(times[0]), int(status[0])


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


ISO = re.compile(
    r"(\d{4})([-/])(\d\d?)\2(\d\d?)"
    r"(?:[ Tt](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?( ?[Zz]| ?[+-]\d\d(?::?\d\d)?)?)?\Z",
    re.ASCII,
)
UNIX = re.compile(r"(-?)(\d{1,14})(?:\.(\d+))?\Z", re.ASCII)


def reference(text: str) -> tuple[int, int]:
    """The same by regular expressions, datetime and plain integers."""
    time, status = anywhere(text)
    if status in (ABSOLUTE, LOCAL):
        try:
            EPOCH + time * MICROSECOND
        except OverflowError:
            return NO_TIME, MALFORMED
    return time, status


def anywhere(text: str) -> tuple[int, int]:
    if not text:
        return NO_TIME, EMPTY
    if found := ISO.match(text):
        year, _, month, day, hour, minute, second, fraction, offset = found.groups()
        try:
            moment = datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
            )
        except ValueError:
            return NO_TIME, MALFORMED
        value = micros(moment.replace(tzinfo=UTC)) + int(((fraction or "") + "000000")[:6])
        if offset is None:
            return value, LOCAL
        digits = offset.strip().replace(":", "")
        if digits in "Zz":
            return value, ABSOLUTE
        hours, minutes = int(digits[1:3]), int(digits[3:] or 0)
        if hours > 23 or minutes > 59:
            return NO_TIME, MALFORMED
        seconds = (hours * 60 + minutes) * 60 * (1 if digits[0] == "+" else -1)
        return value - seconds * 1_000_000, ABSOLUTE
    if found := UNIX.match(text):
        sign, whole, fraction = found.groups()
        if not sign and fraction is None and is_compact(whole):
            return NO_TIME, AMBIGUOUS
        exponent = 3 if int(whole) >= 10**11 else 6
        value = int(whole) * 10**exponent + int(((fraction or "") + "0" * exponent)[:exponent])
        return -value if sign else value, ABSOLUTE
    return NO_TIME, MALFORMED


def is_compact(digits: str) -> bool:
    if len(digits) not in (8, 12, 14):
        return False
    try:
        moment = datetime.strptime(digits[:12].ljust(12, "0"), "%Y%m%d%H%M")
    except ValueError:
        return False
    return 1900 <= moment.year <= 2100


some_times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
loose = st.builds(
    "{:04d}{s}{:d}{s}{:d}{}".format,
    st.integers(0, 9999),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from(["", " 8:03", "T08:03", "t8:60", " 8:3", "T23:59:59,1234567Z", " 24:00",
                     " 08:03:00 +0800", "T08:03+08", " 08:03-24:00", " 08:03 ", "T08:03+", "T"]),
    s=st.sampled_from("-/"),
)  # fmt: skip
unix = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.integers(0, 10**15),
    st.sampled_from(["", "", ".5", ".", ".1234567", ".x"]),
)
dates = st.dates(date(1890, 1, 1), date(2110, 1, 1)).map(lambda d: d.strftime("%Y%m%d"))
compact = st.builds("{}{}".format, dates, st.sampled_from(["", "0803", "080300", "2460", "1"]))


@given(st.one_of(loose, unix, compact, st.text(st.sampled_from("0129-/:TZ+. "), max_size=20)))
@example("99999999999")
@example("100000000000")
@example("99999999999999")
@example("100000000000000")
@example("20240229")
@example("0001-01-01T00:00+00:01")
@example("0001-01-01T00:00-00:01")
@example("9999-12-31T23:59:59.999999Z")
@example("9999-12-31T23:59-00:01")
@example("-62135596800")
@example("-62135596801")
@example("20230229")
def test_times_are_those_of_the_reference(text: str) -> None:
    assert parse(text) == reference(text)
    time, status = reference(text)
    iso = (time, status) if ISO.match(text) or status == EMPTY else (NO_TIME, MALFORMED)
    assert parse(text, iso_only=True) == iso


@given(some_times, st.one_of(st.none(), offsets), st.sampled_from("T "))
def test_iso_times_are_those_of_python(
    moment: datetime, zone: timezone | None, separator: str
) -> None:
    text = moment.replace(tzinfo=zone).isoformat(separator)
    assert parse(text)[0] == micros(moment.replace(tzinfo=zone or UTC))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-05", 1767571200),
        ("2026/1/5 8:03", 1767600180),
        ("2026-01-05T08:03:00+08:00", 1767571380),
        ("1767571200", 1767571200),
        ("1767571200000", 1767571200),
        ("1767571200.5", 1767571200.5),
        ("-1", -1),
    ],
)
def test_known_times(text: str, seconds: float) -> None:
    assert parse(text)[0] == seconds * 1_000_000


ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe",
         "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu"]  # fmt: skip


@given(st.lists(st.datetimes(datetime(1880, 1, 1), datetime(2100, 1, 1)), min_size=1, max_size=5),
       st.sampled_from(ZONES))  # fmt: skip
def test_local_times_are_those_of_zoneinfo(moments: list[datetime], name: str) -> None:
    local = [micros(moment.replace(tzinfo=UTC)) for moment in moments]
    expected = [micros(moment.replace(tzinfo=ZoneInfo(name))) for moment in moments]
    assert LocalTimes(name).to_utc(np.array(local)).tolist() == expected


@given(st.integers(-4 * 3600, 4 * 3600), st.sampled_from(ZONES), st.integers(1985, 2030),
       st.integers(0, 3))  # fmt: skip
def test_local_times_about_the_changes_of_the_clock(
    seconds: int, name: str, year: int, which: int
) -> None:
    zone = ZoneInfo(name)
    days = [datetime(year, 1, 1) + timedelta(days=day) for day in range(365)]
    changes = [
        day for day in days if zone.utcoffset(day) != zone.utcoffset(day + timedelta(days=1))
    ]
    assume(len(changes) > which)
    moment = changes[which] + timedelta(hours=2, seconds=seconds)
    local = np.array([micros(moment.replace(tzinfo=UTC))])
    assert LocalTimes(name).to_utc(local).tolist() == [micros(moment.replace(tzinfo=zone))]


def test_a_gap_is_read_by_the_offset_before_and_a_fold_as_the_first() -> None:
    gap, fold = "2024-03-10 02:30", "2024-11-03 01:30"
    assert parse(gap, "America/New_York")[0] == parse("2024-03-10 07:30Z")[0]
    assert parse(fold, "America/New_York")[0] == parse("2024-11-03 05:30Z")[0]


def test_offsets_are_time_zones_too() -> None:
    assert parse("2026-01-05", "+08:00")[0] == parse("2026-01-04T16:00Z")[0]
    assert parse("2026-01-05", "-03:30")[0] == parse("2026-01-05T03:30Z")[0]
    # An offset of its own, and Unix time, are never local.
    assert parse("2026-01-05T00:00Z", "+08:00")[0] == parse("2026-01-05")[0]
    assert parse("1767571200", "+08:00")[0] == parse("2026-01-05")[0]


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "Asia", "../etc/passwd", "+8", "+24:00", "+08:60", "+a:bc", "-"]
)
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        LocalTimes(name)
