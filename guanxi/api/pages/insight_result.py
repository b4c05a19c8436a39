"""Bridges, degrees, separation and introductions as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from guanxi.api.i18n import Messages
from guanxi.api.pages.forms import BRIDGES
from guanxi.api.pages.people import names_of
from guanxi.api.pages.reach_result import called
from guanxi.api.views import View

#: Rows, lists and communities that a page shows; the file that is taken away has all.
_ROWS, _SETS, _COMMUNITIES = 500, 20, 50


def bridges_result(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What `result_bridges.html` shows."""
    return {"rows": rows[:_ROWS], "by": BRIDGES}


def degrees_result(
    rows: list[dict[str, Any]], asked: Mapping[str, Any], view: View | None, t: Messages
) -> dict[str, Any]:
    """What `result_degrees.html` shows: a table for each list, by step or by community. `asked`:
    the request, whose accounts are lists of their own.
    """
    accounts = set(asked.get("accounts", ()))
    sets: list[dict[str, Any]] = []
    for name, grouped in groupby(rows, key=lambda row: row["set"]):
        listed = list(grouped)
        by_community = "community" in listed[0]
        sets.append(
            {
                "name": called(name, (), t),
                "id": name if name in accounts or asked.get("each") else None,
                "by_community": by_community,
                "left": 0,
                "rows": listed,
            }
        )
        if by_community:
            sets[-1] |= _by_community(listed)
    ids = [each["id"] for each in sets[:_SETS] if each["id"]]
    return {
        "sets": sets[:_SETS],
        "names": {} if view is None else names_of(view.snapshot, ids),
        "more_sets": max(len(sets) - _SETS, 0),
    }


def _by_community(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A row for each community, with the share of it within each number of steps."""
    found = [
        {"community": number, "shares": [row["share"] for row in steps]}
        for number, steps in groupby(rows, key=lambda row: row["community"])
    ]
    return {
        "steps": sorted({row["step"] for row in rows}),
        "rows": found[:_COMMUNITIES],
        "left": max(len(found) - _COMMUNITIES, 0),
    }


def introduce_result(
    rows: list[dict[str, Any]], meta: dict[str, Any], view: View | None
) -> dict[str, Any]:
    """What `result_introduce.html` shows: the ways, and who was left without one."""
    shown = rows[:_ROWS]
    missing = [(kind, meta[kind]) for kind in ("unreachable", "left_over") if meta.get(kind)]
    ids = {id for row in shown for id in (*row["chain"], row["next_best"]) if id}
    ids |= {id for _, left in missing for id in left[:_COMMUNITIES]}
    return {
        "rows": shown,
        "more_rows": len(rows) - len(shown),
        "names": {} if view is None else names_of(view.snapshot, sorted(ids)),
        "missing": missing,
    }
