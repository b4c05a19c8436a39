"""`seeds`: the list of accounts that together reach the most, and how sure that is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi import memory as memory_words
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, InfluenceGraph, Int32
from guanxi.results import Result
from guanxi.verbs.accounts import prices, shown_columns, ties_among
from guanxi.verbs.analysis import find_analysis
from guanxi.verbs.lists import mask_of, read_or_find, require_accounts, say_unknown
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters

if TYPE_CHECKING:
    from guanxi.algorithms.influence.seeds import SeedList
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

MODEL = (
    "Independent cascade with weighted-cascade probabilities: an account that is won wins v with "
    "the probability of its share of all tie strength that reaches v."
)


def seeds(
    engine: Engine,
    k: int,
    *,
    exclude: Sequence[str | Path | Sequence[str]],
    samples: int | None,
    memory: str | None,
    profile: TieProfile,
    seed: int,
) -> Result:
    """Choose `k` accounts; rows in the order in which they were chosen."""
    from guanxi.algorithms.influence.seeds import select_seeds

    watch = Stopwatch()
    if k < 1:
        raise UsageError(f"-k must be at least 1, not {k}.")
    snapshot = engine.snapshot()
    notes: list[str] = []
    candidates, excluded = _candidates(snapshot, exclude, notes)
    graph = snapshot.graph(profile)
    found = select_seeds(
        graph,
        k,
        candidates=candidates,
        heuristics=_heuristics(engine, snapshot, graph, profile),
        seed=seed,
        selection_sets=samples,
        memory_limit=memory_limit(engine, memory),
        before_run=lambda needed: memory_words.require(needed, "Choosing the seeds"),
        threads=engine.settings.threads,
        progress=engine.progress("Seeds"),
    )
    meta = base_meta(
        engine,
        snapshot,
        INFLUENCE,
        method=found.method,
        model=MODEL,
        parameters={"k": k, **profile_parameters(profile)},
        seed=seed,
        candidates=int(candidates.sum()),
        excluded=excluded,
        samples=found.samples,
        reach=float(found.reach[-1]),
        reach_low=float(found.reach_low[-1]),
        reach_high=float(found.reach_high[-1]),
        interval="95 %",
        share=float(found.reach[-1]) / max(snapshot.n, 1),
        certified_ratio=found.certified_ratio,
        failure_probability=found.failure_probability,
        chosen_by=found.chosen_by,
        compared_with=[dataclasses.asdict(entry) for entry in found.comparison],
    )
    meta["notes"] += [*notes, *found.notes]
    meta["seconds"] = watch.seconds()
    meta["summary"] = _sentences(snapshot, found)
    return Result(_columns(snapshot, found), meta, ties_among(snapshot, profile))


def memory_limit(engine: Engine, memory: str | None) -> int | None:
    """Bytes for samples: as asked for in the call, or else in the settings."""
    wanted = memory or engine.settings.memory
    return None if wanted is None else memory_words.parse_size(wanted)


def _candidates(
    snapshot: Snapshot, exclude: Sequence[str | Path | Sequence[str]], notes: list[str]
) -> tuple[Bool, dict[str, int]]:
    """Who may be chosen: all but the excluded and those who opted out; how many each rule names.

    A list of which nobody is in the store is an error: it would exclude nobody.
    """
    candidates = np.ones(snapshot.n, dtype=np.bool_)
    lists = [read_or_find(snapshot, entry, "the exclusions") for entry in exclude]
    counts = {}
    for entry in lists:
        candidates &= ~mask_of(require_accounts(entry, snapshot), snapshot.n)
        counts[entry.name] = len(entry.accounts)
    notes.extend(say_unknown(lists, snapshot))
    opted_out = snapshot.opted_out
    if opted_out is not None:
        candidates &= ~opted_out
        counts["opted out"] = int(opted_out.sum())
    if not candidates.any():
        raise UsageError("Nobody may be chosen: every account is excluded or has opted out.")
    return candidates, counts


def _heuristics(
    engine: Engine, snapshot: Snapshot, graph: InfluenceGraph, profile: TieProfile
) -> dict[str, Int32]:
    """What the list is compared with: everyone ranked by in-degree and by PageRank."""
    from guanxi.algorithms.centrality.degree import in_degree
    from guanxi.algorithms.centrality.pagerank import pagerank

    analysis = find_analysis(snapshot)
    if analysis is not None and analysis.profile(engine) == profile:
        ranks = np.asarray(analysis.score("pagerank"))
    else:
        ranks = pagerank(graph, threads=engine.settings.threads).scores
    degrees = in_degree(snapshot.follows)
    return {
        "top in-degree": np.argsort(-degrees, kind="stable").astype(np.int32),
        "top PageRank": np.argsort(-ranks, kind="stable").astype(np.int32),
    }


def _columns(snapshot: Snapshot, found: SeedList) -> dict[str, Any]:
    chosen = found.accounts
    analysis = find_analysis(snapshot)
    nothing = [None] * len(chosen)
    columns: dict[str, Any] = {"rank": np.arange(1, len(chosen) + 1)}
    columns |= shown_columns(snapshot, chosen)
    columns["community"] = nothing if analysis is None else analysis.score("community")[chosen]
    columns["cost"] = prices(snapshot, chosen)
    columns["marginal_reach"] = found.marginal_reach
    columns["reach"] = found.reach
    columns["reach_low"] = found.reach_low
    columns["reach_high"] = found.reach_high
    return columns


def _sentences(snapshot: Snapshot, found: SeedList) -> list[str]:
    reach = float(found.reach[-1])
    size = len(found.accounts)
    expected = (
        f"These {size:,} accounts are expected to reach {reach:,.0f} of {snapshot.n:,} accounts, "
        f"themselves included (95 % interval {found.reach_low[-1]:,.0f} to "
        f"{found.reach_high[-1]:,.0f})."
    )
    certified = (
        f"That is at least {found.certified_ratio:.3f} of what the best possible list of {size:,} "
        f"reaches, with probability {1 - found.failure_probability:g}."
    )
    sentences = [expected, certified]
    others = [f"{entry.name} {entry.reach:,.0f}" for entry in found.comparison if not entry.chosen]
    if others:
        sentences.append(f"For comparison, as many accounts by: {', '.join(others)}.")
    chosen = next(entry for entry in found.comparison if entry.chosen)
    above = [entry for entry in found.comparison if entry.reach > chosen.reach]
    if above:
        best = max(above, key=lambda entry: entry.reach)
        sentences.append(
            f"{best.name} is ahead here by {best.reach - chosen.reach:,.1f}, and was behind by "
            f"{chosen.judged - best.judged:,.1f} in the samples that decided: the two are equal as "
            "far as samples can tell."
        )
    return sentences
