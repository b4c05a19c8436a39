"""Follows and interactions out of a graph that guanxi did not load."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import StoreError
from guanxi.graph.arrays import MILLIONTHS, NO_DAY, NO_TIME, Bool, Int32, Int64
from guanxi.graph.neo4j.chunks import Told, by_actor
from guanxi.graph.neo4j.database import Database
from guanxi.graph.neo4j.mapped_nodes import Nodes
from guanxi.graph.neo4j.mapped_values import RAW, WRONG, counts_of, millionths_of, times_of
from guanxi.graph.neo4j.mapping import FollowType, GraphMapping, InteractionType, Way
from guanxi.graph.neo4j.merge import added_up, each_once
from guanxi.graph.rows import INTERACTION_ARRAYS, FollowRows, InteractionRows, no_interactions
from guanxi.graph.schema import MAX_KIND_BYTES
from guanxi.wording import agree, counted

_DAY = 86_400_000_000
_MOST_KINDS = 1000

Columns = dict[str, npt.NDArray[Any]]
Edge = FollowType | InteractionType


@dataclass
class Edges:
    """What was found while the relationships between `nodes` were read."""

    mapping: GraphMapping
    nodes: Nodes
    read: Counter[Edge] = field(default_factory=Counter)  # both ends having the label
    future: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)  # (type, property) with any value
    latest: int = field(default_factory=lambda: time.time_ns() // 1000 + _DAY)

    def ends(self, row: dict[str, Any]) -> tuple[Int32, Int32, Bool]:
        """Where the relationships start and end, and which connect two different accounts."""
        start, end = self.nodes.numbers.of(row["actor"]), self.nodes.numbers.of(row["target"])
        return start, end, (start < self.nodes.n) & (end < self.nodes.n) & (start != end)

    def warnings(self, there: dict[str, int]) -> list[str]:
        """What the user should know; `there` counts relationships by type at each end."""
        found = []
        for edge in self.mapping.edges:
            outside = there[edge.type] - 2 * self.read[edge]
            if outside > 0:
                found.append(
                    f"{counted(outside, 'relationship')} {edge.type} between a node "
                    f"{self.mapping.label} and one without that label "
                    f"{agree(outside, 'is', 'are')} left out."
                )
            found += [
                f"No relationship {edge.type} has the property {name}, which the mapping names."
                for name in _named(edge)
                if self.read[edge] and (edge.type, name) not in self.seen
            ]
        if self.future:
            found.append(
                f"{counted(self.future, 'relationship')} with a time later than a day from now "
                f"{agree(self.future, 'is', 'are')} left out."
            )
        return found


def read_follows(database: Database, edges: Edges, told: Told) -> FollowRows:
    """All follows, each pair once, with the earliest `since`."""
    none = np.empty(0, np.int32)
    parts: list[tuple[Int32, Int32, Int64]] = [(none, none, np.empty(0, np.int64))]
    for edge in edges.mapping.follows:
        slots = {"type": edge.type, "label": edges.mapping.label}
        asked = {"at_property": edge.since, "raw": RAW}
        for (row,) in by_actor(
            database, edges.nodes.numbers.ascending, "follows_of_type", told, slots, **asked
        ):
            start, end, keep = edges.ends(row)
            since = _times(edges, edge, edge.since, row, keep)
            edges.read[edge] += len(start)
            keep &= ~_future(edges, since, keep)
            columns: Columns = {"start": start[keep], "end": end[keep], "since": since[keep]}
            turned = _by_way(edge.way, columns)
            parts.append((turned["actor"], turned["target"], turned["since"]))
    actor, target, since = (np.concatenate(column) for column in zip(*parts, strict=True))
    return each_once(FollowRows(actor, target, since), edges.nodes.n)


def read_interactions(database: Database, edges: Edges, told: Told) -> InteractionRows:
    """All interactions, added up by actor, target, kind and day."""
    kinds: dict[str, int] = {}
    parts: list[InteractionRows] = []
    for edge in edges.mapping.interactions:
        slots = {"type": edge.type, "label": edges.mapping.label}
        asked = {
            "at_property": edge.at, "kind_property": edge.kind_from, "raw": RAW,
            "count_property": edge.count, "weight_property": edge.weight,
            "value_property": edge.value,
        }  # fmt: skip
        for found in by_actor(
            database, edges.nodes.numbers.ascending, "interactions_of_type", told, slots, **asked
        ):
            cells = [_cells(edges, edge, row, kinds) for row in found]
            if cells:
                parts.append(added_up(_joined(cells, kinds)))
    if not parts:
        return no_interactions()
    columns: Columns = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in INTERACTION_ARRAYS
    }
    return added_up(InteractionRows(kinds=list(kinds), **columns))


def _joined(cells: list[Columns], kinds: dict[str, int]) -> InteractionRows:
    columns: Columns = {
        name: np.concatenate([part[name] for part in cells]) for name in INTERACTION_ARRAYS
    }
    return InteractionRows(kinds=list(kinds), **columns)


def _cells(
    edges: Edges, edge: InteractionType, row: dict[str, Any], kinds: dict[str, int]
) -> Columns:
    """The relationships of one record, one row each."""
    start, end, keep = edges.ends(row)
    rows = len(start)
    at = _times(edges, edge, edge.at, row, keep)
    count = counts_of(row["count"], rows)
    _refuse(edges, edge, (keep & (count == WRONG)), "count", row, "is no whole number from 0 on")
    weight = _amounts(edges, edge, "weight", row, keep)
    _refuse(edges, edge, keep & (weight < 0) & (weight != NO_TIME), "weight", row, "is below zero")
    value = _amounts(edges, edge, "value", row, keep)
    if any(given != NO_TIME for given in row["count"]):
        edges.seen.add((edge.type, edge.count or ""))
    edges.read[edge] += rows
    kind = _kind(edges, edge, row, keep)
    if row["kind"] is not None:
        edges.seen.add((edge.type, edge.kind_from or ""))
    keep &= ~_future(edges, at, keep)
    if len(kinds) >= _MOST_KINDS and kind not in kinds:
        raise StoreError(
            f"The relationships {edge.type} have more than {_MOST_KINDS:,} kinds in "
            f"{edge.kind_from}, which is hardly the kind: map another property, or a kind."
        )
    day = np.where(at == NO_TIME, NO_DAY, at // _DAY).astype(np.int32)
    number = kinds.setdefault(kind, len(kinds)) if keep.any() else 0
    columns: Columns = {
        "start": start, "end": end, "day": day, "first_at": at, "last_at": at, "count": count,
        "kind": np.full(rows, number, dtype=np.int32),
        "weight": np.where(weight == NO_TIME, count * MILLIONTHS, weight),
        "value": np.where(value == NO_TIME, 0, value),
    }  # fmt: skip
    return _by_way(edge.way, {name: column[keep] for name, column in columns.items()})


def _by_way(way: Way, columns: Columns) -> Columns:
    """`start` and `end` as actor and target; each row twice where both act."""
    start, end = columns.pop("start"), columns.pop("end")
    if way is Way.BOTH:
        twice: Columns = {name: np.concatenate([each, each]) for name, each in columns.items()}
        return {
            "actor": np.concatenate([start, end]), "target": np.concatenate([end, start]), **twice
        }  # fmt: skip
    actor, target = (end, start) if way is Way.TURNED else (start, end)
    return {"actor": actor, "target": target, **columns}


def _times(
    edges: Edges, edge: Edge, name: str | None, row: dict[str, Any],
    keep: Bool,
) -> Int64:  # fmt: skip
    found = times_of(row["at"], row["raw"], len(keep))
    if name is not None and (found != NO_TIME).any():
        edges.seen.add((edge.type, name))
    wrong = keep & (found == WRONG)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        value = row["raw"][sum(at == RAW for at in row["at"][:place])]
        raise _error(edges, edge, row, place, f"the time {value!r} in {name}, which is none")
    return found


def _amounts(
    edges: Edges, edge: InteractionType, name: str, row: dict[str, Any], keep: Bool
) -> Int64:
    """Weights or values in millionths, NO_TIME where there are none."""
    found, there = millionths_of(row[name], len(keep))
    if there.any():
        edges.seen.add((edge.type, getattr(edge, name)))
    _refuse(edges, edge, keep & there & (found == WRONG), name, row, "is no number that fits")
    return np.where(there, found, NO_TIME)


def _refuse(
    edges: Edges, edge: InteractionType, wrong: Bool, name: str, row: dict[str, Any], why: str
) -> None:
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        value = row[name][place]
        raise _error(edges, edge, row, place, f"the {name} {value!r}, which {why}")


def _kind(edges: Edges, edge: InteractionType, row: dict[str, Any], keep: Bool) -> str:
    given = row["kind"]
    kind = edge.kind if given is None else given
    word = kind.strip(" \t").lower() if isinstance(kind, str) else ""
    if word and len(word.encode()) <= MAX_KIND_BYTES and word.isprintable():
        return word
    if not keep.any():
        return ""
    place = int(np.flatnonzero(keep)[0])
    if given is None:
        what = f"no kind in {edge.kind_from}; a kind=… in the mapping would serve those without"
    else:
        what = f"the kind {given!r}, which is no word of at most {MAX_KIND_BYTES} bytes"
    raise _error(edges, edge, row, place, what)


def _error(edges: Edges, edge: Edge, row: dict[str, Any], place: int, what: str) -> StoreError:
    """A sentence about one relationship."""
    ids = edges.nodes.ids
    numbers = edges.nodes.numbers.of([row["actor"][place], row["target"][place]]).tolist()
    ends = [bytes(ids.data[ids.starts[i] : ids.ends[i]]).decode() for i in numbers]
    return StoreError(
        f"A relationship {edge.type} from {ends[0]!r} to {ends[1]!r} has {what}. Correct it in "
        "Neo4j, or map another property."
    )


def _future(edges: Edges, at: Int64, keep: Bool) -> Bool:
    late = keep & (at > edges.latest)
    edges.future += int(np.count_nonzero(late))
    return late


def _named(edge: Edge) -> list[str]:
    """The properties that the mapping names for a type."""
    if isinstance(edge, FollowType):
        return [edge.since] if edge.since else []
    named = (edge.kind_from, edge.at, edge.count, edge.weight, edge.value)
    return [name for name in named if name is not None]
