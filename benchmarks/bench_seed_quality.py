"""The best list that each finds: what it takes, and what the list reaches.

Every subject is a process of its own that gets the same graph; the clock runs from the graph in
memory (in the peer's own form) to the list, after a small graph has been done. Memory is the
peak of the process, with interpreter, kernels and graph. "guanxi" is the whole run: choice,
simple lists to beat, certificate and report, with all its RR sets counted; "greedy alone"
draws as many RR sets as plain numba and does what that does. Lists are judged by forward
simulations, which share no code with RR sets; the remark compares with the greedy list of
{reference:,} RR sets. CyNetDiff chooses by lazy greedy with {simulations} simulations a question.

The first graph has the size of NetHEPT with both directions, the second is a power-law graph.
"""

from __future__ import annotations

import shutil
import statistics
from functools import partial
from pathlib import Path

import numpy as np

import guanxi as package
from benchmarks import graphs
from benchmarks.commands import guanxi
from benchmarks.harness import Row, Scale, compare
from benchmarks.seed_peers import cynetdiff_model, cynetdiff_reach
from benchmarks.seed_subjects import Answer, ask, save
from guanxi.algorithms.influence.forward import simulate
from guanxi.algorithms.influence.models import weighted_cascade
from guanxi.algorithms.influence.seeds import SeedList, select_seeds
from guanxi.graph.arrays import InfluenceGraph, Int32

K = 50
#: Accounts and pairs, as NetHEPT has them.
SMALL = (15_233, 31_376)
LARGE = (1_000_000, 8_000_000)
REFERENCE = 1 << 22
SIMULATIONS = 100
__doc__ = (__doc__ or "").format(reference=REFERENCE, simulations=SIMULATIONS)

#: A subject: its name, the words for `ask`, how many sets (or simulations), and threads.
Subject = tuple[str, str, int, int]


def run(scale: Scale) -> list[Row]:
    return [*_small(scale), *_forward(scale), *_in_process(scale), *_large(scale)]


def friendships(accounts: int, pairs: int) -> tuple[Int32, Int32]:
    """About so many pairs of the generator's network, each once (it has 4 an account at least)."""
    actor, target = graphs.follow_edges(accounts, 4 * accounts)
    low, high = np.minimum(actor, target), np.maximum(actor, target)
    key = np.unique(low.astype(np.int64) * accounts + high)
    key = np.sort(np.random.default_rng(1).permutation(key)[:pairs])
    return (key // accounts).astype(np.int32), (key % accounts).astype(np.int32)


def both_ways(accounts: int, pairs: int) -> InfluenceGraph:
    """Friendships: influence in both directions."""
    u, v = friendships(accounts, pairs)
    side = graphs.adjacency(accounts, np.concatenate([u, v]), np.concatenate([v, u]))
    return InfluenceGraph(side, side)


def _small(scale: Scale) -> list[Row]:
    reference = REFERENCE // 8 if scale.quick else REFERENCE
    simulations = 10 if scale.quick else SIMULATIONS
    subjects = [
        ("guanxi", "guanxi", 0, scale.threads),
        ("guanxi, greedy alone", "greedy", 1 << 20, 1),
        ("plain numba", "numba", 1 << 20, 1),
        ("NetworkX", "networkx", 10_000, 1),
        ("CyNetDiff", "cynetdiff", simulations, 1),
        ("most followers", "degree", 0, 1),
        (f"greedy, {reference:,} sets", "greedy", reference, scale.threads),
    ]
    return _quality(both_ways(*SMALL), subjects, 20_000, min(scale.rounds, 3))


def _large(scale: Scale) -> list[Row]:
    accounts, follows = (50_000, 400_000) if scale.quick else LARGE
    sets, reference = 1 << 19, REFERENCE // 8 if scale.quick else REFERENCE
    subjects = [
        ("guanxi", "guanxi", 0, scale.threads),
        ("guanxi, greedy alone", "greedy", sets, 1),
        ("plain numba", "numba", sets, 1),
        ("most followers", "degree", 0, 1),
        (f"greedy, {reference:,} sets", "greedy", reference, scale.threads),
    ]
    # A cascade is about a hundred thousand accounts here: few of them are enough.
    return _quality(graphs.influence_graph(accounts, follows), subjects, 1_000, 1)


def _quality(
    graph: InfluenceGraph, subjects: list[Subject], simulations: int, rounds: int
) -> list[Row]:
    """The subjects in turns; the last of them is the reference."""
    folder = save(graph, f"quality-{graph.n}-{graph.m}")
    group = f"{K} seeds, {graph.n:,} accounts, {graph.m:,} arcs, {simulations:,} simulations"
    turns: dict[str, list[Answer]] = {subject[0]: [] for subject in subjects}
    for turn in range(rounds):
        for name, kind, sets, threads in subjects:
            # The slow ones once.
            if turn == 0 or kind in ("guanxi", "greedy", "numba"):
                turns[name].append(ask(kind, folder, K, sets, threads))
    model = weighted_cascade(graph)
    judged = {
        name: simulate(model, answers[0].accounts, simulations) for name, answers in turns.items()
    }
    best = judged[subjects[-1][0]]
    rows = []
    for name, answers in turns.items():
        seconds, first = statistics.median(answer.seconds for answer in answers), answers[0]
        mean, error = judged[name].mean, judged[name].error
        parts = [f"reach {mean:,.1f} ± {1.96 * error:.1f}", f"{mean / best.mean:.4f} of the best"]
        if first.sets:
            parts.insert(0, f"{first.sets:,} sets, {seconds / first.sets * 1e6:.2f} µs each")
        if first.certified is not None:
            parts.append(f"certified {first.certified:.3f}")
        goal = "≥ 0.99 of the best" if name == "guanxi" else ""
        memory = max(answer.memory for answer in answers)
        rows.append(Row(group, name, seconds, None, None, memory, goal, ", ".join(parts)))
    return rows


def _forward(scale: Scale) -> list[Row]:
    """The judge itself, beside CyNetDiff's: they must agree."""
    graph = both_ways(*SMALL)
    model, other = weighted_cascade(graph), cynetdiff_model(graph)
    accounts = select_seeds(graph, K, threads=scale.threads).accounts
    return compare(
        f"20,000 forward simulations of a list of {K}, {graph.m:,} arcs, one thread",
        {
            "guanxi": lambda: simulate(model, accounts, 20_000, threads=1).mean,
            "CyNetDiff": lambda: cynetdiff_reach(other, accounts.tolist(), 20_000),
        },
        scale,
        note=lambda mean: f"reach {mean:,.1f}",
        rounds=min(scale.rounds, 3),
    )


def _in_process(scale: Scale) -> list[Row]:
    """As a call in a warm process, and as a command."""
    graph = both_ways(*SMALL)
    folder = graphs.FOLDER / "seeds"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store = Path(folder / "net.duckdb")
    network, rows = package.open(store), folder / "friends.txt"
    np.savetxt(rows, np.column_stack(friendships(*SMALL)), fmt="%d")
    network.load(follows=[rows], undirected=True)
    network.snapshot()
    command = partial(guanxi, "seeds", "-k", str(K), "-q", store=store, threads=scale.threads)
    try:
        return compare(
            f"{K} seeds with certificate and reach, {graph.m:,} arcs",
            {
                "guanxi": lambda: select_seeds(graph, K, threads=scale.threads),
                "guanxi, one thread": lambda: select_seeds(graph, K, threads=1),
                "guanxi, whole command": command,
            },
            scale,
            goal={"guanxi": "≤ 0.2 s", "guanxi, whole command": "≤ 1.5 s"},
            note=_certificate,
        )
    finally:
        shutil.rmtree(folder)


def _certificate(found: SeedList) -> str:
    return f"certified {found.certified_ratio:.3f}, reach {found.reach[-1]:,.1f}"


def growth(sizes: tuple[int, ...] = (1, 2, 5, 10, 20, 50)) -> None:
    """Time and memory by millions of arcs, ten to an account; `python -m …` runs this alone."""
    for millions in sizes:
        graph = graphs.influence_graph(millions * 100_000, millions * 1_000_000)
        arcs, folder = graph.m, save(graph, "growth")
        graphs.influence_graph.cache_clear()
        graphs.follow_edges.cache_clear()
        del graph
        found = ask("guanxi", folder, K, 0, 2)
        print(
            f"| {arcs:,} | {found.seconds:.2f} s | {found.seconds / arcs * 1e6:.2f} µs "
            f"| {found.memory:,.0f} MB | {found.sets:,} | {found.certified:.3f} |",
            flush=True,
        )
        shutil.rmtree(folder)


if __name__ == "__main__":
    growth()
