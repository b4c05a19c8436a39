"""Scores as properties of nodes, a page of nodes at a time, by internal ids.

That is twice as fast as looking each account up by its id. The nodes of a page are read, their
ids are found among those of the analysis, and each is written to if it still has that id.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from neo4j import ManagedTransaction

from guanxi.errors import StoreBusyError, StoreError
from guanxi.graph.account_lookup import Finder
from guanxi.graph.arrays import Int32, TextColumn
from guanxi.graph.neo4j.database import Database, fetch_one, record
from guanxi.graph.neo4j.pipeline import side_by_side
from guanxi.graph.neo4j.read import id_ranges
from guanxi.parallel import block_ranges

#: Accounts whose scores are written in one transaction.
BATCH = 20_000


@dataclass(frozen=True)
class Turn:
    """One write-back of the scores that the node `GuanxiMeta` of this `key` tells of.

    Where another one begins meanwhile, this one ends: whoever began last writes all scores.
    """

    key: str
    writer: str = field(default_factory=lambda: uuid.uuid4().hex)

    def require(self, tx: ManagedTransaction) -> None:
        """Raise StoreBusyError where another write-back has begun.

        To be asked when the transaction has written: who begins later then waits for its nodes,
        and writes over them.
        """
        if not record(tx, "writer_of_scores", key=self.key, writer=self.writer)["writers"]:
            raise self.lost()

    def lost(self) -> StoreBusyError:
        """What to say where another write-back has begun."""
        return StoreBusyError(
            "Somebody else writes scores into this database at the same time, and began later. "
            "Analyse once more when that is done, if these scores are to count."
        )


@dataclass(frozen=True)
class ScoredNodes:
    """The nodes that scores are written to: about `count` with `label`, `property` their id.

    `text` makes an account's id of what the property holds, None where it is none.
    """

    label: str
    property: str
    count: int
    text: Callable[[Any], str | None]


def write_pages(
    database: Database,
    turn: Turn,
    nodes: ScoredNodes,
    ids: TextColumn,
    scores: Mapping[str, npt.NDArray[Any]],
    stale: list[str],
    progress: Callable[[int, int], None] | None,
) -> None:
    """Set the properties `scores` (each a value for each of `ids`) and take `stale` away.

    Nodes of other ids lose these properties, too. StoreError where nodes of `ids` are missing,
    StoreBusyError where it is no longer the `turn` of this write-back.
    """
    columns = {name: _plain(values) for name, values in scores.items()}
    properties = [*columns, *stale]
    finder = Finder(ids)

    def write(bounds: tuple[int, int]) -> int:
        low, high = bounds
        page = fetch_one(
            database, "page_of_label", {"label": nodes.label},
            low=low, high=high, property=nodes.property,
        )  # fmt: skip
        written = 0
        for start, end in block_ranges(len(page["keys"]), BATCH):
            keys, raw = page["keys"][start:end], page["ids"][start:end]
            rows = finder.find_all([nodes.text(value) or "" for value in raw])
            values = [_chosen(column, rows) for column in columns.values()]
            values += [[None] * len(rows)] * len(stale)
            places = database.write(partial(_write, turn, nodes, keys, raw, properties, values))
            written += int(np.count_nonzero(rows[places] >= 0))
        return written

    done = 0
    for written in side_by_side(write, id_ranges(database, nodes.label, nodes.count)):
        done += written
        if progress is not None:
            progress(done, len(ids))
    if done < len(ids):
        raise StoreError(
            f"{len(ids) - done:,} of the accounts that were analysed are no longer there: "
            "somebody removed them. Analyse once more."
        )


def _write(
    turn: Turn,
    nodes: ScoredNodes,
    keys: list[int],
    ids: list[Any],
    properties: list[str],
    values: list[list[Any]],
    tx: ManagedTransaction,
) -> list[int]:
    found = record(
        tx, "write_scores", {"label": nodes.label},
        keys=keys, ids=ids, property=nodes.property, properties=properties, values=values,
    )  # fmt: skip
    turn.require(tx)
    places: list[int] = found["places"]
    return places


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """NaN is no score."""
    if values.dtype.kind == "f":
        return np.ma.MaskedArray(values, mask=np.isnan(values))
    return values


def _chosen(column: npt.NDArray[Any], rows: Int32) -> list[Any]:
    """The values of some rows; None where the row is -1, which takes away an older score."""
    if not len(column):
        return [None] * len(rows)
    found = column[np.maximum(rows, 0)]
    mask = np.ma.getmaskarray(found) | (rows < 0)
    listed: list[Any] = np.ma.MaskedArray(np.ma.getdata(found), mask=mask).tolist()
    return listed
