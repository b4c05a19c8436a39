"""Seed lists: the accounts that together reach the most within limits, and how sure that is.

1. A selection collection of RR sets; greedy maximum coverage on it gives a list, and the
   prices of `bound` a number that no list can exceed.
2. Simple lists (top in-degree, top PageRank, …) compete. An independent judging collection
   decides, and its lower bound beside the upper bound of 1. is the certificate.
3. Everything reported comes from a third collection, which took no part in any choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.constraints import Constraints
from guanxi.algorithms.influence.contest import FOR_COST, GREEDY, Contest
from guanxi.algorithms.influence.limits import Limits, settle
from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.algorithms.influence.reach import Measurement, PrefixReach
from guanxi.algorithms.influence.rr_sets import Sampler
from guanxi.algorithms.influence.run import Effort as Effort  # callers take it from here
from guanxi.algorithms.influence.run import Run
from guanxi.algorithms.influence.search import Look, Outcome
from guanxi.errors import UsageError
from guanxi.graph.arrays import Bool, Float64, InfluenceGraph, Int32


@dataclass(frozen=True)
class ListReach:
    """One of the lists compared: its reach with a 95 % interval, and whether it won.

    `judged` is the estimate of the collection that chose (NaN for a baseline, which does not
    compete); `reach` comes from the reporting collection, like everything that a seed list
    reports. `size`, `cost`: of the list, which keeps the same limits, the included accounts
    costing nothing (None: a cost is not known); under a target a baseline ends where it reaches
    the target by that collection.
    """

    name: str
    reach: float
    reach_low: float
    reach_high: float
    judged: float
    chosen: bool
    size: int = 0
    cost: float | None = None


@dataclass(frozen=True)
class SeedList:
    """A seed list, in the order of choice; included accounts come first.

    `accounts` int32[k]. `reach`, `reach_low`, `reach_high` float64[k]: expected weight of the
    audience (number of accounts, where each weighs 1) that the first 1, 2, …, k of them
    activate, with a 95 % interval; `marginal_reach` float64[k]: the differences of consecutive
    reaches. All from the reporting collection. `included` bool[k]; `spent` float64[k]: what the
    first 1, 2, … cost, the included ones nothing.

    `certified_ratio`: reach is at least this share of the reach of the best possible list
    within the same limits, but for `failure_probability` (of all lists of one run together).
    Under a target: no list that reaches it costs less than this share of what this one does,
    or is shorter, where there are no costs; that least cost is `least_cost`, and the reach is
    at least the target with the same probability, by the lower bound of the judging collection
    (`reach_certain`). `factor`: what the method is proven to reach of the best list on any
    network, by its samples, and the source; None where nothing is proven.

    `samples`: RR sets by collection. `looks`: how many the failure probability is divided by;
    `ended_by`: what ended a search for precision, "precision", "memory" or "time"; else "".
    `memory`: bytes planned for. `notes`: what the user should know.
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
    included: Bool
    spent: Float64
    reach_certain: float
    least_cost: float | None
    factor: tuple[float, str] | None
    looks: int
    ended_by: str


def select_seeds(
    graph: InfluenceGraph | CascadeModel,
    k: int | None = None,
    *,
    constraints: Constraints | None = None,
    candidates: Bool | None = None,
    heuristics: Mapping[str, Int32] | None = None,
    baselines: Mapping[str, Int32] | None = None,
    audience: Audience | None = None,
    seed: int = 0,
    failure_probability: float = 0.001,
    selection_sets: int | None = None,
    precision: float | None = None,
    max_seconds: float | None = None,
    looks: int | None = None,
    memory_limit: int | None = None,
    before_run: Callable[[int], None] | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SeedList:
    """Choose `k` accounts with the largest expected reach, or a list within `constraints`.

    `graph`: influence arcs, under weighted cascade, or any cascade model. `candidates`
    bool[n]: who may be chosen (default: everyone); like `k` a short form of constraints.
    `heuristics`: rankings int32 (accounts, best first) that compete by whom they can take
    within the limits, beside one-step gain and degree discount, which always do. `baselines`:
    rankings that are only compared. `audience`: what each account is worth to reach (by default
    1). The other options are those of :class:`Effort`.

    With fewer than `k` candidates all of them are chosen, with a note. Ties go to the smaller
    account. The same list for any number of threads.

    Raises UsageError for constraints that mean nothing or contradict each other, a target that
    cannot be reached, a failure probability outside (0, 1) or a wrong ranking, and
    ResourceError where not even 1,024 RR sets fit into `memory_limit`.

    >>> import numpy as np
    >>> from guanxi.graph.arrays import Adjacency
    >>> into = Adjacency(np.array([0, 0, 1, 2]), np.array([0, 0], dtype=np.int32))
    >>> out = Adjacency(np.array([0, 2, 2, 2]), np.array([1, 2], dtype=np.int32))
    >>> found = select_seeds(InfluenceGraph(out, into), 1, selection_sets=1024)
    >>> found.accounts, found.reach
    (array([0], dtype=int32), array([3.]))
    """
    if constraints is None:
        constraints = Constraints(k=k, candidates=candidates)
    elif k is not None or candidates is not None:
        raise UsageError("Give the number and the candidates either in constraints or alone.")
    effort = Effort(
        selection_sets,
        precision,
        max_seconds,
        looks,
        memory_limit,
        before_run,
        threads,
        progress,
    )
    return select_lists(
        graph,
        [constraints],
        heuristics=heuristics,
        baselines=baselines,
        audience=audience,
        seed=seed,
        failure_probability=failure_probability,
        effort=effort,
    )[0]


def select_lists(
    graph: InfluenceGraph | CascadeModel,
    constraints: Sequence[Constraints],
    *,
    heuristics: Mapping[str, Int32] | None = None,
    baselines: Mapping[str, Int32] | None = None,
    audience: Audience | None = None,
    seed: int = 0,
    failure_probability: float = 0.001,
    effort: Effort | None = None,
) -> list[SeedList]:
    """A list for each of several constraints (numbers, budgets, targets) from one run.

    The same collections of RR sets serve all of them, so the lists can be compared; the failure
    probability is that of all certificates together. All must have the same included
    accounts. Options, errors and everything else as for :func:`select_seeds`.
    """
    model = graph if isinstance(graph, CascadeModel) else weighted_cascade(graph)
    limits = [settle(asked, model.graph.n) for asked in constraints]
    if not limits:
        raise UsageError("There are no constraints to choose a list for.")
    if any(not np.array_equal(one.included, limits[0].included) for one in limits):
        raise UsageError("All lists of one run must have the same included accounts.")
    if not 0.0 < failure_probability < 1.0:
        raise UsageError(
            f"The failure probability must lie between 0 and 1, not {failure_probability}."
        )
    effort = effort or Effort()
    effort.check()
    weights = None if audience is None else audience.weights
    sampler = Sampler(model, seed, effort.threads, audience=audience)
    run = Run(sampler, model, effort, any(one.asked.target is not None for one in limits))
    contests = [Contest(one, model, heuristics or {}, weights) for one in limits]
    look, looks, ended_by = run.search(contests, failure_probability)
    report = _Report(run, contests, look, baselines or {})
    return [report.seed_list(place, looks, ended_by) for place in range(len(contests))]


class _Report:
    """What the reporting collection says about all lists of a run."""

    def __init__(
        self, run: Run, contests: list[Contest], look: Look, baselines: Mapping[str, Int32]
    ) -> None:
        self._run, self._contests, self._look = run, contests, look
        self._names: list[list[str]] = []
        self._lists: list[list[Int32]] = []
        for contest, outcome in zip(contests, look.outcomes, strict=True):
            entries = outcome.judged.entries
            others = {name: contest.take(ranking) for name, ranking in baselines.items()}
            self._names.append([*(entry.name for entry in entries), *others])
            self._lists.append([*(entry.accounts for entry in entries), *others.values()])
        flat = [accounts for lists in self._lists for accounts in lists]
        self._measured = Measurement(
            run.sampler, flat, run.usual_judging, run.meter.advance, most_paired=0
        )

    def seed_list(self, place: int, looks: int, ended_by: str) -> SeedList:
        """The list of contest number `place`."""
        run, look = self._run, self._look
        outcome, limits = look.outcomes[place], self._contests[place].limits
        accounts = outcome.judged.best.accounts
        before = sum(map(len, self._lists[:place]))
        best = self._measured.prefixes(before + outcome.judged.winner)
        ratio = outcome.certificate.ratio
        if len(accounts) == limits.possible and limits.asked.target is None:
            ratio = 1.0
        notes = [*run.plan.notes, *look.notes, *limits.notes]
        if limits.asked.target is not None and best.reach[-1] < limits.asked.target:
            notes.append(
                "The samples that report are below the target by chance; those that judged the "
                "list are not."
            )
        return SeedList(
            accounts=accounts,
            marginal_reach=np.diff(best.reach, prepend=0.0),
            reach=best.reach,
            reach_low=best.low,
            reach_high=best.high,
            certified_ratio=ratio,
            failure_probability=outcome.certificate.failure_probability,
            samples={
                "selection": look.sets,
                "judging": look.judging_sets,
                "reporting": self._measured.sets,
            },
            chosen_by=outcome.judged.best.name,
            comparison=self._comparison(place, before, outcome, limits),
            memory=run.memory,
            notes=notes,
            method=_method(outcome.judged.best.name, look.sets),
            included=np.isin(accounts, limits.included),
            spent=limits.spent(accounts),
            reach_certain=outcome.certificate.lower,
            least_cost=outcome.least_cost,
            factor=limits.factor,
            looks=looks,
            ended_by=ended_by,
        )

    def _comparison(
        self, place: int, before: int, outcome: Outcome, limits: Limits
    ) -> list[ListReach]:
        judged = [self._run.sampler.total * m / self._look.judging_sets for m in outcome.judged.met]
        entries = []
        for i, (name, accounts) in enumerate(
            zip(self._names[place], self._lists[place], strict=True)
        ):
            prefix, size = self._measured.prefixes(before + i), len(accounts)
            if i >= len(judged) and limits.asked.target is not None:
                size = min(size, int(np.sum(prefix.reach < limits.asked.target)) + 1)
            entries.append(
                ListReach(
                    name,
                    *_end(prefix, size),
                    judged[i] if i < len(judged) else float("nan"),
                    i == outcome.judged.winner,
                    size,
                    limits.price(accounts[:size]),
                )
            )
        return entries


def _end(prefix: PrefixReach, size: int) -> tuple[float, float, float]:
    """Reach of the first `size` accounts and its interval; an empty list reaches nobody."""
    if size == 0:
        return 0.0, 0.0, 0.0
    last = size - 1
    return float(prefix.reach[last]), float(prefix.low[last]), float(prefix.high[last])


def _method(name: str, sets: int) -> str:
    if name == GREEDY:
        return f"greedy maximum coverage of {sets:,} reverse-reachable sets, with exact gains"
    if name == FOR_COST:
        return f"greedy coverage for the cost of {sets:,} reverse-reachable sets, with exact gains"
    return f"{name}, which beat greedy coverage of {sets:,} reverse-reachable sets when judged"
