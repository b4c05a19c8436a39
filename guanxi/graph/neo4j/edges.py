"""Rows of edges as parameters of a statement: columns of numbers, and each id only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from neo4j import ManagedTransaction

from guanxi.errors import StoreBusyError
from guanxi.graph.arrays import Int64, TextColumn
from guanxi.graph.neo4j.database import record, record_and_summary, run
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import texts_at

Columns = Mapping[str, npt.NDArray[Any]]
_UNKNOWN = -1
_MAKE = "make_accounts"


class EndAccounts:
    """The accounts at the ends of a file's edges, and Neo4j's internal id of each once known.

    Internal ids (`id()`) outlast a transaction, but an account may be removed and its id given
    to another node; so the statements that create edges compare ids, and where one differs the
    accounts are looked up by index, and made again if somebody has removed them.
    """

    def __init__(self, ids: TextColumn) -> None:
        self.ids = ids
        self._keys = np.full(len(ids), _UNKNOWN, dtype=np.int64)

    def make(self, start: int, end: int, tx: ManagedTransaction, counts: LoadCounts) -> None:
        """Make the missing accounts among the ids `[start, end)`."""
        none = record(tx, "count_accounts")["count"] == 0
        self._find(np.arange(start, end), tx, counts, "create_accounts" if none else _MAKE)

    def create(
        self, name: str, rows: Columns, tx: ManagedTransaction, counts: LoadCounts, **values: Any
    ) -> None:
        """Create an edge for each of `rows` (`actor`, `target` and other columns), none of which
        is there, by the statement `name`.

        StoreBusyError where somebody removes accounts at the same time.
        """
        used, ends = _ends(rows)
        sent = {**values, **ends, **_others(rows), "ids": texts_at(self.ids, used)}
        unknown = used[self._keys[used] == _UNKNOWN]
        if len(unknown):
            self._find(unknown, tx, counts)
        if self._created(name, used, sent, tx):
            return
        self._find(used, tx, counts)
        if not self._created(name, used, sent, tx):
            raise StoreBusyError(
                "Somebody removes accounts from the store while it is loaded into. Repeat the "
                "command when that is done."
            )

    def _created(
        self, name: str, used: Int64, sent: dict[str, Any], tx: ManagedTransaction
    ) -> bool:
        summary = run(tx, name, keys=self._keys[used].tolist(), **sent)
        return bool(summary.counters.relationships_created)

    def _find(
        self, numbers: Int64, tx: ManagedTransaction, counts: LoadCounts, name: str = _MAKE
    ) -> None:
        """Look up accounts by their numbers in the file, and make those that are missing."""
        texts = texts_at(self.ids, numbers)
        found, summary = record_and_summary(tx, name, ids=texts)
        self._keys[numbers[found["places"]]] = found["keys"]
        counts.made_accounts += summary.counters.nodes_created


def edge_values(ids: TextColumn, rows: Columns) -> dict[str, list[Any]]:
    """The parameters for `rows`, which have `actor`, `target` and other columns: `ids` that the
    rows mention, and `actor` and `target` as places among them.
    """
    used, ends = _ends(rows)
    return {"ids": texts_at(ids, used), **ends, **_others(rows)}


def without(rows: Columns, found: list[int]) -> dict[str, npt.NDArray[Any]]:
    """The rows whose places are not in `found`."""
    length = len(rows["actor"])
    if not found:
        return dict(rows)
    missing = np.ones(length, dtype=np.bool_)
    missing[found] = False
    return {name: values[missing] for name, values in rows.items()}


def nullable(values: npt.NDArray[Any], nothing: int) -> npt.NDArray[Any]:
    """`values` that become None in a list where they equal `nothing`."""
    return np.ma.MaskedArray(values, mask=values == nothing)


def _ends(rows: Columns) -> tuple[Int64, dict[str, list[Any]]]:
    """The accounts that rows mention, and both columns as places among them."""
    actor, target = rows["actor"], rows["target"]
    mentioned = np.zeros(1 + max(actor.max(initial=-1), target.max(initial=-1)), dtype=np.bool_)
    mentioned[actor] = mentioned[target] = True
    used = np.flatnonzero(mentioned)
    places = np.cumsum(mentioned, dtype=np.int32) - 1
    return used, {"actor": places[actor].tolist(), "target": places[target].tolist()}


def _others(rows: Columns) -> dict[str, list[Any]]:
    return {name: rows[name].tolist() for name in rows if name not in ("actor", "target")}
