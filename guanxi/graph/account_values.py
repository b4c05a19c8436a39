"""Columns of the accounts held in memory, for those who ask about single accounts all the time.

To fetch one row out of the file of the accounts takes DuckDB milliseconds; out of these arrays
it takes microseconds. They are filled only after a few such questions, so that a command,
which asks once, never pays for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Bool, TextColumn
from guanxi.graph.schema import ColumnType
from guanxi.graph.text import pack, text_reader
from guanxi.sql import quote

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot

#: What numbers the rows of the file.
ROW = "file_row_number"
#: Questions about a few rows, after which columns are taken into memory.
_ASKED = 4
#: Bytes for the columns of one snapshot, and what a text takes before it is read.
_MOST = 80 << 20
_TEXT = 24
_CHUNK = 1 << 16
#: Fetches the columns of a query, as arrays.
Fetch = Callable[[str], dict[str, npt.NDArray[Any]]]


@dataclass(frozen=True)
class _Held:
    """One column; `present` says where there is a value."""

    values: npt.NDArray[Any] | TextColumn
    present: Bool

    @cached_property
    def at(self) -> Callable[[int], Any]:
        """Finds the value of one account, None where there is none."""
        # An item of a memoryview costs a fraction of one of an array.
        present = self.present.data
        if isinstance(self.values, TextColumn):
            text = text_reader(self.values)
            return lambda row: text(row) if present[row] else None
        is_number = self.values.dtype.kind in "bf"  # no memoryview can hold a date
        item = self.values.data.__getitem__ if is_number else self.values.item
        return lambda row: item(row) if present[row] else None


class AccountValues:
    """The columns of one snapshot that are held in memory; as many as there is room for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._n = snapshot.n
        #: Whether rows can be numbered: a column of a user may be called like that which does it.
        self.numbered = not any(name.casefold() == ROW for name in snapshot.column_types)
        self._types = snapshot.column_types
        #: The columns that are there by now.
        self.held: dict[str, _Held] = {}
        self._wanted = {name for name in self._types if snapshot.text(name) is None}
        self._refused: set[str] = set()
        self._bytes = 0
        self._asked = 0
        self._filling = threading.Lock()

    def has_all(self) -> bool:
        """Whether every column is held that is not at hand as an array anyway."""
        return self._wanted <= self.held.keys()

    def read(
        self, names: Sequence[str], rows: Sequence[int], fetch: Fetch
    ) -> dict[str, list[Any]] | None:
        """The columns `names` of a few rows, or None where DuckDB has to be asked.

        `fetch(query)` runs a query over the file, whose table is called `accounts` and whose
        rows are numbered by `file_row_number`; a date is a `datetime`.
        """
        self._asked += 1
        if not self.held.keys() >= set(names):
            if self._asked <= _ASKED or any(name in self._refused for name in names):
                return None
            if not self._filling.acquire(blocking=False):
                return None
            try:
                self._fill(names, fetch)
            finally:
                self._filling.release()
            if not self.held.keys() >= set(names):
                return None
        return {name: [self.held[name].at(row) for row in rows] for name in names}

    def _fill(self, names: Sequence[str], fetch: Fetch) -> None:
        for name in names:
            if name in self.held:
                continue
            kind = self._types[name]
            size = self._n * (_TEXT if kind == ColumnType.TEXT else 9)
            if self._bytes + size > _MOST:
                self._refused.add(name)
                continue
            held = self._text(name, fetch) if kind == ColumnType.TEXT else self._plain(name, fetch)
            self._bytes += held.present.nbytes
            if isinstance(held.values, TextColumn):
                self._bytes += held.values.data.nbytes + 8 * self._n
            else:
                self._bytes += held.values.nbytes
            self.held[name] = held

    def _plain(self, name: str, fetch: Fetch) -> _Held:
        found = fetch(f"select {quote(name)} as v from accounts")["v"]
        present = ~np.ma.getmaskarray(found)
        values = np.ascontiguousarray(np.ma.getdata(found))
        if values.dtype.kind == "M":
            values = values.astype("datetime64[us]")
        return _Held(values, present)

    def _text(self, name: str, fetch: Fetch) -> _Held:
        """A range of rows at a time: a million Python strings at once would take too much."""
        parts, present = [], []
        lengths = np.zeros(self._n, dtype=np.int64)
        for start in range(0, self._n, _CHUNK):
            end = min(start + _CHUNK, self._n)
            found = fetch(
                f"select coalesce({quote(name)}, '') as v, {quote(name)} is not null as p, "
                f"strlen(coalesce({quote(name)}, '')) as n from accounts "
                f"where file_row_number between {start} and {end - 1} order by file_row_number"
            )
            lengths[start:end] = found["n"]
            parts.append(pack(found["v"].tolist(), lengths[start:end]).data)
            present.append(np.asarray(found["p"], dtype=np.bool_))
        bounds = np.zeros(self._n + 1, dtype=np.int64)
        np.cumsum(lengths, out=bounds[1:])
        data = np.concatenate(parts) if parts else np.empty(0, np.uint8)
        there = np.concatenate(present) if present else np.empty(0, np.bool_)
        return _Held(TextColumn(data, bounds[:-1], bounds[1:]), there)
