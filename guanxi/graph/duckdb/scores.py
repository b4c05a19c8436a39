"""Scores in a DuckDB store: a table of their own, replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Int32, TextColumn
from guanxi.graph.duckdb.keys import AccountKeys, next_key
from guanxi.graph.duckdb.schema import (
    KEY,
    read_columns,
    read_meta,
    score_names,
    scored_view,
    set_meta,
)
from guanxi.graph.duckdb.tables import Connection, fetch, run, table, transaction
from guanxi.sql import quote


def write_scores(
    connection: Connection,
    ids: TextColumn,
    scores: Mapping[str, npt.NDArray[Any]],
    meta: Mapping[str, Any],
) -> None:
    """Replace the table of scores, the view that shows them, and what they are."""
    arrays = {"key": _keys(connection, ids)}
    arrays |= {f"s{number}": _masked(values) for number, values in enumerate(scores.values())}
    listed = "".join(f", s{number} as {quote(name)}" for number, name in enumerate(scores))
    with transaction(connection):
        run(connection, "drop view if exists scored_accounts")
        with table(connection, "given", arrays):
            run(
                connection,
                f"create or replace table scores as select key as {KEY}{listed} from given",
            )
        run(connection, scored_view(list(read_columns(connection)), score_names(connection)))
        set_meta(connection, scores=json.dumps(dict(meta), ensure_ascii=False))


def read_scores_meta(connection: Connection) -> dict[str, Any] | None:
    """What the scores are; None before the first time."""
    meta = read_meta(connection) or {}
    found: dict[str, Any] | None = json.loads(meta["scores"]) if "scores" in meta else None
    return found


def _keys(connection: Connection, ids: TextColumn) -> Int32:
    if next_key(connection) == len(ids):  # accounts never go away, so these are all of them
        keys: Int32 = fetch(connection, f"select {KEY} as key from accounts order by id")["key"]
        return keys
    keys = AccountKeys(connection, ids).lookup()
    if (keys < 0).any():
        raise ValueError("scores for an account that the store does not have")
    return keys


def _masked(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """NaN is no score."""
    if values.dtype.kind == "f":
        return np.ma.MaskedArray(values, mask=np.isnan(values))
    return values
