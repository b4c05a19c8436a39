"""A check of lists as its page shows it: the lists, what they share, each account alone."""

from __future__ import annotations

from typing import Any

from guanxi.api.pages.people import names_of
from guanxi.api.views import View
from guanxi.verbs.reach import TOGETHER

_KNOWN = ("set", "size", "cost", "reach", "reach_low", "reach_high", "share")


def reach_result(
    rows: list[dict[str, Any]], meta: dict[str, Any], view: View | None
) -> dict[str, Any]:
    """What `result_reach.html` shows.

    Rows of single accounts follow those of the lists; lists end with all of them together.
    """
    overlap = meta.get("overlap", [])
    named = list(dict.fromkeys(name for pair in overlap for name in (pair["set"], pair["other"])))
    count = len(named) + 1 if named else 1
    lists = [{**row, "together": bool(named) and row["set"] == TOGETHER} for row in rows[:count]]
    alone = sorted(rows[count:], key=lambda row: -row["reach"])
    names = {} if view is None else names_of(view.snapshot, [row["set"] for row in alone])
    return {
        "lists": lists,
        "overlap": overlap,
        "each": [{**row, "name": names.get(row["set"])} for row in alone],
        "costed": any(row.get("cost") is not None for row in rows),
        "extra": [name for name in (rows[0] if rows else {}) if name not in _KNOWN],
    }
