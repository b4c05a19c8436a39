"""A staged file into the DuckDB store, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from guanxi.graph.duckdb.accounts import load_accounts, prepare_columns
from guanxi.graph.duckdb.follows import FollowsLoad
from guanxi.graph.duckdb.interactions import InteractionsLoad
from guanxi.graph.duckdb.keys import AccountKeys
from guanxi.graph.duckdb.loads import (
    begin_load,
    finish_load,
    is_sole,
    plan_load,
    record_batch,
)
from guanxi.graph.duckdb.tables import Connection, transaction
from guanxi.graph.load_rules import load_warnings
from guanxi.graph.schema import StagedAccounts, StagedFile, StagedFollows, StagedInteractions
from guanxi.graph.store import LoadProgress
from guanxi.graph.store_state import LoadCounts, LoadRecord
from guanxi.parallel import block_ranges


@dataclass(frozen=True)
class Batch:
    """What is committed in one transaction."""

    rows: int
    commit: Callable[[], None]


def run_load(
    connection: Connection,
    staged: StagedFile,
    *,
    again: bool,
    replace: bool,
    batch_rows: int,
    begun: Callable[[], None],
    finished: Callable[[], None],
    progress: LoadProgress | None,
) -> LoadCounts:
    """Commit `staged`, or what is left of it.

    `begun` is called when it is sure that there is work, before the first batch; `finished`
    inside the transaction of the last batch, if the load changed anything.
    """
    if isinstance(staged, StagedAccounts):
        prepare_columns(connection, staged)
    record = begin_load(connection, staged, again=again, replace=replace, batch_rows=batch_rows)
    if record is None:
        return LoadCounts(already_loaded=True)
    begun()
    counts = record.counts
    counts.resumed = record.batches_done > 0
    batches = _plan(connection, staged, record, counts)
    plan_load(connection, record, len(batches))
    total = sum(batch.rows for batch in batches)
    done = sum(batch.rows for batch in batches[: record.batches_done])
    for number, batch in enumerate(batches[record.batches_done :], start=record.batches_done + 1):
        last = number == len(batches)
        _commit(connection, record, batch, number, counts, finished if last else None)
        done += batch.rows
        if progress is not None:
            progress(done, total)
    counts.warnings += load_warnings(staged, counts)
    return counts


def _commit(
    connection: Connection,
    record: LoadRecord,
    batch: Batch,
    number: int,
    counts: LoadCounts,
    finished: Callable[[], None] | None,
) -> None:
    with transaction(connection):
        batch.commit()
        counts.rows += batch.rows
        record_batch(connection, record, number, counts)
        if finished is not None:
            finish_load(connection, record)
            if counts.changed:
                finished()


def _plan(
    connection: Connection, staged: StagedFile, record: LoadRecord, counts: LoadCounts
) -> list[Batch]:
    """All batches of the file, in the order in which they are committed."""
    size = record.batch_rows
    if isinstance(staged, StagedAccounts):
        rows = block_ranges(len(staged.ids), size)
        batches = [
            Batch(end - start, partial(load_accounts, connection, staged, counts, start, end))
            for start, end in rows
        ]
        return batches or [Batch(0, _nothing)]
    keys = AccountKeys(connection, staged.ids)
    batches = [
        Batch(0, partial(_make_accounts, keys, counts, start, end))
        for start, end in block_ranges(len(staged.ids), size)
    ]
    sole = is_sole(connection, record)
    if isinstance(staged, StagedFollows):
        batches += _follows(FollowsLoad(connection, staged, keys, counts, sole), staged, record)
    elif isinstance(staged, StagedInteractions):
        work = InteractionsLoad(connection, staged, keys, counts, sole)
        work.reject_events()
        batches += _batches(work.commit_rows, len(staged.actor), size)
        events = len(staged.events.line) if staged.events else 0
        batches += _batches(work.commit_events, events, size)
    return batches or [Batch(0, _nothing)]


def _follows(work: FollowsLoad, staged: StagedFollows, record: LoadRecord) -> list[Batch]:
    batches = _batches(work.commit, len(staged.actor), record.batch_rows)
    if not record.replace:
        return batches
    if not batches:
        return [Batch(0, work.remove_others)]
    last = batches[-1]

    def commit_and_remove() -> None:
        last.commit()
        work.remove_others()

    return [*batches[:-1], Batch(last.rows, commit_and_remove)]


def _batches(commit: Callable[[int, int], None], rows: int, size: int) -> list[Batch]:
    return [
        Batch(end - start, partial(commit, start, end)) for start, end in block_ranges(rows, size)
    ]


def _make_accounts(keys: AccountKeys, counts: LoadCounts, start: int, end: int) -> None:
    counts.made_accounts += keys.make(start, end)


def _nothing() -> None:
    """An empty file still has a batch, which ends its load."""
