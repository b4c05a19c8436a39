"""The whole content of a Neo4j store in arrays, for a snapshot.

Few fat records instead of one for each relationship: a page of accounts, or the edges that
start at some accounts, come as one record of long lists. Each record is a transaction of its
own, so that a lost connection costs one of them; whether somebody changed the graph between
two of them is for the caller to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import StoreError
from guanxi.graph.arrays import NO_DAY, NO_TIME, Int32, Int64, TextColumn
from guanxi.graph.neo4j_columns import read_column
from guanxi.graph.neo4j_database import Database, fetch
from guanxi.graph.neo4j_numbers import Numbers, integers
from guanxi.graph.neo4j_read import PAGE, Page, next_page
from guanxi.graph.neo4j_schema import complete_schema, read_columns
from guanxi.graph.parquet import write_accounts
from guanxi.graph.rows import INTERACTION_ARRAYS, FollowRows, InteractionRows, no_interactions
from guanxi.graph.store import StoreContent

#: Relationships that one record should have, and how many times as many it may.
LINKS = 20_000
_SURPRISE = 4

#: Called with (accounts and edges read, all of them).
Progress = Callable[[int, int], None]


@dataclass
class _Told:
    """Progress over all that is read."""

    progress: Progress | None
    total: int
    done: int = 0

    def add(self, number: int) -> None:
        self.done = min(self.total, self.done + number)
        if self.progress is not None:
            self.progress(self.done, self.total)


def read_content(
    database: Database, counts: dict[str, int], progress: Progress | None = None
) -> StoreContent:
    """Everything that the store holds, accounts numbered in the byte order of their ids.

    Constraints are made first where they are missing, as after an import of bulk files.
    """
    complete_schema(database)
    told = _Told(progress, sum(counts[name] for name in ("accounts", "follows", "interactions")))
    found = _all_pages(database, told)
    ids = [account for page in found for account in page.ids]
    # Python compares strings by code point, which is the order of their UTF-8.
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)

    def ordered(name: str) -> npt.NDArray[Any]:
        parts = [np.array(getattr(page, name)) for page in found]
        return np.concatenate(parts)[order] if len(order) else np.empty(0, np.int64)

    numbers = Numbers(ordered("keys").astype(np.int64))
    accounts = TextColumn.from_strings([ids[place] for place in order.tolist()])
    columns = [read_column(database, column, numbers) for column in database.read(read_columns)]
    by_name = {column.name: column for column in columns}
    return StoreContent(
        ids=accounts,
        made=ordered("made").astype(np.bool_),
        follows=_follows(database, numbers, told),
        interactions=_interactions(database, numbers, told),
        columns={column.name: column.type for column in columns},
        column=by_name.__getitem__,
        write_accounts=partial(write_accounts, accounts, columns),
    )


def _all_pages(database: Database, told: _Told) -> list[Page]:
    found: list[Page] = []
    while not found or len(found[-1].keys) == PAGE:
        found.append(database.read(partial(next_page, found[-1] if found else None)))
        told.add(len(found[-1].keys))
    return found


def _by_actor(
    database: Database, numbers: Numbers, name: str, told: _Told, **values: int
) -> Iterator[list[dict[str, Any]]]:
    """The records of all edges, for so many accounts at a time that `LINKS` edges come at once.

    How many accounts that are follows from the ones before; where it turns out to be several
    times too many, the server stops, and fewer are asked for.
    """
    keys = numbers.keys[numbers.by_key]  # near each other on the server's disk
    place, size = 0, min(PAGE, 1 + LINKS // 10)
    while place < len(keys):
        asked = keys[place : place + size].tolist()
        limit = _SURPRISE * LINKS if len(asked) > 1 else 1 << 62
        found = fetch(database, name, keys=asked, limit=limit, none=NO_TIME, **values)
        links = sum(len(row["actor"]) for row in found)
        if links >= limit:
            size = max(1, len(asked) // (2 * _SURPRISE))
            continue
        told.add(links)
        yield found
        place += len(asked)
        wanted = int(len(asked) * LINKS / max(links, 1))
        size = max(1, min(PAGE, wanted, size * _SURPRISE))


def _follows(database: Database, numbers: Numbers, told: _Told) -> FollowRows:
    none = np.empty(0, np.int32)
    parts: list[tuple[Int32, Int32, Int64]] = [(none, none, np.empty(0, np.int64))]
    for (row,) in _by_actor(database, numbers, "read_follows", told):
        actor, target = numbers.of(row["actor"]), numbers.of(row["target"])
        parts.append((actor, target, integers(row["since"], "since")))
    actor, target, since = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _each_once(FollowRows(actor, target, since), len(numbers.keys))


def _each_once(rows: FollowRows, n: int) -> FollowRows:
    """Sorted by (actor, target); of follows that somebody made twice, the earliest."""
    from guanxi.graph.csr import sort_order

    order = sort_order((rows.actor, n), (rows.target, n))
    actor, target, since = rows.actor[order], rows.target[order], rows.since[order]
    first = np.flatnonzero(_differs(actor, target))
    if len(first) == len(actor):
        return FollowRows(actor, target, since)
    late = np.where(since == NO_TIME, np.iinfo(np.int64).max, since)
    earliest = np.minimum.reduceat(late, first)
    known = np.maximum.reduceat(since, first) != NO_TIME
    return FollowRows(actor[first], target[first], np.where(known, earliest, NO_TIME))


def _interactions(database: Database, numbers: Numbers, told: _Told) -> InteractionRows:
    kinds: dict[str, int] = {}
    parts: list[dict[str, npt.NDArray[Any]]] = []
    for found in _by_actor(database, numbers, "read_interactions", told, no_day=NO_DAY):
        parts += [_cells(row, numbers, kinds) for row in found]
    if not parts:
        return no_interactions()
    columns = {name: np.concatenate([part[name] for part in parts]) for name in INTERACTION_ARRAYS}
    return _added_up(InteractionRows(kinds=list(kinds), **columns))


def _cells(
    row: dict[str, Any], numbers: Numbers, kinds: dict[str, int]
) -> dict[str, npt.NDArray[Any]]:
    if not isinstance(row["kind"], str):
        raise StoreError(
            "An INTERACTED relationship in the store has a kind that is no text: somebody else "
            "than guanxi made it. Give it a kind, or remove it."
        )
    kind = kinds.setdefault(row["kind"], len(kinds))
    columns: dict[str, npt.NDArray[Any]] = {
        name: integers(row[name], name) for name in INTERACTION_ARRAYS[4:]
    }
    columns["actor"], columns["target"] = numbers.of(row["actor"]), numbers.of(row["target"])
    columns["day"] = integers(row["day"], "day").astype(np.int32)
    columns["kind"] = np.full(len(columns["actor"]), kind, dtype=np.int32)
    return columns


def _added_up(rows: InteractionRows) -> InteractionRows:
    """Cells that somebody made twice, added up; otherwise the rows as they are."""
    order = np.lexsort([rows.day, rows.kind, rows.target, rows.actor])
    keys = [getattr(rows, name)[order] for name in INTERACTION_ARRAYS[:4]]
    first = np.flatnonzero(_differs(*keys))
    if len(first) == len(order):
        return rows
    columns = {name: key[first] for name, key in zip(INTERACTION_ARRAYS, keys, strict=False)}
    for name in INTERACTION_ARRAYS[4:7]:
        columns[name] = np.add.reduceat(getattr(rows, name)[order], first)
    columns["first_at"] = np.minimum.reduceat(rows.first_at[order], first)
    columns["last_at"] = np.maximum.reduceat(rows.last_at[order], first)
    return InteractionRows(kinds=rows.kinds, **columns)


def _differs(*keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which rows differ from the one before (the first does)."""
    differs = np.ones(len(keys[0]), dtype=np.bool_)
    differs[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return differs
