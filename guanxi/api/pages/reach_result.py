"""A check of lists as its page shows it: the lists, what they share, each account alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from guanxi.api.i18n import Messages
from guanxi.api.i18n.numbers import significant
from guanxi.api.pages.people import names_of
from guanxi.api.pages.plan_result import is_weighed
from guanxi.api.views import View
from guanxi.verbs.reach import TOGETHER

_KNOWN = ("set", "size", "cost", "reach", "reach_low", "reach_high", "share", "adds")
#: An account that adds less than this share of what it reaches alone can be left out.
_SPARE = 0.1
_NUMBERED = re.compile(r"list (\d+)")


def reach_result(
    rows: list[dict[str, Any]], meta: dict[str, Any], view: View | None, t: Messages
) -> dict[str, Any]:
    """What `result_reach.html` shows.

    Rows of single accounts follow those of the lists; lists end with all of them together.
    """
    overlap = meta.get("overlap", [])
    named = list(dict.fromkeys(name for pair in overlap for name in (pair["set"], pair["other"])))
    count = len(named) + 1 if named else 1
    lists = [{**row, "set": called(row["set"], named, t)} for row in rows[:count]]
    alone = sorted(rows[count:], key=lambda row: -row["reach"])
    names = {} if view is None else names_of(view.snapshot, [row["set"] for row in alone])
    return {
        "lists": lists,
        "compared": len(named) or 1,
        "weighed": is_weighed(meta),
        "overlap": [
            {**pair, **{end: called(pair[end], named, t) for end in ("set", "other")}}
            for pair in overlap
        ],
        "each": [
            {
                **row,
                "name": names.get(row["set"]),
                "spare": _is_spare(row),
                "per_added": _per_added(row),
            }
            for row in alone
        ],
        "costed": any(row.get("cost") is not None for row in rows),
        "extra": [name for name in (rows[0] if rows else {}) if name not in _KNOWN],
        "added": bool(rows) and "adds" in rows[0],
    }


def called(name: str, named: Sequence[str], t: Messages) -> str:
    """What a list is called: a file by its name, the others by their number."""
    if named and name == TOGETHER:
        return t("check.together")
    number = _NUMBERED.fullmatch(name)
    return t("check.numbered", number=number[1]) if number else name


def _per_added(row: dict[str, Any]) -> str | None:
    """What each one costs that the account adds; None where it has no price or adds nothing."""
    cost, adds = row.get("cost"), row.get("adds")
    return significant(cost / adds) if cost is not None and adds and adds > 0 else None


def _is_spare(row: dict[str, Any]) -> bool:
    adds = row.get("adds")
    return adds is not None and adds < _SPARE * row["reach"]
