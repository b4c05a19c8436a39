"""`degrees --network`: how far apart the accounts of the whole network are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi import memory
from guanxi.errors import UsageError
from guanxi.results import Result
from guanxi.verbs.degrees import DIRECTIONS
from guanxi.verbs.meta import Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.algorithms.chains.separation import Measure, Separation
    from guanxi.engine import Engine
    from guanxi.graph.ties import TieProfile

#: A search from every account is done where it takes no more than so many elementary steps.
EXACT_WORK = 4_000_000_000
#: So few accounts are searched from in one pass, which takes less than a sketch does.
FEW_STARTS = 64
#: Peak of the sketch for each account, over what the snapshot maps.
BYTES_PER_ACCOUNT = 170


def separation(
    engine: Engine, *, along: str, exact: bool | None, profile: TieProfile, seed: int
) -> Result:
    """A row for each measure, with its 95 % interval; `meta["pairs"]`: all pairs by steps."""
    from guanxi.algorithms.chains.separation import exact_separation
    from guanxi.algorithms.chains.sketch import REGISTERS, RUNS, sketch_distances
    from guanxi.algorithms.chains.ways import ways

    watch = Stopwatch()
    if along not in DIRECTIONS:
        raise UsageError(f"--along is one of {', '.join(DIRECTIONS)}, not {along!r}.")
    snapshot = engine.snapshot()
    steps = ways(snapshot.graph(profile), along)
    n, threads, progress = snapshot.n, engine.settings.threads, engine.progress("Separation")
    notes = []
    if exact is None:
        exact = n * steps.m / 16 + n * n <= EXACT_WORK
    elif not exact and len(steps.starts) <= FEW_STARTS:
        exact = True
        notes.append(
            f"Steps go from no more than {FEW_STARTS} accounts: counted exactly, which is as fast."
        )
    if exact:
        method = f"breadth-first search from each of {counted(n, 'account')}, exact"
        found = exact_separation(steps, threads=threads, progress=progress)
    else:
        method = f"HyperANF, {RUNS} runs of {REGISTERS} registers"
        memory.require(n * BYTES_PER_ACCOUNT, f"The separation of {n:,} accounts")
        sketch = sketch_distances(steps, seed=seed, threads=threads, progress=progress)
        found = sketch.separation
    meta = base_meta(
        engine,
        snapshot,
        DIRECTIONS[along],
        method=method,
        exact=exact,
        parameters={**profile_parameters(profile), "along": along},
        seed=None if exact else seed,
        interval="95 %",
        pairs=[
            {"step": step, "pairs": pairs if found.sketched else int(pairs)}
            for step, pairs in enumerate(found.pairs.tolist())
            if step
        ],
    )
    meta["notes"] += notes
    if not found.complete:
        meta["notes"].append(
            f"Counted to {found.longest:,} steps; pairs that lie further apart are left out."
        )
    meta["seconds"] = watch.seconds()
    meta["summary"] = _sentences(found, method)
    return Result(_rows(found), meta)


def _rows(found: Separation) -> dict[str, Any]:
    measures = {
        "average_separation": found.average,
        "effective_diameter": found.effective_diameter,
        "reachable_share": found.reachable,
    }
    longest = float(found.longest)
    return {
        "measure": [*measures, "longest_separation"],
        "value": [*(m.value for m in measures.values()), longest],
        "low": [*(_known(m, m.low) for m in measures.values()), longest],
        "high": [
            *(_known(m, m.high) for m in measures.values()),
            None if found.sketched else longest,
        ],
    }


def _known(measure: Measure, bound: float) -> float:
    """A bound of a measure; NaN, like the measure, where there are no pairs to measure."""
    return measure.value if np.isnan(measure.value) else bound


def _sentences(found: Separation, method: str) -> list[str]:
    if not found.pairs.sum() > 0:
        return ["No account can be reached from another one."]
    average, diameter = _told(found, found.average), _told(found, found.effective_diameter)
    return [
        (
            f"Two accounts are {average} steps apart on average, and 90% of the pairs lie within "
            f"{diameter}. Counted are the pairs of which one can reach the other: "
            f"{_share(found)} of all ordered pairs."
        ),
        *_within(found),
        f"By {method}.",
    ]


def _within(found: Separation) -> list[str]:
    """The shares of the pairs that lie within the first steps."""
    within = np.cumsum(found.pairs) / found.pairs.sum()
    # "0.0%" would say nothing.
    steps = [step for step in range(1, min(len(within), 7)) if within[step] >= 0.0005]
    shares = ", ".join(f"{within[step]:.1%} within {step}" for step in steps)
    return [f"Of these pairs: {shares} {agree(steps[-1], 'step', 'steps')}."] if steps else []


def _share(found: Separation) -> str:
    """The share of pairs that can reach each other; an estimate stands between its bounds."""
    share = found.reachable
    if not found.sketched:
        return f"{share.value:.1%}"
    return f"about {share.value:.1%} ({share.low:.1%} to {share.high:.1%})"


def _told(found: Separation, measure: Measure) -> str:
    """A measure in words, with its interval where it is an estimate."""
    if not found.sketched:
        return f"{measure.value:.2f}"
    return f"about {measure.value:.2f} ({measure.low:.2f} to {measure.high:.2f})"
