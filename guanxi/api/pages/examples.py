"""Conditions that fit the network that is loaded: examples beside the fields that take some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from guanxi.api.i18n.numbers import significant
from guanxi.api.pages.facets import Facet, facets_of, text_of
from guanxi.api.pages.kept import kept
from guanxi.errors import FilterError
from guanxi.sql import quote
from guanxi.verbs.analysis import find_analysis

if TYPE_CHECKING:
    from guanxi.api.views import View
    from guanxi.graph.snapshot import Snapshot

#: Columns by which campaigns choose most, where accounts have them.
_USUAL = ("platform", "city", "stage", "price")
_LONGEST = 20
#: Of a network that has neither columns nor an analysis.
_ELSEWHERE = ["platform = 'weibo'", "city = 'Shanghai'", "stage = 'customer'"]


@dataclass(frozen=True)
class Examples:
    """Conditions: `one` and `another` by a word, `last` by one more where there is one; `low` and
    `high` by a number.
    """

    one: str
    another: str
    last: str
    low: str
    high: str


def examples_of(view: View) -> Examples:
    """The examples for a network; made at the first question."""
    return kept(view, "examples", lambda: _examples(view))


def _examples(view: View) -> Examples:
    snapshot, analysed = view.snapshot, find_analysis(view.snapshot) is not None
    facets = sorted(kept(view, "facets", lambda: facets_of(snapshot)), key=_place)
    words = [
        f"{_written(facet.name, snapshot)} = {text_of(facet.choices[0][0])}"
        for facet in facets
        if facet.kind == "text" and facet.choices and len(facet.choices[0][0]) <= _LONGEST
    ]
    words = words or (["community = 1"] if analysed else _ELSEWHERE)
    numbers = [facet.name for facet in facets if facet.kind == "number"]
    name, usual = "price", 20_000.0
    if numbers:
        name, usual = numbers[0], _middle(snapshot, numbers[0])
    elif analysed:
        name, usual = "in_degree", 100.0
    written, value = _written(name, snapshot), significant(usual, 1).replace(",", "")
    return Examples(
        words[0],
        words[min(1, len(words) - 1)],
        words[min(2, len(words) - 1)],
        f"{written} < {value}",
        f"{written} > {value}",
    )


def _place(facet: Facet) -> tuple[int, str]:
    known = _USUAL.index(facet.name) if facet.name in _USUAL else len(_USUAL)
    return known, facet.name


def _written(name: str, snapshot: Snapshot) -> str:
    """A column as a condition names it: in quotes only where it must."""
    from guanxi.graph.filters import parse_condition

    types = {name: str(snapshot.column_types.get(name, "number"))}
    try:
        known = parse_condition(f"{name} is null", types).columns
    except FilterError:
        return quote(name)
    return name if set(known) == {name} else quote(name)


def _middle(snapshot: Snapshot, name: str) -> float:
    """What half of the accounts have less of, in the column."""
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT quantile_cont({quote(name)}, 0.5) FROM read_parquet($path)",
            {"path": str(snapshot.accounts_parquet)},
        ).fetchone()
    return float(found[0]) if found and found[0] is not None else 0.0
