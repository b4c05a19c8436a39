"""What a graph in Neo4j consists of, and the mapping that its names suggest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from guanxi.errors import UsageError
from guanxi.graph.neo4j.database import Database, fetch, fetch_one
from guanxi.graph.neo4j.mapping import (
    FollowType,
    GraphMapping,
    InteractionType,
    Way,
)
from guanxi.graph.neo4j.mapping_kinds import known_kind, usual_kind
from guanxi.graph.readers.names import NAMES, meaning_of, plain
from guanxi.graph.schema import Role

#: Nodes of a label and relationships of a type that are looked at.
SAMPLE = 1000
#: Labels and types that are looked at: the first by name are counted, the largest sampled.
_MOST_COUNTED, _MOST = 200, 60
_ACCOUNTS = re.compile(
    "user|account|person|people|member|profile|customer|influencer|kol|用户|账号|帐号|博主|会员",
    re.I,
)
_FOLLOWS = re.compile("follow|subscri|friend|knows|fan(s|_|$)|关注|粉丝|好友", re.I)
_BOTH_WAYS = re.compile("friend|knows|好友", re.I)
_TURNED = re.compile("_by$|by$|follower|(^|_)fans?(_|$)|粉丝|^被", re.I)
_INTERACTS = re.compile("interact|action|engage|互动", re.I)
_AMOUNTS = ("time", "count", "weight", "value")
#: Further usual names of ids, after those that files have.
_MORE_IDS = ("screenname", "username", "handle", "login", "openid", "unionid")


@dataclass
class Graph:
    """How many nodes each label has, how many relationships each type, and what they say."""

    labels: dict[str, int]
    types: dict[str, int]
    mapping: GraphMapping | None = None
    #: Sentences about the mapping: what it rests on, or why there is none.
    notes: list[str] = field(default_factory=list)


def describe_graph(database: Database) -> Graph:
    """What there is in the database, by the count store and by samples of `SAMPLE`."""
    labels = {
        row["label"]: _count(database, "labelled", label=row["label"])
        for row in fetch(database, "list_labels")[:_MOST_COUNTED]
        if not row["label"].startswith("Guanxi")
    }
    types = {
        row["type"]: _count(database, "typed", type=row["type"])
        for row in fetch(database, "list_types")[:_MOST_COUNTED]
    }
    graph = Graph(_largest_first(labels), _largest_first(types))
    between = _between(database, graph)
    label = min(between, key=lambda name: _unlikeliness(name, graph, between), default=None)
    if label is None:
        graph.notes = ["No relationship connects two nodes of one label."]
        return graph
    ids = _id_property(database, label)
    if ids is None:
        graph.notes = [
            f"The nodes {label} have no property that is a text or number of its own on each."
        ]
        return graph
    _propose(graph, label, ids, between[label])
    return graph


def _count(database: Database, name: str, **slots: str) -> int:
    try:
        return int(fetch_one(database, f"count_{name}", slots)["count"])
    except UsageError:  # a name that not every version of Neo4j reads in the same way
        return 0


def _largest_first(counts: dict[str, int]) -> dict[str, int]:
    there = {name: count for name, count in counts.items() if count}
    return dict(sorted(there.items(), key=lambda item: (-item[1], item[0])))


def _between(database: Database, graph: Graph) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """For each label the types that connect two nodes of it, with properties of some."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for kind in list(graph.types)[:_MOST]:
        some = fetch_one(database, "sample_edges", {"type": kind}, limit=SAMPLE)
        for labels, properties in zip(some["labels"], some["found"], strict=True):
            for label in labels:
                found.setdefault(label, {}).setdefault(kind, []).append(properties)
    return {label: found[label] for label in graph.labels if label in found}


def _unlikeliness(
    label: str, graph: Graph, between: dict[str, dict[str, list[dict[str, Any]]]]
) -> tuple[bool, bool, int]:
    """The smallest is that of the label that most likely means accounts."""
    follows = any(_FOLLOWS.search(kind) for kind in between[label])
    return not _ACCOUNTS.search(label), not follows, -graph.labels[label]


def _id_property(database: Database, label: str) -> str | None:
    """The property that is most likely the id: different on all nodes of a sample."""
    nodes = fetch_one(database, "sample_nodes", {"label": label}, limit=SAMPLE)["found"]
    unique = [
        name
        for name in sorted({name for node in nodes for name in node})
        if all(type(node.get(name)) in (int, str) and node[name] != "" for node in nodes)
        and len({str(node[name]) for node in nodes}) == len(nodes)
    ]
    constrained = {
        row["properties"][0]
        for row in fetch(database, "list_constraints")
        if row["type"].endswith(("UNIQUENESS", "KEY"))
        and row["labels"] == [label]
        and len(row["properties"]) == 1
    }

    def rank(name: str) -> tuple[bool, int, str]:
        usual = plain(name) in NAMES[Role.ACCOUNTS]["id"]
        further = _MORE_IDS.index(plain(name)) if plain(name) in _MORE_IDS else len(_MORE_IDS)
        return name not in constrained, -1 if usual else further, name

    return min(unique, key=rank, default=None)


def _propose(graph: Graph, label: str, ids: str, between: dict[str, list[dict[str, Any]]]) -> None:
    follows: list[FollowType] = []
    interactions: list[InteractionType] = []
    others: list[str] = []
    for kind, some in between.items():
        names = sorted({name for row in some for name in row})
        if _FOLLOWS.search(kind):
            since = _meaning(Role.FOLLOWS, "since", names, some)
            follows.append(FollowType(kind, _way(kind), since))
            continue
        word = known_kind(kind)
        if word is None and not _INTERACTS.search(kind):
            others.append(kind)
            continue
        kind_from = None if word else _meaning(Role.INTERACTIONS, "kind", names, some)
        interactions.append(
            InteractionType(
                kind,
                _way(kind),
                None if kind_from else usual_kind(kind),
                kind_from,
                *(_meaning(Role.INTERACTIONS, meaning, names, some) for meaning in _AMOUNTS),
            )
        )
    if not follows and not interactions:
        graph.notes = [f"No type between nodes {label} has a usual name: {', '.join(others)}."]
        return
    graph.mapping = GraphMapping(label, ids, tuple(follows), tuple(interactions))
    looked = min(SAMPLE, graph.labels[label])
    graph.notes = [f"Each of {looked:,} nodes {label} looked at has a {ids} of its own."]
    if others:
        graph.notes.append(
            f"Types without a usual name are left out ({', '.join(others)}): add what is an "
            "interaction."
        )


def _way(kind: str) -> Way:
    """Which end acts, as the name of a type says."""
    if _BOTH_WAYS.search(kind):
        return Way.BOTH
    return Way.TURNED if _TURNED.search(kind) else Way.STORED


def _meaning(role: Role, meaning: str, names: list[str], some: list[dict[str, Any]]) -> str | None:
    """The first property that usually means this, if its values can."""
    for name in names:
        if meaning_of(role, name) == meaning:
            values = [row[name] for row in some if name in row]
            if all(_can_be(meaning, value) for value in values):
                return name
    return None


def _can_be(meaning: str, value: Any) -> bool:
    if meaning == "kind":
        return isinstance(value, str)
    if meaning in ("since", "time"):
        return type(value) in (int, str) or hasattr(value, "year")
    return type(value) is int if meaning == "count" else type(value) in (int, float)
