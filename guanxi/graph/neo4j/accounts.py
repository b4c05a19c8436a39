"""Accounts that a file describes, into Neo4j."""

from __future__ import annotations

from typing import Any

import numpy as np
from neo4j import ManagedTransaction

from guanxi.graph.neo4j.database import record
from guanxi.graph.neo4j.schema import read_columns
from guanxi.graph.parquet import column_array
from guanxi.graph.schema import AccountColumn, ColumnType, StagedAccounts
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import strings

_SECOND = 1_000_000


def describe_accounts(
    staged: StagedAccounts, start: int, end: int, tx: ManagedTransaction, counts: LoadCounts
) -> None:
    """Commit rows `[start, end)`: the later load wins, an empty field never overwrites."""
    properties = {column.name: column.property for column in read_columns(tx)}
    filled = [column for column in staged.columns if column.present[start:end].any()]
    plain = [column for column in filled if column.type != ColumnType.DATE]
    dates = [column for column in filled if column.type == ColumnType.DATE]
    times = [_split(column, start, end) for column in dates]
    found = record(
        tx,
        "describe_accounts",
        ids=strings(staged.ids, start, end),
        properties=[properties[column.name] for column in plain],
        values=[column_array(column, start, end).tolist() for column in plain],
        dates=[properties[column.name] for column in dates],
        seconds=[seconds for seconds, _ in times],
        micros=[micros for _, micros in times],
    )
    counts.new_accounts += found["new"]
    counts.filled_accounts += found["filled"]
    counts.updated_accounts += found["updated"]
    counts.unchanged_accounts += end - start - found["new"] - found["filled"] - found["updated"]


def _split(column: AccountColumn, start: int, end: int) -> tuple[list[Any], list[Any]]:
    """Times as whole seconds since 1970, None where there is none, and microseconds in them."""
    assert isinstance(column.values, np.ndarray)
    times = np.where(column.present[start:end], column.values[start:end], 0)
    seconds = np.ma.MaskedArray(times // _SECOND, mask=~column.present[start:end])
    return seconds.tolist(), (times % _SECOND).tolist()
