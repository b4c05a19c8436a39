"""`chain`: by whom one account leads to another, step by step, and how strong that is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.errors import InputError, UsageError
from guanxi.graph.arrays import Int32
from guanxi.results import Result
from guanxi.verbs.accounts import shown_columns
from guanxi.verbs.judging import judged
from guanxi.verbs.lists import find_accounts, read_account_list
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters
from guanxi.verbs.relations import Relations
from guanxi.verbs.selectors import is_file, looks_like_a_file
from guanxi.verbs.warm_chains import warm_graph
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.algorithms.chains.alternatives import Chains
    from guanxi.algorithms.chains.costs import ChainGraph
    from guanxi.algorithms.chains.strongest import ChainFinder
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile
    from guanxi.verbs.warm_chains import WarmGraph

#: How results word the direction of ties that run both ways.
MUTUAL = "both ways: only ties that run both ways, at the weaker strength and probability"
_COLUMNS = ("chain", "step", "from", "to", "relation", "strength", "probability")
_MORE = ("chain_probability", "from_name", "to_name", "since", "times", "last")

Avoid = Sequence[str | Path | Sequence[str]]


@dataclass(frozen=True)
class Wish:
    """What is asked of chains: `by` strength or hops, `n` of them, and what holds for each."""

    by: str = "strength"
    n: int = 1
    diverse: bool = False
    mutual: bool = False
    max_hops: int | None = None
    through: Sequence[str] = ()
    avoid: Avoid = ()


@dataclass(frozen=True)
class _Question:
    """The accounts that a question names: the ends, those between, and those never inside."""

    source: int
    target: int
    through: list[int]
    avoided: Int32
    closed: Int32


def chain(engine: Engine, source: str, target: str, wish: Wish, *, profile: TieProfile) -> Result:
    """A row for each step of the best chains from `source` to `target`, best chain first."""
    from guanxi.algorithms.chains.alternatives import find_chains
    from guanxi.algorithms.chains.strongest import ChainFinder

    watch = Stopwatch()
    _check_numbers(wish)
    snapshot = engine.snapshot()
    question = _question(snapshot, source, target, wish)
    judged(engine)
    warm = warm_graph(engine, snapshot, profile, mutual=wish.mutual)
    with warm.scratch() as scratch:
        finder = ChainFinder(warm.graph, by=wish.by, closed=question.closed, scratch=scratch)
        found = find_chains(
            finder,
            question.source,
            question.target,
            n=wish.n,
            max_hops=wish.max_hops,
            through=question.through,
            diverse=wish.diverse,
        )
        columns = _rows(snapshot, warm.graph, found, profile, mutual=wish.mutual)
        if found.chains:
            summary = _sentences(snapshot, question, columns, found)
        else:
            summary = _no_chain(snapshot, finder, question, wish, found, warm)
    meta = base_meta(
        engine,
        snapshot,
        MUTUAL if wish.mutual else INFLUENCE,
        method="bidirectional best-first search" + (", alternatives after Yen" * (wish.n > 1)),
        model="weighted-cascade",
        parameters={
            "from": source,
            "to": target,
            "by": wish.by,
            "n": wish.n,
            "diverse": wish.diverse,
            "mutual": wish.mutual,
            "max_hops": wish.max_hops,
            "through": list(wish.through),
            "avoid": [str(entry) for entry in wish.avoid],
            **profile_parameters(profile),
        },
    )
    meta["notes"] += _notes(snapshot, question, found)
    meta["summary"] = summary
    meta["seconds"] = watch.seconds()
    return Result(columns, meta)


def _check_numbers(wish: Wish) -> None:
    if wish.n < 1:
        raise UsageError(f"-n {wish.n}: ask for one chain or more.")
    if wish.max_hops is not None and wish.max_hops < 1:
        raise UsageError(f"--max-hops {wish.max_hops}: a chain has one step or more.")


def _question(snapshot: Snapshot, source: str, target: str, wish: Wish) -> _Question:
    start, end = (snapshot.index_of(id) for id in (source, target))
    if start == end:
        raise UsageError(f"FROM and TO are the same account, {source}; a chain needs two.")
    through = [snapshot.index_of(id) for id in wish.through]
    named = [source, target, *wish.through]
    repeated = next((id for place, id in enumerate(named) if id in named[:place]), None)
    if repeated is not None:
        raise UsageError(
            f"--through {repeated}: a chain passes no account twice, and its ends are FROM and TO."
        )
    avoided = avoided_accounts(snapshot, wish.avoid)
    opted_out = snapshot.opted_out
    closed = avoided if opted_out is None else np.union1d(avoided, np.flatnonzero(opted_out))
    closed = closed.astype(np.int32)
    for id, account in zip(wish.through, through, strict=True):
        if account in closed:
            why = "stands under --avoid as well" if account in avoided else "has opted out"
            raise UsageError(f"--through {id}: that account {why}, so no chain runs through it.")
    return _Question(start, end, through, avoided, closed)


def avoided_accounts(snapshot: Snapshot, entries: Avoid) -> Int32:
    """The accounts of `--avoid`: ids, files of ids, or lists of ids; sorted, distinct.

    A text that is the id of an account is that, else it is the path of a file. Raises
    UnknownAccountError or InputError for one that is neither.
    """
    found = [np.empty(0, dtype=np.int32)]
    for entry in entries:
        if isinstance(entry, str) and snapshot.find([entry])[0] >= 0:
            found.append(snapshot.find([entry]))
        elif isinstance(entry, str) and not is_file(entry):
            if looks_like_a_file(entry):
                raise InputError(f"--avoid {entry}: there is no such file, and no such account.")
            snapshot.index_of(entry)  # says that there is none, and what is like it
        elif isinstance(entry, str | Path):
            found.append(read_account_list(snapshot, entry).accounts)
        else:
            found.append(find_accounts(snapshot, "avoid", entry).accounts)
    return np.unique(np.concatenate(found))


def _rows(
    snapshot: Snapshot, graph: ChainGraph, found: Chains, profile: TieProfile, *, mutual: bool
) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in (*_COLUMNS, *_MORE)}
    relations = Relations(snapshot, profile)
    for number, one in enumerate(found.chains, 1):
        shown = shown_columns(snapshot, np.array(one.accounts, dtype=np.int32))
        ids, names = shown["id"], shown["name"]
        values = [graph.step(u, v) for u, v in itertools.pairwise(one.accounts)]
        whole = math.prod(probability for _, probability in values)
        for step, (u, v) in enumerate(itertools.pairwise(one.accounts), 1):
            pair = ids[step - 1], ids[step]
            relation = relations.between(u, v, mutual=mutual)
            row = [number, step, *pair, relation.text, *values[step - 1], whole]
            row += [*names[step - 1 : step + 1], relation.since, relation.times, relation.last]
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return columns


def _sentences(
    snapshot: Snapshot, question: _Question, columns: dict[str, list[Any]], found: Chains
) -> list[str]:
    source, target = snapshot.ids_of([question.source, question.target])
    best = columns["chain_probability"][0]
    number = len(found.chains)
    first = "The chain" if number == 1 else f"The first of {number} chains"
    steps = counted(found.chains[0].steps, "step")
    return [f"{first} from {source} to {target}: {steps}, probability {best:.3g}{_one_in(best)}."]


def _one_in(probability: float) -> str:
    return f" (about 1 in {float(f'{1 / probability:.3g}'):,.0f})" if 0 < probability < 0.1 else ""


def _no_chain(
    snapshot: Snapshot,
    finder: ChainFinder,
    question: _Question,
    wish: Wish,
    found: Chains,
    warm: WarmGraph,
) -> list[str]:
    """What can be said where there is none: whether a condition stands in the way, how far
    one gets, and who comes nearest.
    """
    source, target = snapshot.ids_of([question.source, question.target])
    if found.cut_off:
        sentence = (
            f"No chain from {source} to {target} through the accounts asked for was found among "
            "the strongest combinations; every one of them passes an account twice."
        )
        return [sentence]
    if wish.max_hops is not None or question.through:
        longer = finder.best(question.source, question.target)
        if longer is not None:
            asked = [f"of at most {counted(wish.max_hops, 'step')}"] if wish.max_hops else []
            asked += [f"through {', '.join(wish.through)}"] if wish.through else []
            without = f"without that condition the best one has {counted(longer.steps, 'step')}"
            return [f"There is no chain from {source} to {target} {' '.join(asked)}; {without}."]
    return _how_far(snapshot, finder, question, wish, warm)


def _how_far(
    snapshot: Snapshot,
    finder: ChainFinder,
    question: _Question,
    wish: Wish,
    warm: WarmGraph,
) -> list[str]:
    from guanxi.algorithms.chains.nearest import how_far

    source, target = snapshot.ids_of([question.source, question.target])
    # Who is avoided changes from question to question: what is kept would not serve the next one.
    giant = None if wish.avoid else warm.giant(finder.marks)
    far = how_far(finder.graph, question.source, question.target, finder.marks, giant)
    ties = " over ties that run both ways" if wish.mutual else ""
    sentences = [f"There is no chain from {source} to {target}{ties}."]
    reached = "Nobody can be reached"
    if far.accounts:
        steps = counted(len(far.by_step), "step")
        reached = f"{counted(far.accounts, 'account')} can be reached, in at most {steps},"
    leading = f"{counted(far.leading, 'account')} {agree(far.leading, 'leads', 'lead')}"
    sentences.append(f"{reached} from {source}; {leading} to {target}.")
    if far.nearest is None:
        sentences.append(f"No ties in whatever direction lead from {source} to {target}.")
    elif far.nearest == question.source:
        sentences.append(
            f"Nobody reached is nearer to {target} than {source} itself: "
            f"{counted(far.distance, 'step')} away when the direction of ties is ignored."
        )
    else:
        sentences.append(
            f"Of those who can be reached, {snapshot.id_of(far.nearest)} is nearest to {target}: "
            f"{counted(far.distance, 'step')} away when the direction of ties is ignored."
        )
    return sentences


def _notes(snapshot: Snapshot, question: _Question, found: Chains) -> list[str]:
    opted_out = snapshot.opted_out
    notes = [
        f"{snapshot.id_of(account)} has opted out: do not contact it."
        for account in (question.source, question.target)
        if opted_out is not None and opted_out[account]
    ]
    notes += [
        f"{snapshot.id_of(account)} is an end of the chain; --avoid is for those between."
        for account in (question.source, question.target)
        if account in question.avoided
    ]
    if found.cut_off and found.chains:
        notes.append("The search for further chains was cut off: too many of them are alike.")
    return notes
