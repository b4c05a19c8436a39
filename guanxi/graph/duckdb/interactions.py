"""An interactions file into the DuckDB store: cells that add up, and events that count once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import NO_DAY, NO_TIME, Int32, Int64
from guanxi.graph.duckdb.keys import AccountKeys
from guanxi.graph.duckdb.tables import Connection, count, fetch, rows, run, table
from guanxi.graph.schema import StagedEvents, StagedInteractions
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import as_objects, string_array

_DAY = 86_400_000_000
_SUMS = ("count", "weight", "value")

#: State of an event of the file: to be added, in the store already, in the store but different.
_NEW, _SAME, _DIFFERENT = 0, 1, 2


class InteractionsLoad:
    """Commits the rows of one file. `sole`: the store has interactions of this load only."""

    def __init__(
        self,
        connection: Connection,
        staged: StagedInteractions,
        keys: AccountKeys,
        counts: LoadCounts,
        sole: bool,
    ) -> None:
        self._connection = connection
        self._staged = staged
        self._keys = keys
        self._counts = counts
        self._sole = sole
        self._kinds: Int32 | None = None
        self._events = _event_states(connection, staged, keys)

    def reject_events(self) -> None:
        """Write down the events that contradict the store; nothing has been committed yet."""
        events = self._staged.events
        if events is None:
            return
        different = np.flatnonzero(self._events == _DIFFERENT)
        texts = string_array(events.event_id)
        for row in different.tolist():
            self._staged.rejects.add(
                int(events.line[row]), "event_id", "differs from the same event in the store",
                texts[row],
            )  # fmt: skip
        if len(different):
            self._staged.rejects.publish()

    def commit_rows(self, start: int, end: int) -> None:
        """Rows `[start, end)` without event ids: what is there already is added to."""
        staged, keys = self._staged, self._keys.keys()
        cells = {
            "actor": keys[staged.actor[start:end]],
            "target": keys[staged.target[start:end]],
            "kind": self._kind_keys()[staged.kind[start:end]],
            "day": _nullable(staged.day[start:end], NO_DAY),
            "count": staged.count[start:end],
            "weight": staged.weight[start:end],
            "value": staged.value[start:end],
            "first_at": _nullable(staged.first_at[start:end], NO_TIME),
            "last_at": _nullable(staged.last_at[start:end], NO_TIME),
        }
        with table(self._connection, "cells", cells):
            if self._sole:
                self._counts.new_edges += count(
                    self._connection, "insert into interactions select * from cells"
                )
                return
            self._counts.overlapping += self._add_cells()

    def commit_events(self, start: int, end: int) -> None:
        """Events `[start, end)`: those that the store lacks, and their cells."""
        events = self._staged.events
        assert events is not None
        states = self._events[start:end]
        self._counts.repeated_events += int(np.count_nonzero(states == _SAME))
        self._counts.rejected_events += int(np.count_nonzero(states == _DIFFERENT))
        with table(self._connection, "staged_events", self._event_rows(events, start, end)):
            self._counts.new_events += count(
                self._connection,
                "insert into events select event_id, actor, target, kind, occurred_at, "
                "count, weight, value from staged_events",
            )
            run(
                self._connection,
                "create or replace temp table cells as select actor, target, kind, day, "
                "sum(count)::bigint as count, sum(weight)::bigint as weight, "
                "sum(value)::bigint as value, "
                "min(occurred_at) as first_at, max(occurred_at) as last_at "
                "from staged_events group by actor, target, kind, day "
                "order by actor, target, kind, day",
            )
        self._add_cells()
        run(self._connection, "drop table cells")

    def _add_cells(self) -> int:
        """Add the table `cells` to the interactions; how many of them were there already."""
        run(
            self._connection,
            "create or replace temp table matched as select s.*, i.rowid as row "
            "from cells s left join interactions i on i.actor = s.actor "
            "and i.target = s.target and i.kind = s.kind and i.day is not distinct from s.day",
        )
        sums = ", ".join(f"{name} = i.{name} + m.{name}" for name in _SUMS)
        updated = count(
            self._connection,
            f"update interactions i set {sums}, "
            "first_at = least(i.first_at, m.first_at), last_at = greatest(i.last_at, m.last_at) "
            "from matched m where i.rowid = m.row",
        )
        self._counts.updated_edges += updated
        self._counts.new_edges += count(
            self._connection,
            "insert into interactions select * exclude (row) from matched where row is null",
        )
        run(self._connection, "drop table matched")
        return updated

    def _kind_keys(self) -> Int32:
        """Keys of the staged kinds, made where they are missing."""
        if self._kinds is None:
            with table(self._connection, "staged_kinds", {"name": as_objects(self._staged.kinds)}):
                run(
                    self._connection,
                    "insert into kinds "
                    "select (select count(*) from kinds) + row_number() over (order by name) - 1, "
                    "name::varchar from staged_kinds "
                    "where name not in (select name from kinds)",
                )
            self._kinds = _known_kinds(self._connection, self._staged.kinds)
        return self._kinds

    def _event_rows(
        self, events: StagedEvents, start: int, end: int
    ) -> dict[str, npt.NDArray[Any]]:
        """The new events of `[start, end)` as a table."""
        chosen = self._events[start:end] == _NEW
        keys, kinds = self._keys.keys(), self._kind_keys()
        at = events.at[start:end][chosen]
        return {
            "event_id": string_array(events.event_id, start, end)[chosen],
            "actor": keys[events.actor[start:end][chosen]],
            "target": keys[events.target[start:end][chosen]],
            "kind": kinds[events.kind[start:end][chosen]],
            "occurred_at": _nullable(at, NO_TIME),
            "day": _days(at),
            "count": events.count[start:end][chosen],
            "weight": events.weight[start:end][chosen],
            "value": events.value[start:end][chosen],
        }


def _known_kinds(connection: Connection, names: list[str]) -> Int32:
    """Key of each kind, -1 where the store does not have it."""
    known = dict(rows(connection, "select name, kind from kinds"))
    return np.array([known.get(name, -1) for name in names], dtype=np.int32)


def _event_states(
    connection: Connection, staged: StagedInteractions, keys: AccountKeys
) -> npt.NDArray[np.int8]:
    """For each event of the file: new, the same as in the store, or different from it."""
    events = staged.events
    if events is None:
        return np.empty(0, dtype=np.int8)
    states = np.full(len(events.line), _NEW, dtype=np.int8)
    if not count(connection, "select count(*) from events"):
        return states
    known = keys.lookup()
    kinds = _known_kinds(connection, staged.kinds)
    staged_rows = {
        "pos": np.arange(len(states), dtype=np.int64),
        "event_id": string_array(events.event_id),
        "actor": known[events.actor],
        "target": known[events.target],
        "kind": kinds[events.kind],
        "occurred_at": _nullable(events.at, NO_TIME),
        "count": events.count,
        "weight": events.weight,
        "value": events.value,
    }
    with table(connection, "staged_events", staged_rows):
        found = fetch(
            connection,
            "select s.pos, s.count = e.count and s.weight = e.weight and s.value = e.value "
            "and s.occurred_at is not distinct from e.occurred_at as same "
            "from staged_events s join events e on e.event_id = s.event_id "
            "and e.actor = s.actor and e.target = s.target and e.kind = s.kind",
        )
    states[found["pos"]] = np.where(found["same"], _SAME, _DIFFERENT)
    return states


def _nullable(values: npt.NDArray[Any], nothing: int) -> npt.NDArray[Any]:
    return np.ma.MaskedArray(values, mask=values == nothing)


def _days(at: Int64) -> npt.NDArray[Any]:
    days = np.floor_divide(at, _DAY).astype(np.int32)
    return np.ma.MaskedArray(days, mask=at == NO_TIME)
