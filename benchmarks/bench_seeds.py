"""Seed selection: time for as many RR sets as a plain program draws, and the whole run."""

from __future__ import annotations

from benchmarks import graphs
from benchmarks.harness import Row, Scale, compare
from benchmarks.seed_peers import networkx_follows, networkx_greedy, plain_greedy
from benchmarks.seed_subjects import greedy, process, save
from guanxi.algorithms.influence.seeds import SeedList, select_seeds

K = 50
#: RR sets of the comparisons on the large graph, and on the small one with NetworkX.
SETS = 1 << 18
SMALL = (10_000, 100_000)
SMALL_SETS = 10_000


def run(scale: Scale) -> list[Row]:
    return [*_beside_networkx(scale), *_beside_plain(scale), *_whole_run(scale)]


def _beside_networkx(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(*SMALL)
    follows = networkx_follows(graph)
    return compare(
        f"{K} seeds from {SMALL_SETS:,} RR sets, {graph.m:,} edges",
        {
            "guanxi": lambda: greedy(graph, K, SMALL_SETS, scale.threads)[1],
            "NetworkX": lambda: networkx_greedy(follows, K, SMALL_SETS)[1],
        },
        scale,
        goal="below 1",
        note=lambda met: f"meet {met / SMALL_SETS:.2%}",
    )


def _beside_plain(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(scale.accounts, scale.edges)
    weighted = graphs.influence_graph(scale.accounts, scale.edges, weighted=True)
    sets = SETS // 8 if scale.quick else SETS
    return compare(
        f"{K} seeds from {sets:,} RR sets, {graph.m:,} edges, one thread",
        {
            "guanxi": lambda: greedy(graph, K, sets, 1)[1],
            "guanxi, ties of different strength": lambda: greedy(weighted, K, sets, 1)[1],
            "plain numba": lambda: plain_greedy(graph, K, sets)[1],
        },
        scale,
        goal="below 1",
        note=lambda met: f"meet {met / sets:.2%}",
        rounds=min(scale.rounds, 3),
    )


def _whole_run(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(scale.accounts, scale.edges)
    folder = save(graph, f"arcs-{scale.accounts}-{scale.edges}")
    return compare(
        f"{K} seeds with certificate and reach, {graph.m:,} edges",
        {
            "guanxi": lambda: select_seeds(graph, K, threads=scale.threads),
            "guanxi, whole process": lambda: process("guanxi", folder, K, 0, scale.threads),
        },
        scale,
        goal={"guanxi": "≤ 20 s, certified ≥ 0.9", "guanxi, whole process": "≤ 6 GB"},
        note=_quality,
        rounds=min(scale.rounds, 3),
    )


def _quality(found: SeedList) -> str:
    width = (found.reach_high[-1] - found.reach_low[-1]) / 2 / found.reach[-1]
    return f"certified {found.certified_ratio:.3f}, reach {found.reach[-1]:,.0f} ± {width:.1%}"
