"""A seed list as its page shows it: sentences, curve, rows, comparison, how it was made."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from guanxi.api.charts.curve import Point, Rival, reach_curve
from guanxi.api.i18n import Messages
from guanxi.api.pages.paging import paging_of
from guanxi.api.pages.people import names_of
from guanxi.api.views import View

PAGE = 100
#: Columns that the tables show in their own way.
_KNOWN = (
    "rank", "id", "name", "platform", "community", "cost", "marginal_reach", "reach",
    "reach_low", "reach_high", "spent",
)  # fmt: skip
#: Columns that say why an account is there, and who comes instead.
_WHY = (
    "reach_alone", "overlap", "overlap_of_own", "overlap_of_rest", "brings", "strongest_ties",
    "lost_without", "instead", "lost_instead", "lost_low", "lost_high", "displaced",
    "displaced_reach",
)  # fmt: skip
_MADE_BY = (
    "model", "method", "chosen_by", "samples", "interval", "seed", "candidates", "direction",
    "store_version", "software_version", "seconds",
)  # fmt: skip
_LISTS = ("list", "k", "budget", "size", "spent", "reach", "certified_ratio")


def plan_result(
    rows: list[dict[str, Any]],
    meta: dict[str, Any],
    view: View | None,
    page: str | None,
    t: Messages,
) -> dict[str, Any]:
    """What `result_seeds.html` shows. With several lists in one result, the last one is drawn."""
    last = [row for row in rows if row.get("list") == rows[-1].get("list")]
    end = last[-1]
    paging = paging_of(page, PAGE, len(rows))
    shown = rows[paging.low - 1 : paging.high]
    compared = _compared(meta, end, t)
    instead = [row["instead"] for row in shown if row.get("instead")]
    return {
        "size": len(last),
        "reach": end["reach"],
        "low": end["reach_low"],
        "high": end["reach_high"],
        "spent": end.get("spent"),
        "accounts": meta.get("accounts", 0),
        "share": meta.get("share"),
        "certified": meta.get("certified_ratio"),
        "sure": 1 - (meta.get("failure_probability") or 0),
        "curve": _curve(last, compared, t),
        "paging": paging,
        "rows": shown,
        "lists": [{name: one.get(name) for name in _LISTS} for one in meta.get("lists", [])],
        "costed": any(row.get("cost") is not None for row in last),
        "extra": [name for name in rows[0] if name not in (*_KNOWN, *_WHY)],
        "explained": "reach_alone" in rows[0],
        "names": {} if view is None else names_of(view.snapshot, instead),
        "compared": compared,
        "made_by": [(key, meta[key]) for key in _MADE_BY if meta.get(key) not in (None, "")],
    }


def _compared(meta: dict[str, Any], end: dict[str, Any], t: Messages) -> list[dict[str, Any]]:
    """This list first, then the others, the best one first."""
    others = [entry for entry in meta.get("compared_with", []) if not entry.get("chosen")]
    if not others:
        return []
    own = {"shown": t("plan.own"), "reach": end["reach"], "share": 1.0, "own": True}
    found = [
        {
            "shown": t.get(f"way.{entry['name'].lower().replace(' ', '-')}", entry["name"]),
            "reach": entry["reach"],
            "share": entry["reach"] / end["reach"] if end["reach"] else 0.0,
            "own": False,
        }
        for entry in others
    ]
    return [own, *sorted(found, key=lambda entry: -entry["reach"])]


def _curve(
    rows: list[dict[str, Any]], compared: list[dict[str, Any]], t: Messages
) -> Markup | None:
    if rows[-1]["reach"] <= 0:
        return None
    by_cost = all(row.get("spent") is not None for row in rows) and rows[-1]["spent"] > 0
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
    rivals = [Rival(entry["shown"], entry["reach"]) for entry in compared if not entry["own"]]
    return reach_curve(
        points,
        rivals,
        label=t("plan.curve_label", n=len(rows), reach=round(rows[-1]["reach"])),
        x_label=t("plan.curve_cost" if by_cost else "plan.curve_number"),
        y_label=t("plan.curve_reach"),
        own=t("plan.own"),
    )
