"""`top`: the ranked influencers of an analysed network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import UsageError
from guanxi.graph.account_lookup import first_behind
from guanxi.graph.arrays import Bool, Int64, TextColumn
from guanxi.results import Result
from guanxi.verbs.accounts import SHOWN, matching, shown_columns, ties_among
from guanxi.verbs.analysis import Analysis, read_analysis
from guanxi.verbs.judging import judged
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot

PERSONALIZED = "personalized_pagerank"
#: The columns of `top`, in this order; the score asked for follows where it is none of them.
SHOWN_SCORES = ("in_degree", "weighted_in_degree", "pagerank")


def top(
    engine: Engine,
    *,
    by: str,
    n: int,
    community: int | None,
    where: str | None,
    personalize: str | Path | Sequence[str] | None,
    show: Sequence[str] = (),
    after: tuple[float, str] | None = None,
) -> Result:
    """The `n` accounts with the highest score `by`, ties by id; those behind `after` only."""
    watch = Stopwatch()
    snapshot = engine.snapshot()
    analysis = read_analysis(snapshot, engine)
    notes: list[str] = []
    extra: dict[str, npt.NDArray[Any]] = {}
    shown = _known_columns(snapshot, show)
    keep = _selection(engine, snapshot, analysis, community, where)
    if personalize is not None:
        by = PERSONALIZED if by == "pagerank" else by
        if by != PERSONALIZED:
            analysis.ranked(by)
        jump = _jump(snapshot, personalize, notes)
        judged(engine)
        extra[PERSONALIZED] = _personalized(engine, snapshot, analysis, jump)
    score = extra[by] if by in extra else analysis.ranked(by)
    judged(engine)
    passed = 0
    behind = keep
    if after is not None:
        behind = _behind(score, snapshot.ids, after)
        behind = behind if keep is None else behind & keep
        passed = (snapshot.n if keep is None else int(keep.sum())) - int(behind.sum())
    chosen = highest(score, n, behind)
    meta = base_meta(
        engine,
        snapshot,
        INFLUENCE,
        method=by,
        parameters={"community": community, "where": where, **analysis.parameters},
        seed=analysis.seed,
        analysed_at=analysis.made_at,
        candidates=snapshot.n if keep is None else int(keep.sum()),
    )
    meta["notes"] += notes
    if not len(chosen):
        meta["notes"].append("No account meets the condition.")
    meta["seconds"] = watch.seconds()
    ties = ties_among(snapshot, analysis.profile(engine))
    columns = _columns(snapshot, analysis, chosen, by, extra)
    columns["rank"] += passed
    if shown:
        columns |= snapshot.columns(shown, chosen.astype(np.int32))
    return Result(columns, meta, ties)


def _known_columns(snapshot: Snapshot, show: Sequence[str]) -> list[str]:
    """The account columns to show, without those that are shown anyway."""
    unknown = [name for name in show if name not in snapshot.column_types]
    if unknown:
        raise UsageError(
            f"The accounts have no column {unknown[0]!r}; they have "
            f"{', '.join(snapshot.column_types) or 'none'}."
        )
    return [name for name in dict.fromkeys(show) if name not in SHOWN]


def _columns(
    snapshot: Snapshot,
    analysis: Analysis,
    chosen: Int64,
    by: str,
    extra: dict[str, npt.NDArray[Any]],
) -> dict[str, Any]:
    columns: dict[str, Any] = {"rank": np.arange(1, len(chosen) + 1)}
    columns |= shown_columns(snapshot, chosen)
    columns["community"] = analysis.score("community")[chosen]
    for name in dict.fromkeys((*SHOWN_SCORES, *extra, by)):
        columns[name] = (extra[name] if name in extra else analysis.score(name))[chosen]
    return columns


def highest(score: npt.NDArray[Any], n: int, keep: Bool | None = None) -> Int64:
    """Indices of the `n` highest scores, highest first, ties by the smaller index."""
    values = np.asarray(score)
    candidates = None if keep is None else np.flatnonzero(keep)
    if candidates is not None:
        values = values[candidates]
    if len(values) > n:
        threshold = np.partition(values, len(values) - n)[len(values) - n]
        above = np.flatnonzero(values >= threshold)
        candidates = above if candidates is None else candidates[above]
        values = values[above]
    elif candidates is None:
        candidates = np.arange(len(values))
    order = np.lexsort((candidates, -values.astype(np.float64)))
    return candidates[order][:n]


def _behind(score: npt.NDArray[Any], ids: TextColumn, after: tuple[float, str]) -> Bool:
    """bool[n]: the accounts that rank behind a score and an id, be they there or not."""
    value, id = after
    behind = np.asarray(score) < value
    same = np.flatnonzero(np.asarray(score) == value)
    behind[same[same >= first_behind(ids, id)]] = True
    return behind


def _selection(
    engine: Engine,
    snapshot: Snapshot,
    analysis: Analysis,
    community: int | None,
    where: str | None,
) -> Bool | None:
    """Which accounts may appear, or None for all of them."""
    keep: Bool | None = None
    if community is not None:
        keep = np.asarray(analysis.score("community") == community)
        if not keep.any():
            raise UsageError(
                f"There is no community {community}; they go from 1 to {analysis.communities}."
            )
    if where is not None:
        meeting = matching(engine, snapshot, where, analysis)
        keep = meeting if keep is None else keep & meeting
    return keep


def _jump(
    snapshot: Snapshot, personalize: str | Path | Sequence[str], notes: list[str]
) -> npt.NDArray[np.float64]:
    """float64[n]: 1 for each account of the list."""
    from guanxi.verbs.lists import read_or_find, require_accounts, say_unknown

    entry = read_or_find(snapshot, personalize, "the personalisation")
    jump = np.zeros(snapshot.n)
    jump[require_accounts(entry, snapshot)] = 1.0
    notes.extend(say_unknown([entry], snapshot))
    return jump


def _personalized(
    engine: Engine, snapshot: Snapshot, analysis: Analysis, jump: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """PageRank with a jump to some accounts, with the ties of the analysis."""
    from guanxi.algorithms.centrality.pagerank import pagerank

    graph = snapshot.graph(analysis.profile(engine))
    return pagerank(
        graph,
        personalization=jump,
        threads=engine.settings.threads,
        progress=engine.progress("PageRank"),
    ).scores
