"""How many lead to an account, in a network most of which is one strongly connected component.

Whoever is led to by one account of that component is led to by all who lead into it. So once
these have been counted, a search back from an account may end where it comes to the component.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.breadth import steps_from
from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.order import CLOSED
from guanxi.graph.arrays import Bool, Bytes


@dataclass(frozen=True)
class GiantComponent:
    """The strongly connected component of the most connected account, for some `marks` uint8[n].

    Closed accounts are no part of it. `inside` bool[n]: its accounts; `leading` bool[n]: the
    accounts that lead into it, its own among them; `fence`: `marks` with its accounts closed.
    """

    marks: Bytes
    inside: Bool
    leading: Bool
    fence: Bytes

    def is_for(self, marks: Bytes) -> bool:
        """Whether it was found with the same accounts closed."""
        return bool(np.array_equal(self.marks, marks))


def giant_component(graph: ChainGraph, marks: Bytes) -> GiantComponent | None:
    """The component of the account that has most ties in the rarer of the two directions.

    CLOSED accounts are not passed. None where everybody is closed.
    """
    ties = np.minimum(np.diff(graph.out_indptr), np.diff(graph.into_indptr))
    ties[marks == CLOSED] = -1
    pivot = int(np.argmax(ties)) if len(ties) else -1
    if pivot < 0 or ties[pivot] < 0:
        return None
    ahead = steps_from(graph, pivot, marks)
    behind = steps_from(graph, pivot, marks, backward=True)
    leading = behind.level >= 0
    inside = leading & (ahead.level >= 0) & (marks != CLOSED)
    return GiantComponent(
        marks.copy(), inside, leading, np.where(inside, CLOSED, marks).astype(np.uint8)
    )


def leading_to(
    graph: ChainGraph, target: int, marks: Bytes, giant: GiantComponent | None = None
) -> int:
    """The number of other accounts from which a chain leads to `target`; exact.

    CLOSED accounts may be the first of such a chain, and are not passed. `giant`: of the same
    marks.
    """
    if giant is None:
        return steps_from(graph, target, marks, backward=True).others
    found = steps_from(graph, target, giant.fence, backward=True).found
    if giant.inside[target] or giant.inside[found].any():
        return int(giant.leading.sum() + (~giant.leading[found]).sum()) - 1
    return len(found) - 1
