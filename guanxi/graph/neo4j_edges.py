"""Rows of edges as parameters of a statement: columns of numbers, and each id only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Int32, TextColumn

Columns = Mapping[str, npt.NDArray[Any]]


def end_values(ids: TextColumn, actor: Int32, target: Int32) -> dict[str, list[Any]]:
    """`ids` that the rows mention, and `actor` and `target` as places among them."""
    used, places = np.unique(np.concatenate([actor, target]), return_inverse=True)
    chosen = zip(ids.starts[used].tolist(), ids.ends[used].tolist(), strict=True)
    return {
        "ids": [ids.data[start:end].tobytes().decode() for start, end in chosen],
        "actor": places[: len(actor)].tolist(),
        "target": places[len(actor) :].tolist(),
    }


def edge_values(ids: TextColumn, rows: Columns) -> dict[str, list[Any]]:
    """The parameters for `rows`, which have `actor`, `target` and other columns."""
    others = {name: rows[name].tolist() for name in rows if name not in ("actor", "target")}
    return {**end_values(ids, rows["actor"], rows["target"]), **others}


def without(rows: Columns, found: list[int]) -> dict[str, npt.NDArray[Any]]:
    """The rows whose places are not in `found`."""
    length = len(rows["actor"])
    if not found:
        return dict(rows)
    missing = np.ones(length, dtype=np.bool_)
    missing[found] = False
    return {name: values[missing] for name, values in rows.items()}


def nullable(values: npt.NDArray[Any], nothing: int) -> npt.NDArray[Any]:
    """`values` that become None in a list where they equal `nothing`."""
    return np.ma.MaskedArray(values, mask=values == nothing)
