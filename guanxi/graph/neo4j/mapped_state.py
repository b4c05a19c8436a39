"""Which version of a graph guanxi sees that it did not load: by its counts.

Neo4j counts nodes of a label and relationships of a type at each end all the time. What
keeps every count, such as a property that is changed, is not noticed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from difflib import get_close_matches

from neo4j import ManagedTransaction

from guanxi.errors import StoreError
from guanxi.graph.neo4j.database import record, records
from guanxi.graph.neo4j.mapping import GraphMapping
from guanxi.graph.store_state import SCHEMA_VERSION, StoreState

_SHOWN = 12


@dataclass(frozen=True)
class Counts:
    """Nodes of the label, and relationships by type that start and that end at one."""

    nodes: int
    starting: dict[str, int]
    ending: dict[str, int]

    @property
    def ends(self) -> dict[str, int]:
        """By type: a relationship between two nodes of the label counts twice."""
        return {name: number + self.ending[name] for name, number in self.starting.items()}


def read_counts(mapping: GraphMapping, tx: ManagedTransaction) -> Counts:
    """The counts at this moment.

    StoreError where the database has no such nodes, or none of a type of relationships: then
    a name of the mapping is wrong.
    """
    label = {"label": mapping.label}
    nodes = record(tx, "count_labelled", label)["count"]
    if not nodes:
        known = [row["label"] for row in records(tx, "list_labels")]
        raise StoreError(_unknown("node with the label", mapping.label, known))
    starting: dict[str, int] = {}
    ending: dict[str, int] = {}
    for edge in mapping.edges:
        slots = {**label, "type": edge.type}
        starting[edge.type] = record(tx, "count_starting", slots)["count"]
        ending[edge.type] = record(tx, "count_ending", slots)["count"]
        if not starting[edge.type] and not ending[edge.type]:
            known = [row["type"] for row in records(tx, "list_types")]
            what = f"relationship at a node {mapping.label} of the type"
            raise StoreError(_unknown(what, edge.type, known))
    return Counts(nodes, starting, ending)


def state_of(mapping: GraphMapping, counts: Counts, before: StoreState | None) -> StoreState:
    """The state that the counts mean; a version later than `before` where they differ from it."""
    told = [mapping.reading, str(counts.nodes)]
    told += [
        f"{name}\0{counts.starting[name]}\0{counts.ending[name]}"
        for name in sorted(counts.starting)
    ]
    token = _digest("\0\0".join(told))
    version = 1 if before is None else before.version + (before.token != token)
    return StoreState(
        schema=SCHEMA_VERSION,
        store_id=_digest(mapping.reading),
        version=version,
        token=token,
        accounts=counts.nodes,
        follows=sum(counts.starting[edge.type] for edge in mapping.follows),
        interactions=sum(counts.starting[edge.type] for edge in mapping.interactions),
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=2, cutoff=0.6)
    others = ", ".join((near or sorted(known))[:_SHOWN])
    hint = f" Is it {others}?" if near else f" There are {others}." if others else ""
    return (
        f"The database has no {what} {name}.{hint} `guanxi doctor --store …` shows what there is, "
        "and proposes a mapping."
    )
