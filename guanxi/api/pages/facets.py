"""Filters that fit the columns of the accounts: choices, ranges, and the condition they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guanxi.sql import quote

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot

#: Texts of a column that can be chosen from; with more of them there is the search instead.
_CHOICES = 60
#: These have fields of their own, or stand for one account each.
_LEFT_OUT = ("name",)


@dataclass(frozen=True)
class Facet:
    """One column that can be filtered by.

    `choices`: value → label (None: a word of the page), or None where `low` and `high` bound it.
    """

    name: str
    kind: str
    choices: list[tuple[str, str | None]] | None
    value: str = ""
    low: str = ""
    high: str = ""


def facets_of(snapshot: Snapshot) -> list[Facet]:
    """The columns of a snapshot that lend themselves to filters. Reads them once."""
    found = []
    for name, kind in snapshot.column_types.items():
        if name in _LEFT_OUT:
            continue
        if kind.value == "boolean":
            found.append(Facet(name, "boolean", [("true", None), ("false", None)]))
        elif kind.value == "text":
            values = _values(snapshot, name)
            if values:
                found.append(Facet(name, "text", [(value, value) for value in values]))
        else:
            found.append(Facet(name, kind.value, None))
    return found


def _values(snapshot: Snapshot, name: str) -> list[str]:
    """The texts of a column, most frequent first; none where there are too many."""
    import duckdb

    column = quote(name)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT {column}, count(*) FROM read_parquet($path) WHERE {column} IS NOT NULL "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_CHOICES + 1}",
            {"path": str(snapshot.accounts_parquet)},
        ).fetchall()
    return [str(value) for value, _ in rows] if 1 < len(rows) <= _CHOICES else []


def filled(facets: list[Facet], asked: Mapping[str, str]) -> list[Facet]:
    """The same facets with what was chosen in them."""
    return [
        Facet(
            facet.name,
            facet.kind,
            facet.choices,
            asked.get(f"is.{facet.name}", ""),
            asked.get(f"from.{facet.name}", "").strip(),
            asked.get(f"to.{facet.name}", "").strip(),
        )
        for facet in facets
    ]


def condition_of(facets: list[Facet], search: str, where: str, *, named: bool) -> str | None:
    """The condition that filters, search and a condition of one's own make together.

    `named`: whether the accounts have names that the search may look into.
    """
    parts = [f"({where})"] if where else []
    for facet in facets:
        column = quote(facet.name)
        if facet.value:
            parts.append(f"{column} = {_literal(facet, facet.value)}")
        if facet.low:
            parts.append(f"{column} >= {_literal(facet, facet.low)}")
        if facet.high:
            parts.append(f"{column} <= {_literal(facet, facet.high)}")
    if search:
        text = text_of(search.lower())
        looked = ["id", *(["name"] if named else [])]
        parts.append(f"({' or '.join(f'contains(lower({name}), {text})' for name in looked)})")
    return " and ".join(parts) or None


def _literal(facet: Facet, value: str) -> str:
    """A value as a condition writes it; what is no number is left for the condition to refuse."""
    if facet.kind == "boolean":
        return "true" if value == "true" else "false"
    if facet.kind == "number":
        try:
            return repr(float(value.replace(",", "")))
        except ValueError:
            return text_of(value)
    return text_of(value)


def text_of(value: str) -> str:
    """A text as a condition writes it.

    >>> text_of("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"
