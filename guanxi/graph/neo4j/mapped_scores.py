"""Scores written into a graph that guanxi did not load: properties under a prefix, no more.

Beside them there is an index on each, and a node `GuanxiMeta` that says what they are and
which properties are guanxi's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy.typing as npt
from neo4j import ManagedTransaction

from guanxi.errors import UsageError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.neo4j.database import Database, change_schema, record, records, run
from guanxi.graph.neo4j.mapped_nodes import id_text
from guanxi.graph.neo4j.mapped_state import Counts
from guanxi.graph.neo4j.mapping import GraphMapping
from guanxi.graph.neo4j.score_pages import ScoredNodes, Turn, write_pages
from guanxi.graph.neo4j.scores import finish_scores, meta_of


def scores_key(mapping: GraphMapping) -> str:
    """The key of the node `GuanxiMeta` of a mapping: one for each label and prefix."""
    return f"scores of {mapping.label} with {mapping.prefix}"


def read_mapped_meta(mapping: GraphMapping, tx: ManagedTransaction) -> dict[str, Any] | None:
    """What the scores are; None before the first time, and while they are being written."""
    return meta_of(records(tx, "read_scores", key=scores_key(mapping)))


def own_properties(tx: ManagedTransaction) -> set[str]:
    """The properties that guanxi has written to this database, under any prefix."""
    return set(record(tx, "read_score_properties")["properties"])


def write_mapped_scores(
    database: Database,
    mapping: GraphMapping,
    counts: Counts,
    ids: TextColumn,
    scores: Mapping[str, npt.NDArray[Any]],
    meta: Mapping[str, Any],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Replace all scores that this mapping has written, a range of nodes at a time.

    UsageError where a property of that name is somebody else's: nothing is written then.
    StoreError where accounts of the analysis are no longer in the graph, StoreBusyError where
    another write-back of this mapping begins meanwhile: its scores count.
    """
    names = {name: mapping.prefix + name for name in scores}
    turn = Turn(scores_key(mapping))
    stale = database.write(partial(_begin, turn, mapping, list(names.values())))
    columns = {names[name]: values for name, values in scores.items()}
    nodes = ScoredNodes(mapping.label, mapping.id, counts.nodes, id_text)
    write_pages(database, turn, nodes, ids, columns, stale, progress)
    for name in stale:
        change_schema(database, "drop_index", index=_index(mapping, name))
    for name in columns:
        index = _index(mapping, name)
        change_schema(database, "score_index", index=index, label=mapping.label, score=name)
    database.write(partial(finish_scores, turn, list(scores), list(columns), dict(meta)))


def _begin(
    turn: Turn, mapping: GraphMapping, properties: list[str], tx: ManagedTransaction
) -> list[str]:
    """Note which properties are guanxi's; those of before that are not among them now."""
    found = records(tx, "read_scores", key=turn.key)
    earlier = list(found[0]["meta"]["properties"]) if found else []
    fresh = [name for name in properties if name not in earlier]
    others = {mapping.id, *(name for _, name in mapping.columns)}
    taken = records(
        tx, "find_property_of_label", {"label": mapping.label},
        properties=fresh, id_property=mapping.id,
    )  # fmt: skip
    name = taken[0]["property"] if taken else next((n for n in fresh if n in others), None)
    if name is not None:
        where = f" (as that of {taken[0]['id']!r})" if taken else ""
        raise UsageError(
            f"Scores would overwrite the property {name} of nodes {mapping.label}{where}, which "
            "guanxi did not write. Choose another prefix in the mapping (prefix=…)."
        )
    noted = sorted({*earlier, *properties})
    run(tx, "begin_scores", key=turn.key, writer=turn.writer, properties=noted)
    return [name for name in earlier if name not in properties]


def _index(mapping: GraphMapping, name: str) -> str:
    return f"guanxi_{mapping.label}_{name}"
