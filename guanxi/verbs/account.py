"""`account`: one account, with its scores and its strongest ties both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32
from guanxi.results import Result
from guanxi.verbs.accounts import shown_columns
from guanxi.verbs.analysis import Analysis, find_analysis
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.neighbourhood import neighbourhood_columns, ties_of
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
    ties: int | None,
    profile: str | None,
    as_of: str | None,
) -> Result:
    """`meta["account"]`: its columns and scores; rows: its `n` strongest ties each way.

    With `neighbourhood` rows are the `ties` strongest ties within so many steps. Ties are
    strong by `profile` and `as_of`, or where neither is given as in the analysis.
    """
    watch = Stopwatch()
    drawn = ties_of(neighbourhood, ties)
    snapshot = engine.snapshot()
    index = snapshot.index_of(id)
    meta, graph = _meta(engine, snapshot, index, profile, as_of)
    if neighbourhood is not None:
        columns, cut = neighbourhood_columns(snapshot, graph, index, neighbourhood, drawn)
        meta["parameters"] |= {"neighbourhood": neighbourhood, "ties": drawn}
        meta["summary"].append(cut)
        meta["seconds"] = watch.seconds()
        return Result(columns, meta)
    columns = _tie_columns(snapshot, graph, index, n)
    meta["seconds"] = watch.seconds()
    return Result(columns, meta)


def plain_account(engine: Engine, index: int, n: int) -> Result:
    """What `account` says of the account of that number, where nothing else is asked."""
    watch = Stopwatch()
    snapshot = engine.snapshot()
    meta, graph = _meta(engine, snapshot, index, None, None)
    columns = _tie_columns(snapshot, graph, index, n)
    meta["seconds"] = watch.seconds()
    return Result(columns, meta)


def _meta(
    engine: Engine, snapshot: Snapshot, index: int, profile: str | None, as_of: str | None
) -> tuple[dict[str, Any], InfluenceGraph]:
    """The meta with what is known of the account, and the arcs that its ties are taken from."""
    analysis = find_analysis(snapshot)
    used = _profile(engine, analysis, profile, as_of)
    meta = base_meta(engine, snapshot, INFLUENCE, parameters=profile_parameters(used))
    meta["account"] = _facts(snapshot, analysis, index)
    meta["summary"] = [f"Ties are shown as strong as by the profile {_called(used)}."]
    analysed = used if analysis is None else analysis.profile(engine)
    if analysed is not used and analysed != used:
        meta["notes"].append(
            f"The scores are those of the last analysis, by the profile {_called(analysed)}."
        )
    return meta, snapshot.graph(used)


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
    start, end = snapshot.follows.indptr[index : index + 2].tolist()
    facts["follows"] = end - start
    return facts if analysis is None else facts | snapshot.scores_of(index, analysis.by_score)


def _tie_columns(
    snapshot: Snapshot, graph: InfluenceGraph, account: int, n: int
) -> dict[str, list[Any]]:
    """The `n` strongest ties that leave an account, then those that reach it."""
    out, strengths_out = _strongest(graph.out, account, n)
    into, strengths_into = _strongest(graph.into, account, n)
    reaching = _incoming_strength(graph.into, np.concatenate([out, [account]]))
    strengths = np.concatenate([strengths_out, strengths_into])
    per = np.concatenate([reaching[:-1], np.full(len(into), reaching[-1])])
    return {
        "tie": ["influences"] * len(out) + ["influenced by"] * len(into),
        "rank": [*range(1, len(out) + 1), *range(1, len(into) + 1)],
        **shown_columns(snapshot, np.concatenate([out, into])),
        "strength": strengths.tolist(),
        "probability": (strengths / per).tolist(),
    }


def _strongest(adjacency: Adjacency, account: int, n: int) -> tuple[Int32, Float64]:
    """The other ends of the `n` strongest ties in a row, and their strengths; ties by id."""
    start, end = adjacency.indptr[account : account + 2].tolist()
    if adjacency.weights is None:  # all as strong, and the ids ascend
        others = adjacency.indices[start : min(end, start + n)]
        return others, np.ones(len(others))
    others, strengths = adjacency.indices[start:end], adjacency.weights[start:end]
    if len(others) > 4 * n:  # most of them need not be sorted
        least = np.partition(strengths, len(strengths) - n)[len(strengths) - n]
        kept = strengths >= least
        others, strengths = others[kept], strengths[kept]
    order = np.lexsort((others, -strengths))[:n]
    return others[order], strengths[order]


def _incoming_strength(into: Adjacency, accounts: npt.NDArray[Any]) -> Float64:
    """All tie strength that reaches each of the accounts."""
    starts, ends = into.indptr[accounts], into.indptr[accounts + 1]
    if into.weights is None:
        return np.asarray(ends - starts, dtype=np.float64)
    bounds = zip(starts.tolist(), ends.tolist(), strict=True)
    return np.array([into.weights[start:end].sum() for start, end in bounds])
