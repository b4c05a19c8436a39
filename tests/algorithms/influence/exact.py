"""Exact answers on tiny graphs, by looking at every outcome; shares no code with the package."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Adjacency, InfluenceGraph

Arc = tuple[int, int, float]


def adjacency(n: int, entries: Sequence[Arc], weighted: bool) -> Adjacency:
    entries = sorted(entries)
    indptr = np.zeros(n + 1, dtype=np.int64)
    for row, _, _ in entries:
        indptr[row + 1] += 1
    columns = np.array([column for _, column, _ in entries], dtype=np.int32)
    weights = np.array([weight for _, _, weight in entries], dtype=np.float64)
    return Adjacency(np.cumsum(indptr), columns, weights if weighted else None)


def graph_of(n: int, arcs: Sequence[Arc] | Sequence[tuple[int, int]]) -> InfluenceGraph:
    """The graph of arcs (u, v) or (u, v, strength)."""
    weighted = bool(arcs) and len(arcs[0]) == 3
    full = [(int(arc[0]), int(arc[1]), float(arc[2]) if weighted else 1.0) for arc in arcs]
    turned = [(v, u, weight) for u, v, weight in full]
    return InfluenceGraph(adjacency(n, full, weighted), adjacency(n, turned, weighted))


def random_arcs(random: np.random.Generator, n: int, m: int, weighted: bool) -> list[Arc]:
    pairs = [(u, v) for u in range(n) for v in range(n) if u != v]
    picked = random.choice(len(pairs), size=min(m, len(pairs)), replace=False)
    strength = random.lognormal(0.0, 1.5, len(picked)) if weighted else np.ones(len(picked))
    return [(*pairs[i], float(s)) for i, s in zip(picked, strength, strict=True)]


def arcs_of(graph: InfluenceGraph) -> list[Arc]:
    arcs = []
    for u in range(graph.n):
        for j in range(graph.out.indptr[u], graph.out.indptr[u + 1]):
            weight = 1.0 if graph.out.weights is None else float(graph.out.weights[j])
            arcs.append((u, int(graph.out.indices[j]), weight))
    return arcs


@dataclass
class Worlds:
    """Every outcome of the arcs: its probability, and whom each account reaches in it (bits)."""

    probability: npt.NDArray[np.float64]
    reached: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, n: int, arcs: Sequence[Arc]) -> Worlds:
        """`arcs` with probabilities."""
        live = np.array(list(itertools.product([0, 1], repeat=len(arcs))), dtype=bool)
        live = live.reshape(-1, len(arcs))
        p = np.array([probability for _, _, probability in arcs])
        chance = np.where(live, p, 1.0 - p).prod(axis=1)
        reached = np.repeat([np.uint64(1) << np.arange(n, dtype=np.uint64)], len(live), axis=0)
        for _ in range(n):
            for arc, (u, v, _) in enumerate(arcs):
                reached[:, u] |= np.where(live[:, arc], reached[:, v], np.uint64(0))
        return cls(chance, reached)

    @classmethod
    def weighted_cascade(cls, graph: InfluenceGraph) -> Worlds:
        arcs = arcs_of(graph)
        total: dict[int, float] = {}
        for _, v, weight in arcs:
            total[v] = total.get(v, 0.0) + weight
        return cls.of(graph.n, [(u, v, weight / total[v]) for u, v, weight in arcs])

    def reach(self, accounts: Sequence[int]) -> float:
        """Expected number of accounts that a list activates."""
        if not len(accounts):
            return 0.0
        together = np.bitwise_or.reduce(self.reached[:, list(accounts)], axis=1)
        return float(self.probability @ np.bitwise_count(together))

    def both(self, one: Sequence[int], other: Sequence[int]) -> float:
        """Expected number of accounts that both lists activate, in the same outcome."""
        a = np.bitwise_or.reduce(self.reached[:, list(one)], axis=1)
        b = np.bitwise_or.reduce(self.reached[:, list(other)], axis=1)
        return float(self.probability @ np.bitwise_count(a & b))

    def best(self, k: int, candidates: Sequence[int]) -> float:
        """The reach of the best list of k candidates."""
        return max(self.reach(chosen) for chosen in itertools.combinations(candidates, k))
