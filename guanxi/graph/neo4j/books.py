"""The bookkeeping of loads in Neo4j: which are done, which goes on, and from where.

All machines that load into a database see the same records. Two that load the same file
at the same time share its record, and each batch is committed by whoever comes first.
"""

from __future__ import annotations

import json
import os
import platform
from typing import Any

from neo4j import ManagedTransaction

from guanxi.errors import StoreError
from guanxi.graph.duckdb.session import now_iso
from guanxi.graph.load_rules import fingerprint
from guanxi.graph.neo4j.database import record, records, run
from guanxi.graph.schema import Role, StagedFile
from guanxi.graph.store_state import LoadCounts, LoadRecord, UnfinishedLoad

_PLAIN = ("number", "name", "source", "role", "replace", "done", "batch_rows", "batches",
          "batches_done", "started")  # fmt: skip


def read_loads(
    tx: ManagedTransaction, *, number: int | None = None, name: str | None = None
) -> list[LoadRecord]:
    """All loads, or those of a number or name, in the order of their start."""
    found = records(tx, "read_loads", number=number, name=name)
    return [_record(row["load"]) for row in found]


def _record(load: dict[str, Any]) -> LoadRecord:
    return LoadRecord(
        counts=LoadCounts.from_sums(json.loads(load["counts"])),
        finished=load.get("finished"),
        **{name: load[name] for name in _PLAIN},
    )


def unfinished_loads(tx: ManagedTransaction) -> tuple[UnfinishedLoad, ...]:
    """Loads that are running somewhere or were cut off."""
    return tuple(
        UnfinishedLoad(
            name=load["name"],
            source=load["source"],
            role=load["role"],
            since=load["started"],
            pid=load["pid"],
            batches_done=load["batches_done"],
            batches=load["batches"],
        )
        for row in records(tx, "read_loads", number=None, name=None)
        if not (load := row["load"])["done"]
    )


def begin_load(
    tx: ManagedTransaction, staged: StagedFile, *, again: bool, replace: bool, batch_rows: int
) -> LoadRecord | None:
    """The record under which the file is committed; None if it was done before.

    A load that was cut off is taken up again, at its own batch size. The store is locked.
    """
    earlier = [row["load"] for row in records(tx, "read_loads", number=None, name=staged.name)]
    latest = earlier[-1] if earlier else None
    who = {"pid": os.getpid(), "host": platform.node(), "active": now_iso()}
    if latest is not None and not latest["done"]:
        if _can_go_on(latest, staged, replace):
            run(tx, "take_up_load", number=latest["number"], **who)
            return _record(latest)
        run(tx, "remove_load", number=latest["number"])
    elif latest is not None and not again and not _replaced_since(tx, latest, replace):
        return None
    load = {
        "name": staged.name,
        "source": staged.source,
        "role": staged.role.value,
        "replace": replace,
        "done": False,
        "batch_rows": batch_rows,
        "batches": 0,
        "batches_done": 0,
        "fingerprint": fingerprint(staged),
        "counts": "{}",
        "started": now_iso(),
        **who,
    }
    number = record(tx, "begin_load", load=load)["number"]
    return read_loads(tx, number=number)[0]


def plan_load(tx: ManagedTransaction, number: int, batches: int) -> None:
    """Note how many batches the load has."""
    run(tx, "plan_load", number=number, batches=batches)


def record_batch(
    tx: ManagedTransaction, number: int, batches_done: int, counts: LoadCounts, *, done: bool
) -> None:
    """Note a batch in the transaction that commits it."""
    now = now_iso()
    run(
        tx,
        "record_batch",
        number=number,
        batches_done=batches_done,
        counts=json.dumps(counts.sums()),
        active=now,
        done=done,
        finished=now if done else None,
    )


def _replaced_since(tx: ManagedTransaction, latest: dict[str, Any], replace: bool) -> bool:
    """Whether `replace` has something to do although the file was loaded before."""
    if not replace:
        return False
    later = [
        load
        for load in read_loads(tx)
        if load.role == Role.FOLLOWS and load.number > latest["number"]
    ]
    return not latest["replace"] or bool(later)


def _can_go_on(latest: dict[str, Any], staged: StagedFile, replace: bool) -> bool:
    """Whether the batches of the load are those of `staged`."""
    if latest["replace"] == replace and latest["fingerprint"] == fingerprint(staged):
        return True
    if staged.role == Role.INTERACTIONS and latest["batches_done"]:
        raise StoreError(
            f"The load of {latest['source']} was cut off on {latest['started']}, and the same "
            "file now gives other rows (times that lay in the future then are accepted now). "
            "Adding it up exactly is no longer possible: load into a new store."
        )
    return False
