"""Where there is no chain: how far one gets, and who comes nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.layers import steps_from
from guanxi.graph.arrays import Bytes, Int32, Int64


@dataclass(frozen=True)
class HowFar:
    """`by_step[j]`: accounts that are j + 1 steps from the source. `leading`: accounts from
    which a chain leads to the target. `nearest`: the account that is reached (it may be the
    source itself) and is the fewest steps from the target when direction is ignored,
    `distance`; None where the two have nothing to do with each other.
    """

    by_step: list[int]
    leading: int
    nearest: int | None
    distance: int

    @property
    def accounts(self) -> int:
        """Accounts that can be reached, the source left out."""
        return sum(self.by_step)


def how_far(graph: ChainGraph, source: int, target: int, marks: Bytes) -> HowFar:
    """What can be said of two accounts without a chain between them.

    CLOSED accounts are reached and not passed; for the nearest, all may be passed. Of several
    nearest: the one in the fewest steps from the source, then the smallest.
    """
    ahead = steps_from(graph, source, marks)
    behind = steps_from(graph, target, marks, backward=True)
    candidates, near = _around(graph, target, ahead)
    nearest = None
    if len(candidates):
        first = np.lexsort((candidates, ahead[candidates], near[candidates]))[0]
        nearest = int(candidates[first])
    return HowFar(
        by_step=np.bincount(ahead[ahead > 0])[1:].tolist(),
        leading=int((behind > 0).sum()),
        nearest=nearest,
        distance=-1 if nearest is None else int(near[nearest]),
    )


def _around(graph: ChainGraph, target: int, ahead: Int32) -> tuple[Int64, Int32]:
    """Accounts with `ahead` ≥ 0 around the target, from the smallest distance at which there
    are any, and the distances; the circle is drawn wider until it holds one or all.
    """
    nobody = np.zeros(graph.n, dtype=np.uint8)
    seen, limit = 0, 1
    while True:
        near = steps_from(graph, target, nobody, either_way=True, limit=limit)
        found = np.flatnonzero((ahead >= 0) & (near > 0))
        known = int((near >= 0).sum())
        if len(found) or known == seen:
            return found, near
        seen, limit = known, 2 * limit
