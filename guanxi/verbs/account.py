"""`account`: one account, with its scores and its strongest ties both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.graph.arrays import Adjacency
from guanxi.results import Result
from guanxi.verbs.accounts import shown_columns
from guanxi.verbs.analysis import Analysis, find_analysis
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.neighbourhood import check_neighbourhood, neighbourhood_columns
from guanxi.verbs.profiles import profile_parameters

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile


def account(
    engine: Engine,
    id: str,
    *,
    n: int,
    neighbourhood: int | None,
    ties: int,
    profile: str | None,
    as_of: str | None,
) -> Result:
    """`meta["account"]`: its columns and scores; rows: its `n` strongest ties each way.

    With `neighbourhood` rows are the `ties` strongest ties within so many steps. Ties are
    strong by `profile` and `as_of`, or where neither is given as in the analysis.
    """
    watch = Stopwatch()
    if neighbourhood is not None:
        check_neighbourhood(neighbourhood, ties)
    snapshot = engine.snapshot()
    index = snapshot.index_of(id)
    analysis = find_analysis(snapshot)
    used = _profile(engine, analysis, profile, as_of)
    graph = snapshot.graph(used)
    meta = base_meta(
        engine,
        snapshot,
        INFLUENCE,
        parameters=profile_parameters(used),
    )
    meta["account"] = _facts(snapshot, analysis, index)
    meta["summary"] = [f"Ties are shown as strong as by the profile {_called(used)}."]
    if analysis is not None and analysis.profile(engine) != used:
        meta["notes"].append(
            f"The scores are those of the last analysis, by the profile "
            f"{_called(analysis.profile(engine))}."
        )
    columns: dict[str, Any]
    if neighbourhood is not None:
        columns, cut = neighbourhood_columns(snapshot, graph, index, neighbourhood, ties)
        meta["parameters"] |= {"neighbourhood": neighbourhood, "ties": ties}
        meta["summary"].append(cut)
        meta["seconds"] = watch.seconds()
        return Result(columns, meta)
    columns = {
        name: [] for name in ("tie", "rank", "id", "name", "platform", "strength", "probability")
    }
    incoming = _incoming_strength(graph.into, index)
    _add_ties(columns, "influences", snapshot, graph.out, index, n, _probability_out(graph.into))
    _add_ties(columns, "influenced by", snapshot, graph.into, index, n, lambda v, w: w / incoming)
    meta["seconds"] = watch.seconds()
    return Result(columns, meta)


def _profile(
    engine: Engine, analysis: Analysis | None, name: str | None, as_of: str | None
) -> TieProfile:
    """The profile asked for, or the one that the scores were computed with."""
    if analysis is None:
        return engine.profile(name or "default", as_of)
    if name is None and as_of is None:
        return analysis.profile(engine)
    return engine.profile(name or analysis.profile(engine).name, as_of)


def _called(profile: TieProfile) -> str:
    as_of = profile_parameters(profile)["as_of"]
    return profile.name + (f" as of {as_of}" if as_of else "")


def _facts(snapshot: Snapshot, analysis: Analysis | None, index: int) -> dict[str, Any]:
    facts: dict[str, Any] = {"id": snapshot.id_of(index)}
    columns = snapshot.columns(list(snapshot.column_types), [index])
    facts |= {name: values[0] for name, values in columns.items()}
    facts["follows"] = int(np.diff(snapshot.follows.indptr[index : index + 2])[0])
    if analysis is not None:
        facts |= {name: analysis.score(name)[index].item() for name in analysis.scores}
    return facts


def _incoming_strength(into: Adjacency, account: int) -> float:
    """All tie strength that reaches `account`."""
    start, end = into.indptr[account : account + 2]
    return float(end - start) if into.weights is None else float(into.weights[start:end].sum())


def _probability_out(into: Adjacency) -> Any:
    return lambda other, strength: strength / _incoming_strength(into, other)


def _add_ties(
    columns: dict[str, list[Any]],
    tie: str,
    snapshot: Snapshot,
    adjacency: Adjacency,
    account: int,
    n: int,
    probability: Any,
) -> None:
    start, end = adjacency.indptr[account : account + 2]
    others = np.asarray(adjacency.indices[start:end])
    strengths = np.ones(len(others)) if adjacency.weights is None else adjacency.weights[start:end]
    order = np.lexsort((others, -strengths))[:n]
    chosen = others[order]
    columns["tie"] += [tie] * len(chosen)
    columns["rank"] += range(1, len(chosen) + 1)
    for name, values in shown_columns(snapshot, chosen).items():
        columns[name] += values
    for other, strength in zip(chosen.tolist(), strengths[order].tolist(), strict=True):
        columns["strength"].append(strength)
        columns["probability"].append(probability(other, strength))
