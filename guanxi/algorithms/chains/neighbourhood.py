"""The neighbourhood of an account, cut to its strongest ties so that it can be drawn."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.steps import StepSearch
from guanxi.algorithms.chains.ways import ways
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32

#: What decides which tie comes first: (−strength, step, source, target).
Tie = tuple[float, int, int, int]


@dataclass(frozen=True)
class Neighbourhood:
    """Ties source → target (int32, source influences target), in the order they were taken.

    `step` int32: steps from the account to the end that is further from it. `strength`
    float64. `within`: other accounts within as many steps as were asked for, drawn or not.
    """

    source: Int32
    target: Int32
    step: Int32
    strength: Float64
    within: int


def neighbourhood(graph: InfluenceGraph, account: int, steps: int, ties: int) -> Neighbourhood:
    """At most `ties` ties among the accounts within `steps` of `account`, either direction.

    Ties are taken one by one, always one that touches an account already in the picture (at
    first `account` alone), so the picture hangs together: the strongest; among equals that of
    the fewest steps, then of the smaller source, then of the smaller target. The first `ties` /
    `steps` of them have step 1, as many more step 2 at most, and so on; what one step leaves over
    goes to the next.

    >>> from guanxi.graph.arrays import Adjacency
    >>> out = Adjacency(np.array([0, 1, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> into = Adjacency(np.array([0, 0, 1, 2]), np.array([0, 1], dtype=np.int32))
    >>> found = neighbourhood(InfluenceGraph(out, into), 0, steps=2, ties=10)
    >>> found.source.tolist(), found.target.tolist(), found.step.tolist()
    ([0, 1], [1, 2], [1, 2])
    """
    distance = _distances(graph, account, steps)
    waiting: list[list[Tie]] = [[] for _ in range(steps + 1)]
    drawn: set[int] = set()
    taken: dict[tuple[int, int], Tie] = {}

    def draw(newcomer: int) -> None:
        if newcomer not in drawn:
            drawn.add(newcomer)
            for tie in _ties_of(graph, newcomer, distance, ties):
                heapq.heappush(waiting[tie[1]], tie)

    draw(account)
    for step in range(1, steps + 1):
        allowed = -(-ties * step // steps)
        while len(taken) < allowed and any(waiting[: step + 1]):
            tie = heapq.heappop(min(filter(None, waiting[: step + 1]), key=lambda heap: heap[0]))
            _, _, source, target = tie
            taken.setdefault((source, target), tie)
            draw(source)
            draw(target)
    ends = np.array(list(taken), dtype=np.int32).reshape(-1, 2)
    return Neighbourhood(
        ends[:, 0],
        ends[:, 1],
        np.array([step for _, step, _, _ in taken.values()], dtype=np.int32),
        np.array([-key for key, _, _, _ in taken.values()], dtype=np.float64),
        int((distance > 0).sum()),
    )


def _distances(graph: InfluenceGraph, account: int, steps: int) -> Int32:
    """int32[n]: steps from `account` in either direction, −1 where that is more than `steps`."""
    distance = np.full(graph.n, -1, dtype=np.int32)
    distance[account] = 0
    search = StepSearch(ways(graph, "either"), [np.array([account], dtype=np.int32)])
    for step in range(1, steps + 1):
        search.advance(1)
        if search.over:
            break
        distance[search.newest] = step
    return distance


def _ties_of(graph: InfluenceGraph, account: int, distance: Int32, most: int) -> list[Tie]:
    """The ties of an account with others near enough: the `most` strongest of each direction."""
    found: list[Tie] = []
    for outward, rows in ((True, graph.out), (False, graph.into)):
        start, end = rows.indptr[account : account + 2]
        others = np.asarray(rows.indices[start:end])
        key = -np.ones(len(others)) if rows.weights is None else -rows.weights[start:end]
        near = distance[others] >= 0
        others, key = others[near], key[near]
        step = np.maximum(distance[others], distance[account])
        # Only so many of a step can be taken, so no more of it need wait.
        order = np.lexsort((others, key))
        for wanted in np.unique(step):
            for place in order[step[order] == wanted][:most].tolist():
                other = int(others[place])
                ends = (account, other) if outward else (other, account)
                found.append((float(key[place]), int(wanted), *ends))
    return found
