"""Reach of any list: how many distinct accounts it is expected to activate, itself included.

The RR sets are drawn for this alone; they took no part in making any list. Roots come in
two strata (`strata`), so a list without arcs reaches exactly what it weighs.

The 95 % interval joins the Wilson score intervals of the two strata (E. B. Wilson, "Probable
inference, the law of succession, and statistical inference", JASA 22, 1927,
doi:10.1080/01621459.1927.10502953) by the squares of their distances from the estimates
(G. Y. Zou, A. Donner, "Construction of confidence limits about effect measures", Statistics
in Medicine 27, 2008, doi:10.1002/sim.3095).

Where every other account is the root of equally many sets, they scatter less than random ones: by
the mean of p(1 − p) over the accounts, p the chance that the list meets a set of that root,
instead of that of their mean. Two sets of one root differ with the chance 2 p(1 − p); their share
among such twins, at its upper limit, gives the number of random sets that scatter alike, and that
takes the place of their number in Wilson's interval (the effective sample size; C. Franco et al.,
"Comparative study of confidence intervals for proportions in complex sample surveys", JSSAM 7,
2019, doi:10.1093/jssam/smy019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.lists import MOST_PAIRED, ListIndex
from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.algorithms.influence.plan import check_streaming, judging_sets
from guanxi.algorithms.influence.rr_sets import Collection, Sampler
from guanxi.algorithms.influence.strata import strata_of
from guanxi.errors import UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32
from guanxi.wording import agree, counted

#: Standard deviations either side in a 95 % interval of a normal variable.
_Z = 1.959963984540054
#: Below so many RR sets the user is told that intervals are rough.
_FEW = 1000


@dataclass(frozen=True)
class PrefixReach:
    """Reach of the first 1, 2, … accounts of a list, with 95 % intervals; all float64[k].

    In weight of the audience, which is the number of accounts where each weighs 1.
    """

    reach: Float64
    low: Float64
    high: Float64


class Measurement:
    """What the RR sets of one reporting collection say about several lists.

    `most_paired`: for so many lists, the first ones, `both` answers.
    """

    def __init__(
        self,
        sampler: Sampler,
        lists: Sequence[Int32],
        sets: int,
        advance: Callable[[int], None] | None = None,
        most_paired: int = MOST_PAIRED,
    ) -> None:
        self._lists = [np.asarray(accounts, dtype=np.int32) for accounts in lists]
        index = ListIndex(self._lists, sampler.n, most_paired)
        strata = strata_of(sampler, index.listed.astype(np.int32), sets)
        self._weights = sampler.audience.weights
        self._listed, self._others = strata.listed_weight, strata.others_weight
        self._density, self._sets = strata.density, sets
        self._in_turn = sampler.in_turn(strata.outside, sets)
        self._inside = index.meetings(
            sampler,
            Collection.REPORTING_LISTED,
            strata.inside_sets,
            roots=strata.inside,
            worth=strata.worth,
        )
        self._outside = index.meetings(
            sampler,
            Collection.REPORTING,
            strata.outside_sets,
            roots=strata.outside,
            advance=advance,
        )
        self.sets = strata.sets

    def prefixes(self, which: int) -> PrefixReach:
        """Reach of each prefix of list number `which`; it never falls."""
        inside = np.cumsum(self._inside.first[which])
        outside = np.cumsum(self._outside.first[which])
        accounts = self._lists[which]
        certain = np.zeros(len(accounts))
        first = np.unique(accounts, return_index=True)[1]
        certain[first] = self._weights[accounts[first]]
        sure = np.cumsum(certain)
        left = np.maximum(self._listed - sure, 0.0)
        apart = np.cumsum(self._outside.apart[which])
        effective = _effective_sets(outside, self._sets, apart, self._outside.twins, self._in_turn)
        a, a_low, a_high = _scaled(
            outside, np.full(len(accounts), self._sets), self._others, effective
        )
        b, b_low, b_high = _scaled(inside - sure * self._density, left * self._density, left)
        reach = sure + a + b
        low = np.maximum(reach - np.hypot(a - a_low, b - b_low), sure)
        high = np.minimum(reach + np.hypot(a_high - a, b_high - b), self._listed + self._others)
        return PrefixReach(reach, low, high)

    def both(self, one: int, other: int) -> float:
        """Expected weight of the accounts that both lists reach, each launched on its own.

        Over the same random outcomes: reach(one) + reach(other) - reach(one ∪ other).
        Raises UsageError for lists beyond the 64th.
        """
        if max(one, other) >= len(self._inside.pairs):
            raise UsageError(f"Overlap is kept for the first {len(self._inside.pairs)} lists only.")
        inside = float(self._inside.pairs[one, other]) / self._density
        return inside + float(self._outside.pairs[one, other]) * self._others / self._sets


def _effective_sets(met: Float64, sets: int, apart: Float64, twins: int, in_turn: int) -> Float64:
    """How many sets with random roots would scatter as do `sets` of which `in_turn` have even ones.

    `met`: sets that a prefix meets; `apart`: twins of which it meets just one.
    """
    share = np.clip(met / max(sets, 1), 0.0, 1.0)
    random = share * (1 - share)
    if 4 * twins < in_turn:  # too few accounts have two sets or more
        return np.full(len(met), float(sets))
    # The upper limit of a Poisson count, by its score.
    most = apart + _Z * _Z / 2 + _Z * np.sqrt(apart + _Z * _Z / 4)
    even = most / (2 * max(twins, 1))
    spread = (in_turn * even + (sets - in_turn) * random) / max(sets, 1)
    return np.asarray(sets * np.maximum(1.0, random / np.maximum(spread, 1e-300)))


def _scaled(
    met: Float64,
    sets: npt.NDArray[np.number[Any]],
    weight: Float64 | float,
    effective: Float64 | None = None,
) -> tuple[Float64, Float64, Float64]:
    """`weight` · met/sets with its Wilson interval for `effective` sets (default: as many); zeros
    where there are no sets.
    """
    scale: Float64 = np.asarray(weight, dtype=np.float64)
    none = (sets == 0) | (scale == 0)
    size = np.where(none, 1.0, sets.astype(np.float64))
    share = np.where(none, 0.0, np.clip(met / size, 0.0, 1.0))  # weights round
    size = size if effective is None else np.maximum(effective, 1.0)
    centre = (share + _Z * _Z / (2 * size)) / (1 + _Z * _Z / size)
    half = (
        _Z
        / (1 + _Z * _Z / size)
        * np.sqrt(share * (1 - share) / size + _Z * _Z / (4 * size * size))
    )
    low = np.where(none, 0.0, np.minimum(np.maximum(centre - half, 0.0), share))
    high = np.where(none, 0.0, np.maximum(np.minimum(centre + half, 1.0), share))
    return scale * share, scale * low, scale * high


@dataclass(frozen=True)
class ReachEstimate:
    """Reach of each list with its 95 % interval, float64 by list.

    `sets`: RR sets drawn in all. `notes`: what the user should know.
    """

    reach: Float64
    low: Float64
    high: Float64
    sets: int
    notes: list[str]
    measurement: Measurement

    def both(self, one: int, other: int) -> float:
        """Expected number of accounts that both of two lists reach (see `Measurement.both`)."""
        return self.measurement.both(one, other)


def estimate_reach(
    graph: InfluenceGraph | CascadeModel,
    lists: Sequence[Int32],
    *,
    seed: int = 0,
    sets: int | None = None,
    audience: Audience | None = None,
    memory_limit: int | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReachEstimate:
    """Reach of each of several lists of accounts, over the same random outcomes.

    `graph`: influence arcs, under weighted cascade, or any cascade model. `lists`: accounts
    0 … n-1; one that stands twice in a list counts once. `audience`: what each account is
    worth (by default 1); reach is then the expected weight. `sets`: RR sets whose roots are on
    no list; by default 131,072 to 524,288, fewer where RR sets are large. Memory does not
    grow with them; ResourceError where even the tables exceed `memory_limit` (bytes).

    Raises UsageError for an account outside the graph and for `sets` below 1.

    >>> import numpy as np
    >>> from guanxi.graph.arrays import Adjacency
    >>> arc = np.array([0, 0, 1]), np.array([0], dtype=np.int32)
    >>> out = Adjacency(np.array([0, 1, 1]), np.array([1], dtype=np.int32))
    >>> graph = InfluenceGraph(out, Adjacency(*arc))  # account 0 influences account 1, surely
    >>> estimate_reach(graph, [np.array([0]), np.array([1])], sets=1024).reach
    array([2., 1.])
    """
    model = graph if isinstance(graph, CascadeModel) else weighted_cascade(graph)
    if sets is not None and sets < 1:
        raise UsageError(f"The number of RR sets must be at least 1, not {sets}.")
    check_streaming(model, memory_limit)
    sampler = Sampler(model, seed, threads, audience=audience)
    sets = judging_sets(sampler) if sets is None else sets
    done = 0

    def advance(drawn: int) -> None:
        nonlocal done
        done += drawn
        if progress is not None:
            progress(done, sets)

    measurement = Measurement(sampler, lists, sets, advance)
    ends = [measurement.prefixes(which) for which in range(len(lists))]
    reach, low, high = (
        np.array([getattr(end, name)[-1] if len(end.reach) else 0.0 for end in ends])
        for name in ("reach", "low", "high")
    )
    asked = f"Only {counted(sets, 'RR set')} {agree(sets, 'was', 'were')} asked for"
    notes = [f"{asked}; below {_FEW:,} the intervals are rough."] if sets < _FEW else []
    return ReachEstimate(reach, low, high, measurement.sets, notes, measurement)
