"""Random networks for the tests of chains, as guanxi and as NetworkX have them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from guanxi.graph.arrays import InfluenceGraph
from guanxi.graph.csr import adjacency, transpose


def as_influence(graph: nx.DiGraph) -> InfluenceGraph:
    """A DiGraph on 0 … n-1 whose arcs run along influence; strengths are its weights."""
    arcs = sorted((u, v, d.get("weight", 1.0)) for u, v, d in graph.edges(data=True))
    rows, columns = (np.array([arc[end] for arc in arcs], dtype=np.int32) for end in (0, 1))
    weights = np.array([arc[2] for arc in arcs], dtype=np.float64)
    out = adjacency(rows, columns, graph.number_of_nodes(), weights)
    return InfluenceGraph(out, transpose(out))


def random_digraph(seed: int, n: int, m: int) -> nx.DiGraph:
    """`m` arcs with strengths, a hub among the ends, a part that nothing leads to or from."""
    random = np.random.default_rng(seed)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    ends = random.integers(0, max(2, int(0.9 * n)), (m, 2))
    ends[random.random(m) < 0.1, 0] = 0
    for u, v in ends.tolist():
        if u != v:
            graph.add_edge(u, v, weight=float(random.integers(1, 9)))
    return graph


@pytest.fixture(scope="session")
def influence():
    """DiGraph → InfluenceGraph."""
    return as_influence


@pytest.fixture(scope="session")
def digraph():
    """(seed, n, m) → DiGraph."""
    return random_digraph
