"""The neighbourhood of an account, cut to its strongest ties so that it can be drawn."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.steps import StepSearch
from guanxi.algorithms.chains.ways import ways
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32


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
    first `account` alone), so the picture hangs together: the one with the largest strength
    over its step, so that among equals what is near comes first; then the smaller source, then
    the smaller target.

    >>> out = Adjacency(np.array([0, 1, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> into = Adjacency(np.array([0, 0, 1, 2]), np.array([0, 1], dtype=np.int32))
    >>> found = neighbourhood(InfluenceGraph(out, into), 0, steps=2, ties=10)
    >>> found.source.tolist(), found.target.tolist(), found.step.tolist()
    ([0, 1], [1, 2], [1, 2])
    """
    distance = _distances(graph, account, steps)
    waiting: list[tuple[float, int, int, int, float]] = []
    drawn: set[int] = set()
    taken: dict[tuple[int, int], tuple[int, float]] = {}

    def draw(newcomer: int) -> None:
        if newcomer not in drawn:
            drawn.add(newcomer)
            for tie in _ties_of(graph.out, newcomer, distance, ties):
                heapq.heappush(waiting, (tie[0], newcomer, *tie[1:]))
            for key, other, step, strength in _ties_of(graph.into, newcomer, distance, ties):
                heapq.heappush(waiting, (key, other, newcomer, step, strength))

    draw(account)
    while waiting and len(taken) < ties:
        _, source, target, step, strength = heapq.heappop(waiting)
        if (source, target) not in taken:
            taken[source, target] = step, strength
            draw(source)
            draw(target)
    ends = np.array(list(taken), dtype=np.int32).reshape(-1, 2)
    return Neighbourhood(
        ends[:, 0],
        ends[:, 1],
        np.array([step for step, _ in taken.values()], dtype=np.int32),
        np.array([strength for _, strength in taken.values()], dtype=np.float64),
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


def _ties_of(
    rows: Adjacency, account: int, distance: Int32, most: int
) -> list[tuple[float, int, int, float]]:
    """(key, other end, step, strength) of the `most` ties of a row that come first."""
    start, end = rows.indptr[account : account + 2]
    others = np.asarray(rows.indices[start:end])
    strength = np.ones(len(others)) if rows.weights is None else np.asarray(rows.weights[start:end])
    near = distance[others] >= 0
    others, strength = others[near], strength[near]
    step = np.maximum(distance[others], distance[account])
    key = -strength / step
    order = np.lexsort((others, key))[:most]
    return list(
        zip(
            key[order].tolist(),
            others[order].tolist(),
            step[order].tolist(),
            strength[order].tolist(),
            strict=True,
        )
    )
