"""The accounts of a graph that guanxi did not load: the nodes of a label, by internal id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from guanxi.errors import StoreError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.neo4j.chunks import Told
from guanxi.graph.neo4j.database import Database, fetch_one
from guanxi.graph.neo4j.mapping import GraphMapping
from guanxi.graph.neo4j.numbers import Numbers
from guanxi.graph.neo4j.read import id_ranges
from guanxi.graph.schema import MAX_ID_BYTES

#: As for files: this share of unusable rows, once there are so many rows.
_MOST_UNUSABLE, _FEW = 0.01, 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_EXAMPLES = 3


@dataclass(frozen=True)
class Nodes:
    """The accounts in the byte order of their `ids`.

    `numbers` knows further nodes, from `n` on: those whose id cannot be used.
    """

    ids: TextColumn
    numbers: Numbers
    warnings: list[str] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.ids)


def id_text(value: Any) -> str | None:
    """The id of an account that a property holds; None where it is none.

    >>> id_text(17), id_text(" wx:用户 "), id_text(""), id_text(1.5), id_text(True)
    ('17', 'wx:用户', None, None, None)
    """
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return None
    text = value.strip(" \t")
    if not text or len(text.encode()) > MAX_ID_BYTES or _CONTROL.search(text):
        return None
    return text


def read_nodes(database: Database, mapping: GraphMapping, count: int, told: Told) -> Nodes:
    """All nodes of the label, which are about `count`.

    StoreError where two have the same id, or more than 1 % (of 1,000 or more) have none that
    can be used; fewer are left out, and a warning says so.
    """
    keys: list[int] = []
    ids: list[str] = []
    unusable: list[int] = []
    examples: list[Any] = []
    for low, high in id_ranges(database, mapping.label, count):
        page = fetch_one(
            database, "page_of_label", {"label": mapping.label},
            low=low, high=high, property=mapping.id,
        )  # fmt: skip
        for key, value in zip(page["keys"], page["ids"], strict=True):
            text = id_text(value)
            if text is None:
                unusable.append(key)
                examples += [value][: _EXAMPLES - len(examples)]
            else:
                keys.append(key)
                ids.append(text)
        told.add(len(page["keys"]))
    # Python compares strings by code point, which is the order of their UTF-8.
    order = sorted(range(len(ids)), key=ids.__getitem__)
    ids = [ids[place] for place in order]
    _refuse_repeated(ids, mapping)
    warnings = _unusable(len(unusable), len(ids), examples, mapping)
    numbered = [*(keys[place] for place in order), *unusable]
    numbers = Numbers(np.array(numbered, dtype=np.int64))
    return Nodes(TextColumn.from_strings(ids), numbers, warnings)


def _refuse_repeated(ids: list[str], mapping: GraphMapping) -> None:
    repeated = [place for place in range(1, len(ids)) if ids[place] == ids[place - 1]]
    if repeated:
        shown = ", ".join(repr(ids[place]) for place in repeated[:_EXAMPLES])
        raise StoreError(
            f"The property {mapping.id} of the nodes {mapping.label} is no id: "
            f"{len(repeated):,} of its values belong to several nodes (such as {shown}). Map "
            "another property as the id, or merge these nodes."
        )


def _unusable(count: int, others: int, examples: list[Any], mapping: GraphMapping) -> list[str]:
    if not count:
        return []
    told = (
        f"{count:,} of {count + others:,} nodes {mapping.label} have no usable id in {mapping.id} "
        f"(a text of at most {MAX_ID_BYTES} bytes without control characters, or a whole number)"
    )
    shown = ", ".join(repr(example)[:100] for example in examples if example != "")
    told += f", such as {shown}" if shown else ""
    if not others or (count + others >= _FEW and count > _MOST_UNUSABLE * (count + others)):
        raise StoreError(f"{told}. Map another property as the id, or complete these nodes.")
    return [f"{told}: they are left out, with their relationships."]
