"""Small graphs for the tests of centralities, and their dense matrices."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from guanxi.graph.arrays import Adjacency, InfluenceGraph

Arc = tuple[int, int]


def _adjacency(n: int, rows: np.ndarray, columns: np.ndarray, weights: np.ndarray | None):
    order = np.lexsort((columns, rows))
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=n), out=indptr[1:])
    return Adjacency(
        indptr, columns[order].astype(np.int32), None if weights is None else weights[order]
    )


def _from_follows(
    n: int, follows: Iterable[Arc], strengths: Iterable[float] | None = None
) -> InfluenceGraph:
    pairs = np.array(list(follows), dtype=np.int64).reshape(-1, 2)
    weights = None if strengths is None else np.array(list(strengths), dtype=np.float64)
    actor, target = pairs[:, 0], pairs[:, 1]
    return InfluenceGraph(
        out=_adjacency(n, target, actor, weights), into=_adjacency(n, actor, target, weights)
    )


@pytest.fixture(scope="session")
def from_follows() -> Callable[..., InfluenceGraph]:
    """(n, follows as (actor, target), strengths) → the graph of influence, which runs back."""
    return _from_follows


@pytest.fixture(scope="session")
def random_graph() -> Callable[..., InfluenceGraph]:
    """(seed, n, m, weighted) → a graph with a hub, dangling and isolated accounts."""

    def make(seed: int, n: int, m: int, weighted: bool = False) -> InfluenceGraph:
        random = np.random.default_rng(seed)
        active = max(2, int(0.8 * n))  # the rest are isolated
        actor = random.integers(0, max(1, int(0.6 * n)), m)  # some who are followed follow nobody
        target = np.where(random.random(m) < 0.1, 0, random.integers(0, active, m))
        key = np.unique((actor * n + target)[actor != target])
        strengths = random.lognormal(0, 2, len(key)) if weighted else None
        name = random.permutation(n)
        pairs = np.column_stack([name[key // n], name[key % n]])
        return _from_follows(n, pairs.tolist(), strengths)

    return make


@pytest.fixture(scope="session")
def dense() -> Callable[[InfluenceGraph], np.ndarray]:
    """The matrix S with S[u, v] = strength(u→v)."""

    def make(graph: InfluenceGraph) -> np.ndarray:
        matrix = np.zeros((graph.n, graph.n))
        rows = np.repeat(np.arange(graph.n), np.diff(graph.out.indptr))
        weights = graph.out.weights
        matrix[rows, graph.out.indices] = 1.0 if weights is None else weights
        return matrix

    return make


@pytest.fixture(scope="session")
def relabelled() -> Callable[[InfluenceGraph, np.ndarray], InfluenceGraph]:
    """(graph, name) → the same graph, in which account i is called name[i]."""

    def make(graph: InfluenceGraph, name: np.ndarray) -> InfluenceGraph:
        target = np.repeat(np.arange(graph.n), np.diff(graph.out.indptr))
        pairs = np.column_stack([name[graph.out.indices], name[target]])
        return _from_follows(graph.n, pairs.tolist(), graph.out.weights)

    return make
