"""A seed list as its page shows it: sentences, curve, rows, comparison, how it was made."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from guanxi.api.charts.curve import Point, Rival, reach_curve
from guanxi.api.i18n import Messages

#: Columns that the table shows in its own way.
_KNOWN = (
    "rank", "id", "name", "platform", "community", "cost", "marginal_reach", "reach",
    "reach_low", "reach_high", "spent",
)  # fmt: skip
_MADE_BY = (
    "model", "method", "chosen_by", "samples", "interval", "seed", "candidates", "direction",
    "store_version", "software_version", "seconds",
)  # fmt: skip
#: Tables that the meta may carry besides: why each is there, and who comes instead.
_TABLES = ("why", "instead")


def plan_result(rows: list[dict[str, Any]], meta: dict[str, Any], t: Messages) -> dict[str, Any]:
    """What `result_seeds.html` shows. With several lists in one result, the last one is drawn."""
    last = [row for row in rows if row.get("list") == rows[-1].get("list")]
    end = last[-1]
    costed = any(row.get("cost") is not None for row in last)
    compared = _compared(meta, end, t)
    return {
        "size": len(last),
        "reach": end["reach"],
        "low": end["reach_low"],
        "high": end["reach_high"],
        "accounts": meta.get("accounts", 0),
        "share": meta.get("share"),
        "certified": meta.get("certified_ratio"),
        "sure": 1 - (meta.get("failure_probability") or 0),
        "curve": _curve(last, compared, t),
        "rows": rows,
        "costed": costed,
        "extra": [name for name in rows[0] if name not in _KNOWN],
        "compared": compared,
        "tables": [
            {"key": key, "columns": list(meta[key][0]), "rows": meta[key]}
            for key in _TABLES
            if meta.get(key)
        ],
        "made_by": [(key, meta[key]) for key in _MADE_BY if meta.get(key) not in (None, "")],
    }


def _compared(meta: dict[str, Any], end: dict[str, Any], t: Messages) -> list[dict[str, Any]]:
    """This list first, then the others, the best one first."""
    others = [entry for entry in meta.get("compared_with", []) if not entry.get("chosen")]
    if not others:
        return []
    own = {"name": "greedy", "reach": end["reach"], "share": 1.0, "own": True}
    found = [
        {
            "name": _slug(entry["name"]),
            "shown": t.get(f"way.{_slug(entry['name'])}", entry["name"]),
            "reach": entry["reach"],
            "share": entry["reach"] / end["reach"] if end["reach"] else 0.0,
            "own": False,
        }
        for entry in others
    ]
    return [own, *sorted(found, key=lambda entry: -entry["reach"])]


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _curve(
    rows: list[dict[str, Any]], compared: list[dict[str, Any]], t: Messages
) -> Markup | None:
    if rows[-1]["reach"] <= 0:
        return None
    spent = [row.get("spent") for row in rows]
    by_cost = all(value is not None for value in spent) and spent[-1] > 0
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
