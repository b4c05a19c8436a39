"""The bookkeeping of loads in a DuckDB store: which are done, which goes on, and from where."""

from __future__ import annotations

import json
import os
from typing import Any

from guanxi.errors import StoreError
from guanxi.graph.duckdb.session import now_iso
from guanxi.graph.duckdb.tables import Connection, count, rows, run
from guanxi.graph.load_rules import fingerprint
from guanxi.graph.schema import Role, StagedFile
from guanxi.graph.store_state import LoadCounts, LoadRecord, UnfinishedLoad

_FIELDS = (
    "number, name, source, role, replace, done, batch_rows, batches, batches_done, "
    "counts, started, finished"
)


def read_loads(connection: Connection, where: str = "true", *values: object) -> list[LoadRecord]:
    """The loads for which `where` holds, in the order of their start."""
    found = rows(connection, f"select {_FIELDS} from loads where {where} order by number", *values)
    return [_record(*row) for row in found]


def _record(*row: Any) -> LoadRecord:
    values = dict(zip(_FIELDS.split(", "), row, strict=True))
    counts = LoadCounts.from_sums(json.loads(values.pop("counts")))
    return LoadRecord(counts=counts, **values)


def unfinished_loads(connection: Connection) -> tuple[UnfinishedLoad, ...]:
    """Loads that are running or were cut off."""
    found = rows(
        connection,
        "select name, source, role, started, pid, batches_done, batches "
        "from loads where not done order by number",
    )
    return tuple(UnfinishedLoad(*row) for row in found)


def begin_load(
    connection: Connection,
    staged: StagedFile,
    *,
    again: bool,
    replace: bool,
    batch_rows: int,
) -> LoadRecord | None:
    """The record under which the file is committed; None if it was done before.

    A load that was cut off is taken up again, at its own batch size.
    """
    earlier = read_loads(connection, "name = ?", staged.name)
    latest = earlier[-1] if earlier else None
    if latest is not None and not latest.done:
        if _can_go_on(connection, latest, staged, replace):
            run(connection, "update loads set pid = ? where number = ?", os.getpid(), latest.number)
            return latest
        run(connection, "delete from loads where number = ?", latest.number)
    elif latest is not None and not again and not _replaced_since(connection, latest, replace):
        return None
    number = count(connection, "select coalesce(max(number), 0) + 1 from loads")
    run(
        connection,
        "insert into loads values (?, ?, ?, ?, ?, false, ?, ?, 0, 0, ?, ?, '{}', ?, null)",
        number,
        staged.name,
        staged.source,
        staged.role.value,
        replace,
        _has_no_rows(connection, staged.role),
        batch_rows,
        fingerprint(staged),
        os.getpid(),
        now_iso(),
    )
    return read_loads(connection, "number = ?", number)[0]


def plan_load(connection: Connection, record: LoadRecord, batches: int) -> None:
    """Note how many batches the load has."""
    run(connection, "update loads set batches = ? where number = ?", batches, record.number)


def is_sole(connection: Connection, record: LoadRecord) -> bool:
    """Whether the edges of the load's role are all its own."""
    return bool(count(connection, "select sole from loads where number = ?", record.number))


def record_batch(
    connection: Connection, record: LoadRecord, batches_done: int, counts: LoadCounts
) -> None:
    """Note a batch in the transaction that commits it. Other loads are no longer alone."""
    run(
        connection,
        "update loads set batches_done = ?, counts = ? where number = ?",
        batches_done,
        json.dumps(counts.sums()),
        record.number,
    )
    run(connection, "update loads set sole = false where number <> ? and sole", record.number)


def finish_load(connection: Connection, record: LoadRecord) -> None:
    """Note that the load is done, in the transaction of its last batch."""
    statement = "update loads set done = true, finished = ? where number = ?"
    run(connection, statement, now_iso(), record.number)


def _has_no_rows(connection: Connection, role: Role) -> bool:
    if role == Role.ACCOUNTS:
        return False
    return count(connection, f"select count(*) from {role.value}") == 0


def _replaced_since(connection: Connection, latest: LoadRecord, replace: bool) -> bool:
    """Whether `replace` has something to do although the file was loaded before."""
    if not replace:
        return False
    later = "select count(*) from loads where role = 'follows' and number > ?"
    return not latest.replace or count(connection, later, latest.number) > 0


def _can_go_on(
    connection: Connection, record: LoadRecord, staged: StagedFile, replace: bool
) -> bool:
    """Whether the batches of `record` are those of `staged`."""
    before = rows(connection, "select fingerprint from loads where number = ?", record.number)
    if record.replace == replace and before == [(fingerprint(staged),)]:
        return True
    if staged.role == Role.INTERACTIONS and record.batches_done:
        raise StoreError(
            f"The load of {record.source} was cut off on {record.started}, and the same file now "
            "gives other rows (times that lay in the future then are accepted now). Adding it up "
            "exactly is no longer possible: load into a new store."
        )
    return False
