"""One seed list in a process of its own, so that its memory is seen.

`python -m benchmarks.seed_subjects SUBJECT FOLDER K SETS THREADS` reads the graph that
`save` put into FOLDER, warms up on a small one, and writes what came out to FOLDER.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import graphs
from benchmarks.harness import ProcessRun, run_process
from guanxi.algorithms.influence.coverage import draw_coverage
from guanxi.algorithms.influence.models import weighted_cascade
from guanxi.algorithms.influence.rr_sets import Collection, Sampler
from guanxi.algorithms.influence.seeds import select_seeds
from guanxi.algorithms.influence.selection import choose_greedily
from guanxi.graph.arrays import Adjacency, InfluenceGraph, Int32


@dataclass(frozen=True)
class Answer:
    """What a subject came to. `seconds`: from the graph in memory to the list; `memory` in MB,
    the peak of the process, graph and interpreter included; `sets`: RR sets that it drew."""

    accounts: Int32
    seconds: float
    memory: float
    sets: int
    certified: float | None


def save(graph: InfluenceGraph, name: str) -> Path:
    """Put a graph without weights where a process finds it."""
    folder = graphs.FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    for side, arrays in (("out", graph.out), ("into", graph.into)):
        np.save(folder / f"{side}-indptr.npy", arrays.indptr)
        np.save(folder / f"{side}-indices.npy", arrays.indices)
    return folder


def load(folder: Path) -> InfluenceGraph:
    def side(name: str) -> Adjacency:
        files = (folder / f"{name}-{part}.npy" for part in ("indptr", "indices"))
        return Adjacency(*(np.load(file, mmap_mode="r") for file in files))

    return InfluenceGraph(side("out"), side("into"))


def process(subject: str, folder: Path, k: int, sets: int, threads: int) -> ProcessRun:
    """Run a subject as a process, the small graph before it included."""
    words = [subject, str(folder), str(k), str(sets), str(threads)]
    return run_process([sys.executable, "-m", "benchmarks.seed_subjects", *words])


def ask(subject: str, folder: Path, k: int, sets: int, threads: int) -> Answer:
    """Run a subject as a process, and see what it came to."""
    ran = process(subject, folder, k, sets, threads)
    found = json.loads((folder / "answer.json").read_text())
    return Answer(
        np.array(found["accounts"], dtype=np.int32),
        found["seconds"],
        ran.memory,
        found["sets"],
        found["certified"],
    )


Found = dict[str, Any]


def greedy(graph: InfluenceGraph, k: int, sets: int, threads: int) -> tuple[Int32, int]:
    """guanxi's greedy choice alone: the part that a plain program has too."""
    sampler = Sampler(weighted_cascade(graph), threads=threads)
    coverage = draw_coverage(sampler, Collection.SELECTION, sets)
    assert coverage is not None
    choice = choose_greedily(coverage, k, np.ones(graph.n, dtype=np.bool_))
    return choice.accounts, int(choice.gains.sum())


def _guanxi(graph: InfluenceGraph, k: int, sets: int, threads: int) -> Callable[[], Found]:
    def work() -> Found:
        found = select_seeds(graph, k, threads=threads)
        drawn = sum(found.samples.values())
        return {"accounts": found.accounts, "sets": drawn, "certified": found.certified_ratio}

    return work


def _greedy(graph: InfluenceGraph, k: int, sets: int, threads: int) -> Callable[[], Found]:
    return lambda: {"accounts": greedy(graph, k, sets, threads)[0], "sets": sets}


def _numba(graph: InfluenceGraph, k: int, sets: int, threads: int) -> Callable[[], Found]:
    from benchmarks.seed_peers import plain_greedy

    return lambda: {"accounts": plain_greedy(graph, k, sets)[0], "sets": sets}


def _networkx(graph: InfluenceGraph, k: int, sets: int, threads: int) -> Callable[[], Found]:
    from benchmarks.seed_peers import networkx_follows, networkx_greedy

    follows = networkx_follows(graph)
    return lambda: {"accounts": networkx_greedy(follows, k, sets)[0], "sets": sets}


def _cynetdiff(graph: InfluenceGraph, k: int, sets: int, threads: int) -> Callable[[], Found]:
    """`sets`: simulations for each question."""
    from benchmarks.seed_peers import cynetdiff_greedy, cynetdiff_model

    model = cynetdiff_model(graph)
    return lambda: {"accounts": cynetdiff_greedy(model, graph.n, k, sets)[0], "sets": 0}


def _degree(graph: InfluenceGraph, k: int, sets: int, threads: int) -> Callable[[], Found]:
    degree = np.diff(graph.out.indptr)
    return lambda: {"accounts": np.argsort(-degree, kind="stable")[:k], "sets": 0}


SUBJECTS = {
    "guanxi": _guanxi,
    "greedy": _greedy,
    "numba": _numba,
    "networkx": _networkx,
    "cynetdiff": _cynetdiff,
    "degree": _degree,
}


def _main(subject: str, folder: str, k: str, sets: str, threads: str) -> None:
    make = SUBJECTS[subject]
    ready = make(graphs.influence_graph(1_000, 8_000), 5, min(int(sets), 1024), int(threads))
    if subject != "cynetdiff":
        ready()
    work = make(load(Path(folder)), int(k), int(sets), int(threads))
    started = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - started
    answer = {
        "accounts": np.asarray(found["accounts"]).tolist(),
        "seconds": seconds,
        "sets": found["sets"],
        "certified": found.get("certified"),
    }
    (Path(folder) / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    _main(*sys.argv[1:])
