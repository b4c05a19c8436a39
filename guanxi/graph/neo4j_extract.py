"""The whole content of a Neo4j store in arrays, for a snapshot.

Few fat records instead of one for each relationship: a page of accounts, or the edges that
start at some accounts, come as one record of long lists. Each record is a transaction of its
own, so that a lost connection costs one of them; whether somebody changed the graph between
two of them is for the caller to find out.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import StoreError
from guanxi.graph.arrays import NO_DAY, Int32, Int64, TextColumn
from guanxi.graph.neo4j_chunks import Progress, Told, by_actor
from guanxi.graph.neo4j_columns import read_column
from guanxi.graph.neo4j_database import Database
from guanxi.graph.neo4j_merge import added_up, each_once
from guanxi.graph.neo4j_numbers import Numbers, integers
from guanxi.graph.neo4j_read import PAGE, Page, next_page
from guanxi.graph.neo4j_schema import complete_schema, read_columns
from guanxi.graph.parquet import write_accounts
from guanxi.graph.rows import INTERACTION_ARRAYS, FollowRows, InteractionRows, no_interactions
from guanxi.graph.store import StoreContent


def read_content(
    database: Database, counts: dict[str, int], progress: Progress | None = None
) -> StoreContent:
    """Everything that the store holds, accounts numbered in the byte order of their ids.

    Constraints are made first where they are missing, as after an import of bulk files.
    """
    complete_schema(database)
    told = Told(progress, sum(counts[name] for name in ("accounts", "follows", "interactions")))
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


def _all_pages(database: Database, told: Told) -> list[Page]:
    found: list[Page] = []
    while not found or len(found[-1].keys) == PAGE:
        found.append(database.read(partial(next_page, found[-1] if found else None)))
        told.add(len(found[-1].keys))
    return found


def _follows(database: Database, numbers: Numbers, told: Told) -> FollowRows:
    none = np.empty(0, np.int32)
    parts: list[tuple[Int32, Int32, Int64]] = [(none, none, np.empty(0, np.int64))]
    for (row,) in by_actor(database, numbers, "read_follows", told):
        actor, target = numbers.of(row["actor"]), numbers.of(row["target"])
        parts.append((actor, target, integers(row["since"], "since")))
    actor, target, since = (np.concatenate(column) for column in zip(*parts, strict=True))
    return each_once(FollowRows(actor, target, since), len(numbers.keys))


def _interactions(database: Database, numbers: Numbers, told: Told) -> InteractionRows:
    kinds: dict[str, int] = {}
    parts: list[dict[str, npt.NDArray[Any]]] = []
    for found in by_actor(database, numbers, "read_interactions", told, no_day=NO_DAY):
        parts += [_cells(row, numbers, kinds) for row in found]
    if not parts:
        return no_interactions()
    columns = {name: np.concatenate([part[name] for part in parts]) for name in INTERACTION_ARRAYS}
    return added_up(InteractionRows(kinds=list(kinds), **columns))


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
