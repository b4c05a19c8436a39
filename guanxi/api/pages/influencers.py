"""The ranking: a million accounts by any score, filtered, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from guanxi.api.pages.examples import examples_of
from guanxi.api.pages.facets import condition_of, facets_of, filled, text_of
from guanxi.api.pages.kept import kept
from guanxi.api.pages.paging import paging_of
from guanxi.api.pages.people import rows_of
from guanxi.api.pages.render import link
from guanxi.api.views import View
from guanxi.engine import Engine
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Int32
from guanxi.results import Result
from guanxi.verbs.accounts import matching
from guanxi.verbs.analysis import Analysis, find_analysis
from guanxi.verbs.columns import NOT_RANKED

PAGE = 50
#: Accounts that a table takes away at once.
TAKEN = 1000
#: What the ranking tells whoever wanted the accounts that he selected, and had selected none.
NOBODY = "nobody"
_NOBODY = "No account is selected: tick some of the table first."
_SCORES = ("in_degree", "weighted_in_degree", "pagerank")


def influencers(view: View, engine: Engine, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the template `influencers.html` shows for the parameters of its address."""
    snapshot = view.snapshot
    analysis = find_analysis(snapshot)
    if analysis is None:
        return {"analysed": False}
    scores = [name for name in analysis.scores if name not in NOT_RANKED]
    by = asked.get("by", "")
    by = by if by in scores else "pagerank"
    facets = filled(kept(view, "facets", lambda: facets_of(snapshot)), asked)
    search, where = asked.get("q", "").strip(), asked.get("where", "").strip()
    community = _number(asked.get("community", ""))
    condition = condition_of(facets, search, where, named="name" in snapshot.column_types)
    problem = None
    order = kept(view, ("order", by), lambda: ranked(analysis, by))
    places = np.zeros(0, dtype=np.int32)
    try:
        places = _selected(engine, analysis, order, community, condition)
    except UsageError as error:
        problem = str(error)
    used = [f.name for f in facets if f.value or f.low or f.high]
    shown = _shown(used, list(snapshot.column_types))
    columns = list(dict.fromkeys((*_SCORES, by)))
    if by != "in_degree" and not np.asarray(analysis.score("in_degree")).any():
        columns.remove("in_degree")  # nobody follows anybody: the network has interactions alone
    paging = paging_of(asked.get("page"), PAGE, len(places))
    page = places[(paging.page - 1) * PAGE : paging.page * PAGE]
    rows = rows_of(snapshot, analysis, order[page], columns, shown)
    for row, place in zip(rows, page.tolist(), strict=True):
        row["rank"] = place + 1
    wanted = {"by": by, "community": community, "where": condition, "show": ",".join(shown) or None}
    return {
        "analysed": True,
        "by": by,
        "scores": scores,
        "facets": facets,
        "q": search,
        "where": where,
        "community": community,
        "problem": problem,
        "nobody": _NOBODY if asked.get("told") == NOBODY else None,
        "filtered": bool(used or where or problem),
        "narrowed": bool(condition or community),
        "rows": rows,
        "shown": shown,
        "examples": examples_of(view),
        "numeric": {f.name for f in facets if f.kind == "number"},
        "columns": columns,
        "paging": paging,
        "accounts": snapshot.n,
        "taken": min(TAKEN, len(places)),
        "download": link("/v1/top", n=max(min(TAKEN, len(places)), 1), **wanted),
    }


def selection(engine: Engine, accounts: list[str], by: str, show: list[str]) -> Result:
    """The accounts that somebody selected, ranked as in the table. UsageError for none of them."""
    if not accounts:
        raise UsageError(_NOBODY)
    condition = f"id in ({', '.join(text_of(account) for account in accounts[:PAGE])})"
    return engine.top(n=PAGE, by=by, where=condition, show=show)


def ranked(analysis: Analysis, by: str) -> Int32:
    """int32[n]: all accounts, highest score first, ties by id."""
    score = np.asarray(analysis.ranked(by), dtype=np.float64)
    return np.argsort(-score, kind="stable").astype(np.int32)


def _selected(
    engine: Engine, analysis: Analysis, order: Int32, community: int | None, condition: str | None
) -> Int32:
    """int32[m]: where in the ranking of all accounts those stand that meet what was asked."""
    keep: Bool | None = None
    if community is not None:
        keep = np.asarray(analysis.score("community")) == community
    if condition is not None:
        meeting = matching(engine, analysis.snapshot, condition, analysis)
        keep = meeting if keep is None else keep & meeting
    everywhere = np.arange(len(order), dtype=np.int32)
    return everywhere if keep is None else everywhere[keep[order]]


def _shown(used: list[str], there: list[str]) -> list[str]:
    """The columns of the table: platform and price where there are such, and those filtered by."""
    usual = [name for name in ("platform", "price") if name in there]
    return list(dict.fromkeys([*usual, *used]))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
