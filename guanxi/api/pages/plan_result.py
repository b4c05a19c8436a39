"""A seed list as its page shows it: sentences, curve, rows, comparison, how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from guanxi.api.charts.curve import Point, Rival, reach_curve
from guanxi.api.i18n import Messages
from guanxi.api.i18n.numbers import plain
from guanxi.api.i18n.sentences import markup, plain_text
from guanxi.api.pages.paging import paging_of
from guanxi.api.pages.people import names_of
from guanxi.api.views import View

PAGE = 100
#: Columns that the tables show in their own way.
_KNOWN = (
    "rank", "id", "name", "platform", "community", "cost", "marginal_reach", "reach",
    "reach_low", "reach_high", "spent", "list",
)  # fmt: skip
#: Columns that say why an account is there, and who comes instead.
_WHY = (
    "reach_alone", "overlap", "overlap_of_own", "overlap_of_rest", "brings", "strongest_ties",
    "lost_without", "instead", "lost_instead", "lost_low", "lost_high", "displaced",
    "displaced_reach", "instead_cost", "included",
)  # fmt: skip
_MADE_BY = (
    "model", "method", "chosen_by", "samples", "interval", "seed", "candidates", "direction",
    "store_version", "software_version", "seconds",
)  # fmt: skip
#: Way to choose → in which order it takes accounts (a part of keys of the catalogue).
_ORDERS = {"greedy coverage": "most", "greedy coverage for the cost": "most_for_cost"}
_LISTS = ("list", "k", "budget", "size", "spent", "reach", "share", "certified_ratio")


def plan_result(
    rows: list[dict[str, Any]],
    meta: dict[str, Any],
    view: View | None,
    asked: Mapping[str, str],
    t: Messages,
) -> dict[str, Any]:
    """What `result_seeds.html` shows: the one list, or of several the one asked for by `list`,
    and else the last. Only the last one was compared with others.
    """
    lists = meta.get("lists", [])
    number = _list_asked(asked.get("list"), len(lists))
    last = [row for row in rows if row.get("list") in (None, number)]
    end = last[-1]
    of = lists[number - 1] if lists else meta
    paging = paging_of(asked.get("page"), PAGE, len(last))
    shown = last[paging.low - 1 : paging.high]
    compared = _compared(meta, end, t) if number == len(lists) or not lists else []
    instead = [row["instead"] for row in shown if row.get("instead")]
    return {
        "size": len(last),
        "reach": end["reach"],
        "low": end["reach_low"],
        "high": end["reach_high"],
        "spent": end.get("spent"),
        "of": _all(meta, end["reach"], of.get("share")),
        "weighed": is_weighed(meta),
        "share": of.get("share"),
        "certified": of.get("certified_ratio"),
        "least": meta.get("least_cost"),
        "sure": 1 - (meta.get("failure_probability") or 0),
        "curve": _curve(last, compared, weighed=is_weighed(meta), t=t),
        "paging": paging,
        "rows": shown,
        "lists": _lists(lists, rows),
        "list": number,
        "limit": _limit(meta, of),
        "order": _ORDERS.get(str(of.get("chosen_by")), "any"),
        "signed": sum(bool(row.get("included")) for row in last),
        "unpriced": sum(row.get("cost") is None and not row.get("included") for row in last),
        "costed": any(row.get("cost") is not None for row in last),
        "gained": any((row.get("lost_instead") or 0) < 0 for row in shown),
        "instead_costed": any(row.get("instead_cost") is not None for row in last),
        "extra": [name for name in rows[0] if name not in (*_KNOWN, *_WHY)],
        "explained": "reach_alone" in rows[0],
        "names": {} if view is None else names_of(view.snapshot, instead),
        "compared": compared,
        "costs_compared": any(entry["cost"] for entry in compared if not entry["own"]),
        "made_by": [
            (key, _made(key, meta[key], t)) for key in _MADE_BY if meta.get(key) not in (None, "")
        ],
    }


def _list_asked(text: str | None, lists: int) -> int:
    """The number of the list to show; the last one where none is asked for."""
    number = int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else lists
    return number if 1 <= number <= lists else lists


def _lists(lists: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lists of one run, each with what one of them was asked for, and what it costs."""
    spent = {row.get("list"): row.get("spent") for row in rows}
    found = [{**one, "spent": spent.get(one["list"])} for one in lists]
    names = [name for name in _LISTS if any(one.get(name) is not None for one in found)]
    return [{name: one.get(name) for name in names} for one in found]


def _compared(meta: dict[str, Any], end: dict[str, Any], t: Messages) -> list[dict[str, Any]]:
    """This list first, then the others: the best one first, under a target the cheapest."""
    others = [entry for entry in meta.get("compared_with", []) if not entry.get("chosen")]
    if not others:
        return []
    own = {
        "shown": t("plan.own"),
        "size": meta.get("size"),
        "cost": meta.get("spent") or None,
        "reach": end["reach"],
        "share": 1.0,
        "own": True,
    }
    found = [
        {
            "shown": _way(entry["name"], t),
            "size": entry.get("size"),
            "cost": entry.get("cost") or None,
            "reach": entry["reach"],
            "share": entry["reach"] / end["reach"] if end["reach"] else 0.0,
            "own": False,
        }
        for entry in others
    ]
    if _limit(meta, meta) == "target":
        found.sort(key=lambda entry: (entry["cost"] or 0.0, entry["size"] or 0, -entry["reach"]))
    else:
        found.sort(key=lambda entry: -entry["reach"])
    return [own, *found]


def _limit(meta: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    """What lists were compared under: a `target` that all reach, a `budget`, or the `number`."""
    asked = meta.get("parameters", {})
    if asked.get("target") is not None:
        return "target"
    return "number" if of.get("budget", asked.get("budget")) is None else "budget"


def _made(key: str, value: Any, t: Messages) -> str:
    """A fact of how the list was made, in words."""
    if key == "samples" and isinstance(value, dict):
        return " · ".join(
            f"{t.get(f'samples.{name}', name)} {plain(n)}" for name, n in value.items()
        )
    if key == "chosen_by":
        return _way(str(value), t)
    return markup(value, t.language) if isinstance(value, str) else plain(value)


def _way(name: str, t: Messages) -> str:
    """What a way to choose is called: as growth teams say it, or else as the engine does."""
    return t.get(f"way.{name.lower().replace(' ', '-')}", plain_text(name, t.language)[0])


def is_weighed(meta: Mapping[str, Any]) -> bool:
    """Whether reach counts the weight of an audience, and not accounts."""
    return str(meta.get("counts", "accounts")) != "accounts"


def _all(meta: dict[str, Any], reach: float, share: float | None) -> float:
    """What a reach is a share of: all accounts, or the weight of the audience."""
    return reach / share if is_weighed(meta) and share else meta.get("accounts", 0)


def _curve(
    rows: list[dict[str, Any]], compared: list[dict[str, Any]], *, weighed: bool, t: Messages
) -> Markup | None:
    if rows[-1]["reach"] <= 0:
        return None
    priced = all(row.get("cost") is not None or row.get("included") for row in rows)
    by_cost = priced and (rows[-1].get("spent") or 0) > 0
    points = [
        Point(
            float(row["spent"]) if by_cost else float(place),
            row["reach"],
            row["reach_low"],
            row["reach_high"],
            row.get("name") or row["id"],
        )
        for place, row in enumerate(rows, 1)
    ]
    rivals = [
        Rival(entry["shown"], entry["reach"], entry["cost"] if by_cost else entry["size"])
        for entry in compared
        if not entry["own"]
    ]
    return reach_curve(
        points,
        rivals,
        label=t("plan.curve_label", n=len(rows), reach=round(rows[-1]["reach"])),
        x_label=t("plan.curve_cost" if by_cost else "plan.curve_number"),
        y_label=t("plan.curve_weight" if weighed else "plan.curve_reach"),
        own=t("plan.own"),
    )
