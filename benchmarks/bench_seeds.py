"""Seed selection: time for as many RR sets as a plain program draws, and the whole run."""

from __future__ import annotations

import sys
from pathlib import Path

import networkx as nx
import numba
import numpy as np

from benchmarks import graphs
from benchmarks.harness import ProcessRun, Row, Scale, compare, run_process
from guanxi.algorithms.influence.coverage import draw_coverage
from guanxi.algorithms.influence.models import weighted_cascade
from guanxi.algorithms.influence.rr_sets import Collection, Sampler
from guanxi.algorithms.influence.seeds import SeedList, select_seeds
from guanxi.algorithms.influence.selection import choose_greedily
from guanxi.graph.arrays import Adjacency, Bool, InfluenceGraph, Int32, Int64

K = 50
#: RR sets of the comparisons on the large graph, and on the small one with NetworkX.
SETS = 1 << 18
SMALL = (10_000, 100_000)
SMALL_SETS = 10_000


def run(scale: Scale) -> list[Row]:
    return [*_beside_networkx(scale), *_beside_plain(scale), *_whole_run(scale)]


def _beside_networkx(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(*SMALL)
    follows = nx.DiGraph()
    follows.add_nodes_from(range(graph.n))
    row = np.repeat(np.arange(graph.n), np.diff(graph.into.indptr))
    follows.add_edges_from(zip(row.tolist(), graph.into.indices.tolist(), strict=True))
    return compare(
        f"{K} seeds from {SMALL_SETS:,} RR sets, {graph.m:,} edges",
        {
            "guanxi": lambda: greedy(graph, SMALL_SETS, scale.threads),
            "NetworkX": lambda: networkx_greedy(follows, SMALL_SETS),
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
            "guanxi": lambda: greedy(graph, sets, 1),
            "guanxi, ties of different strength": lambda: greedy(weighted, sets, 1),
            "plain numba": lambda: plain_greedy(graph, sets),
        },
        scale,
        goal="below 1",
        note=lambda met: f"meet {met / sets:.2%}",
        rounds=min(scale.rounds, 3),
    )


def _whole_run(scale: Scale) -> list[Row]:
    graph = graphs.influence_graph(scale.accounts, scale.edges)
    folder = _saved(graph, scale)
    return compare(
        f"{K} seeds with certificate and reach, {graph.m:,} edges",
        {
            "guanxi": lambda: select_seeds(graph, K, threads=scale.threads),
            "guanxi, whole process": lambda: _process(folder, scale.threads),
        },
        scale,
        goal="≤ 20 s, certified ≥ 0.9",
        note=_quality,
        rounds=min(scale.rounds, 3),
    )


def _quality(found: SeedList) -> str:
    width = (found.reach_high[-1] - found.reach_low[-1]) / 2 / found.reach[-1]
    return f"certified {found.certified_ratio:.3f}, reach {found.reach[-1]:,.0f} ± {width:.1%}"


def greedy(graph: InfluenceGraph, sets: int, threads: int) -> int:
    """How many RR sets guanxi's greedy list meets: the part that a plain program has too."""
    sampler = Sampler(weighted_cascade(graph), threads=threads)
    coverage = draw_coverage(sampler, Collection.SELECTION, sets)
    assert coverage is not None
    everyone: Bool = np.ones(graph.n, dtype=np.bool_)
    return int(choose_greedily(coverage, K, everyone).gains.sum())


# What one writes first: a coin for each arc, and a greedy choice that looks at everyone.


def plain_greedy(graph: InfluenceGraph, sets: int) -> int:
    into = graph.into
    members, offsets = _plain_sets(into.indptr, into.indices, sets)
    return int(_plain_choice(members, offsets, graph.n, K))


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
def _plain_choice(members: Int32, offsets: Int64, n: int, k: int) -> int:
    gain = np.zeros(n, np.int64)
    for v in members:
        gain[v] += 1
    left = np.ones(len(offsets) - 1, np.bool_)
    met = 0
    for _ in range(k):
        best = np.argmax(gain)
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


def networkx_greedy(follows: nx.DiGraph, sets: int) -> int:
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
    for _ in range(K):
        met |= max(holds.values(), key=lambda sets: len(sets - met))
    return len(met)


# A process of its own, to see its memory.


def _saved(graph: InfluenceGraph, scale: Scale) -> Path:
    folder = graphs.FOLDER / f"arcs-{scale.accounts}-{scale.edges}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, side in (("out", graph.out), ("into", graph.into)):
        np.save(folder / f"{name}-indptr.npy", side.indptr)
        np.save(folder / f"{name}-indices.npy", side.indices)
    return folder


def _process(folder: Path, threads: int) -> ProcessRun:
    return run_process([sys.executable, "-m", "benchmarks.bench_seeds", str(folder), str(threads)])


def _main(folder: str, threads: str) -> None:
    def side(name: str) -> Adjacency:
        files = (Path(folder) / f"{name}-{part}.npy" for part in ("indptr", "indices"))
        return Adjacency(*(np.load(file, mmap_mode="r") for file in files))

    select_seeds(InfluenceGraph(side("out"), side("into")), K, threads=int(threads))


if __name__ == "__main__":
    _main(*sys.argv[1:])
