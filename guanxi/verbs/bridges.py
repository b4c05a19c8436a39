"""`bridges`: the accounts that a message needs to leave its community."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi import __version__, memory
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Float64, Int32
from guanxi.graph.kept_arrays import keep_arrays, kept_arrays
from guanxi.graph.snapshot_files import map_array
from guanxi.graph.snapshot_manifest import FileEntry
from guanxi.results import Result
from guanxi.verbs.accounts import matching, shown_columns, ties_among
from guanxi.verbs.analysis import Analysis, read_analysis
from guanxi.verbs.judging import judged
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters
from guanxi.verbs.top import highest
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.algorithms.centrality.betweenness import Betweenness
    from guanxi.engine import Engine
    from guanxi.graph.arrays import Adjacency, InfluenceGraph
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

#: What `--by` takes; of `constraint` the lowest come first, of the others the highest.
BY = ("bridge_score", "betweenness", "participation", "constraint", "harmonic")
#: Betweenness is exact where accounts times arcs are no more than this; else from as many
#: sources as this allows.
EXACT_WORK = 1_000_000_000
SAMPLED_WORK = 1_500_000_000
LEAST_SOURCES = 64
#: Betweenness is kept beside the snapshot where sources times arcs are more than this.
KEPT_WORK = 50_000_000
#: An account joins the communities that hold at least this share of its tie strength.
JOINS = 0.1
#: Peak of betweenness and of the undirected ties, over what the snapshot maps.
BYTES_PER_ACCOUNT = 250
BYTES_PER_ARC = 40


@dataclass(frozen=True)
class _Network:
    """What the measures are computed on."""

    snapshot: Snapshot
    analysis: Analysis
    graph: InfluenceGraph
    ties: Adjacency
    threads: int | None

    @property
    def labels(self) -> Int32:
        """int32[n]: the community of each account."""
        return np.asarray(self.analysis.score("community"), dtype=np.int32)


def bridges(
    engine: Engine,
    *,
    by: str,
    n: int,
    where: str | None,
    joins: Sequence[int],
    samples: int | None,
    seed: int,
) -> Result:
    """The `n` accounts that join communities most, by `by` (one of `BY`), ties by id."""
    from guanxi.algorithms.centrality.participation import participation
    from guanxi.algorithms.community.undirected import undirected

    watch = Stopwatch()
    _refuse_wrong(by, n, samples)
    snapshot = engine.snapshot()
    analysis = read_analysis(snapshot, engine)
    wanted = _communities(joins, analysis.communities)
    judged(engine, lambda: None if where is None else matching(engine, snapshot, where, analysis))
    profile = analysis.profile(engine)
    graph = snapshot.graph(profile)
    memory.require(
        graph.m * BYTES_PER_ARC + graph.n * BYTES_PER_ACCOUNT,
        f"Bridges among {graph.n:,} accounts and {graph.m:,} ties",
    )
    threads = engine.settings.threads
    network = _Network(snapshot, analysis, graph, undirected(graph, threads), threads)
    keep, notes = _candidates(engine, network, where, wanted)
    between = _betweenness(engine, network, profile, samples, seed)
    parts = participation(network.ties, network.labels, threads)
    chosen = _ranked(network, by, n, keep, between, parts, seed, notes)
    meta = base_meta(
        engine,
        snapshot,
        f"{INFLUENCE}; direction dropped for participation, constraint and joins",
        method=by,
        parameters={
            **profile_parameters(profile),
            "by": by,
            "where": where,
            "joins": wanted or None,
            "joins_at_least": JOINS,
        },
        seed=seed,
        analysed_at=analysis.made_at,
        betweenness={"sources": between.sources, "exact": between.exact},
        candidates=int(keep.sum()),
    )
    meta["notes"] += notes
    columns = _columns(network, chosen, between, parts)
    meta["seconds"] = watch.seconds()
    meta["summary"] = [
        *_joining_sentence(wanted, int(keep.sum())),
        *_sentences(columns, between, by),
    ]
    return Result(columns, meta, ties_among(snapshot, profile))


def _refuse_wrong(by: str, n: int, samples: int | None) -> None:
    if by not in BY:
        raise UsageError(f"--by is one of {', '.join(BY)}, not {by!r}.")
    if n < 1:
        raise UsageError(f"-n must be 1 or more, not {n}.")
    if samples is not None and samples < 2:
        raise UsageError(f"--samples must be 2 or more, not {samples}.")


def _communities(joins: Sequence[int], known: int) -> list[int]:
    """The communities of --joins, each once. Raises UsageError for one that there is not."""
    wanted = sorted(set(joins))
    wrong = next((number for number in wanted if not 1 <= number <= known), None)
    if wrong is not None:
        there = f"there are {known:,}, numbered from 1" if known > 1 else "there is only number 1"
        raise UsageError(f"--joins {wrong}: no community has this number; {there}.")
    return wanted


def _candidates(
    engine: Engine, network: _Network, where: str | None, joins: list[int]
) -> tuple[Bool, list[str]]:
    """Who may be ranked: those who meet the condition, join the communities, have a tie, and have
    not opted out.
    """
    from guanxi.algorithms.centrality.participation import joining_accounts

    keep = np.diff(network.ties.indptr) > 0
    notes = []
    if where is not None:
        keep &= matching(engine, network.snapshot, where, network.analysis)
        if not keep.any():
            return keep, ["No account meets the condition."]
    if joins:
        keep &= joining_accounts(network.ties, network.labels, joins, JOINS, network.threads)
    opted_out = network.snapshot.opted_out
    if opted_out is not None and (out := int((keep & opted_out).sum())):
        keep &= ~np.asarray(opted_out)
        notes.append(f"Left out: {counted(out, 'account')} that opted out.")
    return keep, notes


def _betweenness(
    engine: Engine, network: _Network, profile: TieProfile, samples: int | None, seed: int
) -> Betweenness:
    """Betweenness from `samples` sources, or as many as the size allows; kept if it took long."""
    from guanxi.algorithms.centrality.betweenness import Betweenness, betweenness

    snapshot, n, m = network.snapshot, network.graph.n, network.graph.m
    if samples is None and n * m > EXACT_WORK:
        samples = max(LEAST_SOURCES, SAMPLED_WORK // m)
    exact = samples is None or samples >= n
    count = n if exact or samples is None else samples
    terms = profile.terms(snapshot.kinds, snapshot.newest_day).digest
    told = f"{__version__} {terms} {'all' if exact else f'{count} {seed}'}"
    name = f"betweenness-{hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}"

    def mapped(folder: Path, files: dict[str, FileEntry]) -> Betweenness:
        scores, errors = (map_array(folder, files, part) for part in ("scores", "errors"))
        return Betweenness(scores, errors, count, exact)

    kept = kept_arrays(snapshot, name, mapped)
    if kept is not None:
        return kept
    found = betweenness(
        network.graph,
        sources=samples,
        seed=seed,
        threads=network.threads,
        progress=engine.progress("Betweenness"),
    )
    if count * m > KEPT_WORK:
        keep_arrays(snapshot, name, {"scores": found.scores, "errors": found.errors})
    return found


def _ranked(
    network: _Network,
    by: str,
    n: int,
    keep: Bool,
    between: Betweenness,
    parts: Float64,
    seed: int,
    notes: list[str],
) -> Int32:
    """The accounts to show, the best first."""
    from guanxi.algorithms.centrality.constraint import Constraints

    if by == "constraint":
        everyone = np.flatnonzero(keep).astype(np.int32)
        return Constraints(network.ties, network.threads).lowest(n, everyone)
    if by == "harmonic":
        return _nearest(network, n, keep, seed, notes)
    score = {
        "bridge_score": between.scores * parts,
        "betweenness": between.scores,
        "participation": parts,
    }[by]
    return highest(score, n, keep).astype(np.int32)


def _nearest(network: _Network, n: int, keep: Bool, seed: int, notes: list[str]) -> Int32:
    """Those with the highest harmonic centrality; in a large network among the likely ones."""
    from guanxi.algorithms.centrality.harmonic import harmonic
    from guanxi.algorithms.chains.sketch import sketch_distances
    from guanxi.algorithms.chains.ways import ways

    steps = ways(network.graph)
    likely = np.flatnonzero(keep).astype(np.int32)
    if network.graph.n * network.graph.m > EXACT_WORK:
        estimate = sketch_distances(steps, seed=seed, threads=network.threads).harmonic
        likely = highest(estimate, max(4 * n, 256), keep).astype(np.int32)
        notes.append(
            f"Harmonic centrality is exact for the {len(likely):,} accounts in which an estimate "
            "of everybody's (HyperANF) is highest; the best of these are shown."
        )
    score = np.zeros(network.graph.n)
    score[likely] = harmonic(steps, likely, network.threads)
    among = np.zeros(network.graph.n, dtype=np.bool_)
    among[likely] = True
    return highest(score, n, among).astype(np.int32)


def _columns(
    network: _Network, chosen: Int32, between: Betweenness, parts: Float64
) -> dict[str, Any]:
    """Constraint and harmonic centrality are computed here, exactly, for those who are shown."""
    from guanxi.algorithms.centrality.constraint import Constraints
    from guanxi.algorithms.centrality.harmonic import harmonic
    from guanxi.algorithms.centrality.participation import joined_communities
    from guanxi.algorithms.chains.ways import ways

    labels = network.labels
    columns: dict[str, Any] = {"rank": np.arange(1, len(chosen) + 1)}
    columns |= shown_columns(network.snapshot, chosen)
    columns["community"] = labels[chosen]
    columns["joins"] = [
        [community for community, _ in joined_communities(network.ties, labels, account, JOINS)]
        for account in chosen.tolist()
    ]
    columns["participation"] = parts[chosen]
    columns["constraint"] = Constraints(network.ties, network.threads).of(chosen)
    columns["betweenness"] = between.scores[chosen]
    columns["harmonic"] = harmonic(ways(network.graph), chosen, network.threads)
    columns["betweenness_error"] = between.errors[chosen]
    columns["bridge_score"] = between.scores[chosen] * parts[chosen]
    return columns


def _joining_sentence(joins: list[int], candidates: int) -> list[str]:
    """How many join the communities that were asked for."""
    if not joins:
        return []
    *others, last = map(str, joins)
    named = f"communities {', '.join(others)} and {last}" if others else f"community {last}"
    verb = agree(max(candidates, 1), "joins", "join")
    where = f"at least {JOINS:.0%} of the ties lead into {'each' if others else 'it'}"
    number = counted(candidates, "account") if candidates else "No account"
    return [f"{number} {verb} {named} ({where})."]


def _sentences(columns: dict[str, Any], between: Betweenness, by: str) -> list[str]:
    sentences = []
    if len(columns["id"]):
        joined = [str(community) for community in columns["joins"][0]]
        share = float(columns["betweenness"][0])
        words = f" It joins communities {', '.join(joined)}." if len(joined) > 1 else ""
        sentences.append(
            f"{share:.2%} of the shortest ways between others run through {columns['id'][0]}."
            f"{words}"
        )
    order = "lowest" if by == "constraint" else "highest"
    sources = (
        f"Betweenness is exact, from all {counted(between.sources, 'account')}."
        if between.exact
        else f"Betweenness is estimated from {counted(between.sources, 'source')}, "
        "give or take twice its error."
    )
    return [*sentences, f"The {order} {by} first. {sources}"]
