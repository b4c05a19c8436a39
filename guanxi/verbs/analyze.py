"""`analyze`: degrees, PageRank, k-core, communities and their core users, written back."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from guanxi import memory
from guanxi.errors import UsageError
from guanxi.graph.arrays import InfluenceGraph
from guanxi.results import Result
from guanxi.verbs.analysis import core_rank
from guanxi.verbs.elsewhere import traceable
from guanxi.verbs.meta import UNDIRECTED, Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters
from guanxi.wording import counted

if TYPE_CHECKING:
    from guanxi.algorithms.community.communities import Communities
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

METHODS = ("leiden", "louvain", "label-propagation")
EXTRA = ("hits",)
#: Measured peak of Leiden and the description, over what the snapshot maps.
BYTES_PER_ARC = 110
BYTES_PER_ACCOUNT = 200


@dataclass
class _Run:
    """One analysis: what it works on, and what it has found so far."""

    engine: Engine
    snapshot: Snapshot
    graph: InfluenceGraph
    seed: int
    scores: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    by_community: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    steps: list[tuple[str, str, float]] = field(default_factory=list)

    @property
    def threads(self) -> int | None:
        """Threads to use."""
        return self.engine.settings.threads

    def step(self, name: str, work: Callable[[], str]) -> None:
        """Do one step, and note what it found and how long it took."""
        watch = Stopwatch()
        found = work()
        self.steps.append((name, found, watch.seconds()))


def analyze(
    engine: Engine,
    *,
    with_: Sequence[str],
    communities: str,
    resolution: float,
    fast: bool,
    profile: TieProfile,
    seed: int,
    write_back: bool,
) -> Result:
    """Compute the scores of the newest snapshot and write them back."""
    watch = Stopwatch()
    _refuse_wrong(with_, communities, resolution)
    snapshot = engine.snapshot()
    graph = snapshot.graph(profile)
    memory.require(
        graph.m * BYTES_PER_ARC + graph.n * BYTES_PER_ACCOUNT,
        f"Analysing {counted(graph.n, 'account')} and {counted(graph.m, 'tie')}",
    )
    run = _Run(engine, snapshot, graph, seed)
    run.step("degrees", lambda: _degrees(run))
    run.step("pagerank", lambda: _pagerank(run))
    run.step("k_core", lambda: _k_core(run))
    if "hits" in with_:
        run.step("hits", lambda: _hits(run))
    found: list[Communities] = []
    run.step(communities, lambda: _communities(run, found, communities, resolution, fast))
    run.step("core_users", lambda: _describe(run, found[0]))
    meta = base_meta(
        engine,
        snapshot,
        UNDIRECTED,
        method=communities,
        parameters={
            **profile_parameters(profile),
            "damping": 0.85,
            "tolerance": 1e-9,
            "communities": communities,
            "resolution": resolution,
            "iterations": found[0].iterations,
        },
        seed=seed,
        ties=graph.m,
        communities=len(found[0].sizes),
        modularity=found[0].modularity,
        made_at=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
    )
    run.step(
        "write_back",
        lambda: _write_back(run, meta, traceable(snapshot.manifest, with_, fast), write_back),
    )
    meta["seconds"] = watch.seconds()
    meta["summary"] = _sentences(meta, snapshot)
    names, outcomes, seconds = zip(*run.steps, strict=True)
    return Result({"step": list(names), "found": list(outcomes), "seconds": list(seconds)}, meta)


def _refuse_wrong(with_: Sequence[str], communities: str, resolution: float) -> None:
    unknown = [name for name in with_ if name not in EXTRA]
    if unknown:
        raise UsageError(f"--with knows {', '.join(EXTRA)}, not {', '.join(unknown)}.")
    if communities not in METHODS:
        raise UsageError(f"--communities is one of {', '.join(METHODS)}, not {communities!r}.")
    if not 0 < resolution < 1e6:
        raise UsageError(f"--resolution must be above 0 and below 1,000,000, not {resolution}.")


def _degrees(run: _Run) -> str:
    from guanxi.algorithms.centrality import degree

    run.scores["in_degree"] = degree.in_degree(run.snapshot.follows)
    run.scores["out_degree"] = degree.out_degree(run.snapshot.follows)
    run.scores["weighted_in_degree"] = degree.weighted_in_degree(run.graph.out)
    most = int(run.scores["in_degree"].max(initial=0))
    return f"most followers {most:,}"


def _pagerank(run: _Run) -> str:
    from guanxi.algorithms.centrality.pagerank import pagerank

    result = pagerank(run.graph, threads=run.threads, progress=run.engine.progress("PageRank"))
    run.scores["pagerank"] = result.scores
    return f"{result.iterations} iterations, L1 change {result.change:.1e}"


def _hits(run: _Run) -> str:
    from guanxi.algorithms.centrality.hits import hits

    result = hits(run.graph, threads=run.threads)
    run.scores["hub"] = result.hubs
    run.scores["authority"] = result.authorities
    return f"{result.iterations} iterations"


def _k_core(run: _Run) -> str:
    from guanxi.algorithms.centrality.k_core import core_numbers

    run.scores["k_core"] = core_numbers(run.graph)
    return f"innermost core {int(run.scores['k_core'].max(initial=0))}"


def _communities(
    run: _Run, found: list[Communities], method: str, resolution: float, fast: bool
) -> str:
    from guanxi.algorithms.community.detect import detect

    result = detect(
        run.graph,
        method,
        resolution=resolution,
        iterations=1 if fast else 2,
        seed=run.seed,
        threads=run.threads,
        progress=run.engine.progress("Communities"),
    )
    found.append(result)
    run.scores["community"] = result.labels
    number = counted(len(result.sizes), "community", "communities")
    return f"{number}, modularity {result.modularity:.4f}"


def _describe(run: _Run, communities: Communities) -> str:
    from guanxi.algorithms.community.description import describe
    from guanxi.algorithms.influence.core_reach import core_reach

    found = describe(
        run.graph,
        communities.labels,
        threads=run.threads,
        progress=run.engine.progress("Core users"),
    )
    reached = core_reach(
        run.graph, communities.labels, found.core_users, seed=run.seed, threads=run.threads
    )
    run.by_community = {
        "size": found.sizes,
        "density": found.density,
        "internal_share": found.internal_share,
        "core_users": found.core_users,
        "core_reach": reached,
    }
    run.scores["core_rank"] = core_rank(found.core_users, run.graph.n)
    return counted(int((run.scores["core_rank"] > 0).sum()), "core user")


def _write_back(run: _Run, meta: dict[str, Any], trace: dict[str, Any], wanted: bool) -> str:
    kept = {name: value for name, value in meta.items() if name not in ("notes", "summary")}
    run.snapshot.write_scores(run.scores, kept, tables=run.by_community)
    if run.engine.in_memory:
        return "kept in memory"
    if run.engine.access.mapping is not None and not wanted:
        return "kept here; --write-back writes them into the graph"
    with run.engine.access.open(write_back=wanted) as store:
        store.write_scores(run.snapshot.ids, run.scores, {**kept, **trace})
    return f"{counted(len(run.scores), 'score')} of {counted(run.graph.n, 'account')}"


def _sentences(meta: dict[str, Any], snapshot: Snapshot) -> list[str]:
    return [
        (
            f"{counted(snapshot.n, 'account')} in "
            f"{counted(meta['communities'], 'community', 'communities')} (modularity "
            f"{meta['modularity']:.4f}; direction was dropped for them, seed {meta['seed']})."
        ),
        "Next: guanxi top, guanxi communities, guanxi seeds -k 10.",
    ]
