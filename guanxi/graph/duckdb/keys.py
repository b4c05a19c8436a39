"""The integer keys that accounts have inside a DuckDB store."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Int32, TextColumn
from guanxi.graph.duckdb.schema import KEY, MADE
from guanxi.graph.duckdb.tables import Connection, count, fetch, table
from guanxi.graph.text import string_array


class AccountKeys:
    """The keys of the accounts that a file mentions, made where they are missing."""

    def __init__(self, connection: Connection, ids: TextColumn) -> None:
        self._connection = connection
        self._ids = ids
        self._keys: Int32 | None = None

    def lookup(self) -> Int32:
        """Key of each id, -1 for accounts that the store does not have."""
        keys = np.full(len(self._ids), -1, dtype=np.int32)
        position = np.arange(len(self._ids), dtype=np.int32)
        texts = {"pos": position, "id": string_array(self._ids)}
        with table(self._connection, "mentioned", texts):
            found = fetch(
                self._connection,
                f"select m.pos, a.{KEY} as key from mentioned m join accounts a on a.id = m.id",
            )
        keys[found["pos"]] = found["key"]
        return keys

    def make(self, start: int, end: int) -> int:
        """Make the missing accounts among the ids `[start, end)`; how many there were."""
        base = next_key(self._connection)
        position = np.arange(start, end, dtype=np.int32)
        texts = {"pos": position, "id": string_array(self._ids, start, end)}
        missing = "mentioned m anti join accounts a on a.id = m.id" if base else "mentioned m"
        with table(self._connection, "mentioned", texts):
            made = count(
                self._connection,
                f"insert into accounts ({KEY}, id, {MADE}) "
                f"select {base} + row_number() over (order by m.pos) - 1, m.id, true "
                f"from {missing} order by m.pos",
            )
        if base == 0 and start == 0 and end == len(self._ids):
            self._keys = position  # all accounts that there are, in this very order
        return made

    def keys(self) -> Int32:
        """Key of each id, once all have been made."""
        if self._keys is None:
            self._keys = self.lookup()
        return self._keys


def next_key(connection: Connection) -> int:
    """The key of the next account: they count up from 0 and never go away."""
    return count(connection, "select count(*) from accounts")
