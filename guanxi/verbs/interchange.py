"""To and from NetworkX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.engine import Engine
from guanxi.errors import UsageError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.schema import MEANINGFUL_COLUMNS, RESERVED_COLUMNS, AccountColumn, ColumnType

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

EDGES = ("follows", "influences")


def from_networkx(graph: Any, *, edges: str, weight: str | None) -> Engine:
    """See `guanxi.from_networkx`."""
    from guanxi.graph.snapshot_memory import snapshot_from_arrays

    if edges not in EDGES:
        raise UsageError(f"edges is one of {', '.join(EDGES)}, not {edges!r}.")
    if graph.number_of_nodes() == 0:
        raise UsageError("The graph has no nodes.")
    ids = [str(node) for node in graph]
    place = {node: index for index, node in enumerate(graph)}
    rows = [(place[u], place[v], _strength(data, weight)) for u, v, data in graph.edges(data=True)]
    if not graph.is_directed():
        rows += [(v, u, strength) for u, v, strength in rows]
    source = np.array([row[0] for row in rows], dtype=np.int32)
    target = np.array([row[1] for row in rows], dtype=np.int32)
    strengths = np.array([row[2] for row in rows], dtype=np.float64)
    actor, followed = (source, target) if edges == "follows" else (target, source)
    attributes = [data for _, data in graph.nodes(data=True)]
    return Engine.over(snapshot_from_arrays(ids, actor, followed, strengths, _columns(attributes)))


def _strength(data: dict[str, Any], weight: str | None) -> float:
    value = 1.0 if weight is None else data.get(weight, 1.0)
    try:
        strength = float(value)
    except (TypeError, ValueError):
        raise UsageError(f"The weight {value!r} of an edge is not a number.") from None
    if not math.isfinite(strength) or strength < 0:
        raise UsageError(f"The weight {value!r} of an edge is negative or not finite.")
    return strength


def _columns(attributes: Sequence[dict[str, Any]]) -> list[AccountColumn]:
    """Node attributes as account columns; names that guanxi computes itself are left out."""
    names = sorted({str(name) for data in attributes for name in data})
    return [
        _column(name, [data.get(name) for data in attributes])
        for name in names
        if name not in RESERVED_COLUMNS and name != "id"
    ]


def _column(name: str, values: list[Any]) -> AccountColumn:
    present = np.array([value is not None for value in values], dtype=np.bool_)
    kind = MEANINGFUL_COLUMNS.get(name) or _type_of([v for v in values if v is not None])
    try:
        if kind is ColumnType.NUMBER:
            numbers = np.array([0.0 if value is None else float(value) for value in values])
            return AccountColumn(name, kind, numbers, present)
    except (TypeError, ValueError):
        raise UsageError(f"The node attribute {name} must be a number on every node.") from None
    if kind is ColumnType.BOOLEAN:
        truths = np.array([bool(value) for value in values], dtype=np.bool_)
        return AccountColumn(name, kind, truths, present)
    texts = TextColumn.from_strings(["" if value is None else str(value) for value in values])
    return AccountColumn(name, ColumnType.TEXT, texts, present & (texts.ends > texts.starts))


def _type_of(values: list[Any]) -> ColumnType:
    if values and all(isinstance(value, bool) for value in values):
        return ColumnType.BOOLEAN
    if values and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return ColumnType.NUMBER
    return ColumnType.TEXT


def to_networkx(snapshot: Snapshot, profile: TieProfile) -> Any:
    """The influence arcs as a `networkx.DiGraph` over ids."""
    import networkx

    out = snapshot.graph(profile).out
    ids = snapshot.ids_of(range(snapshot.n))
    found = networkx.DiGraph()
    found.add_nodes_from(ids)
    sources = np.repeat(np.arange(snapshot.n), np.diff(out.indptr)).tolist()
    weights = [1.0] * out.m if out.weights is None else out.weights.tolist()
    found.add_weighted_edges_from(
        (ids[u], ids[v], w) for u, v, w in zip(sources, out.indices.tolist(), weights, strict=True)
    )
    return found
