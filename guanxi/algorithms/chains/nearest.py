"""Where there is no chain: how far one gets, and who comes nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.breadth import Steps, steps_from
from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.giant import GiantComponent, leading_to
from guanxi.graph.arrays import Bytes

#: Up to so many accounts that can be reached are looked at one by one for the nearest.
_FEW = 4
#: How far around the target is looked first then.
_RADIUS = 2


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


def how_far(
    graph: ChainGraph,
    source: int,
    target: int,
    marks: Bytes,
    giant: GiantComponent | None = None,
) -> HowFar:
    """What can be said of two accounts without a chain between them; exact.

    CLOSED accounts are reached and not passed; for the nearest, all may be passed. Of several
    nearest: the one in the fewest steps from the source, then the smallest. `giant`: of the
    same marks; it spares a search of most of the network.
    """
    ahead = steps_from(graph, source, marks)
    few = len(ahead.found) <= _FEW
    known = _nearest_of_few(graph, ahead, target) if few else _nearest(graph, ahead, target)
    distance, nearest = (-1, None) if known is None else (known[0], known[2])
    return HowFar(
        by_step=np.bincount(ahead.level[ahead.found])[1:].tolist(),
        leading=leading_to(graph, target, marks, giant),
        nearest=nearest,
        distance=distance,
    )


def _nearest(graph: ChainGraph, ahead: Steps, target: int) -> tuple[int, int, int] | None:
    """(distance from the target, steps from the source, account) of the nearest that is reached:
    a search around the target until it comes to one.
    """
    around = steps_from(graph, target, either_way=True, until=ahead.level)
    near = around.found[ahead.level[around.found] >= 0]
    if not len(near):
        return None
    first = int(near[np.lexsort((near, ahead.level[near]))[0]])
    return int(around.level[first]), int(ahead.level[first]), first


def _nearest_of_few(graph: ChainGraph, ahead: Steps, target: int) -> tuple[int, int, int] | None:
    """The same by a search from each of them, until it comes to the surroundings of the target."""
    ball = steps_from(graph, target, either_way=True, limit=_RADIUS)
    known = []
    for account in ahead.found.tolist():
        met = steps_from(graph, account, either_way=True, until=ball.level)
        inside = met.found[ball.level[met.found] >= 0]
        if not len(inside):  # and so none of the others, all of which hang together
            return None
        distance = int((met.level[inside] + ball.level[inside]).min())
        known.append((distance, int(ahead.level[account]), account))
    return min(known)
