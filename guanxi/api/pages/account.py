"""One account: what is known of it, its strongest ties, its neighbourhood drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from guanxi.api.charts.network import Centre, Neighbour, neighbourhood_picture
from guanxi.api.i18n import Messages
from guanxi.api.i18n.numbers import plain
from guanxi.api.pages.kept import kept
from guanxi.api.pages.people import rows_of
from guanxi.api.pages.render import link
from guanxi.api.views import View
from guanxi.engine import Engine
from guanxi.graph.arrays import Adjacency, Float64, Int64
from guanxi.verbs.analysis import Analysis, find_analysis

#: Accounts and ties that the drawing has at most.
DRAWN = 300
_CHORDS = 500
_TIES = 15
#: Scores that stand above the rest; the first ones with the account's rank.
_FIGURES = ("in_degree", "pagerank", "weighted_in_degree", "k_core")
_RANKED = _FIGURES[:3]
_SHOWN_ELSEWHERE = ("id", "name", "community", "core_rank")


def account(view: View, engine: Engine, id: str, t: Messages) -> dict[str, Any]:
    """What the template `account.html` shows. UnknownAccountError names ids like it."""
    snapshot = view.snapshot
    index = snapshot.index_of(id)
    found = engine.account(id, n=_TIES)
    facts: dict[str, Any] = found.meta["account"]
    analysis = find_analysis(snapshot)
    scores = [] if analysis is None else analysis.scores
    drawn = kept(
        view, ("account", index, t.language), lambda: _neighbourhood(view, engine, index, t)
    )
    ties = {
        "influences": [row for row in found.rows if row["tie"] == "influences"],
        "influenced_by": [row for row in found.rows if row["tie"] != "influences"],
    }
    left = [name for name in facts if name not in (*_SHOWN_ELSEWHERE, *scores, "opted_out")]
    return {
        "id": id,
        "name": facts.get("name") or id,
        "community": facts.get("community"),
        "opted_out": bool(facts.get("opted_out")),
        "accounts": snapshot.n,
        "figures": [] if analysis is None else _figures(analysis, facts, index),
        "facts": [(name, facts[name]) for name in left],
        "picture": drawn[0],
        "drawn": drawn[1],
        "neighbours": drawn[2],
        "ties": list(ties.items()),
        "notes": found.meta.get("notes", []),
    }


def _figures(analysis: Analysis, facts: dict[str, Any], index: int) -> list[dict[str, Any]]:
    figures = []
    for name in (name for name in _FIGURES if name in facts):
        score = np.asarray(analysis.score(name))
        rank = None
        if name in _RANKED:
            # As in the ranking: ties go to the smaller id.
            above = np.count_nonzero(score > score[index])
            rank = 1 + above + np.count_nonzero(score[:index] == score[index])
        figures.append(
            {"name": name, "value": facts[name], "rank": None if rank is None else int(rank)}
        )
    return figures


def _neighbourhood(
    view: View, engine: Engine, index: int, t: Messages
) -> tuple[Markup | None, int, int]:
    """The drawing, how many neighbours it has, and how many there are."""
    snapshot = view.snapshot
    analysis = find_analysis(snapshot)
    profile = engine.profile("default") if analysis is None else analysis.profile(engine)
    graph = snapshot.graph(profile)
    out, into = _row(graph.out, index), _row(graph.into, index)
    everyone = np.union1d(out[0], into[0])
    everyone = everyone[everyone != index]
    if not len(everyone):
        return None, 0, 0
    strength = _at(out, everyone) + _at(into, everyone)
    chosen = np.sort(everyone[np.argsort(-strength, kind="stable")[:DRAWN]])
    strength = strength[np.searchsorted(everyone, chosen)]
    standing = _standing(analysis, chosen)
    rows = rows_of(snapshot, analysis, chosen.astype(np.int32))
    goes, comes = _at(out, chosen) > 0, _at(into, chosen) > 0
    neighbours = [
        Neighbour(
            id=row["id"],
            name=row["name"] or row["id"],
            href=link("/account", id=row["id"]),
            community=row.get("community"),
            strength=float(strength[place]),
            weight=float(standing[place]),
            ties="both" if goes[place] and comes[place] else "out" if goes[place] else "in",
            says=t(
                "account.near_node",
                name=row["name"] or row["id"],
                community=row.get("community") or "–",
                strength=plain(float(strength[place])),
            ),
        )
        for place, row in enumerate(rows)
    ]
    (own,) = rows_of(snapshot, analysis, np.asarray([index], dtype=np.int32))
    name = own["name"] or own["id"]
    picture = neighbourhood_picture(
        Centre(name, own.get("community")),
        neighbours,
        _among(graph.out, chosen),
        label=t("account.near_label", name=name),
    )
    return picture, len(chosen), len(everyone)


def _row(adjacency: Adjacency, account: int) -> tuple[Int64, Float64]:
    """The others that an account has an entry for, ascending, and the strengths."""
    start, end = adjacency.indptr[account : account + 2]
    others = np.asarray(adjacency.indices[start:end], dtype=np.int64)
    weights = adjacency.weights
    return others, np.ones(len(others)) if weights is None else np.asarray(weights[start:end])


def _at(row: tuple[Int64, Float64], accounts: Int64) -> Float64:
    """The strengths of a row at some accounts; 0 where it has none."""
    others, strengths = row
    if not len(others):
        return np.zeros(len(accounts))
    places = np.minimum(np.searchsorted(others, accounts), len(others) - 1)
    return np.where(others[places] == accounts, strengths[places], 0.0)


def _standing(analysis: Analysis | None, chosen: Int64) -> Float64:
    """PageRank of some accounts as a share of the highest among them."""
    if analysis is None:
        return np.full(len(chosen), 0.3)
    scores = np.asarray(analysis.score("pagerank"))[chosen]
    return np.asarray(scores / max(float(scores.max()), 1e-300))


def _among(out: Adjacency, chosen: Int64) -> list[tuple[int, int]]:
    """Pairs of places in `chosen` (ascending) with a tie between them, the strongest ones."""
    pairs: dict[tuple[int, int], float] = {}
    for place, account in enumerate(chosen.tolist()):
        strengths = _at(_row(out, account), chosen)
        for other in np.flatnonzero(strengths).tolist():
            pair = (min(place, other), max(place, other))
            if pair[0] != pair[1]:
                pairs[pair] = pairs.get(pair, 0.0) + float(strengths[other])
    strongest = sorted(pairs, key=lambda pair: (-pairs[pair], pair))
    return strongest[:_CHORDS]
