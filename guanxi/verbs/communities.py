"""`communities`: what the network falls into, and who holds each part together."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.results import Result
from guanxi.verbs.analysis import Analysis, read_analysis
from guanxi.verbs.meta import UNDIRECTED, Stopwatch, base_meta
from guanxi.wording import agree

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot


def communities(engine: Engine, *, members: bool, n: int | None) -> Result:
    """A row for each community, largest first; or with `members` a row for each account."""
    watch = Stopwatch()
    snapshot = engine.snapshot()
    analysis = read_analysis(snapshot, engine)
    meta = base_meta(
        engine,
        snapshot,
        UNDIRECTED,
        method=analysis.meta["method"],
        modularity=analysis.meta["modularity"],
        communities=analysis.communities,
        parameters=analysis.parameters,
        seed=analysis.seed,
        analysed_at=analysis.made_at,
    )
    columns = _members(snapshot, analysis) if members else _rows(snapshot, analysis, n)
    meta["seconds"] = watch.seconds()
    if not members:
        meta["summary"] = _sentences(analysis, len(columns["community"]))
    return Result(columns, meta)


def _rows(snapshot: Snapshot, analysis: Analysis, n: int | None) -> dict[str, Any]:
    shown = slice(None, n)
    sizes = np.asarray(analysis.by_community("size"))[shown]
    core = np.asarray(analysis.by_community("core_users"))[shown]
    flat = snapshot.ids_of(core[core >= 0])
    bounds = np.concatenate(([0], np.cumsum((core >= 0).sum(axis=1)))).tolist()
    return {
        "community": np.arange(1, len(sizes) + 1),
        "size": sizes,
        "share": sizes / max(snapshot.n, 1),
        "density": np.asarray(analysis.by_community("density"))[shown],
        "internal_share": np.asarray(analysis.by_community("internal_share"))[shown],
        "core_users": [flat[start:end] for start, end in itertools.pairwise(bounds)],
        "core_reach": np.asarray(analysis.by_community("core_reach"))[shown],
    }


def _members(snapshot: Snapshot, analysis: Analysis) -> dict[str, Any]:
    everyone = np.arange(snapshot.n)
    return {"id": snapshot.ids_of(everyone), "community": analysis.score("community")}


def _sentences(analysis: Analysis, shown: int) -> list[str]:
    sentences = []
    if shown < analysis.communities:
        largest = agree(shown, "largest", f"{shown:,} largest")
        sentences.append(f"The {largest} of {analysis.communities:,} communities.")
    sentences.append(
        f"Modularity {analysis.meta['modularity']:.4f} ({analysis.meta['method']}, seed "
        f"{analysis.seed}); direction was dropped. core reach: the share of the community that "
        "its core users together are expected to reach."
    )
    return sentences
