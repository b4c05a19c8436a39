"""A staged file into Neo4j, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import partial

from neo4j import ManagedTransaction

from guanxi.errors import StoreError
from guanxi.graph.load_rules import load_warnings
from guanxi.graph.neo4j.accounts import describe_accounts
from guanxi.graph.neo4j.books import begin_load, plan_load, read_loads, record_batch
from guanxi.graph.neo4j.database import Database
from guanxi.graph.neo4j.edges import EndAccounts
from guanxi.graph.neo4j.follows import commit_follows, remove_others
from guanxi.graph.neo4j.interactions import InteractionsLoad
from guanxi.graph.neo4j.schema import accept_edits, add_columns, lock_store, note_changes
from guanxi.graph.schema import Role, StagedAccounts, StagedFile, StagedFollows, StagedInteractions
from guanxi.graph.store import LoadProgress
from guanxi.graph.store_state import LoadCounts, LoadRecord
from guanxi.parallel import block_ranges

Commit = Callable[[ManagedTransaction, LoadCounts], None]


@dataclass(frozen=True)
class Batch:
    """What is committed in one transaction; `commit` adds to the counts of the load."""

    rows: int
    commit: Commit
    committed: Callable[[], None] | None = None


def run_load(
    database: Database,
    staged: StagedFile,
    *,
    again: bool,
    replace: bool,
    batch_rows: int,
    progress: LoadProgress | None,
) -> LoadCounts:
    """Commit `staged`, or what is left of it."""
    begin = partial(_begin, staged, again=again, replace=replace, batch_rows=batch_rows)
    load = database.write(begin)
    if load is None:
        return LoadCounts(already_loaded=True)
    batches = _plan(database, staged, load)
    database.write(lambda tx: plan_load(tx, load.number, len(batches)))
    counts = load.counts
    total = sum(batch.rows for batch in batches)
    done = sum(batch.rows for batch in batches[: load.batches_done])
    for number, batch in enumerate(batches[load.batches_done :], start=load.batches_done + 1):
        last = number == len(batches)
        counts = database.write(partial(_commit, load, batch, number, last))
        if batch.committed is not None:
            batch.committed()
        done += batch.rows
        if progress is not None:
            progress(done, total)
    counts.resumed = load.batches_done > 0
    counts.warnings += load_warnings(staged, counts)
    return counts


def _begin(
    staged: StagedFile, tx: ManagedTransaction, *, again: bool, replace: bool, batch_rows: int
) -> LoadRecord | None:
    lock_store(tx)
    accept_edits(tx)
    if isinstance(staged, StagedAccounts):
        add_columns(tx, {column.name: column.type for column in staged.columns})
    return begin_load(tx, staged, again=again, replace=replace, batch_rows=batch_rows)


def _commit(
    load: LoadRecord, batch: Batch, number: int, last: bool, tx: ManagedTransaction
) -> LoadCounts:
    """Commit a batch with its bookkeeping, unless it was committed before.

    It was if the answer to an earlier attempt was lost, or if somebody else loads the same
    file at the same time.
    """
    lock_store(tx)
    found = read_loads(tx, number=load.number)
    if not found or found[0].batches_done < number - 1:
        raise StoreError(
            f"The load of {load.source} was begun anew by another process. Repeat the command "
            "to go on where that one is."
        )
    counts = found[0].counts
    if found[0].batches_done >= number:
        return counts
    before = changed(counts)
    batch.commit(tx, counts)
    counts.rows += batch.rows
    edges = (counts.new_edges - counts.removed_edges) - (before.new_edges - before.removed_edges)
    note_changes(
        tx,
        next_version=last and counts.changed,
        accounts=counts.new_accounts + counts.made_accounts
        - before.new_accounts - before.made_accounts,
        **({} if load.role == Role.ACCOUNTS else {load.role: edges}),
    )  # fmt: skip
    record_batch(tx, load.number, number, counts, done=last)
    return counts


def _plan(database: Database, staged: StagedFile, load: LoadRecord) -> list[Batch]:
    """All batches of the file, in the order in which they are committed."""
    size = load.batch_rows
    if isinstance(staged, StagedAccounts):
        batches = _batches(partial(describe_accounts, staged), len(staged.ids), size)
        return batches or [Batch(0, _nothing)]
    ends = EndAccounts(staged.ids)
    batches = [
        Batch(0, partial(ends.make, start, end))
        for start, end in block_ranges(len(staged.ids), size)
    ]
    if isinstance(staged, StagedFollows):
        batches += _batches(partial(commit_follows, staged, ends), len(staged.actor), size)
        if load.replace:
            batches = _and_remove(batches, staged)
    elif isinstance(staged, StagedInteractions):
        work = InteractionsLoad(staged, ends)
        work.reject_events(database, size)
        batches += _batches(work.commit_rows, len(staged.actor), size)
        events = len(staged.events.line) if staged.events else 0
        batches += _batches(work.commit_events, events, size, work.reject_late)
    return batches or [Batch(0, _nothing)]


def _and_remove(batches: list[Batch], staged: StagedFollows) -> list[Batch]:
    """What the file lacks goes with its last batch of follows (or in one of its own)."""
    if len(staged.actor) == 0:
        return [*batches, Batch(0, partial(remove_others, staged))]
    last = batches[-1]

    def commit_and_remove(tx: ManagedTransaction, counts: LoadCounts) -> None:
        last.commit(tx, counts)
        remove_others(staged, tx, counts)

    return [*batches[:-1], Batch(last.rows, commit_and_remove)]


def _batches(
    commit: Callable[[int, int, ManagedTransaction, LoadCounts], None],
    rows: int,
    size: int,
    committed: Callable[[], None] | None = None,
) -> list[Batch]:
    return [
        Batch(end - start, partial(commit, start, end), committed)
        for start, end in block_ranges(rows, size)
    ]


def _nothing(tx: ManagedTransaction, counts: LoadCounts) -> None:
    """An empty file still has a batch, which ends its load."""
