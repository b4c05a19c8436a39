"""Bare times of a time zone to UTC, many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from guanxi.errors import UsageError
from guanxi.graph.arrays import Int64

_EPOCH = datetime(1970, 1, 1)


class LocalTimes:
    """Turns bare times of one time zone into UTC.

    `name`: an IANA zone such as `Asia/Shanghai`, or an offset such as `+08:00`. Where clocks
    are put forward, a time that never was counts by the offset before (02:30 becomes 03:30);
    where they are put back, a time that was twice is the first of the two (PEP 495, fold 0).
    """

    def __init__(self, name: str) -> None:
        self._zone = _zone(name)
        self._tables: dict[int, tuple[Int64, Int64]] = {}

    def to_utc(self, local: Int64) -> Int64:
        """Microseconds on the local clock to microseconds UTC."""
        if self._zone is UTC or not len(local):
            return local
        years = np.unique(local.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64))
        tables = [self._table(year + 1970) for year in years.tolist()]
        bounds = np.concatenate([table[0] for table in tables])
        offsets = np.concatenate([table[1] for table in tables])
        places = np.searchsorted(bounds, local, side="right") - 1
        utc: Int64 = local - offsets[places]
        return utc

    def _table(self, year: int) -> tuple[Int64, Int64]:
        """Local times at which the offset changes in `year`, its start first, and the offsets."""
        if year not in self._tables:
            first = datetime(year, 1, 1)
            days = (datetime(year, 12, 31) - first).days
            bounds, offsets = [first], [self._offset(first)]
            marks = [first + timedelta(days=day) for day in range(days + 1)]
            marks.append(datetime(year, 12, 31, 23, 59, 59))
            for before, after in pairwise(marks):
                if self._offset(after) != offsets[-1]:
                    bounds.append(self._change(before, after))
                    offsets.append(self._offset(after))
            second = timedelta(microseconds=1)
            self._tables[year] = (
                np.array([(bound - _EPOCH) // second for bound in bounds], dtype=np.int64),
                np.array(offsets, dtype=np.int64),
            )
        return self._tables[year]

    def _offset(self, local: datetime) -> int:
        offset = local.replace(tzinfo=self._zone).utcoffset()
        return 0 if offset is None else offset // timedelta(microseconds=1)

    def _change(self, before: datetime, after: datetime) -> datetime:
        """The first second in (before, after] with the offset of `after`."""
        wanted = self._offset(after)
        low, high = 0, round((after - before).total_seconds())
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(before + timedelta(seconds=middle)) == wanted:
                high = middle
            else:
                low = middle
        return before + timedelta(seconds=high)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        if name[:1] in ("+", "-"):
            return _fixed(name)
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"There is no time zone '{name}'. Use a name such as Asia/Shanghai, or an offset "
            "such as +08:00."
        ) from None


def _fixed(name: str) -> tzinfo:
    hours, minutes = name[1:].split(":")
    if len(hours) != 2 or len(minutes) != 2 or not (hours + minutes).isdigit() or minutes > "59":
        raise ValueError(name)
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(offset if name[0] == "+" else -offset)
