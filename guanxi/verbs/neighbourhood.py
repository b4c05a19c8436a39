"""`account --neighbourhood`: the ties around an account, as rows that can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.errors import UsageError
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.graph.arrays import InfluenceGraph
    from guanxi.graph.snapshot import Snapshot

MAX_STEPS = 6
MAX_TIES = 10_000
#: Ties that are drawn where nobody says how many.
TIES = 150


def ties_of(steps: int | None, ties: int | None) -> int:
    """How many ties are drawn; UsageError for a neighbourhood that cannot be, or ties of none."""
    if steps is None:
        if ties is not None:
            raise UsageError(
                f"--ties {ties} is the number of ties of a neighbourhood; add --neighbourhood, or "
                "give -n instead."
            )
        return TIES
    ties = TIES if ties is None else ties
    if not 1 <= steps <= MAX_STEPS:
        raise UsageError(f"--neighbourhood is a number of steps from 1 to {MAX_STEPS}.")
    if not 1 <= ties <= MAX_TIES:
        raise UsageError(f"--ties is a number from 1 to {MAX_TIES:,}, not {ties:,}.")
    return ties


def neighbourhood_columns(
    snapshot: Snapshot, graph: InfluenceGraph, account: int, steps: int, ties: int
) -> tuple[dict[str, Any], str]:
    """Columns `from`, `to`, `step`, `strength`, `probability`; and what was cut, in words."""
    from guanxi.algorithms.chains.neighbourhood import neighbourhood

    found = neighbourhood(graph, account, steps, ties)
    incoming = {target: _incoming(graph, target) for target in set(found.target.tolist())}
    columns = {
        "from": snapshot.ids_of(found.source),
        "to": snapshot.ids_of(found.target),
        "step": found.step,
        "strength": found.strength,
        "probability": np.array(
            [
                strength / incoming[target]
                for strength, target in zip(
                    found.strength.tolist(), found.target.tolist(), strict=True
                )
            ]
        ),
    }
    drawn = max(len(np.union1d(found.source, found.target)) - 1, 0)
    sentence = (
        f"{counted(found.within, 'account')} {agree(found.within, 'lies', 'lie')} within "
        f"{counted(steps, 'step')} either way; the {counted(len(found.source), 'strongest tie')} "
        f"shown {agree(len(found.source), 'joins', 'join')} {drawn:,} of them to it."
    )
    return columns, sentence


def _incoming(graph: InfluenceGraph, account: int) -> float:
    """All tie strength that reaches `account`."""
    start, end = graph.into.indptr[account : account + 2]
    if graph.into.weights is None:
        return float(end - start)
    return float(graph.into.weights[start:end].sum())
