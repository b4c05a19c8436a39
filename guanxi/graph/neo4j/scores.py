"""Scores in Neo4j: properties of the accounts, an index on each, and the node `GuanxiMeta`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy.typing as npt
from neo4j import ManagedTransaction

from guanxi.graph.arrays import TextColumn
from guanxi.graph.duckdb.schema import MADE
from guanxi.graph.duckdb.session import now_iso
from guanxi.graph.neo4j.database import Database, change_schema, record, records, run
from guanxi.graph.neo4j.schema import SCORES, free_property, read_columns, score_properties
from guanxi.graph.neo4j.score_pages import ScoredNodes, Turn, write_pages


def write_scores(
    database: Database,
    ids: TextColumn,
    scores: Mapping[str, npt.NDArray[Any]],
    meta: Mapping[str, Any],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Replace all scores, in batches; `GuanxiMeta.complete` is false in the meantime.

    A score is a property of its own name (`score_…` where a column is called so). StoreBusyError
    where another write-back begins meanwhile: its scores count.
    """
    turn = Turn(SCORES)
    properties, stale, count = database.write(partial(_begin, turn, list(scores)))
    columns = dict(zip(properties, scores.values(), strict=True))
    nodes = ScoredNodes("Account", "id", count, str)
    write_pages(database, turn, nodes, ids, columns, stale, progress)
    for name in stale:
        change_schema(database, "drop_index", index=f"guanxi_{name}")
    for name in properties:
        change_schema(database, "score_index", index=f"guanxi_{name}", label="Account", score=name)
    database.write(partial(finish_scores, turn, list(scores), properties, dict(meta)))


def read_scores_meta(tx: ManagedTransaction) -> dict[str, Any] | None:
    """What the scores are; None before the first time, and while they are being written."""
    return meta_of(records(tx, "read_scores", key=SCORES))


def meta_of(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What a node `GuanxiMeta` keeps; None where there is none, or the scores are not complete."""
    if not found or not found[0]["meta"]["complete"]:
        return None
    meta: dict[str, Any] = json.loads(found[0]["meta"]["meta"])
    return meta


def _begin(
    turn: Turn, names: list[str], tx: ManagedTransaction
) -> tuple[list[str], list[str], int]:
    """The properties of the scores, those that must go, and how many accounts there are."""
    earlier = score_properties(tx)
    taken = {"id", MADE, *(column.property for column in read_columns(tx))}
    properties: list[str] = []
    for name in names:
        properties.append(free_property(name, "score_", {*taken, *properties}))
    noted = sorted({*earlier, *properties})
    run(tx, "begin_scores", key=turn.key, writer=turn.writer, properties=noted)
    stale = [name for name in earlier if name not in properties]
    return properties, stale, record(tx, "count_accounts")["count"]


def finish_scores(
    turn: Turn,
    names: list[str],
    properties: list[str],
    meta: dict[str, Any],
    tx: ManagedTransaction,
) -> None:
    """Note that the scores are complete, and what they are."""
    version = meta.get("store_version", meta.get("version"))
    found = record(
        tx,
        "finish_scores",
        key=turn.key,
        writer=turn.writer,
        scores=names,
        properties=properties,
        meta=json.dumps(meta, ensure_ascii=False),
        version=version if isinstance(version, int | str) else None,
        written=now_iso(),
    )
    if not found["finished"]:
        raise turn.lost()
