"""Communities as a picture and a table, and one of them with what ties it to the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from guanxi.api.charts.bubbles import Bubble, communities_picture
from guanxi.api.i18n import Messages
from guanxi.api.pages.between import strength_between, strength_from
from guanxi.api.pages.facets import condition_of
from guanxi.api.pages.kept import kept
from guanxi.api.pages.paging import paging_of
from guanxi.api.pages.people import rows_of
from guanxi.api.views import View
from guanxi.engine import Engine
from guanxi.errors import MissingError
from guanxi.graph.arrays import Int64
from guanxi.verbs.accounts import matching
from guanxi.verbs.analysis import Analysis, find_analysis, read_analysis

PAGE = 50
DRAWN = 40
#: Core users that a row of the table names.
_NAMED = 3
_OTHERS = 10


def communities(
    view: View, engine: Engine, asked: Mapping[str, str], t: Messages
) -> dict[str, Any]:
    """What the template `communities.html` shows."""
    analysis = find_analysis(view.snapshot)
    if analysis is None:
        return {"analysed": False}
    search = asked.get("q", "").strip()
    numbers = _wanted(engine, analysis, search)
    paging = paging_of(asked.get("page"), PAGE, len(numbers))
    places = numbers[(paging.page - 1) * PAGE : paging.page * PAGE]
    return {
        "analysed": True,
        "q": search,
        "communities": analysis.communities,
        "paging": paging,
        "picture": picture(view, engine, t) if paging.page == 1 and not search else None,
        "shown_in_picture": min(DRAWN, analysis.communities),
        "rows": _rows(view, analysis, places),
        "method": t.get(f"method.{analysis.meta['method']}", str(analysis.meta["method"])),
        "modularity": f"{analysis.meta['modularity']:.3f}",
    }


def _wanted(engine: Engine, analysis: Analysis, search: str) -> Int64:
    """int64: numbers of the communities: all, the one of a number, or those of accounts whose
    id or name holds a text, ascending.
    """
    if not search:
        return np.arange(1, analysis.communities + 1)
    if search.isascii() and search.isdecimal() and len(search) < 10:
        number = int(search)
        return np.arange(number, number + (1 <= number <= analysis.communities))
    named = "name" in analysis.snapshot.column_types
    condition = condition_of([], search, "", named=named) or ""
    members = matching(engine, analysis.snapshot, condition, analysis)
    found: Int64 = np.unique(np.asarray(analysis.score("community"))[members]).astype(np.int64)
    return found


def community(view: View, engine: Engine, number: int) -> dict[str, Any]:
    """What the template `community.html` shows. MissingError where there is no such community."""
    analysis = read_analysis(view.snapshot, engine)
    if not 1 <= number <= analysis.communities:
        raise MissingError(
            f"There is no community {number}; they go from 1 to {analysis.communities:,}."
        )
    (row,) = _rows(view, analysis, np.asarray([number]))
    users = analysis.by_community("core_users")[number - 1]
    return {
        "row": row,
        "accounts": view.snapshot.n,
        "core": rows_of(view.snapshot, analysis, users[users >= 0], ("in_degree", "pagerank")),
        "others": kept(view, ("from", number), lambda: _others(view, engine, analysis, number)),
    }


def _others(view: View, engine: Engine, analysis: Analysis, number: int) -> list[dict[str, Any]]:
    """The communities that one is tied to most, each with its part of what leaves."""
    graph = view.snapshot.graph(analysis.profile(engine))
    strength = strength_from(graph, np.asarray(analysis.score("community")), number)
    order = np.argsort(-strength, kind="stable")[:_OTHERS]
    sizes, total = analysis.by_community("size"), float(strength.sum())
    return [
        {"community": c, "size": int(sizes[c - 1]), "share": float(strength[c]) / total}
        for c in order.tolist()
        if strength[c] > 0
    ]


def picture(view: View, engine: Engine, t: Messages) -> Markup:
    """The largest communities as circles; made once for each analysis and language."""
    return kept(view, ("communities", t.language), lambda: _picture(view, engine, t))


def _picture(view: View, engine: Engine, t: Messages) -> Markup:
    analysis = read_analysis(view.snapshot, engine)
    drawn = min(DRAWN, analysis.communities)
    graph = view.snapshot.graph(analysis.profile(engine))
    labels = np.asarray(analysis.score("community"))
    strength = kept(view, "between", lambda: strength_between(graph.out, labels, drawn))
    bubbles = []
    for row in _rows(view, analysis, np.arange(1, drawn + 1)):
        name = (row["core"][0][1] or row["core"][0][0]) if row["core"] else ""
        says = t("community.says", number=row["community"], size=row["size"], name=name)
        href = f"/communities/{row['community']}"
        bubbles.append(Bubble(row["community"], row["size"], name, href, says))
    return communities_picture(bubbles, strength, label=t("communities.picture_what"))


def _rows(view: View, analysis: Analysis, numbers: Any) -> list[dict[str, Any]]:
    """Communities by their numbers, each with its first core users (id, name)."""
    places = numbers - 1
    core = np.asarray(analysis.by_community("core_users"))[places][:, :_NAMED]
    users = rows_of(view.snapshot, None, np.unique(core[core >= 0]).astype(np.int32))
    by_id = dict(zip(np.unique(core[core >= 0]).tolist(), users, strict=True))
    columns = {
        name: np.asarray(analysis.by_community(name))[places].tolist()
        for name in ("size", "density", "internal_share", "core_reach")
    }
    rows = []
    for place, number in enumerate(numbers.tolist()):
        row = {name: values[place] for name, values in columns.items()}
        named = [by_id[user] for user in core[place].tolist() if user >= 0]
        row |= {
            "community": number,
            "share": row["size"] / max(view.snapshot.n, 1),
            "core": [(user["id"], user["name"]) for user in named],
        }
        rows.append(row)
    return rows
