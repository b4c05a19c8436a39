"""`seeds`: whom to win within limits, what that reaches, and how sure it is."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi import memory as memory_words
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32, Progress
from guanxi.results import Result
from guanxi.verbs.accounts import shown_columns, ties_among
from guanxi.verbs.analysis import Analysis, find_analysis
from guanxi.verbs.audience import Spread, Spreading, judge_spread, read_spread
from guanxi.verbs.judging import judged
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.plan import Plan, PlannedLists, read_plan
from guanxi.verbs.profiles import profile_parameters
from guanxi.verbs.seed_sentences import comparison_sentences, list_sentences
from guanxi.verbs.selectors import Selector
from guanxi.verbs.why import why_columns

if TYPE_CHECKING:
    from guanxi.algorithms.influence.constraints import Constraints
    from guanxi.algorithms.influence.explain import Explanation
    from guanxi.algorithms.influence.run import Effort
    from guanxi.algorithms.influence.seeds import SeedList
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

#: What a list is compared with beside the lists that compete.
RANDOM = "random choice"


@dataclasses.dataclass(frozen=True)
class Search:
    """How hard to look: RR sets for the choice, a precision to go on to, and what ends it."""

    samples: int | None = None
    precision: float | None = None
    max_seconds: float | None = None
    looks: int | None = None
    memory: str | None = None


@dataclasses.dataclass(frozen=True)
class _Found:
    """One run: the network that it was done on, and the lists that came out."""

    engine: Engine
    snapshot: Snapshot
    analysis: Analysis | None
    planned: PlannedLists
    spreading: Spreading
    lists: list[SeedList]
    why: list[dict[str, list[Any]]]


def seeds(
    engine: Engine,
    plan: Plan,
    spread: Spread,
    search: Search,
    *,
    why: bool,
    profile: TieProfile,
    seed: int,
) -> Result:
    """Choose accounts; rows in the order in which they were chosen, list by list."""
    from guanxi.algorithms.influence.limits import settle
    from guanxi.algorithms.influence.seeds import select_lists

    watch = Stopwatch()
    snapshot = engine.snapshot()
    analysis = find_analysis(snapshot)
    selector = Selector(engine, snapshot, analysis)
    planned = read_plan(selector, plan)
    judged(
        engine,
        lambda: [settle(asked, snapshot.n) for asked in planned.lists],
        lambda: judge_spread(selector, spread),
        lambda: _effort(engine, search, None).check(),
    )
    graph = snapshot.graph(profile)
    spreading = read_spread(selector, spread, graph, seed)
    lists = select_lists(
        spreading.model,
        planned.lists,
        heuristics=_rankings(engine, snapshot, graph, analysis, profile),
        baselines={RANDOM: shuffled(snapshot.n, seed)},
        audience=spreading.audience,
        seed=seed,
        effort=_effort(engine, search, engine.progress("Seeds")),
    )
    found = _Found(engine, snapshot, analysis, planned, spreading, lists, [])
    if why:
        for asked, one in zip(planned.lists, lists, strict=True):
            explained = _explained(found, asked, one, search, seed)
            found.why.append(why_columns(snapshot, graph, one.accounts, explained, planned.cost))
    meta = _meta(found, plan, spread, profile, seed)
    notes = dict.fromkeys([*selector.notes, *(note for one in lists for note in one.notes)])
    meta["notes"] += list(notes)
    meta["seconds"] = watch.seconds()
    meta["summary"] = [
        *(
            sentence
            for one in lists
            for sentence in list_sentences(one, spreading, snapshot, _unpriced(planned.cost, one))
        ),
        *comparison_sentences(lists[-1]),
    ]
    return Result(_columns(found), meta, ties_among(snapshot, profile))


def memory_limit(engine: Engine, memory: str | None) -> int | None:
    """Bytes for samples: as asked for in the call, or else in the settings."""
    wanted = memory or engine.settings.memory
    return None if wanted is None else memory_words.parse_size(wanted)


def shuffled(n: int, seed: int) -> Int32:
    """All accounts in a random order, the same on every machine (by a hash of their numbers)."""
    mixed = np.arange(n, dtype=np.uint64) + np.uint64(seed & 0xFFFFFFFFFFFFFFFF)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        mixed = (mixed + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(shift)
    return np.argsort(mixed, kind="stable").astype(np.int32)


def _explained(
    found: _Found, asked: Constraints, one: SeedList, search: Search, seed: int
) -> Explanation:
    from guanxi.algorithms.influence.explain import explain_seeds

    communities = None
    if found.analysis is not None:
        communities = np.asarray(found.analysis.score("community"), dtype=np.int32)
    return explain_seeds(
        found.spreading.model,
        one.accounts,
        constraints=asked,
        communities=communities,
        audience=found.spreading.audience,
        seed=seed,
        sets=search.samples,
        memory_limit=memory_limit(found.engine, search.memory),
        threads=found.engine.settings.threads,
        progress=found.engine.progress("Why"),
    )


def _effort(engine: Engine, search: Search, progress: Progress) -> Effort:
    from guanxi.algorithms.influence.run import Effort

    return Effort(
        selection_sets=search.samples,
        precision=search.precision,
        max_seconds=search.max_seconds,
        looks=search.looks,
        memory_limit=memory_limit(engine, search.memory),
        before_run=lambda needed: memory_words.require(needed, "Choosing the seeds"),
        threads=engine.settings.threads,
        progress=progress,
    )


def _rankings(
    engine: Engine,
    snapshot: Snapshot,
    graph: InfluenceGraph,
    analysis: Analysis | None,
    profile: TieProfile,
) -> dict[str, Int32]:
    """What the list is compared with: everyone ranked by in-degree and by PageRank."""
    from guanxi.algorithms.centrality.degree import in_degree
    from guanxi.algorithms.centrality.pagerank import pagerank

    if analysis is not None and analysis.profile(engine) == profile:
        ranks = np.asarray(analysis.score("pagerank"))
    else:
        ranks = pagerank(graph, threads=engine.settings.threads).scores
    return {
        "top in-degree": _ranked(in_degree(snapshot.follows)),
        "top PageRank": _ranked(ranks),
    }


def _ranked(scores: npt.NDArray[Any]) -> Int32:
    return np.argsort(-scores, kind="stable").astype(np.int32)


def _meta(
    found: _Found, plan: Plan, spread: Spread, profile: TieProfile, seed: int
) -> dict[str, Any]:
    best = found.lists[-1]
    spreading, snapshot = found.spreading, found.snapshot
    total = snapshot.n if spreading.audience is None else spreading.audience.total
    meta = base_meta(
        found.engine,
        snapshot,
        INFLUENCE,
        method=best.method,
        model=spreading.model.in_words(),
        parameters={**plan.parameters, **spread.parameters, **profile_parameters(profile)},
        seed=seed,
        candidates=found.planned.candidates,
        excluded=found.planned.excluded,
        samples=best.samples,
        **_outcome(best, found.planned.cost, total),
        counts=spreading.unit,
        interval="95 %",
        looks=best.looks,
        failure_probability=best.failure_probability,
        compared_with=[_comparison(entry, total) for entry in best.comparison],
    )
    if spreading.activity is not None:
        meta["activity"] = {
            "rule": spreading.activity.rule,
            "discounted": spreading.activity.discounted,
        }
    if best.ended_by:
        meta["ended_by"] = best.ended_by
    if len(found.lists) > 1:
        meta["lists"] = [
            {
                "list": place,
                "k": asked.k,
                "budget": asked.budget,
                **_outcome(one, found.planned.cost, total),
            }
            for place, (asked, one) in enumerate(
                zip(found.planned.lists, found.lists, strict=True), 1
            )
        ]
    return meta


def _outcome(one: SeedList, cost: Float64 | None, total: float) -> dict[str, Any]:
    """What one list came to; `spent` is None where a cost is not known."""
    outcome: dict[str, Any] = {
        "size": len(one.accounts),
        "spent": None if cost is None or _unpriced(cost, one) else _spent(cost, one)[-1],
        "reach": float(one.reach[-1]),
        "reach_low": float(one.reach_low[-1]),
        "reach_high": float(one.reach_high[-1]),
        "share": float(one.reach[-1]) / total if total else 0.0,
        "certified_ratio": one.certified_ratio,
        "chosen_by": one.chosen_by,
    }
    if one.factor is not None:
        outcome["proven_factor"] = {"factor": one.factor[0], "source": one.factor[1]}
    if one.least_cost is not None:
        outcome["least_cost"] = one.least_cost
    return outcome


def _comparison(entry: Any, total: float) -> dict[str, Any]:
    row = dataclasses.asdict(entry)
    row["share"] = entry.reach / total if total else 0.0
    row["judged"] = None if np.isnan(entry.judged) else entry.judged
    return row


def _columns(found: _Found) -> dict[str, Any]:
    """The rows of all lists, one after the other."""
    parts = [_rows(found, one, place) for place, one in enumerate(found.lists, 1)]
    return {name: [v for part in parts for v in part[name]] for name in parts[0]}


def _rows(found: _Found, one: SeedList, place: int) -> dict[str, Any]:
    chosen = one.accounts
    nothing = [None] * len(chosen)
    columns: dict[str, Any] = {"rank": range(1, len(chosen) + 1)}
    columns |= shown_columns(found.snapshot, chosen)
    columns["community"] = nothing
    if found.analysis is not None:
        columns["community"] = found.analysis.score("community")[chosen].tolist()
    columns["cost"] = nothing if found.planned.cost is None else _known(found.planned.cost[chosen])
    for name in ("marginal_reach", "reach", "reach_low", "reach_high"):
        columns[name] = getattr(one, name).tolist()
    columns["spent"] = nothing if found.planned.cost is None else _spent(found.planned.cost, one)
    if one.included.any():
        columns["included"] = one.included.tolist()
    if len(found.lists) > 1:
        columns["list"] = [place] * len(chosen)
    return columns | (found.why[place - 1] if found.why else {})


def _spent(cost: Float64, one: SeedList) -> list[float]:
    """What the first 1, 2, … cost; the included ones, and who has no cost, count nothing."""
    counted = np.where(one.included | np.isnan(cost[one.accounts]), 0.0, cost[one.accounts])
    spent: list[float] = np.round(np.cumsum(counted), 6).tolist()
    return spent


def _unpriced(cost: Float64 | None, one: SeedList) -> int | None:
    """How many of the chosen accounts have no known cost; the included ones need none."""
    if cost is None:
        return None
    return int(np.count_nonzero(np.isnan(cost[one.accounts]) & ~one.included))


def _known(values: Float64) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
