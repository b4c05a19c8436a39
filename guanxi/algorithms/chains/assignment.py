"""Whom to ask for which target, so that as many introductions as possible are expected.

In a first round each target gets at most one way, so that the sum of the probabilities is the
greatest possible while nobody is asked more than `capacity` times: a minimum-cost flow (network
simplex of NetworkX). Each further round does the same for one more way a target, with what
capacity is left; a way of probability p to a target whose earlier ways fail with probability q
counts q·p there. Ways are taken to succeed independently. Each round is the best possible;
where there are several rounds, all of them together need not be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import networkx

from guanxi.algorithms.chains.introductions import Way, Ways

#: Probabilities as whole numbers, so that the flow is exact.
_SCALE = 1 << 48
_SINK = -1

#: `(targets, most) → ways`: looks further for some targets, by their place in the list.
More = Callable[[list[int], int], list[Ways]]


def success(ways: Sequence[Way]) -> float:
    """Probability that at least one of the ways succeeds, if they do so independently.

    >>> success([Way((0, 1, 2), 0.5), Way((0, 3, 2), 0.5)])
    0.75
    """
    reached = 0.0
    for way in ways:
        reached += (1.0 - reached) * way.probability
    return reached


def unlimited(known: Sequence[Ways], alternatives: int) -> list[list[Way]]:
    """The best ways of each target where people may be asked any number of times."""
    return [ways.ways[:alternatives] for ways in known]


def assign(
    known: Sequence[Ways], *, capacity: int, alternatives: int = 1, more: More | None = None
) -> list[list[Way]]:
    """The ways to take to each target, the likeliest first; empty where no capacity is left.

    Every introducer is asked at most `capacity` times; direct ties ask nobody. `more` is called
    for targets of which not all ways are known, where one of the others might be wanted.
    """
    known = list(known)
    room: Counter[int] = Counter()
    taken: list[list[Way]] = [[] for _ in known]
    for _ in range(alternatives):
        while True:
            chosen, short = _round(known, taken, room, capacity)
            if not short or more is None:
                break
            most = 4 * max(len(known[target].ways) for target in short)
            for target, ways in zip(short, more(short, most), strict=True):
                known[target] = ways
        for target, way in chosen.items():
            taken[target].append(way)
            if way.introducer is not None:
                room[way.introducer] += 1
    return [sorted(ways, key=lambda way: (-way.probability, way.accounts)) for ways in taken]


def _round(
    known: Sequence[Ways], taken: Sequence[list[Way]], asked: Counter[int], capacity: int
) -> tuple[dict[int, Way], list[int]]:
    """The best one more way for each target, and the targets of which more must be known."""
    open_ways: dict[int, list[Way]] = {}
    for target, ways in enumerate(known):
        used = {way.introducer for way in taken[target]}
        left = [way for way in ways.ways if way.introducer not in used]
        open_ways[target] = [
            way for way in left if way.introducer is None or asked[way.introducer] < capacity
        ]
        if not ways.all_known:  # stands for all that are not known, none of which is better
            open_ways[target].append(Way((), ways.ways[-1].probability))
    chosen, contested = _settle_free(open_ways, asked, capacity)
    weight = {target: 1.0 - success(taken[target]) for target in contested}
    chosen |= _flow(contested, weight, chosen, asked, capacity)
    short = [target for target, way in sorted(chosen.items()) if not way.accounts]
    return chosen, short


def _settle_free(
    open_ways: dict[int, list[Way]], asked: Counter[int], capacity: int
) -> tuple[dict[int, Way], dict[int, list[Way]]]:
    """The best way of each target by somebody of whom there is enough for all who may ask; and
    for targets that have a better one by somebody who is contested, those better ones.
    """
    free: dict[int, Way] = {}
    while True:
        demand = Counter(
            way.introducer
            for ways in open_ways.values()
            for way in ways
            if way.introducer is not None
        )
        enough = {one for one, times in demand.items() if times <= capacity - asked[one]}
        contested: dict[int, list[Way]] = {}
        for target, ways in open_ways.items():
            for place, way in enumerate(ways):
                if way.introducer is None or way.introducer in enough:
                    free[target] = way
                    ways = ways[:place]
                    break
            if ways:
                contested[target] = ways
        kept = {
            target: [*ways, free[target]] if target in free else ways
            for target, ways in contested.items()
        }
        if sum(map(len, kept.values())) == sum(map(len, open_ways.values())):
            return free, contested
        open_ways = kept


def _flow(
    contested: dict[int, list[Way]],
    weight: dict[int, float],
    free: dict[int, Way],
    asked: Counter[int],
    capacity: int,
) -> dict[int, Way]:
    """The best choice among contested ways; a target without one keeps its free way, if any."""
    if not contested:
        return {}
    graph = networkx.DiGraph()
    graph.add_node(_SINK, demand=len(contested))
    for target, ways in contested.items():
        node = ("target", target)
        graph.add_node(node, demand=-1)
        worth = weight[target] * free[target].probability if target in free else 0.0
        graph.add_edge(node, _SINK, weight=-round(worth * _SCALE))
        for way in ways:
            one = way.introducer
            assert one is not None  # a direct tie is never contested
            graph.add_edge(node, one, weight=-round(weight[target] * way.probability * _SCALE))
            graph.add_edge(one, _SINK, capacity=capacity - asked[one], weight=0)
    _, flow = networkx.network_simplex(graph)
    return {
        target: way
        for target, ways in contested.items()
        for way in ways
        if flow["target", target][way.introducer]
    }
