"""`reach`: what any list is expected to reach, and how much several lists share."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.graph.arrays import Int32
from guanxi.results import Result
from guanxi.verbs.accounts import prices
from guanxi.verbs.analysis import find_analysis
from guanxi.verbs.audience import Spread, judge_spread, read_spread
from guanxi.verbs.judging import judged
from guanxi.verbs.lists import (
    AccountList,
    count_unknown,
    read_or_find,
    require_accounts,
    say_unknown,
)
from guanxi.verbs.meta import INFLUENCE, Stopwatch, base_meta
from guanxi.verbs.profiles import profile_parameters
from guanxi.verbs.seeds import memory_limit
from guanxi.verbs.selectors import Selector
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.algorithms.influence.reach import ReachEstimate
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

TOGETHER = "all lists together"
#: So many lists, or accounts with `each`, are also left out in turn, to see what each adds.
MOST_LEFT_OUT = 300


def reach(
    engine: Engine,
    lists: Sequence[str | Path | Sequence[str]],
    spread: Spread,
    *,
    each: bool,
    samples: int | None,
    memory: str | None,
    profile: TieProfile,
    seed: int,
) -> Result:
    """A row for each list; with several lists a last one for all of them together."""
    from guanxi.algorithms.influence.reach import estimate_reach

    watch = Stopwatch()
    snapshot = engine.snapshot()
    entries = _told_apart(
        [read_or_find(snapshot, entry, f"list {place}") for place, entry in enumerate(lists, 1)]
    )
    sets = [(entry.name, require_accounts(entry, snapshot)) for entry in entries]
    selector = Selector(engine, snapshot, find_analysis(snapshot))
    judged(engine, lambda: judge_spread(selector, spread), lambda: memory_limit(engine, memory))
    if len(entries) > 1:
        everyone = np.unique(np.concatenate([entry.accounts for entry in entries]))
        sets.append((TOGETHER, everyone.astype(np.int32)))
    if each:
        sets.extend(_alone(snapshot, entries))
    without = _all_but_one(entries, each=each)
    spreading = read_spread(selector, spread, snapshot.graph(profile), seed)
    estimate = estimate_reach(
        spreading.model,
        [*(accounts for _, accounts in sets), *without.values()],
        audience=spreading.audience,
        seed=seed,
        sets=samples,
        memory_limit=memory_limit(engine, memory),
        threads=engine.settings.threads,
        progress=engine.progress("Reach"),
    )
    meta = base_meta(
        engine,
        snapshot,
        INFLUENCE,
        method="reverse-reachable sets",
        model=spreading.model.in_words(),
        parameters={**spread.parameters, **profile_parameters(profile)},
        counts=spreading.unit,
        seed=seed,
        samples=estimate.sets,
        interval="95 %",
    )
    if len(entries) > 1:
        meta["overlap"] = _overlap(entries, estimate)
    meta["notes"] += [*say_unknown(entries, snapshot), *selector.notes, *estimate.notes]
    meta["seconds"] = watch.seconds()
    meta["summary"] = [*count_unknown(entries), *_sentences(meta.get("overlap", []))]
    total = snapshot.n if spreading.audience is None else spreading.audience.total
    columns = _columns(snapshot, sets, estimate, total)
    columns["adds"] = _adds(len(entries), len(sets), list(without), estimate)
    return Result(columns, meta)


def _told_apart(entries: Sequence[AccountList]) -> list[AccountList]:
    """The lists, a name that came before with its number: files of one name in several folders."""
    seen: Counter[str] = Counter()
    found = []
    for entry in entries:
        seen[entry.name] += 1
        number = seen[entry.name]
        name = entry.name if number == 1 else f"{entry.name} ({number})"
        found.append(dataclasses.replace(entry, name=name))
    return found


def _alone(snapshot: Snapshot, entries: Sequence[AccountList]) -> list[tuple[str, Any]]:
    """Each account of the lists as a set of its own, named by its id."""
    everyone = list(dict.fromkeys(np.concatenate([e.accounts for e in entries]).tolist()))
    ids = snapshot.ids_of(np.asarray(everyone))
    return [
        (id, np.asarray([account], dtype=np.int32))
        for id, account in zip(ids, everyone, strict=True)
    ]


def _all_but_one(entries: Sequence[AccountList], *, each: bool) -> dict[int, Int32]:
    """Row → everybody on the lists but those of that row.

    Only where the row is one of several lists, or of several accounts.
    """
    everyone = np.unique(np.concatenate([entry.accounts for entry in entries]))
    rows: dict[int, Int32] = {}
    if 1 < len(entries) <= MOST_LEFT_OUT:
        for place in range(len(entries)):
            others = [entry.accounts for i, entry in enumerate(entries) if i != place]
            rows[place] = np.unique(np.concatenate(others))
    if each and 1 < len(everyone) <= MOST_LEFT_OUT:
        first = len(entries) + (len(entries) > 1)
        alone = dict.fromkeys(np.concatenate([e.accounts for e in entries]).tolist())
        for place, account in enumerate(alone, first):
            rows[place] = everyone[everyone != account]
    return rows


def _adds(
    lists: int, rows: int, without: Sequence[int], estimate: ReachEstimate
) -> list[float | None]:
    """What each row adds to everybody else on the lists, over the same outcomes."""
    together = float(estimate.reach[lists if lists > 1 else 0])
    left_out = dict(zip(without, estimate.reach[rows:].tolist(), strict=True))
    return [together - left_out[row] if row in left_out else None for row in range(rows)]


def _columns(
    snapshot: Snapshot, sets: Sequence[tuple[str, Any]], estimate: ReachEstimate, total: float
) -> dict[str, Any]:
    shown = slice(len(sets))
    return {
        "set": [name for name, _ in sets],
        "size": [len(accounts) for _, accounts in sets],
        "cost": [_cost(snapshot, accounts) for _, accounts in sets],
        "reach": estimate.reach[shown],
        "reach_low": estimate.low[shown],
        "reach_high": estimate.high[shown],
        "share": estimate.reach[shown] / (total or 1.0),
    }


def _cost(snapshot: Snapshot, accounts: Any) -> float | None:
    """What the accounts cost together; None where the price of one is not known."""
    found = prices(snapshot, accounts)
    known = [price for price in found if price is not None]
    return float(sum(known)) if len(known) == len(found) else None


def _overlap(entries: Sequence[AccountList], estimate: ReachEstimate) -> list[dict[str, Any]]:
    """For each pair, what both reach, as a share of the reach of the one and of the other."""
    pairs = []
    for a in range(len(entries)):
        for b in range(a + 1, len(entries)):
            both = estimate.both(a, b)
            pairs.append(
                {
                    "set": entries[a].name,
                    "other": entries[b].name,
                    "accounts_in_both": len(
                        np.intersect1d(entries[a].accounts, entries[b].accounts)
                    ),
                    "reached_by_both": both,
                    "share_of_set": both / float(estimate.reach[a]),
                    "share_of_other": both / float(estimate.reach[b]),
                }
            )
    return pairs


def _sentences(overlap: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"{pair['set']} and {pair['other']}: {counted(pair['accounts_in_both'], 'account')} "
        f"{agree(pair['accounts_in_both'], 'stands', 'stand')} in both; "
        f"{pair['reached_by_both']:,.0f} {agree(round(pair['reached_by_both']), 'is', 'are')} "
        f"reached by both, {pair['share_of_set']:.0%} of the reach of {pair['set']} and "
        f"{pair['share_of_other']:.0%} of that of {pair['other']}."
        for pair in overlap[:10]
    ]
