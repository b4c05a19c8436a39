"""A run of the search: its plan, how far it goes, and what ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from guanxi.algorithms.influence.contest import Contest
from guanxi.algorithms.influence.meter import Meter
from guanxi.algorithms.influence.models import CascadeModel
from guanxi.algorithms.influence.plan import (
    LEAST_JUDGING,
    doublings,
    grown_judging,
    judging_sets,
    plan_selection,
    set_sizes,
    usual_sets,
)
from guanxi.algorithms.influence.rr_sets import Sampler
from guanxi.algorithms.influence.search import Look, Search
from guanxi.errors import ResourceError, UsageError

#: A target has to be reached by a lower bound: so many times as many judging sets narrow it.
_MORE_FOR_TARGETS = 4


@dataclass(frozen=True)
class Effort:
    """How much work a search may take.

    `selection_sets`: RR sets for the choice; by default between 307,200 and 786,432, as their
    size allows, and fewer, with a note, only where they would exceed `memory_limit` bytes (by
    default 12 GiB). With a `precision` the search goes on with twice as many until every
    certified ratio is at least that, until they would not fit into memory, or until another
    look would likely end after `max_seconds`; the first look is always taken. `looks`: that of a
    run with a precision, to repeat it exactly by its number of selection sets.
    `before_run` is called with the bytes that a look will need and may raise. `progress` is
    called with (done, total) RR sets; the total grows when another look begins.
    """

    selection_sets: int | None = None
    precision: float | None = None
    max_seconds: float | None = None
    looks: int | None = None
    memory_limit: int | None = None
    before_run: Callable[[int], None] | None = None
    threads: int | None = None
    progress: Callable[[int, int], None] | None = None

    def check(self) -> None:
        """Raise UsageError for numbers that mean nothing."""
        if self.selection_sets is not None and self.selection_sets < 1:
            raise UsageError(
                f"The number of RR sets must be at least 1, not {self.selection_sets}."
            )
        if self.precision is not None and not 0.0 < self.precision < 1.0:
            raise UsageError(f"The precision must lie between 0 and 1, not {self.precision}.")
        if self.max_seconds is not None and self.precision is None:
            raise UsageError("A limit in seconds is for a search with a precision.")
        if self.max_seconds is not None and not self.max_seconds > 0:
            raise UsageError(f"The seconds must be more than 0, not {self.max_seconds}.")
        if self.looks is not None and self.looks < 1:
            raise UsageError(f"The number of looks must be at least 1, not {self.looks}.")


class Run:
    """The plan of a run and its search."""

    def __init__(
        self, sampler: Sampler, model: CascadeModel, effort: Effort, targets: bool
    ) -> None:
        self.sampler, self.effort = sampler, effort
        self._sizes = set_sizes(sampler)
        limit = effort.memory_limit
        self.plan = plan_selection(sampler, model, self._sizes, effort.selection_sets, limit)
        self.usual_judging = judging_sets(sampler, self._sizes[0])
        self._targets = targets
        self._usual_sets = usual_sets(self._sizes[0])
        self.meter = Meter(effort.progress, self._drawn(self.plan.sets) + self.usual_judging)
        self.memory = self.plan.bytes

    def search(self, contests: list[Contest], failure: float) -> tuple[Look, int, str]:
        """Look once, or until the precision is reached: the last look, looks, what ended it."""
        effort, plan, started = self.effort, self.plan, time.monotonic()
        more = 0 if effort.precision is None else doublings(plan, effort.memory_limit)
        looks = effort.looks or more + 1
        search = Search(self.sampler, contests, failure, looks, self.meter)
        self._prepare(plan.bytes)
        look = search.look(plan.sets, self._judging(plan.sets), plan.most_members)
        if look is None:
            raise ResourceError("The RR sets of this graph do not fit into the memory allowed.")
        if effort.precision is None:
            return look, looks, ""
        ended_by = "memory"
        last = time.monotonic() - started
        for _ in range(more if look.sets == plan.sets else 0):
            spent = time.monotonic() - started
            if look.ratio >= effort.precision:
                break
            if effort.max_seconds is not None and spent + 2 * last > effort.max_seconds:
                ended_by = "time"
                break
            larger = self._look_again(search, look)
            if larger is None:
                break
            last, look = time.monotonic() - started - spent, larger
        return look, looks, "precision" if look.ratio >= effort.precision else ended_by

    def _look_again(self, search: Search, look: Look) -> Look | None:
        """A look with twice as many selection sets; None where they do not fit."""
        sets = 2 * look.sets
        needed = self.plan.bytes + int(self.plan.bytes_a_set * (sets - self.plan.sets))
        try:
            self._prepare(needed)
        except ResourceError:
            return None
        self.meter.extend(self._drawn(sets))
        larger = search.look(sets, self._judging(sets), self.plan.most_members, halve=False)
        if larger is not None:
            self.memory = needed
        return larger

    def _prepare(self, needed: int) -> None:
        if self.effort.before_run is not None:
            self.effort.before_run(needed)

    def _judging(self, sets: int) -> int:
        """RR sets that judge a choice among `sets`: somewhat fewer than report it."""
        usual = max(self.usual_judging * 3 // 4, LEAST_JUDGING)
        if self._targets:
            usual = _MORE_FOR_TARGETS * self.usual_judging
        return grown_judging(usual, sets, self._usual_sets)

    def _drawn(self, sets: int) -> int:
        """RR sets of one look."""
        return sets + self._judging(sets)
