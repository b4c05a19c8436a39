"""Scores in Neo4j: properties of the accounts, an index on each, and the node `GuanxiMeta`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from neo4j import ManagedTransaction

from guanxi.errors import StoreError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.duckdb_schema import MADE
from guanxi.graph.duckdb_session import now_iso
from guanxi.graph.neo4j_database import Database, change_schema, record, records, run
from guanxi.graph.neo4j_pipeline import side_by_side
from guanxi.graph.neo4j_schema import SCORES, free_property, read_columns, score_properties
from guanxi.graph.text import strings
from guanxi.parallel import block_ranges

#: Accounts whose scores are written in one transaction.
BATCH = 20_000


def write_scores(
    database: Database,
    ids: TextColumn,
    scores: Mapping[str, npt.NDArray[Any]],
    meta: Mapping[str, Any],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Replace all scores, in batches; `GuanxiMeta.complete` is false in the meantime.

    A score is a property of its own name (`score_…` where a column is called so).
    """
    properties, stale = database.write(partial(_begin, list(scores), len(ids)))
    for name in stale:
        _remove(database, name)
    columns = [plain(values) for values in scores.values()]

    def write(bounds: tuple[int, int]) -> tuple[int, int]:
        start, end = bounds
        values = [column[start:end].tolist() for column in columns]
        listed = strings(ids, start, end)
        found = database.write(partial(_write_batch, listed, properties, values))
        return end, end - start - found

    for end, missing in side_by_side(write, block_ranges(len(ids), BATCH)):
        if missing:
            raise StoreError(
                f"{missing:,} of the accounts that were analysed are no longer in the "
                "store: somebody removed them. Analyse once more."
            )
        if progress is not None:
            progress(end, len(ids))
    for name in properties:
        change_schema(database, "score_index", index=f"guanxi_{name}", label="Account", score=name)
    database.write(partial(finish_scores, SCORES, list(scores), properties, dict(meta)))


def read_scores_meta(tx: ManagedTransaction) -> dict[str, Any] | None:
    """What the scores are; None before the first time, and while they are being written."""
    return meta_of(records(tx, "read_scores", key=SCORES))


def meta_of(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What a node `GuanxiMeta` keeps; None where there is none, or the scores are not complete."""
    if not found or not found[0]["meta"]["complete"]:
        return None
    meta: dict[str, Any] = json.loads(found[0]["meta"]["meta"])
    return meta


def _begin(names: list[str], accounts: int, tx: ManagedTransaction) -> tuple[list[str], list[str]]:
    """The properties of the scores, and those that must go first."""
    earlier = score_properties(tx)
    taken = {"id", MADE, *(column.property for column in read_columns(tx))}
    properties: list[str] = []
    for name in names:
        properties.append(free_property(name, "score_", {*taken, *properties}))
    all_scored = record(tx, "count_accounts")["count"] == accounts
    stale = [name for name in earlier if name not in properties or not all_scored]
    run(tx, "begin_scores", key=SCORES, properties=sorted({*earlier, *properties}))
    return properties, stale


def _write_batch(
    ids: list[str], properties: list[str], values: list[list[Any]], tx: ManagedTransaction
) -> int:
    found = record(tx, "write_scores", ids=ids, properties=properties, values=values)
    return int(found["found"])


def _remove(database: Database, name: str) -> None:
    change_schema(database, "drop_index", index=f"guanxi_{name}")
    while database.write(
        lambda tx: record(tx, "remove_score", property=name, limit=BATCH)["removed"]
    ):
        pass


def finish_scores(
    key: str,
    names: list[str],
    properties: list[str],
    meta: dict[str, Any],
    tx: ManagedTransaction,
) -> None:
    """Note that the scores are complete, and what they are."""
    version = meta.get("store_version", meta.get("version"))
    run(
        tx,
        "finish_scores",
        key=key,
        scores=names,
        properties=properties,
        meta=json.dumps(meta, ensure_ascii=False),
        version=version if isinstance(version, int | str) else None,
        written=now_iso(),
    )


def plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """NaN is no score."""
    if values.dtype.kind == "f":
        return np.ma.MaskedArray(values, mask=np.isnan(values))
    return values
