"""Relationships out of Neo4j in fat records, for so many accounts at a time that it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import NO_TIME, Int64
from guanxi.graph.neo4j.database import Database, Names, fetch
from guanxi.graph.neo4j.pipeline import side_by_side
from guanxi.graph.neo4j.read import PAGE, STEP, split_ends

#: Relationships that one record should have, and how many times as many it may.
LINKS = 200_000
_SURPRISE = 4

#: Called with (accounts and edges read, all of them).
Progress = Callable[[int, int], None]


@dataclass
class Told:
    """Progress over all that is read, so far `done` of `total`."""

    progress: Progress | None
    total: int
    done: int = 0

    def add(self, number: int) -> None:
        """So many more are read."""
        self.done = min(self.total, self.done + number)
        if self.progress is not None:
            self.progress(self.done, self.total)


class Gathered:
    """Columns that grow by parts to about `capacity` rows, and are never held twice by that.

    Memory is taken as it is filled; where more comes than was counted, the columns move.
    """

    def __init__(self, capacity: int, types: Mapping[str, npt.DTypeLike]) -> None:
        self._columns = {name: np.empty(capacity, dtype=kind) for name, kind in types.items()}
        self._capacity = capacity
        self._rows = 0

    def add(self, part: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add the rows of `part`, which has every column."""
        end = self._rows + len(next(iter(part.values())))
        if end > self._capacity:
            self._capacity = max(end, 2 * self._capacity)
            for name, column in self._columns.items():
                self._columns[name] = np.resize(column, self._capacity)
        for name, column in self._columns.items():
            column[self._rows : end] = part[name]
        self._rows = end

    def take(self) -> dict[str, npt.NDArray[Any]]:
        """The columns; they are the caller's now."""
        taken = {name: column[: self._rows] for name, column in self._columns.items()}
        self._columns = {}
        return taken


def by_actor(
    database: Database,
    keys: Int64,
    name: str,
    told: Told,
    slots: Names | None = None,
    /,
    **values: Any,
) -> Iterator[list[dict[str, Any]]]:
    """The records of all edges, for so many accounts at a time that `LINKS` edges come at once.

    `keys` are the internal ids of all accounts in ascending order: those near each other lie near
    each other on the server's disk. Each record has `actor` and `target` by internal id; ends
    that a statement sends as one number are taken apart.

    How many accounts that are follows from the ones before; where it turns out to be several
    times too many, the server stops, and fewer are asked for. Two records are under way at a time.
    """
    size = min(PAGE, 1 + LINKS // 10)

    def parts() -> Iterator[tuple[int, int]]:
        place = 0
        while place < len(keys):
            end = min(len(keys), place + size)
            yield place, end
            place = end

    def read(part: tuple[int, int]) -> tuple[tuple[int, int], list[dict[str, Any]] | None]:
        asked = keys[part[0] : part[1]].tolist()
        limit = _SURPRISE * LINKS if len(asked) > 1 else 1 << 62
        found = fetch(
            database, name, slots, keys=asked, limit=limit, none=NO_TIME, step=STEP, **values
        )
        for row in found:
            if "ends" in row:
                ends = split_ends(row.pop("ends"), keys[part[0] : part[1]])
                row["actor"], row["target"] = ends
        return part, found if _links(found) < limit else None

    def smaller(part: tuple[int, int]) -> Iterator[list[dict[str, Any]]]:
        """One after the other, as each of them may be large."""
        fewer = max(1, (part[1] - part[0]) // (2 * _SURPRISE))
        for start in range(*part, fewer):
            piece, found = read((start, min(part[1], start + fewer)))
            if found is None:
                yield from smaller(piece)
            else:
                yield found

    for part, found in side_by_side(read, parts()):
        number = 0
        for records in smaller(part) if found is None else [found]:
            number += _links(records)
            told.add(_links(records))
            yield records
        wanted = (part[1] - part[0]) * LINKS // max(number, 1)
        size = max(1, min(PAGE, wanted, size * _SURPRISE))


def _links(found: list[dict[str, Any]]) -> int:
    return sum(len(row["actor"]) for row in found)
