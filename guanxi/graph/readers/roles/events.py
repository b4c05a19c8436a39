"""Interactions that carry an event id: each counts once, however often it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from guanxi.graph.arrays import Int32, TextColumn
from guanxi.graph.readers.roles.cells import Interactions
from guanxi.graph.readers.sorting import group_starts, lexicographic_order
from guanxi.graph.readers.text import take
from guanxi.graph.schema import StagedEvents

T = TypeVar("T")


@dataclass
class Repeats:
    """Which rows of events stay. `kept`: places of the first row of each event, in any order.

    `differing`: places of all rows of events whose rows are not all the same, ascending.
    `duplicates`: how many rows repeat a kept one exactly.
    """

    kept: Int32
    differing: Int32
    duplicates: int


def find_repeats(rows: Interactions, sizes: tuple[int, int, int]) -> Repeats:
    """Find events that come more than once; an event is (event id, actor, target, kind).

    `rows` have their defaults written out. `sizes`: the number of event ids, accounts, kinds.
    Which of two differing rows is right cannot be known, so none of them is kept.
    """
    events, accounts, kinds = sizes
    keys, order = _sorted(rows, events, accounts, kinds)
    starts = np.flatnonzero(group_starts(keys, order))
    if not len(starts):
        return Repeats(order, order, 0)
    differs = np.zeros(len(starts), dtype=np.bool_)
    for values in (rows.at, rows.count, rows.weight, rows.value):
        ordered = _there(values)[order]
        differs |= np.minimum.reduceat(ordered, starts) != np.maximum.reduceat(ordered, starts)
    lengths = np.diff(np.append(starts, len(order)))
    differing = np.sort(order[np.repeat(differs, lengths)])
    kept = order[starts[~differs]]
    return Repeats(kept, differing, len(order) - len(differing) - len(kept))


def staged_events(rows: Interactions, ids: TextColumn, accounts: int, kinds: int) -> StagedEvents:
    """Distinct events, sorted by event id, actor, target and kind.

    `rows` have their defaults written out, and `event` is into `ids`, which are sorted.
    """
    _, order = _sorted(rows, len(ids), accounts, kinds)
    rows = rows.where(order)
    return StagedEvents(
        event_id=take(ids, _there(rows.event)),
        actor=rows.actor,
        target=rows.target,
        kind=rows.kind,
        at=_there(rows.at),
        count=_there(rows.count),
        weight=_there(rows.weight),
        value=_there(rows.value),
        line=_there(rows.line),
    )


def _sorted(
    rows: Interactions, events: int, accounts: int, kinds: int
) -> tuple[list[Int32], Int32]:
    keys = [_there(rows.event), rows.actor, rows.target, rows.kind]
    return keys, lexicographic_order(keys, [events, accounts, accounts, kinds])


def _there(values: T | None) -> T:
    assert values is not None
    return values
