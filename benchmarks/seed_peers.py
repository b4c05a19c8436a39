"""What one writes first, and what is there as a package: seed lists to compare ours with.

Each returns the list, and how many of its RR sets the list meets (0 where there are none).
"""

from __future__ import annotations

import array
import heapq
from collections.abc import Sequence

import networkx as nx
import numba
import numpy as np
from cynetdiff.models import IndependentCascadeModel

from guanxi.graph.arrays import InfluenceGraph, Int32, Int64


def plain_greedy(graph: InfluenceGraph, k: int, sets: int) -> tuple[Int32, int]:
    """Plain numba: a coin for each arc, and a greedy choice that looks at everyone."""
    members, offsets = _plain_sets(graph.into.indptr, graph.into.indices, sets)
    accounts = np.zeros(k, dtype=np.int32)
    return accounts, int(_plain_choice(members, offsets, graph.n, accounts))


@numba.njit(cache=True)
def _plain_sets(indptr: Int64, sources: Int32, sets: int) -> tuple[Int32, Int64]:
    np.random.seed(1)
    n = len(indptr) - 1
    members = np.empty(1 << 20, np.int32)
    offsets = np.zeros(sets + 1, np.int64)
    seen = np.full(n, -1)
    used = 0
    for s in range(sets):
        if used + n > len(members):
            larger = np.empty(2 * len(members) + n, np.int32)
            larger[:used] = members[:used]
            members = larger
        root = np.random.randint(n)
        seen[root] = s
        members[used] = root
        head = used
        used += 1
        while head < used:
            v = members[head]
            head += 1
            degree = indptr[v + 1] - indptr[v]
            for j in range(indptr[v], indptr[v + 1]):
                if np.random.random() * degree < 1.0 and seen[sources[j]] != s:
                    seen[sources[j]] = s
                    members[used] = sources[j]
                    used += 1
        offsets[s + 1] = used
    return members[:used], offsets


@numba.njit(cache=True)
def _plain_choice(members: Int32, offsets: Int64, n: int, accounts: Int32) -> int:
    gain = np.zeros(n, np.int64)
    for v in members:
        gain[v] += 1
    left = np.ones(len(offsets) - 1, np.bool_)
    met = 0
    for i in range(len(accounts)):
        best = np.argmax(gain)
        accounts[i] = best
        met += gain[best]
        for s in range(len(left)):
            if not left[s]:
                continue
            for j in range(offsets[s], offsets[s + 1]):
                if members[j] == best:
                    left[s] = False
                    break
            if not left[s]:
                for j in range(offsets[s], offsets[s + 1]):
                    gain[members[j]] -= 1
    return met


def networkx_follows(graph: InfluenceGraph) -> nx.DiGraph:
    """Everyone with arcs to those who influence them."""
    follows = nx.DiGraph()
    follows.add_nodes_from(range(graph.n))
    row = np.repeat(np.arange(graph.n), np.diff(graph.into.indptr))
    follows.add_edges_from(zip(row.tolist(), graph.into.indices.tolist(), strict=True))
    return follows


def networkx_greedy(follows: nx.DiGraph, k: int, sets: int) -> tuple[Int32, int]:
    """RR sets by NetworkX's neighbours, and a greedy choice by Python's sets."""
    random = np.random.default_rng(1)
    holds: dict[int, set[int]] = {}
    for s in range(sets):
        found = {int(random.integers(len(follows)))}
        queue = list(found)
        while queue:
            v = queue.pop()
            for u in follows.successors(v):
                if u not in found and random.random() * follows.out_degree(v) < 1.0:
                    found.add(u)
                    queue.append(u)
        for v in found:
            holds.setdefault(v, set()).add(s)
    met: set[int] = set()
    accounts = []
    for _ in range(k):
        best = max(holds, key=lambda v: len(holds[v] - met))
        met |= holds[best]
        accounts.append(best)
    return np.array(accounts, dtype=np.int32), len(met)


def cynetdiff_model(graph: InfluenceGraph) -> IndependentCascadeModel:
    """Weighted cascade, for CyNetDiff."""
    out = graph.out
    shares = 1.0 / np.maximum(np.diff(graph.into.indptr), 1)
    return IndependentCascadeModel(
        array.array("I", out.indptr[:-1].astype(np.uint32).tobytes()),
        array.array("I", out.indices.astype(np.uint32).tobytes()),
        activation_probs=array.array("f", shares[out.indices].astype(np.float32).tobytes()),
        rng=1,
    )


def cynetdiff_reach(model: IndependentCascadeModel, accounts: Sequence[int], times: int) -> float:
    """Mean number of active accounts over so many forward simulations."""
    return float(model.compute_marginal_gains(list(accounts), [], times)[0])


def cynetdiff_greedy(
    model: IndependentCascadeModel, n: int, k: int, simulations: int
) -> tuple[Int32, int]:
    """Lazy greedy (CELF) by forward simulations, as the package's own examples do it."""
    heap = [(-model.compute_marginal_gains([], [v], simulations)[1], v, 0) for v in range(n)]
    heapq.heapify(heap)
    chosen: list[int] = []
    while len(chosen) < k:
        _, v, known_for = heapq.heappop(heap)
        if known_for == len(chosen):
            chosen.append(v)
            continue
        gain = model.compute_marginal_gains(chosen, [v], simulations)[1]
        heapq.heappush(heap, (-gain, v, len(chosen)))
    return np.array(chosen, dtype=np.int32), 0
