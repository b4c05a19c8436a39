"""Edges that stand in a graph more than once, made one: the earliest follow, added amounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import NO_TIME
from guanxi.graph.neo4j.interactions import run_sums
from guanxi.graph.rows import INTERACTION_ARRAYS, FollowRows, InteractionRows


def each_once(rows: FollowRows, n: int) -> FollowRows:
    """Sorted by (actor, target); of follows that somebody made twice, the earliest.

    The arrays of `rows` are sorted in place, since there is memory for few more of their size.
    """
    from guanxi.graph.csr import sort_order

    order = sort_order((rows.actor, n), (rows.target, n))
    actor, target, since = rows.actor, rows.target, rows.since
    for column in (actor, target, since):
        column[:] = column[order]
    del order
    new = differs(actor, target)
    if new.all():
        return rows
    first = np.flatnonzero(new)
    late = np.where(since == NO_TIME, np.iinfo(np.int64).max, since)
    earliest = np.minimum.reduceat(late, first)
    known = np.maximum.reduceat(since, first) != NO_TIME
    return FollowRows(actor[first], target[first], np.where(known, earliest, NO_TIME))


def added_up(rows: InteractionRows) -> InteractionRows:
    """Cells that somebody made twice, added up; otherwise the rows as they are."""
    order = np.lexsort([rows.day, rows.kind, rows.target, rows.actor])
    keys = [getattr(rows, name)[order] for name in INTERACTION_ARRAYS[:4]]
    first = np.flatnonzero(differs(*keys))
    if len(first) == len(order):
        return rows
    columns = {name: key[first] for name, key in zip(INTERACTION_ARRAYS, keys, strict=False)}
    for name in INTERACTION_ARRAYS[4:7]:
        columns[name] = run_sums(getattr(rows, name)[order], first)
    columns["first_at"] = np.minimum.reduceat(rows.first_at[order], first)
    columns["last_at"] = np.maximum.reduceat(rows.last_at[order], first)
    return InteractionRows(kinds=rows.kinds, **columns)


def differs(*keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which rows differ from the one before (the first does)."""
    found = np.ones(len(keys[0]), dtype=np.bool_)
    found[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return found
