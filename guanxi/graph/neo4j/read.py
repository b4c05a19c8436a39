"""Accounts of a Neo4j database by page, and what is asked by their internal ids.

Neo4j's internal ids (`id()`) are the fast key within one reading or one transaction. After it
they may be another node's (`edges` compares), and they are never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from neo4j import ManagedTransaction

from guanxi.errors import StoreBusyError
from guanxi.graph.arrays import NO_TIME, Int64
from guanxi.graph.neo4j.database import Database, fetch_one, record, run

if TYPE_CHECKING:
    from guanxi.graph.store import StoreContent
    from guanxi.graph.store_state import StoreState

T = TypeVar("T")

#: Accounts in one record.
PAGE = 50_000
#: A page covers at most so many times as many internal ids as it should have nodes.
_SPARSEST = 20
_BITS = 47
#: Above every internal id, and `PAGE` times it fits 64 bits: two numbers come as one, which costs
#: the server and Python less.
STEP = 1 << _BITS
#: How many times a graph is read that others change meanwhile.
_READINGS = 3


@dataclass(frozen=True)
class Page:
    """Some accounts in the order of their ids."""

    keys: list[int]
    ids: list[str]
    made: list[bool]


def next_page(before: Page | None, tx: ManagedTransaction) -> Page:
    """The accounts that follow on a page, or the first ones. A short page is the last."""
    after = before.ids[-1] if before is not None else ""
    return Page(**record(tx, "page_of_accounts", after=after, limit=PAGE))


def id_ranges(database: Database, label: str, count: int) -> Iterator[tuple[int, int]]:
    """Ranges (first, last) of internal ids in which the `count` nodes of a label lie.

    A page of nodes each, if they are spread evenly; no index is needed to read one.
    """
    bounds = fetch_one(database, "bounds_of_label", {"label": label})
    if bounds["low"] is None:
        return
    spread = (bounds["high"] - bounds["low"] + 1) // max(count, 1)
    width = PAGE * min(max(spread, 1), _SPARSEST)
    for low in range(bounds["low"], bounds["high"] + 1, width):
        yield low, min(bounds["high"], low + width - 1)


def pages(tx: ManagedTransaction) -> Iterator[Page]:
    """All accounts, in one transaction."""
    page = None
    while page is None or len(page.keys) == PAGE:
        page = next_page(page, tx)
        yield page


def split_ends(ends: list[int], keys: Int64) -> tuple[Int64, Int64]:
    """Actors and targets by internal id, out of `places in keys * STEP + target`."""
    packed = np.array(ends, dtype=np.int64)
    return keys[packed >> _BITS], packed & (STEP - 1)  # several times as fast as to divide


def read_follow_keys(tx: ManagedTransaction, keys: list[int]) -> tuple[list[int], list[int]]:
    """Actors and targets of the follows that start at `keys`, by internal id."""
    asked: dict[str, Any] = {"all_accounts": False, "none": NO_TIME, "limit": 1 << 62, "step": STEP}
    ends = record(tx, "read_follows", keys=keys, **asked)["ends"]
    actor, target = split_ends(ends, np.array(keys, dtype=np.int64))
    return actor.tolist(), target.tolist()


def remove_follows(tx: ManagedTransaction, actors: list[int], targets: list[int]) -> int:
    """Remove follows, by internal ids; how many there were."""
    summary = run(tx, "remove_follows", actors=actors, targets=targets)
    return summary.counters.relationships_deleted


def read_settled(
    url: str,
    look: Callable[[], tuple[T, StoreState]],
    read: Callable[[T], StoreContent],
) -> StoreContent:
    """What `read` finds while `look` sees the same before and after.

    Reading starts again where something has changed in the meantime, a few times; then
    StoreBusyError.
    """
    for _ in range(_READINGS):
        before, state = look()
        try:
            content = read(before)
        except StoreBusyError:
            continue
        if look()[0] == before:
            return changed(content, state=state)
    raise StoreBusyError(
        f"{url} was changed each time while it was read, {_READINGS} times. Try again when nobody "
        "writes to it."
    )
