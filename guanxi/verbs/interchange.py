"""To and from NetworkX."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.engine import Engine
from guanxi.errors import UsageError

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

EDGES = ("follows", "influences")


def from_networkx(graph: Any, *, edges: str, weight: str | None) -> Engine:
    """See `guanxi.from_networkx`."""
    from guanxi.graph.memory_snapshot import snapshot_from_edges

    if edges not in EDGES:
        raise UsageError(f"edges is one of {', '.join(EDGES)}, not {edges!r}.")
    if graph.number_of_nodes() == 0:
        raise UsageError("The graph has no nodes.")
    ids = [str(node) for node in graph]
    if len(set(ids)) < len(ids):
        raise UsageError("Two nodes of the graph have the same text; ids must be distinct.")
    place = {node: index for index, node in enumerate(graph)}
    ends = np.asarray(
        [(place[u], place[v]) for u, v in graph.edges(keys=False)]
        if graph.is_multigraph()
        else [(place[u], place[v]) for u, v in graph.edges],
        dtype=np.int32,
    ).reshape(-1, 2)
    strength = np.asarray([_strength(data, weight) for _, _, data in graph.edges(data=True)])
    source, target = ends[:, 0], ends[:, 1]
    if not graph.is_directed():
        source, target = np.concatenate((source, target)), np.concatenate((target, source))
        strength = np.concatenate((strength, strength))
    influencer, influenced = (target, source) if edges == "follows" else (source, target)
    attributes = {name for _, data in graph.nodes(data=True) for name in data}
    columns = {
        str(name): [data.get(name) for _, data in graph.nodes(data=True)]
        for name in sorted(attributes, key=str)
    }
    return Engine.over(snapshot_from_edges(ids, influencer, influenced, strength, columns))


def _strength(data: dict[str, Any], weight: str | None) -> float:
    value = 1.0 if weight is None else data.get(weight, 1.0)
    try:
        strength = float(value)
    except (TypeError, ValueError):
        raise UsageError(f"The weight {value!r} of an edge is not a number.") from None
    if not math.isfinite(strength) or strength < 0:
        raise UsageError(f"The weight {value!r} of an edge is negative or not finite.")
    return strength


def to_networkx(snapshot: Snapshot, profile: TieProfile) -> Any:
    """The influence arcs as a `networkx.DiGraph` over ids."""
    import networkx

    out = snapshot.graph(profile).out
    ids = snapshot.ids_of(np.arange(snapshot.n))
    found = networkx.DiGraph()
    found.add_nodes_from(ids)
    sources = np.repeat(np.arange(snapshot.n), np.diff(out.indptr)).tolist()
    weights = [1.0] * out.m if out.weights is None else out.weights.tolist()
    found.add_weighted_edges_from(
        (ids[u], ids[v], w) for u, v, w in zip(sources, out.indices.tolist(), weights, strict=True)
    )
    return found
