"""`degrees`: how many accounts lie within so many steps of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi import memory
from guanxi.errors import UsageError
from guanxi.results import Result
from guanxi.verbs.analysis import Analysis, find_analysis, read_analysis
from guanxi.verbs.judging import judged
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters
from guanxi.verbs.selectors import Selector, Who
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.arrays import Int32, Int64
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

#: How results word the direction of steps.
DIRECTIONS = {
    "influence": INFLUENCE,
    "against": "v -> u where u influences v: steps go to those who influence",
    "either": "direction dropped: a step goes along an influence arc either way",
    "mutual": "u <-> v: steps go where both influence each other",
}
MAX_STEPS = 64


def degrees(
    engine: Engine,
    lists: Sequence[Who],
    accounts: Sequence[str],
    *,
    each: bool,
    communities: bool,
    n: int | None,
    along: str,
    max_steps: int,
    profile: TieProfile,
) -> Result:
    """A row for each list (or account) and step; with `communities` for each community too."""
    watch = Stopwatch()
    _refuse_wrong(lists, accounts, along, max_steps)
    if n is not None and not communities:
        raise UsageError(f"-n {n} is the number of communities to show; add --communities.")
    if n is not None and n < 1:
        raise UsageError(f"-n must be 1 or more, not {n}.")
    snapshot = engine.snapshot()
    analysis = read_analysis(snapshot, engine) if communities else None
    selector = Selector(engine, snapshot, analysis or find_analysis(snapshot))
    sets = _sets(selector, lists, accounts, each)
    judged(engine)
    counts = _count(engine, snapshot, profile, along, max_steps, sets, analysis)
    meta = base_meta(
        engine,
        snapshot,
        DIRECTIONS[along],
        method="multi-source breadth-first search, exact",
        parameters={
            **profile_parameters(profile),
            "along": along,
            "max_steps": max_steps,
            "each": each,
        },
    )
    meta["notes"] += selector.notes
    names = [name for name, _ in sets]
    if analysis is None:
        columns = _rows(names, counts[:, :, 0], snapshot.n)
    else:
        sizes = np.asarray(analysis.by_community("size"))
        columns = _rows_by_community(names, counts[:, :, 1:], sizes, n)
    meta["seconds"] = watch.seconds()
    meta["summary"] = _sentences(names, counts.sum(axis=2), along, snapshot.n)
    if analysis is not None and n is not None and n < analysis.communities:
        known = f"{analysis.communities:,}"
        meta["summary"].append(f"Shown: {n:,} of {known} communities, the largest first.")
    return Result(columns, meta)


def _refuse_wrong(
    lists: Sequence[Any], accounts: Sequence[str], along: str, max_steps: int
) -> None:
    if not lists and not accounts:
        raise UsageError("Name a list of accounts (a file), or an account with --account ID.")
    if along not in DIRECTIONS:
        raise UsageError(f"--along is one of {', '.join(DIRECTIONS)}, not {along!r}.")
    if not 1 <= max_steps <= MAX_STEPS:
        raise UsageError(f"--max-steps is a number from 1 to {MAX_STEPS}, not {max_steps}.")


def _sets(
    selector: Selector, lists: Sequence[Who], accounts: Sequence[str], each: bool
) -> list[tuple[str, Int32]]:
    """What is searched from: each list as a whole, then single accounts, nobody twice."""
    snapshot = selector.snapshot
    sets = [_find(selector, entry, f"list {place}") for place, entry in enumerate(lists, 1)]
    single = [np.asarray(snapshot.indexes_of(accounts))]
    if each:
        single = [*(some for _, some in sets), *single]
    alone = np.array(list(dict.fromkeys(np.concatenate(single).tolist())), dtype=np.int32)
    ids = snapshot.ids_of(alone)
    return sets + [(id, alone[place : place + 1]) for place, id in enumerate(ids)]


def _find(selector: Selector, entry: Who, what: str) -> tuple[str, Int32]:
    if not entry:
        raise UsageError(f"{what.capitalize()} is empty; name at least one account.")
    name, accounts = selector.find(entry, what)
    if not len(accounts):
        raise UsageError(selector.notes[-1])
    return name, accounts


def _count(
    engine: Engine,
    snapshot: Snapshot,
    profile: TieProfile,
    along: str,
    max_steps: int,
    sets: Sequence[tuple[str, Int32]],
    analysis: Analysis | None,
) -> Int64:
    """int64[sets, max_steps + 1, labels]: accounts at each step, by community where analysed."""
    from guanxi.algorithms.chains.steps import accounts_by_step
    from guanxi.algorithms.chains.ways import ways

    labels, label_count = None, 1
    if analysis is not None:
        labels = np.asarray(analysis.score("community"), dtype=np.int32)
        label_count = analysis.communities + 1
    memory.require(
        len(sets) * (max_steps + 1) * label_count * 16,
        f"Counting from {counted(len(sets), 'list')} by {counted(label_count, 'label')}",
    )
    return accounts_by_step(
        ways(snapshot.graph(profile), along),
        [accounts for _, accounts in sets],
        max_steps,
        labels=labels,
        label_count=label_count,
        threads=engine.settings.threads,
    )


def _rows(names: list[str], counts: Int64, n: int) -> dict[str, Any]:
    steps = counts.shape[1] - 1
    total = np.cumsum(counts, axis=1)[:, 1:].ravel()
    return {
        "set": [name for name in names for _ in range(steps)],
        "step": np.tile(np.arange(1, steps + 1), len(names)),
        "accounts": counts[:, 1:].ravel(),
        "total": total,
        "share": total / max(n, 1),
    }


def _rows_by_community(
    names: list[str], counts: Int64, sizes: npt.NDArray[Any], n: int | None
) -> dict[str, Any]:
    """Rows by list, community and step; `counts` int64[lists, steps + 1, communities]."""
    counts, sizes = counts[:, :, :n].transpose(0, 2, 1), sizes[:n]
    lists, communities, steps = counts.shape[0], counts.shape[1], counts.shape[2] - 1
    total = np.cumsum(counts, axis=2)[:, :, 1:]
    return {
        "set": [name for name in names for _ in range(communities * steps)],
        "community": np.tile(np.repeat(np.arange(1, communities + 1), steps), lists),
        "step": np.tile(np.arange(1, steps + 1), lists * communities),
        "accounts": counts[:, :, 1:].ravel(),
        "total": total.ravel(),
        "share": (total / sizes[None, :, None]).ravel(),
    }


def _sentences(names: list[str], counts: Int64, along: str, n: int) -> list[str]:
    """Where each of the first lists gets to."""
    words = {
        "influence": "along influence",
        "against": "against influence",
        "either": "in either direction",
        "mutual": "along ties that run both ways",
    }[along]
    sentences = []
    for name, by_step in zip(names[:3], counts, strict=False):
        last = int(np.flatnonzero(by_step)[-1])
        reached = int(by_step.sum())
        within = counted(max(last, 1), "step")
        sentences.append(
            f"{name}: {reached:,} of {counted(n, 'account')} {agree(reached, 'lies', 'lie')} "
            f"within {within} {words}, the list itself included."
        )
    return sentences
