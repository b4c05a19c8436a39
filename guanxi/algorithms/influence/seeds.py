"""Seed lists: the k accounts that together reach the most, and how sure that is.

1. A selection collection of RR sets; greedy maximum coverage on it gives a list, and the
   prices of `bound` a number that no list can exceed.
2. Simple lists (top in-degree, top PageRank, …) compete. An independent judging collection
   decides, and its lower bound beside the upper bound of 1. is the certificate.
3. Everything reported comes from a third collection, which took no part in any choice.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.bound import tighten_bound
from guanxi.algorithms.influence.certificate import certify
from guanxi.algorithms.influence.coverage import draw_coverage
from guanxi.algorithms.influence.heuristics import degree_discount, one_step_gain, top_ranked
from guanxi.algorithms.influence.lists import ListIndex
from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.algorithms.influence.plan import (
    SelectionPlan,
    judging_sets,
    plan_selection,
    set_sizes,
)
from guanxi.algorithms.influence.reach import Measurement
from guanxi.algorithms.influence.rr_kernel import BLOCK
from guanxi.algorithms.influence.rr_sets import Collection, Sampler
from guanxi.algorithms.influence.selection import choose_greedily
from guanxi.errors import ResourceError, UsageError
from guanxi.graph.arrays import Bool, Float64, InfluenceGraph, Int32

#: The list that is chosen for coverage, among the lists that compete.
GREEDY = "greedy coverage"


@dataclass(frozen=True)
class ListReach:
    """One of the lists that competed: its reach with a 95 % interval, and whether it won.

    `judged` is the estimate of the collection that chose; `reach` comes from the reporting
    collection, like everything that a seed list reports.
    """

    name: str
    reach: float
    reach_low: float
    reach_high: float
    judged: float
    chosen: bool


@dataclass(frozen=True)
class SeedList:
    """A seed list, in the order of choice.

    `accounts` int32[k]. `reach`, `reach_low`, `reach_high` float64[k]: expected number of
    accounts that the first 1, 2, …, k of them activate, with a 95 % interval; `marginal_reach`
    float64[k]: the differences of consecutive reaches. All from the reporting collection.
    `certified_ratio`: reach is at least this share of the reach of the best possible list of
    the same candidates and length, but for `failure_probability`. `samples`: RR sets by
    collection. `memory`: bytes planned for. `notes`: what the user should know.
    """

    accounts: Int32
    marginal_reach: Float64
    reach: Float64
    reach_low: Float64
    reach_high: Float64
    certified_ratio: float
    failure_probability: float
    samples: dict[str, int]
    chosen_by: str
    comparison: list[ListReach]
    memory: int
    notes: list[str]
    method: str


def select_seeds(
    graph: InfluenceGraph | CascadeModel,
    k: int,
    *,
    candidates: Bool | None = None,
    heuristics: Mapping[str, Int32] | None = None,
    seed: int = 0,
    selection_sets: int | None = None,
    failure_probability: float = 0.001,
    memory_limit: int | None = None,
    before_run: Callable[[int], None] | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SeedList:
    """Choose `k` accounts with the largest expected reach.

    `graph`: influence arcs, under weighted cascade, or any cascade model. `candidates`
    bool[n]: who may be chosen (default: everyone). `heuristics`: rankings int32 (accounts,
    best first) that compete by their first k candidates, beside one-step gain and degree
    discount, which always do. `selection_sets`: RR sets for the choice; by default between
    307,200 and 1,048,576, as their size allows, and fewer, with a note, only where they would
    exceed `memory_limit` bytes (by default 12 GiB). `before_run` is called with the bytes
    that the run will need and may raise. `progress` is called with (done, total) RR sets.

    With fewer than `k` candidates all of them are chosen, with a note. Ties go to the smaller
    account. The same list for any number of threads.

    Raises UsageError for `k` < 1, no candidates, a mask of another length, a failure
    probability outside (0, 1) or a wrong ranking, and ResourceError where not even 1,024 RR
    sets fit into `memory_limit`.

    >>> import numpy as np
    >>> from guanxi.graph.arrays import Adjacency
    >>> into = Adjacency(np.array([0, 0, 1, 2]), np.array([0, 0], dtype=np.int32))
    >>> out = Adjacency(np.array([0, 2, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> found = select_seeds(InfluenceGraph(out, into), 1, selection_sets=1024)
    >>> found.accounts, found.reach
    (array([0], dtype=int32), array([3.]))
    """
    model = graph if isinstance(graph, CascadeModel) else weighted_cascade(graph)
    mask = _checked(model, k, candidates, selection_sets, failure_probability)
    sampler = Sampler(model, seed, threads)
    sizes = set_sizes(sampler)
    plan = plan_selection(sampler, model, sizes, selection_sets, memory_limit)
    if before_run is not None:
        before_run(plan.bytes)
    looked_at = judging_sets(sampler, sizes[0])
    meter = _Meter(progress, plan.sets + 2 * looked_at)

    simple = _simple_lists(model, k, mask, heuristics or {})
    choice = _choose(sampler, k, mask, plan, meter)
    names = [GREEDY, *simple]
    lists = [choice.accounts, *simple.values()]
    meetings = ListIndex(lists, sampler.n).meetings(
        sampler, Collection.JUDGING, looked_at, advance=meter.advance
    )
    met = [int(first.sum()) for first in meetings.first]
    winner = int(np.argmax(met))
    certificate = certify(
        met=met[winner],
        judging_sets=looked_at,
        bound=choice.bound,
        selection_sets=choice.sets,
        n=sampler.n,
        size=len(choice.accounts),
        lists=len(lists),
        failure_probability=failure_probability,
    )
    measured = Measurement(sampler, lists, looked_at, meter.advance)
    best = measured.prefixes(winner)
    possible = int(np.count_nonzero(mask))
    ratio = 1.0 if len(choice.accounts) == possible else certificate.ratio
    asked = [f"{k:,} accounts were asked for; all {possible:,} candidates are chosen."]
    return SeedList(
        accounts=lists[winner],
        marginal_reach=np.diff(best.reach, prepend=0.0),
        reach=best.reach,
        reach_low=best.low,
        reach_high=best.high,
        certified_ratio=ratio,
        failure_probability=failure_probability,
        samples={"selection": choice.sets, "judging": looked_at, "reporting": measured.sets},
        chosen_by=names[winner],
        comparison=_comparison(measured, names, winner, [sampler.n * m / looked_at for m in met]),
        memory=plan.bytes,
        notes=[*plan.notes, *choice.notes, *(asked if k > possible else [])],
        method=_method(names[winner], choice.sets),
    )


class _Meter:
    """Adds up RR sets drawn by several steps for one progress function."""

    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def advance(self, drawn: int) -> None:
        self._done += drawn
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)


@dataclass(frozen=True)
class _Choice:
    """The greedy list, how many RR sets any list can meet at most, and of how many."""

    accounts: Int32
    bound: int
    sets: int
    notes: list[str]


def _checked(
    model: CascadeModel,
    k: int,
    candidates: Bool | None,
    selection_sets: int | None,
    failure_probability: float,
) -> Bool:
    """The mask of candidates, after every argument has been checked."""
    n = model.graph.n
    if k < 1:
        raise UsageError(f"The number of seeds must be at least 1, not {k}.")
    if selection_sets is not None and selection_sets < 1:
        raise UsageError(f"The number of RR sets must be at least 1, not {selection_sets}.")
    if not 0.0 < failure_probability < 1.0:
        raise UsageError(
            f"The failure probability must lie between 0 and 1, not {failure_probability}."
        )
    mask = np.ones(n, dtype=np.bool_) if candidates is None else np.asarray(candidates)
    if mask.shape != (n,) or mask.dtype != np.bool_:
        raise UsageError(f"The candidates must be {n:,} true/false values, one for each account.")
    if not mask.any():
        raise UsageError("There is no account that may be chosen.")
    return mask


def _simple_lists(
    model: CascadeModel, k: int, candidates: Bool, rankings: Mapping[str, Int32]
) -> dict[str, Int32]:
    """The lists that compete with the greedy one, by name."""
    lists = {name: top_ranked(ranking, k, candidates) for name, ranking in rankings.items()}
    by_gain = np.argsort(-one_step_gain(model), kind="stable").astype(np.int32)
    lists["one-step gain"] = top_ranked(by_gain, k, candidates)
    lists["degree discount"] = degree_discount(model, k, candidates)
    return lists


def _choose(
    sampler: Sampler, k: int, candidates: Bool, plan: SelectionPlan, meter: _Meter
) -> _Choice:
    """Draw the selection collection, choose greedily, and bound what any list can meet.

    A collection that turns out larger than planned is given up for one of half as many sets.
    That one is drawn anew, so the bound stays independent of having looked.
    """
    sets = plan.sets
    notes: list[str] = []
    for attempt in itertools.count():
        coverage = draw_coverage(
            sampler,
            Collection.SELECTION + attempt,
            sets,
            most_members=plan.most_members,
            advance=meter.advance,
        )
        if coverage is not None:
            greedy = choose_greedily(coverage, k, candidates)
            bound = tighten_bound(coverage, greedy, candidates, sampler.threads)
            return _Choice(greedy.accounts, bound, sets, notes)
        if sets <= BLOCK:
            break
        sets = max(BLOCK, sets // 2)
        notes = [
            f"{sets:,} RR sets for the choice instead of {plan.sets:,}: they turned out larger."
        ]
    raise ResourceError("The RR sets of this graph do not fit into the memory allowed.")


def _comparison(
    measured: Measurement, names: list[str], winner: int, judged: list[float]
) -> list[ListReach]:
    entries = []
    for place, name in enumerate(names):
        prefix = measured.prefixes(place)
        end = float(prefix.reach[-1]), float(prefix.low[-1]), float(prefix.high[-1])
        entries.append(ListReach(name, *end, judged[place], place == winner))
    return entries


def _method(name: str, sets: int) -> str:
    if name == GREEDY:
        return f"greedy maximum coverage of {sets:,} reverse-reachable sets, with exact gains"
    return f"{name}, which beat greedy coverage of {sets:,} reverse-reachable sets when judged"
