"""Interactions added up into cells: one for each actor, target, kind and day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from guanxi.errors import InputError
from guanxi.graph.arrays import MILLIONTHS, NO_DAY, NO_TIME, Bool, Int32, Int64
from guanxi.graph.readers.sorting import group_starts, lexicographic_order
from guanxi.graph.readers.times import DAY
from guanxi.kernels import kernel

_LARGEST = np.iinfo(np.int64).max


@dataclass
class Interactions:
    """Rows of interactions, as arrays of the same length, or None where all rows have the default.

    `actor`, `target`, `kind`: int32. `at`: int64 microseconds (default NO_TIME). `count`: int64
    (default 1). `weight`: int64 millionths (default the count). `value`: int64 millionths
    (default 0). `event`: int32, the number of the event id or -1 (default). `line`: int64, for
    files with event ids.
    """

    actor: Int32
    target: Int32
    kind: Int32
    at: Int64 | None = None
    count: Int64 | None = None
    weight: Int64 | None = None
    value: Int64 | None = None
    event: Int32 | None = None
    line: Int64 | None = None

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.actor)

    def where(self, rows: Bool | Int32) -> Interactions:
        """The rows at `rows` (a mask or places)."""
        parts: dict[str, Any] = {k: None if v is None else v[rows] for k, v in vars(self).items()}
        return Interactions(**parts)

    def filled(self) -> Interactions:
        """The same rows with the defaults written out."""
        count = np.ones(len(self), np.int64) if self.count is None else self.count
        return Interactions(
            self.actor,
            self.target,
            self.kind,
            np.full(len(self), NO_TIME, np.int64) if self.at is None else self.at,
            count,
            count * MILLIONTHS if self.weight is None else self.weight,
            np.zeros(len(self), np.int64) if self.value is None else self.value,
            self.event,
            self.line,
        )

    def turned(self, rows: Bool) -> Interactions:
        """The same rows, with actor and target swapped where `rows`."""
        actor = np.where(rows, self.target, self.actor)
        return replace(self, actor=actor, target=np.where(rows, self.actor, self.target))

    def both_ways(self) -> Interactions:
        """Each row twice, the second time with actor and target swapped."""
        once = np.arange(len(self), dtype=np.int32)
        second = np.arange(2 * len(self)) >= len(self)
        return self.where(np.concatenate([once, once])).turned(second)


@dataclass
class Cells:
    """Interactions per (actor, target, kind, day), sorted so; see `StagedInteractions`."""

    actor: Int32
    target: Int32
    kind: Int32
    day: Int32
    count: Int64
    weight: Int64
    value: Int64
    first_at: Int64
    last_at: Int64


@kernel
def _add_groups(values: Int64, order: Int32, starts: Int64, sums: Int64) -> int:
    """Sum `values` over the groups of `order` that begin at `starts`.

    Returns the first group whose positive or whose negative values add up to more than int64
    holds, or -1. (Not the running sum is tested: it would depend on the order.)
    """
    for group in range(len(starts)):
        end = starts[group + 1] if group + 1 < len(starts) else len(order)
        up = np.int64(0)
        down = np.int64(0)
        for place in range(starts[group], end):
            value = values[order[place]]
            if value >= 0:
                if up > _LARGEST - value:
                    return group
                up += value
            else:
                if down < -_LARGEST - value:
                    return group
                down += value
        sums[group] = up + down
    return -1


def days_of(at: Int64) -> Int32:
    """Days since 1970 UTC (int32) of microseconds; NO_DAY for NO_TIME."""
    days = np.floor_divide(at, DAY)
    days[at == NO_TIME] = NO_DAY
    return days.astype(np.int32)


def add_up(rows: Interactions, n: int, kinds: int, source: str) -> Cells:
    """Add `rows` up per (actor, target, kind, day); accounts below `n`, kinds below `kinds`.

    Raises InputError where a sum is beyond what 64 bits hold in millionths.
    """
    at = np.full(len(rows), NO_TIME, np.int64) if rows.at is None else rows.at
    day = days_of(at)
    keys = [rows.actor, rows.target, rows.kind, _ranks(day)]
    order = lexicographic_order(keys, [n, n, kinds, int(keys[3].max(initial=0)) + 1])
    starts = np.flatnonzero(group_starts(keys, order))
    first = order[starts]
    del keys

    def total(values: Int64, what: str) -> Int64:
        sums = np.empty(len(starts), dtype=np.int64)
        if _add_groups(values, order, starts, sums) >= 0:
            raise InputError(
                f"{source}: the {what} of the interactions of one actor, target, kind and day "
                "add up to more than guanxi holds (9,223,372,036,854). Divide that column."
            )
        return sums

    counts = np.ones(len(rows), np.int64) if rows.count is None else rows.count
    count = total(counts, "counts")
    weight = total(counts * MILLIONTHS if rows.weight is None else rows.weight, "weights")
    value = np.zeros(len(first), np.int64) if rows.value is None else total(rows.value, "values")
    at = at[order]
    return Cells(
        rows.actor[first],
        rows.target[first],
        rows.kind[first],
        day[first],
        count,
        weight,
        value,
        np.minimum.reduceat(at, starts) if len(starts) else at,
        np.maximum.reduceat(at, starts) if len(starts) else at,
    )


def _ranks(day: Int32) -> Int32:
    """Days as small numbers in the same order, 0 for NO_DAY."""
    dated = day != NO_DAY
    lowest = int(day[dated].min(initial=0)) if dated.any() else 0
    return np.where(dated, day - lowest + 1, 0).astype(np.int32)
