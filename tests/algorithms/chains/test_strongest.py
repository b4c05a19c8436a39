"""Chains: known answers, every chain of small graphs, NetworkX, and what must always hold."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.algorithms.chains.alternatives import find_chains
from guanxi.algorithms.chains.costs import UNITS, ChainGraph, chain_graph
from guanxi.algorithms.chains.nearest import how_far
from guanxi.algorithms.chains.order import ORDERS
from guanxi.algorithms.chains.strongest import Chain, ChainFinder
from guanxi.errors import UsageError
from guanxi.graph.arrays import Adjacency, InfluenceGraph

Arcs = dict[tuple[int, int], float]


def graph_of(n: int, arcs: Arcs, *, unweighted: bool = False) -> InfluenceGraph:
    """Influence arcs u → v with strengths."""

    def matrix(turned: bool) -> Adjacency:
        pairs = sorted(((v, u) if turned else (u, v), w) for (u, v), w in arcs.items())
        indptr = np.zeros(n + 1, dtype=np.int64)
        for (row, _), _ in pairs:
            indptr[row + 1] += 1
        weights = None if unweighted else np.array([w for _, w in pairs], dtype=np.float64)
        columns = np.array([column for (_, column), _ in pairs], dtype=np.int32)
        return Adjacency(np.cumsum(indptr), columns, weights)

    return InfluenceGraph(out=matrix(False), into=matrix(True))


def random_arcs(seed: int, n: int, m: int, strengths: Iterable[float] = (1.0, 2.0, 3.5)) -> Arcs:
    random = np.random.default_rng(seed)
    pairs = {(int(u), int(v)) for u, v in random.integers(0, n, (m, 2)) if u != v}
    choice = list(strengths)
    return {pair: choice[int(random.integers(len(choice)))] for pair in sorted(pairs)}


def finder_of(n: int, arcs: Arcs, **options: object) -> ChainFinder:
    mutual = bool(options.pop("mutual", False))
    graph = chain_graph(graph_of(n, arcs), mutual=mutual)
    return ChainFinder(graph, **options)  # type: ignore[arg-type]


def step_costs(graph: ChainGraph) -> dict[tuple[int, int], int]:
    rows = np.repeat(np.arange(graph.n), np.diff(graph.out_indptr))
    pairs = zip(rows.tolist(), graph.out_indices.tolist(), strict=True)
    return dict(zip(pairs, graph.out_costs.tolist(), strict=True))


def every_chain(finder: ChainFinder, source: int, target: int) -> list[Chain]:
    """All loopless chains in their order, by walking all of them."""
    costs = step_costs(finder.graph)
    closed = set(np.flatnonzero(finder.marks).tolist()) - {target}
    order = finder.order

    def walk(chain: tuple[int, ...], key: int) -> Iterator[Chain]:
        if chain[-1] == target:
            yield Chain(key, chain)
            return
        for (u, v), cost in costs.items():
            if u == chain[-1] and v not in chain and v not in closed:
                yield from walk((*chain, v), key + cost * order.per_cost + order.per_step)

    return sorted(walk((source,), 0))


DIAMOND: Arcs = {(0, 1): 1, (0, 2): 3, (1, 3): 1, (2, 3): 1, (4, 1): 3, (3, 5): 2}


def test_the_strongest_chain_by_hand() -> None:
    # p: 0→1 = 1/4, 0→2 = 1, 1→3 = 2→3 = 1/2, 3→5 = 1.
    finder = finder_of(6, DIAMOND)
    found = finder.best(0, 5)
    assert found is not None
    assert found.accounts == (0, 2, 3, 5)
    assert found.key == UNITS * ORDERS["strength"].per_cost + 3
    assert finder.graph.step(0, 1) == (1.0, 0.25)
    assert finder.best(5, 0) is None


@pytest.mark.parametrize("x", [1e-300, 0.1, 0.75, 1.0, 3.0, 7.5, 1e9, 2.0**-1022, 1.5e300])
def test_logarithms_are_right_to_a_unit(x: float) -> None:
    graph = chain_graph(graph_of(3, {(0, 2): x, (1, 2): x}))
    assert graph.out_costs.tolist() == [UNITS, UNITS]
    graph = chain_graph(graph_of(3, {(0, 2): x, (1, 2): 1.7 * x}))
    wanted = [-math.log2(1 / 2.7) * UNITS, -math.log2(1.7 / 2.7) * UNITS]
    assert np.abs(graph.out_costs - wanted).max() <= 1.5


def test_hops_and_strength_differ() -> None:
    arcs: Arcs = {(0, 1): 1, (1, 2): 1, (0, 2): 1, (3, 2): 98}
    arcs[1, 2] = 50
    strongest = finder_of(4, arcs).best(0, 2)
    shortest = finder_of(4, arcs, by="hops").best(0, 2)
    assert strongest is not None
    assert shortest is not None
    assert strongest.accounts == (0, 1, 2)
    assert shortest.accounts == (0, 2)
    with pytest.raises(UsageError, match="strength or hops, not by 'luck'"):
        finder_of(4, arcs, by="luck")


def test_mutual_ties_at_the_weaker_of_the_two() -> None:
    arcs: Arcs = {(0, 1): 3, (1, 0): 1, (2, 1): 1, (0, 2): 1, (1, 2): 5}
    graph = chain_graph(graph_of(3, arcs), mutual=True)
    assert graph.out_indices.tolist() == [1, 0, 2, 1]
    assert graph.step(0, 1) == (1.0, 0.75)  # 3/4 one way, 1 the other way
    assert graph.step(1, 0) == (1.0, 0.75)
    assert graph.step(1, 2) == (1.0, 0.25)  # 5/6 and 1/4
    finder = ChainFinder(graph)
    assert [chain.accounts for chain in find_chains(finder, 0, 2, n=5).chains] == [(0, 1, 2)]


@pytest.mark.parametrize("by", ["strength", "hops"])
@pytest.mark.parametrize("seed", range(40))
def test_all_chains_of_small_graphs_in_their_order(seed: int, by: str) -> None:
    n = 7
    closed = np.array([seed % n], dtype=np.int32) if seed % 3 == 0 else None
    # Few distinct strengths make many ties.
    finder = finder_of(n, random_arcs(seed, n, 18, (1.0, 2.0)), by=by, closed=closed)
    for source, target in itertools.permutations(range(n), 2):
        wanted = every_chain(finder, source, target)
        assert list(finder.in_order(source, target)) == wanted
        for most in (1, 2, 3):
            short = [chain for chain in wanted if chain.steps <= most]
            assert list(finder.in_order(source, target, max_hops=most)) == short


@pytest.mark.parametrize("seed", range(12))
def test_through_accounts_in_the_given_order(seed: int) -> None:
    n = 7
    finder = finder_of(n, random_arcs(seed, n, 24, (1.0, 2.0)))
    for source, target, first, second in [(0, 1, 2, 3), (4, 2, 6, 1), (5, 0, 3, 2)]:
        everyone = every_chain(finder, source, target)
        one = [chain for chain in everyone if first in chain.inner]
        assert find_chains(finder, source, target, n=99, through=[first]).chains == one
        two = [c for c in one if second in c.inner and c.inner.index(first) < c.inner.index(second)]
        assert find_chains(finder, source, target, n=99, through=[first, second]).chains == two
        short = [chain for chain in two if chain.steps <= 4]
        found = find_chains(finder, source, target, n=99, through=[first, second], max_hops=4)
        assert found.chains == short


@pytest.mark.parametrize("seed", range(20))
def test_diverse_chains_share_as_little_as_possible(seed: int) -> None:
    n = 8
    finder = finder_of(n, random_arcs(seed, n, 30))
    everyone = every_chain(finder, 0, 1)
    wanted: list[Chain] = []
    while True:
        passed = {v for chain in wanted for v in chain.inner}
        left = [chain for chain in everyone if chain not in wanted]
        best = min(left, key=lambda c: (len(passed & set(c.inner)), c), default=None)
        if best is None or 2 * len(passed & set(best.inner)) > len(best.inner):
            break
        wanted.append(best)
    found = find_chains(finder, 0, 1, n=20, diverse=True).chains
    assert [chain.accounts for chain in found] == [chain.accounts for chain in wanted]
    assert not finder.marks.any()


def test_diverse_changes_the_answer() -> None:
    # 1 and 2 both lead through 5; 3 does not.
    arcs: Arcs = {(0, 1): 9, (0, 2): 9, (1, 5): 9, (2, 5): 8, (5, 4): 9, (0, 3): 1, (3, 4): 1}
    arcs[6, 3] = 9
    finder = finder_of(7, arcs)
    plain = [chain.accounts for chain in find_chains(finder, 0, 4, n=2).chains]
    diverse = [chain.accounts for chain in find_chains(finder, 0, 4, n=2, diverse=True).chains]
    assert plain == [(0, 1, 5, 4), (0, 2, 5, 4)]
    assert diverse == [(0, 1, 5, 4), (0, 3, 4)]


@pytest.mark.parametrize("by", ["strength", "hops"])
@pytest.mark.parametrize("mutual", [False, True])
def test_networkx_finds_the_same(by: str, mutual: bool) -> None:
    n = 300
    strengths = np.random.default_rng(3).lognormal(0, 1.5, 50).tolist()
    finder = finder_of(n, random_arcs(5, n, 9000 if mutual else 1500, strengths), by=by)
    if mutual:
        arcs = random_arcs(5, n, 9000, strengths)
        finder = ChainFinder(chain_graph(graph_of(n, arcs), mutual=True), by=by)
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(n))
    for (u, v), cost in step_costs(finder.graph).items():
        graph.add_edge(u, v, key=cost * finder.order.per_cost + finder.order.per_step)
    for source, target in np.random.default_rng(1).integers(0, n, (60, 2)).tolist():
        if source == target:
            continue
        found = find_chains(finder, source, target, n=4).chains
        if not networkx.has_path(graph, source, target):
            assert found == []
            continue
        paths = networkx.shortest_simple_paths(graph, source, target, weight="key")
        keys = [networkx.path_weight(graph, path, "key") for path in itertools.islice(paths, 4)]
        assert [chain.key for chain in found] == keys


def test_probabilities_beside_networkx_in_floats() -> None:
    n = 200
    arcs = random_arcs(8, n, 1200, np.random.default_rng(0).lognormal(0, 1, 99).tolist())
    finder = finder_of(n, arcs)
    into = np.zeros(n)
    for (_, v), w in arcs.items():
        into[v] += w
    graph = networkx.DiGraph()
    graph.add_weighted_edges_from((u, v, -math.log(w / into[v])) for (u, v), w in arcs.items())
    for target in range(1, n, 7):
        found = finder.best(0, target)
        assert (found is not None) == networkx.has_path(graph, 0, target)
        if found is None:
            continue
        ours = math.prod(finder.graph.step(u, v)[1] for u, v in itertools.pairwise(found.accounts))
        theirs = math.exp(-networkx.dijkstra_path_length(graph, 0, target))
        assert ours == pytest.approx(theirs, rel=1e-7)


ARCS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]),
    st.sampled_from([1.0, 1.0, 2.0, 0.3]),
    min_size=1,
    max_size=45,
)


@settings(max_examples=150)
@given(arcs=ARCS, hops=st.integers(1, 6))
def test_what_must_always_hold(arcs: Arcs, hops: int) -> None:
    finder = finder_of(10, arcs)
    chains = find_chains(finder, 0, 9, n=6).chains
    assert chains == sorted(set(chains))
    for chain in chains:
        assert chain.accounts[0] == 0
        assert chain.accounts[-1] == 9
        assert len(set(chain.accounts)) == len(chain.accounts)
        assert all(pair in arcs for pair in itertools.pairwise(chain.accounts))
    within = finder.best(0, 9, max_hops=hops)
    assert within is None or within.steps <= hops
    if chains and chains[0].steps <= hops:
        assert within == chains[0]
    if not chains:
        assert within is None
    # An account more that is closed never makes the best chain better.
    if chains and chains[0].inner:
        closed = finder_of(10, arcs, closed=np.array(chains[0].inner[:1], dtype=np.int32))
        other = closed.best(0, 9)
        assert other is None or other > chains[0]


def test_more_arcs_than_the_heap_holds_at_first() -> None:
    n = 70_002
    arcs: Arcs = dict.fromkeys(((0, v) for v in range(2, n)), 1.0)
    arcs |= dict.fromkeys(((v, 1) for v in range(2, n)), 1.0)
    finder = finder_of(n, arcs)
    found = finder.best(0, 1)
    assert found is not None
    assert found.accounts == (0, 2, 1)


def test_long_chains() -> None:
    n = 3000
    arcs: Arcs = {(v, v + 1): 1.0 for v in range(n - 1)} | {(v + 1, v): 1.0 for v in range(n - 1)}
    for by in ORDERS:
        found = finder_of(n, arcs, by=by).best(0, n - 1)
        assert found is not None
        assert found.accounts == tuple(range(n))
    assert finder_of(n, arcs).best(0, n - 1, max_hops=n - 2) is None


def test_how_far_one_gets_without_a_chain() -> None:
    arcs: Arcs = {(0, 1): 1, (1, 2): 1, (0, 3): 1, (4, 3): 1, (5, 4): 1, (6, 5): 1}
    finder = finder_of(8, arcs)
    found = how_far(finder.graph, 0, 5, finder.marks)
    assert found.by_step == [2, 1]
    assert found.accounts == 3
    assert found.leading == 1  # 6
    assert (found.nearest, found.distance) == (3, 2)
    apart = how_far(finder.graph, 0, 7, finder.marks)
    assert (apart.nearest, apart.leading) == (None, 0)
    closed = finder_of(8, arcs, closed=np.array([1], dtype=np.int32))
    assert how_far(closed.graph, 0, 5, closed.marks).by_step == [2]


def test_threads_change_nothing() -> None:
    graph = graph_of(50, random_arcs(1, 50, 400))
    one, two = chain_graph(graph, threads=1), chain_graph(graph, threads=2)
    assert one.out_costs.tobytes() == two.out_costs.tobytes()
    assert one.into_costs.tobytes() == two.into_costs.tobytes()


def test_ties_that_are_all_alike() -> None:
    arcs = dict.fromkeys(random_arcs(4, 30, 100), 1.0)
    plain = chain_graph(graph_of(30, arcs, unweighted=True))
    weighted = chain_graph(graph_of(30, arcs))
    assert plain.out_costs.tolist() == weighted.out_costs.tolist()
    u, v = next(iter(arcs))
    assert plain.step(u, v) == weighted.step(u, v)
