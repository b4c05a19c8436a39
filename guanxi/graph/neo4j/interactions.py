"""An interactions file into Neo4j: cells that add up, and events that count once."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from neo4j import ManagedTransaction

from guanxi.errors import StoreError
from guanxi.graph.arrays import NO_DAY, NO_TIME, Int64
from guanxi.graph.neo4j.database import Database, record
from guanxi.graph.neo4j.edges import EndAccounts, edge_values, nullable, without
from guanxi.graph.schema import StagedEvents, StagedInteractions
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import string_array, strings
from guanxi.parallel import block_ranges

_DAY = 86_400_000_000
_SUMS = ("count", "weight", "value")

#: State of an event of the file: to be added, in the store already, in the store but different.
_NEW, _SAME, _DIFFERENT = 0, 1, 2
States = npt.NDArray[np.int8]


class InteractionsLoad:
    """Commits the rows of one file."""

    def __init__(self, staged: StagedInteractions, ends: EndAccounts) -> None:
        self._staged = staged
        self._ends = ends
        self._rejected: set[int] = set()
        self._late: list[int] = []

    def reject_events(self, database: Database, size: int) -> None:
        """Write down the events that contradict the store; nothing has been committed yet."""
        events = self._staged.events
        if events is None or not database.read(_count_events):
            return
        for start, end in block_ranges(len(events.line), size):
            states = database.read(partial(self._states, start, end))
            self._reject((np.flatnonzero(states == _DIFFERENT) + start).tolist())

    def reject_late(self) -> None:
        """Write down those that came to contradict the store since (others load as well)."""
        self._reject([row for row in self._late if row not in self._rejected])

    def commit_rows(self, start: int, end: int, tx: ManagedTransaction, counts: LoadCounts) -> None:
        """Rows `[start, end)` without event ids: what is there already is added to."""
        staged = self._staged
        cells: dict[str, npt.NDArray[Any]] = {
            name: getattr(staged, name)[start:end] for name in ("actor", "target", "kind", *_SUMS)
        }
        cells["day"] = nullable(staged.day[start:end], NO_DAY)
        cells["first_at"] = nullable(staged.first_at[start:end], NO_TIME)
        cells["last_at"] = nullable(staged.last_at[start:end], NO_TIME)
        # Where all interactions are this load's own, none of these cells can be there.
        look = record(tx, "count_interactions")["count"] != counts.new_edges
        counts.overlapping += self._add_cells(cells, tx, counts, look=look)

    def commit_events(
        self, start: int, end: int, tx: ManagedTransaction, counts: LoadCounts
    ) -> None:
        """Events `[start, end)`: those that the store lacks, and their cells."""
        events = self._staged.events
        assert events is not None
        states = np.zeros(end - start, dtype=np.int8)
        if _count_events(tx) != counts.new_events:  # others than this load's own
            states = self._states(start, end, tx)
        self._late = (np.flatnonzero(states == _DIFFERENT) + start).tolist()
        counts.repeated_events += int(np.count_nonzero(states == _SAME))
        counts.rejected_events += len(self._late)
        chosen = np.flatnonzero(states == _NEW) + start
        counts.new_events += len(chosen)
        if len(chosen):
            rows = self._event_columns(events, chosen)
            self._ends.create("create_events", rows, tx, counts, kinds=self._staged.kinds)
            self._add_cells(_cells_of(events, chosen), tx, counts, look=True)

    def _add_cells(
        self,
        cells: dict[str, npt.NDArray[Any]],
        tx: ManagedTransaction,
        counts: LoadCounts,
        *,
        look: bool,
    ) -> int:
        """Add cells to the interactions; how many of them were there already."""
        ids, kinds = self._staged.ids, self._staged.kinds
        found: list[int] = []
        if look:
            values = edge_values(ids, cells)
            found = record(tx, "update_interactions", kinds=kinds, **values)["found"]
        fresh = without(cells, found)
        new = len(fresh["actor"])
        if new:
            self._ends.create("create_interactions", fresh, tx, counts, kinds=kinds)
        updated = len(cells["actor"]) - new
        counts.updated_edges += updated
        counts.new_edges += new
        return updated

    def _states(self, start: int, end: int, tx: ManagedTransaction) -> States:
        """For each event of `[start, end)`: new, the same as in the store, or different."""
        events = self._staged.events
        assert events is not None
        columns = self._event_columns(events, np.arange(start, end))
        values = edge_values(self._staged.ids, columns)
        found = record(tx, "find_events", kinds=self._staged.kinds, **values)
        states = np.full(end - start, _NEW, dtype=np.int8)
        states[found["found"]] = np.where(found["same"], _SAME, _DIFFERENT)
        return states

    def _event_columns(
        self, events: StagedEvents, chosen: npt.NDArray[np.intp]
    ) -> dict[str, npt.NDArray[Any]]:
        first, last = int(chosen[0]), int(chosen[-1]) + 1
        columns: dict[str, npt.NDArray[Any]] = {
            name: getattr(events, name)[chosen] for name in ("actor", "target", "kind", *_SUMS)
        }
        columns["at"] = nullable(events.at[chosen], NO_TIME)
        columns["event"] = string_array(events.event_id, first, last)[chosen - first]
        return columns

    def _reject(self, rows: list[int]) -> None:
        events = self._staged.events
        assert events is not None
        for row in rows:
            self._rejected.add(row)
            self._staged.rejects.add(
                int(events.line[row]), "event_id", "differs from the same event in the store",
                strings(events.event_id, row, row + 1)[0],
            )  # fmt: skip
        if rows:
            self._staged.rejects.publish()


def _count_events(tx: ManagedTransaction) -> int:
    return int(record(tx, "count_events")["count"])


def _cells_of(events: StagedEvents, chosen: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[Any]]:
    """The chosen events added up per (actor, target, kind, day)."""
    at = events.at[chosen]
    timed = at != NO_TIME
    day = np.where(timed, at // _DAY, NO_DAY)
    keys = [events.actor[chosen], events.target[chosen], events.kind[chosen], day]
    order = np.lexsort([at, *reversed(keys)])
    keys = [key[order] for key in keys]
    differs = np.ones(len(order), dtype=np.bool_)
    differs[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    first = np.flatnonzero(differs)
    last = np.append(first[1:], len(order)) - 1
    at = at[order]
    cells = dict(zip(("actor", "target", "kind", "day"), (key[first] for key in keys), strict=True))
    for name in _SUMS:
        cells[name] = run_sums(getattr(events, name)[chosen][order], first)
    cells["day"] = nullable(cells["day"], NO_DAY)
    cells["first_at"] = nullable(at[first], NO_TIME)
    cells["last_at"] = nullable(at[last], NO_TIME)
    return cells


def run_sums(values: Int64, first: npt.NDArray[np.intp]) -> Int64:
    """Sums of runs; StoreError where one leaves the range of 64 bits, as the server would."""
    rough = np.add.reduceat(values.astype(np.float64), first)
    if (np.abs(rough) > 9.2e18).any():
        raise too_large()
    sums: Int64 = np.add.reduceat(values, first)
    return sums


def too_large() -> StoreError:
    """A sum that no store can hold."""
    return StoreError(
        "A sum of counts, weights or values leaves the range of 64-bit integers (9.2e12 with six "
        "decimals). Use a larger unit in the file. What was committed is intact."
    )
