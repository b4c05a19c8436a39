"""What a store holds and which loads it has seen, without opening it.

The state stands in a small file in the folder beside the store; whoever writes to the
store keeps it. Readers (and `guanxi status`) need nothing else to know which version is
the newest and whether a load is unfinished. Nothing here imports numpy.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from guanxi.graph.file_lock import is_locked
from guanxi.graph.store_home import StoreHome, disk_errors, read_json, write_json

#: Layout of the store; a store of another one is refused.
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class UnfinishedLoad:
    """A load that is running or was cut off; the same command goes on with it."""

    name: str
    source: str
    role: str
    since: str
    pid: int
    batches_done: int
    batches: int


@dataclass(frozen=True)
class StoreState:
    """What a store holds.

    `version` counts the loads that changed something. `token` is drawn anew with each
    version: a snapshot belongs to a state exactly if their tokens are equal, even after a
    store was put back from a backup. `store_id` names the store. `file` is the size and
    modification time of the store's file when it was last closed by guanxi (empty where
    there is no such file).
    """

    schema: int
    store_id: str
    version: int
    token: str
    accounts: int = 0
    follows: int = 0
    interactions: int = 0
    events: int = 0
    unfinished: tuple[UnfinishedLoad, ...] = ()
    file: tuple[int, ...] = ()


@dataclass
class LoadCounts:
    """What a load did to the store, summed over its batches (also those before a cut).

    `new_accounts`: made by an accounts file. `made_accounts`: made because an edge mentions
    them. `filled_accounts`: made by an edge before, described by this file. `updated_accounts`:
    some field changed. `unchanged_accounts`: nothing new.

    Follows: `new_edges`, `updated_edges` (an earlier `since`), `unchanged_edges`,
    `removed_edges` (by `replace`). Interactions: `new_edges` and `updated_edges` count the
    cells (actor, target, kind, day); `overlapping` are those of the file's rows without an
    event id whose cell existed before, so that they were added to it. `new_events`,
    `repeated_events` (in the store already, counted once), `rejected_events` (in the store
    with other content).

    `already_loaded`: the store had this file, nothing was done. `resumed`: an earlier
    attempt had been cut off, and this one went on.
    """

    rows: int = 0
    new_accounts: int = 0
    made_accounts: int = 0
    filled_accounts: int = 0
    updated_accounts: int = 0
    unchanged_accounts: int = 0
    new_edges: int = 0
    updated_edges: int = 0
    unchanged_edges: int = 0
    removed_edges: int = 0
    overlapping: int = 0
    new_events: int = 0
    repeated_events: int = 0
    rejected_events: int = 0
    already_loaded: bool = False
    resumed: bool = False
    warnings: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the store is another one than before the load."""
        return bool(
            self.new_accounts
            or self.made_accounts
            or self.filled_accounts
            or self.updated_accounts
            or self.new_edges
            or self.updated_edges
            or self.removed_edges
            or self.new_events
        )

    def sums(self) -> dict[str, int]:
        """The plain counts, as the bookkeeping of the store keeps them."""
        return {name: value for name, value in asdict(self).items() if type(value) is int}

    @classmethod
    def from_sums(cls, sums: dict[str, int]) -> LoadCounts:
        """Take up the counts of an attempt that was cut off."""
        counts = cls()
        for name, value in sums.items():
            setattr(counts, name, value)
        return counts


@dataclass(frozen=True)
class LoadRecord:
    """The bookkeeping of one load; `started` and `finished` are ISO times in UTC."""

    number: int
    name: str
    source: str
    role: str
    replace: bool
    done: bool
    batch_rows: int
    batches: int
    batches_done: int
    counts: LoadCounts
    started: str
    finished: str | None


def file_stamp(path: Path) -> tuple[int, ...]:
    """Size and modification time of a store's file; empty where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_size, found.st_mtime_ns)


def read_state(home: StoreHome) -> StoreState | None:
    """The state as the last writer left it; None where there is none."""
    with disk_errors("reading the state of the store"):
        raw = read_json(home.state)
    if raw is None:
        return None
    try:
        return _state_from(raw)
    except (KeyError, TypeError):
        return None


def _state_from(raw: dict[str, Any]) -> StoreState:
    known = {item.name for item in fields(StoreState)}
    values = {name: value for name, value in raw.items() if name in known}
    values["unfinished"] = tuple(UnfinishedLoad(**load) for load in raw.get("unfinished", ()))
    values["file"] = tuple(raw.get("file", ()))
    return StoreState(**values)


def write_state(home: StoreHome, state: StoreState) -> None:
    """Replace the state, atomically."""
    write_json(home.state, asdict(state))


def writer_is_active(home: StoreHome) -> bool:
    """Whether a process is writing to the store at this moment."""
    return is_locked(home.lock)
