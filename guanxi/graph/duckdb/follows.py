"""A follows file into the DuckDB store: new follows, earlier `since`, and replacement."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from guanxi.graph.arrays import NO_TIME
from guanxi.graph.duckdb.keys import AccountKeys
from guanxi.graph.duckdb.schema import KEY
from guanxi.graph.duckdb.tables import Connection, count, literal, run, table
from guanxi.graph.load_rules import platforms
from guanxi.graph.schema import StagedFollows
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import as_objects


class FollowsLoad:
    """Commits the rows of one file. `sole`: the store has follows of this load only."""

    def __init__(
        self,
        connection: Connection,
        staged: StagedFollows,
        keys: AccountKeys,
        counts: LoadCounts,
        sole: bool,
    ) -> None:
        self._connection = connection
        self._staged = staged
        self._keys = keys
        self._counts = counts
        self._sole = sole

    def commit(self, start: int, end: int) -> None:
        """Rows `[start, end)`: a pair at most once, the earliest `since` wins."""
        staged, keys = self._staged, self._keys.keys()
        rows: dict[str, npt.NDArray[Any]] = {
            "actor": keys[staged.actor[start:end]],
            "target": keys[staged.target[start:end]],
            "since": staged.since[start:end],
        }
        with table(self._connection, "staged_rows", rows):
            since = f"nullif(s.since, {literal(NO_TIME)})"
            if self._sole:
                self._counts.new_edges += count(
                    self._connection,
                    f"insert into follows select s.actor, s.target, {since} from staged_rows s",
                )
                return
            run(
                self._connection,
                "create or replace temp table matched as "
                f"select s.actor, s.target, {since} as since, "
                "f.rowid as row, f.since as before "
                "from staged_rows s left join follows f "
                "on f.actor = s.actor and f.target = s.target",
            )
        self._merge(end - start)

    def _merge(self, rows: int) -> None:
        updated = count(
            self._connection,
            "update follows f set since = m.since from matched m "
            "where f.rowid = m.row and m.since is not null "
            "and (m.before is null or m.since < m.before)",
        )
        new = count(
            self._connection,
            "insert into follows select actor, target, since from matched where row is null",
        )
        run(self._connection, "drop table matched")
        self._counts.updated_edges += updated
        self._counts.new_edges += new
        self._counts.unchanged_edges += rows - updated - new

    def remove_others(self) -> None:
        """Remove the follows inside the file's platforms that the file does not have."""
        staged, keys = self._staged, self._keys.keys()
        covered = {"platform": as_objects(sorted(platforms(staged.ids)))}
        with table(self._connection, "platforms", covered):
            run(
                self._connection,
                f"create or replace temp table covered as select {KEY} as key from accounts "
                "where case when contains(id, ':') then split_part(id, ':', 1) else '' end "
                "in (select platform::varchar from platforms)",
            )
        rows = {"actor": keys[staged.actor], "target": keys[staged.target]}
        with table(self._connection, "staged_rows", rows):
            self._counts.removed_edges += count(
                self._connection,
                "delete from follows where rowid in ("
                "select f.rowid from follows f "
                "semi join covered a on a.key = f.actor "
                "semi join covered t on t.key = f.target "
                "anti join staged_rows s on s.actor = f.actor and s.target = f.target)",
            )
        run(self._connection, "drop table covered")
