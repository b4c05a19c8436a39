"""`account`: one account, with its scores and its strongest ties both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.graph.arrays import Adjacency, InfluenceGraph
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
    analysis = find_analysis(snapshot)
    meta, graph = _meta(engine, snapshot, analysis, profile, as_of)
    meta["account"] = _facts(snapshot, analysis, index)
    if neighbourhood is not None:
        columns, cut = neighbourhood_columns(snapshot, graph, index, neighbourhood, drawn)
        meta["parameters"] |= {"neighbourhood": neighbourhood, "ties": drawn}
        meta["summary"].append(cut)
        meta["seconds"] = watch.seconds()
        return Result(columns, meta)
    columns = _tie_columns(snapshot, graph, index, n)
    meta["seconds"] = watch.seconds()
    return Result(columns, meta)


class PlainAccounts:
    """What `account` says where nothing but the id is asked, of one account after the other.

    What is the same for all of them is found once, and holds as long as the analysis does:
    `meta` is that of every answer but for `account`, which `facts` finds, and `seconds`.
    """

    def __init__(self, engine: Engine) -> None:
        self._snapshot = engine.snapshot()
        self._analysis = find_analysis(self._snapshot)
        self.meta, self._graph = _meta(engine, self._snapshot, self._analysis, None, None)
        self.meta["seconds"] = 0.0

    def facts(self, index: int) -> dict[str, Any]:
        """The columns and scores of the account of that number."""
        return _facts(self._snapshot, self._analysis, index)

    def ties(self, index: int, n: int) -> Result:
        """Its `n` strongest ties each way, without a meta."""
        return Result(_tie_columns(self._snapshot, self._graph, index, n))


def _meta(
    engine: Engine,
    snapshot: Snapshot,
    analysis: Analysis | None,
    profile: str | None,
    as_of: str | None,
) -> tuple[dict[str, Any], InfluenceGraph]:
    """The meta with a place for what is known of an account, and the arcs of its ties."""
    used = _profile(engine, analysis, profile, as_of)
    meta = base_meta(engine, snapshot, INFLUENCE, parameters=profile_parameters(used))
    meta["account"] = None
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
    start, end = snapshot.follows.indptr[index : index + 2].tolist()
    scores = {} if analysis is None else analysis.kept.of_account(index)
    return {
        "id": snapshot.id_of(index),
        **snapshot.columns_of(index),
        "follows": end - start,
        **scores,
    }


def _tie_columns(
    snapshot: Snapshot, graph: InfluenceGraph, account: int, n: int
) -> dict[str, list[Any]]:
    """The `n` strongest ties that leave an account, then those that reach it."""
    # Lists all the way: arrays of a few numbers take longer to make than to work on.
    out, strengths_out = _strongest(graph.out, account, n)
    into, strengths_into = _strongest(graph.into, account, n)
    *reaching, own = _incoming_strength(graph.into, [*out, account])
    strengths = strengths_out + strengths_into
    per = reaching + [own] * len(into)
    return {
        "tie": ["influences"] * len(out) + ["influenced by"] * len(into),
        "rank": [*range(1, len(out) + 1), *range(1, len(into) + 1)],
        **shown_columns(snapshot, out + into),
        "strength": strengths,
        "probability": [one / all for one, all in zip(strengths, per, strict=True)],
    }


def _strongest(adjacency: Adjacency, account: int, n: int) -> tuple[list[int], list[float]]:
    """The other ends of the `n` strongest ties in a row, and their strengths; ties by id."""
    start, end = adjacency.indptr[account : account + 2].tolist()
    if adjacency.weights is None:  # all as strong, and the ids ascend
        first = adjacency.indices[start : min(end, start + n)].tolist()
        return first, [1.0] * len(first)
    others, strengths = adjacency.indices[start:end], adjacency.weights[start:end]
    if len(others) > 4 * n:  # most of them need not be sorted
        least = np.partition(strengths, len(strengths) - n)[len(strengths) - n]
        kept = strengths >= least
        others, strengths = others[kept], strengths[kept]
    order = np.lexsort((others, -strengths))[:n]
    return others[order].tolist(), strengths[order].tolist()


def _incoming_strength(into: Adjacency, accounts: list[int]) -> list[float]:
    """All tie strength that reaches each of the accounts."""
    starts = into.indptr.data
    bounds = [(starts[account], starts[account + 1]) for account in accounts]
    if into.weights is None:
        return [float(end - start) for start, end in bounds]
    return [float(into.weights[start:end].sum()) for start, end in bounds]
