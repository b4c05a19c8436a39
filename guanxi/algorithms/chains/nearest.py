"""Where there is no chain: how far one gets, and who comes nearest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from guanxi.algorithms.chains.breadth import steps_from
from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.graph.arrays import Bytes
from guanxi.parallel import run_blocks


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
    graph: ChainGraph, source: int, target: int, marks: Bytes, threads: int | None = None
) -> HowFar:
    """What can be said of two accounts without a chain between them; exact.

    CLOSED accounts are reached and not passed; for the nearest, all may be passed. Of several
    nearest: the one in the fewest steps from the source, then the smallest.
    """
    ahead = steps_from(graph, source, marks)
    behind, around = run_blocks(
        lambda search: search(),
        [
            partial(steps_from, graph, target, marks, backward=True),
            partial(steps_from, graph, target, either_way=True, until=ahead.level),
        ],
        threads,
    )
    near = around.found[ahead.level[around.found] >= 0]
    nearest = None
    if len(near):
        nearest = int(near[np.lexsort((near, ahead.level[near]))[0]])
    return HowFar(
        by_step=np.bincount(ahead.level[ahead.found])[1:].tolist(),
        leading=behind.others,
        nearest=nearest,
        distance=-1 if nearest is None else int(around.level[nearest]),
    )
