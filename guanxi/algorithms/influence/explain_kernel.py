"""The kernel that counts, for each place of a list, what RR sets say about it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import kernel


@dataclass(frozen=True)
class Tally:
    """Sums of what RR sets count; float64[k] but for the last.

    Sets that hold the account (`alone`), none before it on the list (`added`), nobody else of the
    list (`lost`); that hold nobody else, and not the one who would come instead (`lost_only`);
    that hold the latter and nobody of the list (`instead_only`); that hold the one displaced
    and nobody before it (`displaced`). `by_group` float64[k+1, c]: sets that hold the account,
    and in the last row anyone of the list, by the group of their root.
    """

    alone: Float64
    added: Float64
    lost: Float64
    lost_only: Float64
    instead_only: Float64
    displaced: Float64
    by_group: Float64

    @classmethod
    def empty(cls, k: int, groups: int) -> Tally:
        """All sums 0."""
        one, two, three, four, five, six = np.zeros((6, k))
        return cls(one, two, three, four, five, six, np.zeros((k + 1, groups)))

    def add(self, other: Tally, scale: float) -> None:
        """Add the sums of another tally times `scale`."""
        for field in fields(self):
            mine: Float64 = getattr(self, field.name)
            mine += getattr(other, field.name) * scale


def tally_sets(
    entries: Int32,
    ends: Int64,
    slot: Int32,
    place: Int32,
    starts: Int32,
    others: Int32,
    worth: Float64,
    group: Int32,
    tally: Tally,
) -> None:
    """Add what the sets of a chunk count to `tally`.

    `slot` int32[n]: number of each account that has a role, or -1; `place`, `starts`, `others`:
    its place on the list, and its other roles (p: instead of place p; k + p: displaced there).
    `worth` float64 by slot: what a set with that root counts; 1 for all other roots.
    """
    _tally(
        entries,
        ends,
        slot,
        place,
        starts,
        others,
        worth,
        group,
        tally.alone,
        tally.added,
        tally.lost,
        tally.lost_only,
        tally.instead_only,
        tally.displaced,
        tally.by_group,
    )


@kernel
def _tally(
    entries: Int32,
    ends: Int64,
    slot: Int32,
    place: Int32,
    starts: Int32,
    others: Int32,
    worth: Float64,
    group: Int32,
    alone: Float64,
    added: Float64,
    lost: Float64,
    lost_only: Float64,
    instead_only: Float64,
    displaced: Float64,
    by_group: Float64,
) -> None:
    k = len(alone)
    held = np.empty(k, dtype=np.int32)  # places of the list that the set holds
    roles = np.empty(2 * k, dtype=np.int32)  # other roles that the set holds
    begin = 0
    for s in range(len(ends)):
        root = entries[begin]
        count = worth[slot[root]] if slot[root] >= 0 else 1.0
        listed, other, first = 0, 0, k
        for i in range(begin, ends[s]):
            account = slot[entries[i]]
            if account < 0:
                continue
            if place[account] >= 0:
                held[listed] = place[account]
                first = min(first, place[account])
                listed += 1
            for j in range(starts[account], starts[account + 1]):
                roles[other] = others[j]
                other += 1
        begin = ends[s]
        for i in range(listed):
            alone[held[i]] += count
            by_group[held[i], group[root]] += count
        if listed > 0:
            added[first] += count
            by_group[k, group[root]] += count
        if listed == 1:
            lost[first] += count
            lost_only[first] += count
        for i in range(other):
            role = roles[i]
            if role >= k:
                if first >= role - k:
                    displaced[role - k] += count
            elif listed == 0:
                instead_only[role] += count
            elif listed == 1 and first == role:
                lost_only[first] -= count
