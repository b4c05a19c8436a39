"""The whole content of a Neo4j store in arrays, for a snapshot.

Few fat records instead of one for each relationship: a page of accounts, or the edges that
start at some accounts, come as one record of long lists. Each record is a transaction of its
own, so that a lost connection costs one of them; whether somebody changed the graph between
two of them is for the caller to find out.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import StoreError
from guanxi.graph.arrays import NO_DAY, Bool, TextColumn
from guanxi.graph.neo4j.chunks import Gathered, Progress, Told, by_actor
from guanxi.graph.neo4j.columns import read_column
from guanxi.graph.neo4j.database import Database, fetch_one
from guanxi.graph.neo4j.merge import added_up, each_once
from guanxi.graph.neo4j.numbers import Numbers, integers
from guanxi.graph.neo4j.pipeline import side_by_side
from guanxi.graph.neo4j.read import Page, id_ranges
from guanxi.graph.neo4j.schema import complete_schema, read_columns
from guanxi.graph.parquet import write_accounts
from guanxi.graph.rows import INTERACTION_ARRAYS as _ARRAYS
from guanxi.graph.rows import FollowRows, InteractionRows, no_interactions
from guanxi.graph.store import StoreContent

#: The first of the columns of interactions are 32 bits wide, the others 64.
_NARROW = 4

#: Ids of the accounts in the order of their bytes, whether each was made, and their numbers.
Ordered = tuple[TextColumn, Bool, Numbers]


def read_content(
    database: Database, counts: dict[str, int], progress: Progress | None = None
) -> StoreContent:
    """Everything that the store holds, accounts numbered in the byte order of their ids.

    Constraints are made first where they are missing, as after an import of bulk files.
    """
    complete_schema(database)
    told = Told(progress, sum(counts[name] for name in ("accounts", "follows", "interactions")))
    pages = _all_pages(database, told, counts["accounts"])
    keys = np.sort(np.concatenate([np.array(page.keys, dtype=np.int64) for page in pages]))
    asked = {"all_accounts": _end_at_accounts(database, "FOLLOWS")}
    with ThreadPoolExecutor(1, thread_name_prefix="guanxi-order") as pool:
        # The ids are put in order while the server collects the first follows.
        ordered = pool.submit(_in_order, pages)
        del pages
        parts = by_actor(database, keys, "read_follows", told, **asked)
        follows = _follows(parts if counts["follows"] else (), ordered, counts["follows"])
    accounts, made, numbers = ordered.result()
    del ordered
    interactions = _interactions(database, numbers, told, counts["interactions"])
    columns = [read_column(database, column, numbers) for column in database.read(read_columns)]
    by_name = {column.name: column for column in columns}
    return StoreContent(
        ids=accounts,
        made=made,
        follows=follows,
        interactions=interactions,
        columns={column.name: column.type for column in columns},
        column=by_name.__getitem__,
        write_accounts=partial(write_accounts, accounts, columns),
    )


def _all_pages(database: Database, told: Told, count: int) -> list[Page]:
    def read(bounds: tuple[int, int]) -> Page:
        low, high = bounds
        return Page(**fetch_one(database, "accounts_in_range", low=low, high=high))

    found = [Page([], [], [])]
    for page in side_by_side(read, id_ranges(database, "Account", count)):
        found.append(page)
        told.add(len(page.keys))
    return found


def _in_order(pages: list[Page]) -> Ordered:
    """Ids in the order of their bytes, whether each account was made, and their numbers."""
    ids = [account for page in pages for account in page.ids]
    # Python compares strings by code point, which is the order of their UTF-8.
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    keys = np.concatenate([np.array(page.keys, dtype=np.int64) for page in pages])
    made = np.concatenate([np.array(page.made, dtype=np.bool_) for page in pages])
    accounts = TextColumn.from_strings([ids[i] for i in order.tolist()])
    return accounts, made[order], Numbers(keys[order])


def _follows(
    parts: Iterable[list[dict[str, Any]]], ordered: Future[Ordered], count: int
) -> FollowRows:
    gathered = Gathered(count, {"actor": np.int32, "target": np.int32, "since": np.int64})
    for (row,) in parts:
        numbers = ordered.result()[2]
        gathered.add(
            {
                "actor": numbers.of(row["actor"]),
                "target": numbers.of(row["target"]),
                "since": integers(row["since"], "since"),
            }
        )
    return each_once(FollowRows(**gathered.take()), len(ordered.result()[0]))


def _interactions(database: Database, numbers: Numbers, told: Told, count: int) -> InteractionRows:
    if not count:
        return no_interactions()
    kinds: dict[str, int] = {}
    types = {name: np.int32 if i < _NARROW else np.int64 for i, name in enumerate(_ARRAYS)}
    gathered = Gathered(count, types)
    asked = {"all_accounts": _end_at_accounts(database, "INTERACTED"), "no_day": NO_DAY}
    for found in by_actor(database, numbers.ascending, "read_interactions", told, **asked):
        for row in found:
            gathered.add(_cells(row, numbers, kinds))
    return added_up(InteractionRows(kinds=list(kinds), **gathered.take()))


def _end_at_accounts(database: Database, type_: str) -> bool:
    """Whether all relationships of a type do, so that the server need not look at each."""
    ending = fetch_one(database, "count_ending", {"type": type_, "label": "Account"})
    return bool(ending["count"] == fetch_one(database, "count_typed", {"type": type_})["count"])


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
        name: integers(row[name], name) for name in _ARRAYS[_NARROW:]
    }
    columns["actor"], columns["target"] = numbers.of(row["actor"]), numbers.of(row["target"])
    columns["day"] = integers(row["day"], "day").astype(np.int32)
    columns["kind"] = np.full(len(columns["actor"]), kind, dtype=np.int32)
    return columns
