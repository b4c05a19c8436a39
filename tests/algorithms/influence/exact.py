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
    def of(cls, n: int, arcs: Sequence[Arc], hops: int | None = None) -> Worlds:
        """Independent cascade; `arcs` with probabilities."""
        live = np.array(list(itertools.product([0, 1], repeat=len(arcs))), dtype=bool)
        live = live.reshape(-1, len(arcs))
        p = np.array([probability for _, _, probability in arcs])
        chance = np.where(live, p, 1.0 - p).prod(axis=1)
        return cls(chance, cls._reached(n, arcs, live, hops))

    @staticmethod
    def _reached(
        n: int, arcs: Sequence[Arc], live: npt.NDArray[np.bool_], hops: int | None
    ) -> npt.NDArray[np.uint64]:
        reached = np.repeat([np.uint64(1) << np.arange(n, dtype=np.uint64)], len(live), axis=0)
        for _ in range(n if hops is None else hops):
            before = reached.copy()
            for arc, (u, v, _) in enumerate(arcs):
                reached[:, u] |= np.where(live[:, arc], before[:, v], np.uint64(0))
        return reached

    @classmethod
    def weighted_cascade(cls, graph: InfluenceGraph) -> Worlds:
        arcs = arcs_of(graph)
        total: dict[int, float] = {}
        for _, v, weight in arcs:
            total[v] = total.get(v, 0.0) + weight
        return cls.of(graph.n, [(u, v, weight / total[v]) for u, v, weight in arcs])

    def reach(self, accounts: Sequence[int], worth: Sequence[float] | None = None) -> float:
        """Expected number (or worth) of the accounts that a list activates."""
        if not len(accounts):
            return 0.0
        together = np.bitwise_or.reduce(self.reached[:, list(accounts)], axis=1)
        if worth is None:
            return float(self.probability @ np.bitwise_count(together))
        bits = (together[:, None] >> np.arange(len(worth), dtype=np.uint64)) & np.uint64(1)
        return float(self.probability @ bits @ np.asarray(worth))

    def both(self, one: Sequence[int], other: Sequence[int]) -> float:
        """Expected number of accounts that both lists activate, in the same outcome."""
        a = np.bitwise_or.reduce(self.reached[:, list(one)], axis=1)
        b = np.bitwise_or.reduce(self.reached[:, list(other)], axis=1)
        return float(self.probability @ np.bitwise_count(a & b))

    def best(self, k: int, candidates: Sequence[int]) -> float:
        """The reach of the best list of k candidates."""
        return max(self.reach(chosen) for chosen in itertools.combinations(candidates, k))


def threshold_reach(
    n: int,
    arcs: Sequence[Arc],
    accounts: Sequence[int],
    hops: int | None = None,
    worth: Sequence[float] | None = None,
) -> float:
    """Reach under linear threshold by its definition: shares that exceed thresholds, in rounds.

    Between two neighbouring sums of shares nothing changes, so each account has one threshold
    for each such interval, as likely as the interval is long.
    """
    shares = [{u: share for u, v, share in arcs if v == w} for w in range(n)]
    cuts = []
    for given in shares:
        subsets = itertools.product(*[(0.0, share) for share in given.values()])
        sums = sorted({0.0, 1.0, *(min(1.0, round(sum(subset), 12)) for subset in subsets)})
        cuts.append([((a + b) / 2, b - a) for a, b in itertools.pairwise(sums)])
    value = np.ones(n) if worth is None else np.asarray(worth)
    expected = 0.0
    for world in itertools.product(*cuts):
        active = set(accounts)
        for _ in range(n if hops is None else hops):
            active |= {
                v for v in range(n) if sum(shares[v].get(u, 0.0) for u in active) > world[v][0]
            }
        chance = float(np.prod([length for _, length in world]))
        expected += chance * float(value[list(active)].sum())
    return expected
