"""The contract that every store keeps.

A store is the record of truth. What it promises:

- A load is committed in batches, each together with its bookkeeping, in one transaction.
  At any moment, even after `kill -9`, the store holds whole batches only.
- A load that is done is not done again: the second time nothing changes. One that was cut
  off goes on after its last committed batch.
- The version grows by one with each load that changed something, together with the load's
  last batch. Scores do not change the version.
- An account id is unique and never goes away. Accounts that only edges mention are *made*.
- At most one follow per (actor, target), the earliest `since` wins. Interactions are kept
  per (actor, target, kind, UTC day): counts, weights and values add up, exactly. An event
  (event id, actor, target, kind) counts once.

While a DuckDB store is open nobody else can write to it; into a Neo4j store many may load at
once. Who only reads uses a snapshot (`guanxi.graph.snapshot_open`), which needs no open store.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from guanxi.graph.arrays import Bool, TextColumn
from guanxi.graph.closing import Closing
from guanxi.graph.rows import FollowRows, InteractionRows
from guanxi.graph.schema import AccountColumn, ColumnType, StagedFile
from guanxi.graph.store_home import StoreHome
from guanxi.graph.store_state import LoadCounts, LoadRecord, StoreState

#: Rows of a file that are committed together to a DuckDB store.
BATCH_ROWS = 1_000_000

#: Called with (rows done, rows in all) after each batch. Raising from it ends the load
#: after the last committed batch.
LoadProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class StoreContent:
    """Everything that a snapshot is made of, as the store holds it at this moment.

    Accounts are numbered in the byte order of `ids`; edges refer to these numbers.
    `column` gives one column of the accounts in that order; `write_accounts` writes
    `id` and all columns (by name, in byte order) to a Parquet file, exactly as
    `guanxi.graph.parquet.write_accounts` would. Both need the store to be open still.
    `state` is that of the very content, where others may change the store meanwhile.
    `warnings` are sentences about what could not be taken, for who uses the snapshot.
    """

    ids: TextColumn
    made: Bool
    follows: FollowRows
    interactions: InteractionRows
    columns: dict[str, ColumnType]
    column: Callable[[str], AccountColumn]
    write_accounts: Callable[[Path], None]
    state: StoreState | None = None
    warnings: tuple[str, ...] = ()


class Store(Closing):
    """A graph store, open for writing; a context manager.

    `url` is how users name it; `home` is the folder in which its snapshots lie.
    """

    url: str
    home: StoreHome

    @abstractmethod
    def close(self) -> None:
        """Give the store back. A second call does nothing."""

    @abstractmethod
    def state(self) -> StoreState:
        """Version and counts, from the store itself."""

    @abstractmethod
    def columns(self) -> dict[str, ColumnType]:
        """The columns of the accounts, in the order in which they were first loaded."""

    @abstractmethod
    def loads(self) -> list[LoadRecord]:
        """All loads, in the order of their start."""

    @abstractmethod
    def load(
        self,
        staged: StagedFile,
        *,
        again: bool = False,
        replace: bool = False,
        progress: LoadProgress | None = None,
    ) -> LoadCounts:
        """Commit a staged file.

        With `again`, a file that is in the store already is taken once more: accounts and
        follows are written over (events are recognised), and interactions without event
        ids are added a second time. `again` goes on with a load that was cut off, like any
        other call, and does not start anew.

        With `replace` (follows only) the file is the whole truth about its platforms. The
        platform of an id is the text before its first `:`, and empty without one. Follows
        between two accounts of platforms that the file mentions, and which the file does
        not have, are removed with the last batch. A file that was replaced by another load
        of follows since is taken again.

        Raises StoreError where a column has another type than before, or a name that
        cannot be told from another; ResourceError when the disk is full. What was
        committed stays, and the same call goes on.
        """

    @abstractmethod
    def read(self) -> StoreContent:
        """The whole content in arrays."""

    @abstractmethod
    def write_scores(
        self,
        ids: TextColumn,
        scores: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
    ) -> None:
        """Replace all scores. `scores[name][i]` belongs to the account `ids[i]`.

        Arrays of floats (NaN: none), integers or booleans. `meta` (JSON) says what they
        are: snapshot version, parameters, time. Accounts that are not in `ids` have none.
        """

    @abstractmethod
    def scores_meta(self) -> dict[str, Any] | None:
        """What `write_scores` was last told; None before the first time."""
