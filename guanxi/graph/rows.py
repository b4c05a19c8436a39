"""Follows and interactions as columns, between stores and snapshots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.graph.arrays import NO_DAY, Int32, Int64

#: The arrays of `InteractionRows`.
INTERACTION_ARRAYS = (
    "actor",
    "target",
    "kind",
    "day",
    "count",
    "weight",
    "value",
    "first_at",
    "last_at",
)


@dataclass(frozen=True)
class FollowRows:
    """Follows actor → target in any order, each pair once; `since` NO_TIME where unknown."""

    actor: Int32
    target: Int32
    since: Int64


@dataclass(frozen=True)
class InteractionRows:
    """Interactions per (actor, target, kind, day), each once.

    As a store hands them out, in any order. As a snapshot holds them, sorted by (actor,
    target, kind, day), with `kinds` in byte order and none unused.

    `kind` int32 into `kinds`. `day` int32 days
    since 1970 (NO_DAY: no time); `count` int64; `weight`, `value` int64 in millionths;
    `first_at`, `last_at` int64 microseconds UTC (NO_TIME where there is no day).
    """

    kinds: list[str]
    actor: Int32
    target: Int32
    kind: Int32
    day: Int32
    count: Int64
    weight: Int64
    value: Int64
    first_at: Int64
    last_at: Int64

    @property
    def newest_day(self) -> int | None:
        """The last day on which anything happened; None where no interaction has a time."""
        newest = int(self.day.max()) if len(self.day) else NO_DAY
        return None if newest == NO_DAY else newest

    @property
    def first_day(self) -> int | None:
        """The first day on which anything happened; None where no interaction has a time."""
        dated = self.day[self.day != NO_DAY]
        return int(dated.min()) if len(dated) else None


def no_interactions() -> InteractionRows:
    """No interactions at all."""
    int32, int64 = np.empty(0, np.int32), np.empty(0, np.int64)
    return InteractionRows([], int32, int32, int32, int32, int64, int64, int64, int64, int64)
