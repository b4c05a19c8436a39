"""Chains: the strongest chain between two accounts, beside igraph, NetworKit and NetworkX.

Every peer gets its own graph object, with minus the logarithm of each step's probability as
weights, before the clock starts; ours are costs as integers, made once from the tie strengths.
Pairs of accounts are drawn at random, the same for all; one in ten has no chain. The remark is
the sum of the chains' costs in halvings of the probability, which must be the same for all.
"`chain`" is the verb of a process that has been asked before, with names and relations in
words, or with the words on how far one gets where there is no chain; the median and the 99th
percentile are over single questions.
"""

from __future__ import annotations

import itertools
import math
import shutil
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import igraph
import networkit
import networkx
import numpy as np

import guanxi as package
from benchmarks import graphs
from benchmarks.commands import guanxi
from benchmarks.harness import Row, Scale, compare, text_table
from guanxi.algorithms.chains.assignment import assign
from guanxi.algorithms.chains.costs import UNITS, ChainGraph, chain_graph
from guanxi.algorithms.chains.introductions import IntroductionFinder
from guanxi.algorithms.chains.strongest import ChainFinder

Pairs = Sequence[tuple[int, int]]

#: Accounts and edges beside NetworkX.
SMALL = (10_000, 100_000)
#: Team, prospects, and how often each introducer may be asked.
TEAM, PROSPECTS, CAPACITY = 100, 10_000, 10


def run(scale: Scale) -> list[Row]:
    networkit.setNumberOfThreads(scale.threads)
    # igraph's word on pairs without a chain, of which there are some.
    warnings.filterwarnings("ignore", "Couldn't reach some vertices")
    return [
        *_beside_peers(scale),
        *_beside_networkx(scale),
        *_introductions(scale),
        *_questions(scale),
    ]


def random_pairs(n: int, number: int) -> list[tuple[int, int]]:
    drawn = np.random.default_rng(7).integers(0, n, (number, 2)).tolist()
    return [(s, t) for s, t in drawn if s != t]


def all_of(search: Callable[[int, int], float], pairs: Pairs) -> list[float]:
    return [search(source, target) for source, target in pairs]


def note(costs: list[float]) -> str:
    return f"{sum(cost for cost in costs if math.isfinite(cost)):.4f} halvings"


def _beside_peers(scale: Scale) -> list[Row]:
    graph = chain_graph(graphs.influence_graph(scale.accounts, scale.edges, weighted=True))
    ours = ours_on(graph)
    pairs = random_pairs(graph.n, 20)
    rows = compare(
        f"20 strongest chains, {graph.m:,} ties, beside igraph",
        {
            "guanxi": partial(all_of, ours, pairs),
            "igraph": partial(all_of, igraph_on(graph), pairs),
        },
        scale,
        goal="≤ 0.1",
        note=note,
        rounds=min(scale.rounds, 3),
    )
    rows += compare(
        f"20 strongest chains, {graph.m:,} ties, beside NetworKit",
        {
            "guanxi": partial(all_of, ours, pairs),
            "NetworKit (bidirectional)": partial(all_of, networkit_on(graph), pairs),
        },
        scale,
        note=note,
        rounds=min(scale.rounds, 3),
    )
    rows += singles(f"One strongest chain, {graph.m:,} ties", ours, random_pairs(graph.n, 500))
    hops = ChainFinder(graph, by="hops")
    return rows + singles(
        f"One chain of fewest steps, {graph.m:,} ties", hops.best, random_pairs(graph.n, 500)
    )


def singles(
    group: str, search: Callable[[int, int], Any], pairs: Pairs, median: str = "≤ 0.02 s"
) -> list[Row]:
    """Median and 99th percentile of single questions."""
    seconds = []
    for source, target in pairs:
        started = time.perf_counter()
        search(source, target)
        seconds.append(time.perf_counter() - started)
    rows = [
        Row(group, "guanxi, median", statistics.median(seconds), goal=median),
        Row(group, "guanxi, 99th percentile", float(np.quantile(seconds, 0.99)), goal="≤ 0.2 s"),
    ]
    print(f"{group}\n{text_table(rows)}", file=sys.stderr)
    return rows


def _beside_networkx(scale: Scale) -> list[Row]:
    """As igraph's, NetworkX's `dijkstra_path` searches from one end; `shortest_path` from both."""
    graph = chain_graph(graphs.influence_graph(*SMALL, weighted=True))
    pairs = random_pairs(graph.n, 20)
    rows = []
    for peer, goal in ((networkx.dijkstra_path, "≤ 0.01"), (networkx.shortest_path, "")):
        rows += compare(
            f"20 strongest chains, {graph.m:,} ties, beside NetworkX's {peer.__name__}",
            {
                "guanxi": partial(all_of, ours_on(graph), pairs),
                "NetworkX": partial(all_of, networkx_on(graph, peer), pairs),
            },
            scale,
            goal=goal,
            note=note,
        )
    return rows


def _introductions(scale: Scale) -> list[Row]:
    graph = chain_graph(graphs.influence_graph(scale.accounts, scale.edges, weighted=True))
    drawn = np.random.default_rng(3).permutation(graph.n)
    team = drawn[:TEAM].astype(np.int32)
    prospects = drawn[TEAM : TEAM + min(PROSPECTS, scale.accounts // 10)].tolist()

    def plan() -> int:
        finder = IntroductionFinder(graph, team, max_hops=4, threads=scale.threads)
        known = finder.find(prospects, 9)
        chosen = assign(
            known,
            capacity=CAPACITY,
            more=lambda places, most: finder.find([prospects[place] for place in places], most),
        )
        return sum(1 for ways in chosen if ways)

    return compare(
        f"Introductions of {TEAM} to {len(prospects):,}, {graph.m:,} ties, "
        f"nobody asked more than {CAPACITY} times",
        {"guanxi": plan},
        scale,
        note=lambda introduced: f"{introduced:,} introduced",
        rounds=1,
    )


def _questions(scale: Scale) -> list[Row]:
    """The verb in a warm process, and the command as a whole process."""
    folder = graphs.FOLDER / "chains"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store = folder / "net.duckdb"
    try:
        network = package.open(store)
        network.load(follows=[graphs.follows_file(scale.accounts, scale.edges)])
        snapshot = network.snapshot()
        pairs = random_pairs(snapshot.n, 300)
        ids = {v: snapshot.id_of(v) for pair in pairs for v in pair}

        def ask(source: int, target: int) -> Any:
            return network.chain(ids[source], ids[target])

        apart = [pair for pair in pairs if not len(ask(*pair))]
        rows = singles(f"`chain` in a warm process, {snapshot.n:,} accounts", ask, pairs)
        rows += singles(
            f"`chain` between accounts without one, {snapshot.n:,} accounts", ask, apart, median=""
        )
        ends = [ids[v] for v in pairs[0]]
        rows += compare(
            f"As `degrees` does it: 1 to 6 steps from one account, {snapshot.n:,} accounts",
            {"guanxi": lambda: network.degrees(accounts=ends[0])},
            scale,
            goal="≤ 0.5 s",
        )
        rows += compare(
            f"As `degrees --network` does it, {snapshot.n:,} accounts",
            {"guanxi": lambda: network.separation(exact=False)},
            scale,
            goal="≤ 30 s",
            rounds=min(scale.rounds, 2),
        )
        return rows + compare(
            f"`guanxi chain A B`, {snapshot.n:,} accounts",
            {"guanxi": partial(guanxi, "chain", *ends, store=store, threads=scale.threads)},
            scale,
            goal="≤ 2 s",
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# How each is asked: the cost of the best chain in halvings, infinite where there is none.


def ours_on(graph: ChainGraph) -> Callable[[int, int], float]:
    finder = ChainFinder(graph)

    def search(source: int, target: int) -> float:
        found = finder.best(source, target)
        return math.inf if found is None else (found.key >> 12) / UNITS

    return search


def weighted_arcs(graph: ChainGraph) -> tuple[Any, Any, Any]:
    """(u, v, cost) of every arc; the cost in halvings."""
    rows = np.repeat(np.arange(graph.n), np.diff(graph.out_indptr))
    strengths = graph.strengths if len(graph.strengths) else np.ones(graph.m)
    probabilities = strengths / graph.total[graph.out_indices]
    return rows, graph.out_indices, np.maximum(-np.log2(probabilities), 0.0)


def igraph_on(graph: ChainGraph) -> Callable[[int, int], float]:
    u, v, costs = weighted_arcs(graph)
    other = igraph.Graph(n=graph.n, edges=np.column_stack((u, v)), directed=True)
    other.es["weight"] = costs.tolist()

    def search(source: int, target: int) -> float:
        path = other.get_shortest_path(source, target, weights="weight", output="epath")
        return sum(other.es[path]["weight"]) if path else math.inf

    return search


def networkit_on(graph: ChainGraph) -> Callable[[int, int], float]:
    u, v, costs = weighted_arcs(graph)
    ends = (u.astype(np.uint64), v.astype(np.uint64))
    other = networkit.GraphFromCoo((costs, ends), n=graph.n, directed=True, weighted=True)

    def search(source: int, target: int) -> float:
        found = networkit.distance.BidirectionalDijkstra(other, source, target, True)
        found.run()
        distance = found.getDistance()
        return distance if distance < 1e300 else math.inf

    return search


def networkx_on(graph: ChainGraph, find: Any) -> Callable[[int, int], float]:
    u, v, costs = weighted_arcs(graph)
    other = networkx.DiGraph()
    other.add_nodes_from(range(graph.n))
    other.add_weighted_edges_from(zip(u.tolist(), v.tolist(), costs.tolist(), strict=True))

    def search(source: int, target: int) -> float:
        try:
            path = find(other, source, target, weight="weight")
        except networkx.NetworkXNoPath:
            return math.inf
        return math.fsum(other.edges[step]["weight"] for step in itertools.pairwise(path))

    return search
