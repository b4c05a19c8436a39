"""`introduce`: the best introductions of a team to its prospects, nobody asked too often."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.errors import UsageError
from guanxi.graph.arrays import Int32
from guanxi.results import Result
from guanxi.verbs.accounts import shown_columns
from guanxi.verbs.chain import MUTUAL, Avoid, avoided_accounts
from guanxi.verbs.judging import judged
from guanxi.verbs.lists import (
    AccountList,
    count_unknown,
    find_accounts,
    read_or_find,
    require_accounts,
    say_unknown,
)
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters
from guanxi.verbs.selectors import is_file, looks_like_a_file
from guanxi.verbs.warm_chains import warm_graph
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.algorithms.chains.costs import ChainGraph
    from guanxi.algorithms.chains.introductions import Way, Ways
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

#: Ways to each target that are looked for at first, above those that are wanted.
_AT_FIRST = 8
COLUMNS = (
    *("to", "to_name", "way", "from", "from_name", "ask", "ask_name", "steps", "chain"),
    *("strength", "probability", "success", "next_best", "next_best_probability"),
)


@dataclass(frozen=True)
class Terms:
    """How introductions may be made; `capacity` None: people are asked any number of times."""

    capacity: int | None = None
    alternatives: int = 1
    mutual: bool = False
    max_hops: int = 4
    avoid: Avoid = ()


@dataclass(frozen=True)
class _Found:
    """The targets that were looked for, the ways to each, and those that are to be taken."""

    targets: list[int]
    known: list[Ways]
    taken: list[list[Way]]
    without_limit: list[list[Way]]


def introduce(
    engine: Engine,
    sources: str | Path | Sequence[str],
    targets: str | Path | Sequence[str],
    terms: Terms,
    *,
    profile: TieProfile,
) -> Result:
    """A row for each way to take, in the order of the targets, the likeliest way first."""
    watch = Stopwatch()
    _check_numbers(terms)
    snapshot = engine.snapshot()
    team = _read(snapshot, sources, "--from")
    prospects = _read(snapshot, targets, "--to")
    wanted, notes = _without_those_left_out(snapshot, team, prospects)
    judged(engine, lambda: avoided_accounts(snapshot, terms.avoid))
    warm = warm_graph(engine, snapshot, profile, mutual=terms.mutual)
    found = _find(engine, snapshot, warm.graph, team.accounts, wanted, terms)
    meta = base_meta(
        engine,
        snapshot,
        MUTUAL if terms.mutual else INFLUENCE,
        method="best chain by each introducer; minimum-cost flow (network simplex)",
        model="weighted-cascade",
        parameters={
            "capacity": terms.capacity,
            "alternatives": terms.alternatives,
            "mutual": terms.mutual,
            "max_hops": terms.max_hops,
            "avoid": [str(entry) for entry in terms.avoid],
            **profile_parameters(profile),
        },
    )
    meta |= _figures(snapshot, found)
    meta["notes"] += [*notes, *_notes(meta, terms)]
    meta["summary"] = [*_sentences(meta, found, terms), *_dropped(snapshot, team, prospects)]
    meta["seconds"] = watch.seconds()
    return Result(_rows(snapshot, warm.graph, found), meta)


def _check_numbers(terms: Terms) -> None:
    for option, value in {
        "--capacity": terms.capacity,
        "--alternatives": terms.alternatives,
        "--max-hops": terms.max_hops,
    }.items():
        if value is not None and value < 1:
            raise UsageError(f"{option} {value}: it must be 1 or more.")


def _read(snapshot: Snapshot, entry: str | Path | Sequence[str], option: str) -> AccountList:
    """The accounts of a file or a list; a text that is the id of an account is that one alone."""
    if not isinstance(entry, str | Path) and not entry:
        raise UsageError(f"{option}: the list is empty; name at least one account.")
    if isinstance(entry, str) and not is_file(entry) and snapshot.find([entry])[0] >= 0:
        return find_accounts(snapshot, entry, [entry])
    if isinstance(entry, str) and not is_file(entry) and not looks_like_a_file(entry):
        snapshot.index_of(entry)  # says that there is none, and what is like it
    found = read_or_find(snapshot, entry, option)
    require_accounts(found, snapshot)
    return found


def _without_those_left_out(
    snapshot: Snapshot, team: AccountList, prospects: AccountList
) -> tuple[list[int], list[str]]:
    """The prospects who may be introduced, in their order; what is to be said of both lists."""
    wanted = prospects.accounts
    notes = say_unknown([prospects], snapshot)
    inside = np.isin(wanted, team.accounts)
    if inside.any():
        number = int(inside.sum())
        notes.append(
            f"{counted(number, 'prospect')} {agree(number, 'is', 'are')} of the team and left out."
        )
    opted_out = snapshot.opted_out
    out = np.zeros(len(wanted), dtype=np.bool_) if opted_out is None else opted_out[wanted]
    out = out & ~inside
    if out.any():
        number = int(out.sum())
        notes.append(
            f"{counted(number, 'prospect')} {agree(number, 'has', 'have')} opted out and "
            f"{agree(number, 'is', 'are')} left out."
        )
    left: list[int] = wanted[~inside & ~out].tolist()
    if not left:
        raise UsageError("None of the prospects can be introduced: " + " ".join(notes))
    about_team = say_unknown([team], snapshot)
    if opted_out is not None:
        silent = team.accounts[opted_out[team.accounts]]
        about_team += [
            f"{snapshot.id_of(one)} has opted out: do not contact it." for one in silent[:3]
        ]
    return left, list(dict.fromkeys(about_team + notes))


def _dropped(snapshot: Snapshot, team: AccountList, prospects: AccountList) -> list[str]:
    """How many ids of both lists are not in the store, and how many prospects have opted out."""
    sentences = count_unknown([team, prospects])
    opted_out = snapshot.opted_out
    out = 0 if opted_out is None else int(opted_out[prospects.accounts].sum())
    if out:
        of = counted(len(prospects.accounts), "prospect")
        sentences.append(f"{out:,} of {of} {agree(out, 'has', 'have')} opted out.")
    return sentences


def _find(
    engine: Engine,
    snapshot: Snapshot,
    graph: ChainGraph,
    team: Int32,
    targets: list[int],
    terms: Terms,
) -> _Found:
    from guanxi.algorithms.chains.assignment import assign, unlimited
    from guanxi.algorithms.chains.introductions import IntroductionFinder

    opted_out = snapshot.opted_out
    closed = avoided_accounts(snapshot, terms.avoid)
    if opted_out is not None:
        closed = np.union1d(closed, np.flatnonzero(opted_out)).astype(np.int32)
    finder = IntroductionFinder(
        graph, team, max_hops=terms.max_hops, closed=closed, threads=engine.settings.threads
    )
    # Worked on in the order of the accounts, so that the order of the list decides nothing.
    ordered = sorted(targets)
    most = terms.alternatives + _AT_FIRST
    known = finder.find(ordered, most, engine.progress("Chains"))
    free = unlimited(known, terms.alternatives)
    taken = free
    if terms.capacity is not None:
        taken = assign(
            known,
            capacity=terms.capacity,
            alternatives=terms.alternatives,
            more=lambda places, most: finder.find([ordered[place] for place in places], most),
        )
    place = {target: number for number, target in enumerate(ordered)}
    places = [place[target] for target in targets]
    return _Found(
        targets,
        [known[number] for number in places],
        [taken[number] for number in places],
        [free[number] for number in places],
    )


def _figures(snapshot: Snapshot, found: _Found) -> dict[str, Any]:
    from guanxi.algorithms.chains.assignment import success

    asked = Counter(way.introducer for ways in found.taken for way in ways)
    asked.pop(None, None)
    reached = list(zip(found.targets, found.known, found.taken, strict=True))
    return {
        "targets": len(found.targets),
        "introduced": sum(1 for ways in found.taken if ways),
        "expected_introductions": sum(map(success, found.taken)),
        "expected_without_limit": sum(map(success, found.without_limit)),
        "introducers": len(asked),
        "most_asked": max(asked.values(), default=0),
        "unreachable": snapshot.ids_of([t for t, known, _ in reached if not known.ways]),
        "left_over": snapshot.ids_of([t for t, known, ways in reached if known.ways and not ways]),
    }


def _rows(snapshot: Snapshot, graph: ChainGraph, found: _Found) -> dict[str, list[Any]]:
    from guanxi.algorithms.chains.assignment import success

    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    everyone = sorted({v for ways in found.taken for way in ways for v in way.accounts})
    everyone += sorted({w.accounts[1] for k in found.known for w in k.ways} - {*everyone})
    shown = shown_columns(snapshot, np.array(everyone, dtype=np.int32))
    ids = dict(zip(everyone, shown["id"], strict=True))
    names = dict(zip(everyone, shown["name"], strict=True))
    for known, taken in zip(found.known, found.taken, strict=True):
        others = [way for way in known.ways if way not in taken]
        for number, way in enumerate(taken, 1):
            source, target, ask = way.accounts[0], way.accounts[-1], way.introducer
            steps = itertools.pairwise(way.accounts)
            row = [ids[target], names[target], number, ids[source], names[source]]
            row += [None, None] if ask is None else [ids[ask], names[ask]]
            row += [len(way.accounts) - 1, [ids[v] for v in way.accounts]]
            row += [min(graph.step(u, v)[0] for u, v in steps), way.probability]
            row += [success(taken[:number])]
            row += [ids[others[0].accounts[1]], others[0].probability] if others else [None, None]
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return columns


def _sentences(meta: dict[str, Any], found: _Found, terms: Terms) -> list[str]:
    expected, free = meta["expected_introductions"], meta["expected_without_limit"]
    first = (
        f"{meta['introduced']:,} of {counted(meta['targets'], 'prospect')} can be introduced; "
        f"{_expected(expected)} successful introductions are expected"
    )
    if not meta["introduced"]:
        return [f"{first}."]
    if terms.capacity is None:
        busiest = counted(meta["most_asked"], "time")
        return [f"{first}. Without --capacity the busiest introducer is asked {busiest}."]
    share = (
        f", {expected / free:.0%} of the {_expected(free)} without that limit" if free > 0 else ""
    )
    limit = counted(terms.capacity, "time")
    introducers = counted(meta["introducers"], "introducer")
    return [
        f"{first} when nobody is asked more than {limit}{share}.",
        f"{introducers} would be asked, the busiest {counted(meta['most_asked'], 'time')}.",
    ]


def _expected(number: float) -> str:
    """A number of introductions; two digits of one below 1."""
    return f"{number:,.2f}" if number >= 1 or number == 0 else f"{number:.2g}"


def _notes(meta: dict[str, Any], terms: Terms) -> list[str]:
    notes = []
    for ids, why in (
        (
            meta["unreachable"],
            f"cannot be reached within {counted(terms.max_hops, 'step')}",
        ),
        (meta["left_over"], "left over because all who could introduce them are asked already"),
    ):
        if ids:
            shown = ", ".join(ids[:3]) + (f" and {len(ids) - 3:,} more" if len(ids) > 3 else "")
            notes.append(f"{counted(len(ids), 'prospect')} {why}: {shown}.")
    if terms.alternatives > 1:
        notes.append("Ways to one prospect are taken to succeed independently of each other.")
    return notes
