"""Why each seed is on a list: what it brings, what it shares, who would come instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Float64, InfluenceGraph, Int32

if TYPE_CHECKING:
    from guanxi.algorithms.influence.explain import Explanation
    from guanxi.graph.snapshot import Snapshot

#: Communities and ties that are named for each seed.
NAMED = 3
#: A community is named where at least this share of an account's reach lies in it.
LEAST_SHARE = 0.05


def why_columns(
    snapshot: Snapshot,
    graph: InfluenceGraph,
    accounts: Int32,
    found: Explanation,
    cost: Float64 | None,
) -> dict[str, list[Any]]:
    """The columns that `--why` adds to the rows of a list; `cost` float64[n]: of each account."""
    return {
        "reach_alone": found.alone.tolist(),
        "overlap": found.overlap.tolist(),
        "overlap_of_own": found.overlap_of_own.tolist(),
        "overlap_of_rest": found.overlap_of_rest.tolist(),
        "brings": [_brings(found, place) for place in range(len(accounts))],
        "strongest_ties": [_strongest(snapshot, graph, int(account)) for account in accounts],
        "lost_without": found.lost.tolist(),
        "instead": _ids(snapshot, found.instead),
        "instead_cost": _costs(cost, found.instead),
        "lost_instead": _where(found.instead >= 0, found.lost_instead),
        "lost_low": _where(found.instead >= 0, found.lost_low),
        "lost_high": _where(found.instead >= 0, found.lost_high),
        "displaced": _ids(snapshot, found.displaced),
        "displaced_reach": _where(found.displaced >= 0, found.displaced_added),
    }


def _brings(found: Explanation, place: int) -> list[str]:
    """The communities in which most of an account's own reach lies, each with its share.

    None of them where there are no communities: before `analyze`.
    """
    row = found.by_community[place]
    total = float(row.sum())
    if total <= 0 or found.communities.max(initial=-1) < 0:
        return []
    order = np.argsort(-row, kind="stable")[:NAMED]
    return [
        f"{_named(int(found.communities[c]))} ({row[c] / total:.0%})"
        for c in order.tolist()
        if row[c] >= LEAST_SHARE * total
    ]


def _named(community: int) -> str:
    return "others" if community < 0 else str(community)


def _strongest(snapshot: Snapshot, graph: InfluenceGraph, account: int) -> list[str]:
    """Whom the account influences most, by tie strength; ties by id."""
    start, end = graph.out.indptr[account : account + 2].tolist()
    others = np.asarray(graph.out.indices[start:end])
    if graph.out.weights is None:
        return snapshot.ids_of(others[:NAMED])
    strength = np.asarray(graph.out.weights[start:end])
    order = np.argsort(-strength, kind="stable")[:NAMED]
    ids = snapshot.ids_of(others[order])
    return [f"{id} ({strength[i]:,.4g})" for id, i in zip(ids, order.tolist(), strict=True)]


def _ids(snapshot: Snapshot, accounts: Int32) -> list[str | None]:
    return [None if account < 0 else snapshot.id_of(account) for account in accounts.tolist()]


def _costs(cost: Float64 | None, accounts: Int32) -> list[float | None]:
    """None for nobody (-1), and where a cost is not known."""
    if cost is None:
        return [None] * len(accounts)
    return _where((accounts >= 0) & ~np.isnan(cost[accounts]), cost[accounts])


def _where(there: npt.NDArray[np.bool_], values: npt.NDArray[np.float64]) -> list[float | None]:
    pairs = zip(there.tolist(), values.tolist(), strict=True)
    return [value if is_there else None for is_there, value in pairs]
