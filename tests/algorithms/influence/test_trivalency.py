from __future__ import annotations

import numpy as np

from guanxi.algorithms.influence.trivalency import LEVELS, trivalency
from guanxi.graph.arrays import InfluenceGraph
from tests.algorithms.influence.exact import arcs_of, graph_of, random_arcs

_MASK = (1 << 64) - 1


def splitmix(x: int) -> int:
    """One step of splitmix64 in plain integers."""
    z = (x + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def both_ways(graph: InfluenceGraph) -> tuple[dict[tuple[int, int], float], ...]:
    turned = InfluenceGraph(graph.into, graph.out)
    forth = {(u, v): p for u, v, p in arcs_of(graph)}
    return forth, {(u, v): p for v, u, p in arcs_of(turned)}


def test_each_arc_has_its_draw_whatever_else_there_is() -> None:
    arcs = [(u, v) for u, v, _ in random_arcs(np.random.default_rng(1), 50, 600, False)]
    graph = trivalency(graph_of(50, arcs), seed=9).graph
    forth, back = both_ways(graph)
    assert forth == back
    for (u, v), p in forth.items():
        assert p == LEVELS[splitmix(splitmix(splitmix(9) ^ u) ^ v) % 3]
    fewer, _ = both_ways(trivalency(graph_of(50, arcs[::-3]), seed=9).graph)
    assert fewer.items() <= forth.items()


def test_levels_are_equally_likely_and_the_seed_counts() -> None:
    arcs = [(u, v) for u, v, _ in random_arcs(np.random.default_rng(2), 200, 12_000, False)]
    forth, _ = both_ways(trivalency(graph_of(200, arcs)).graph)
    found = np.array(list(forth.values()))
    for level in LEVELS:
        assert abs((found == level).mean() - 1 / 3) < 0.02
    other, _ = both_ways(trivalency(graph_of(200, arcs), seed=1).graph)
    assert forth != other


def test_strengths_do_not_count() -> None:
    plain, weighted = graph_of(3, [(0, 1), (1, 2)]), graph_of(3, [(0, 1, 5.0), (1, 2, 0.1)])
    assert both_ways(trivalency(plain).graph) == both_ways(trivalency(weighted).graph)
