"""Why each seed is on a list, and what would be lost without it.

Everything is measured on RR sets that took no part in choosing the list or the accounts that
it is compared with: a set says whom of the list it holds, and whether it holds those others.
Roots come in two strata (`strata`): what an account is sure to reach, itself, is not left to
chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.alternates import find_alternates
from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.constraints import Constraints
from guanxi.algorithms.influence.coverage import draw_coverage
from guanxi.algorithms.influence.explain_kernel import Tally, tally_sets
from guanxi.algorithms.influence.limits import settle
from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.algorithms.influence.plan import judging_sets, plan_selection, set_sizes, usual_sets
from guanxi.algorithms.influence.rr_kernel import BLOCK
from guanxi.algorithms.influence.rr_sets import Chunk, Collection, Roots, Sampler
from guanxi.algorithms.influence.strata import strata_of
from guanxi.errors import ResourceError, UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32

#: Communities that are told apart, the largest ones; the rest are one.
MOST_COMMUNITIES = 256
#: The label of accounts without a community, and of those in communities not told apart.
OTHERS = -1
_Z = 1.959963984540054


@dataclass(frozen=True)
class Explanation:
    """For each place of a list, in weight of the audience (accounts, where each weighs 1).

    `alone` float64[k]: reach of the account by itself. `added`: what it adds to those before it.
    `lost`: what the list loses without it. `overlap` = alone - lost: reached by it and by the
    rest of the list too; `overlap_of_own` is its share of `alone`, `overlap_of_rest` its share of
    `reach_of_rest`, the reach of the rest of the list.

    `instead` int32[k]: who would come instead, or -1; `lost_instead` float64[k]: what is lost
    then, with a 95 % interval `lost_low`, `lost_high` (below 0: nothing is lost, as far as
    samples tell). `displaced` int32[k]: the best account not on the list at that step, or -1;
    `displaced_added` float64[k]: what it would have added there.

    `communities` int32[c]: labels, -1 for accounts without one and for small communities;
    `by_community` float64[k+1, c]: reach in each, of every account alone and, in the last row,
    of the whole list. `reach`: of the whole list. `sets`: RR sets by collection.
    """

    reach: float
    alone: Float64
    added: Float64
    lost: Float64
    reach_of_rest: Float64
    instead: Int32
    lost_instead: Float64
    lost_low: Float64
    lost_high: Float64
    displaced: Int32
    displaced_added: Float64
    communities: Int32
    by_community: Float64
    sets: dict[str, int]

    @property
    def overlap(self) -> Float64:
        """float64[k]: reached by the account and by the rest of the list too."""
        return self.alone - self.lost

    @property
    def overlap_of_own(self) -> Float64:
        """float64[k]: the overlap as a share of what the account reaches alone."""
        return self.overlap / np.where(self.alone > 0, self.alone, 1.0)

    @property
    def overlap_of_rest(self) -> Float64:
        """float64[k]: the overlap as a share of what the rest of the list reaches."""
        return self.overlap / np.where(self.reach_of_rest > 0, self.reach_of_rest, 1.0)


def explain_seeds(
    graph: InfluenceGraph | CascadeModel,
    accounts: Int32,
    *,
    constraints: Constraints | None = None,
    communities: Int32 | None = None,
    audience: Audience | None = None,
    seed: int = 0,
    sets: int | None = None,
    memory_limit: int | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Explain the list `accounts` int32[k], in its order.

    `constraints`: those that the list keeps (default: a list of as many accounts); included
    accounts come first in it. `communities` int32[n]: the label of each account, -1 for none.
    `sets`: RR sets that measure; by default as many as judge a seed list. The other options
    are those of `select_seeds`; use the same seed, the samples differ anyway. The same answer
    for any number of threads.

    Raises UsageError for a list with an account twice, outside the graph or not within the
    constraints, and ResourceError where the samples do not fit into `memory_limit`.
    """
    model = graph if isinstance(graph, CascadeModel) else weighted_cascade(graph)
    accounts = np.asarray(accounts, dtype=np.int32)
    constraints = constraints or Constraints(k=max(1, len(accounts)))
    limits = settle(constraints, model.graph.n)
    _check(accounts, model.graph.n)
    first = accounts[: len(limits.included)]
    if not (np.array_equal(first, limits.included) and limits.allow(accounts)):
        raise UsageError("The list to explain does not keep its constraints.")
    if sets is not None and sets < 1:
        raise UsageError(f"The number of RR sets must be at least 1, not {sets}.")
    sampler = Sampler(model, seed, threads, audience=audience)
    sizes = set_sizes(sampler)
    sets = judging_sets(sampler, sizes[0]) if sets is None else sets
    kept = min(sets, max(BLOCK, usual_sets(sizes[0]) // 4 // BLOCK * BLOCK))
    plan = plan_selection(sampler, model, sizes, kept, memory_limit)
    done = 0

    def advance(drawn: int) -> None:
        nonlocal done
        done += drawn
        if progress is not None:
            progress(min(done, plan.sets + sets), plan.sets + sets)

    coverage = draw_coverage(
        sampler,
        Collection.ALTERNATES,
        plan.sets,
        most_members=plan.most_members,
        advance=advance,
    )
    if coverage is None:
        raise ResourceError("The RR sets of this graph do not fit into the memory allowed.")
    alternates = find_alternates(coverage, accounts, limits, sampler.total / plan.sets)
    del coverage
    labels, group = _groups(communities, model.graph.n)
    measured = _Measured(
        sampler, accounts, alternates.instead, alternates.displaced, group, len(labels)
    )
    measured.draw(sets, advance)
    return measured.explanation(
        alternates.instead,
        alternates.displaced,
        labels,
        {"alternates": plan.sets, "explaining": measured.sets},
    )


class _Measured:
    """Sums over both strata, in weight of the audience."""

    def __init__(
        self,
        sampler: Sampler,
        accounts: Int32,
        instead: Int32,
        displaced: Int32,
        group: Int32,
        groups: int,
    ) -> None:
        self._sampler, self._group, self._groups = sampler, group, groups
        self._k = len(accounts)
        named = np.concatenate([accounts, instead, displaced])
        self._listed = np.unique(named[named >= 0]).astype(np.int32)
        self._slot = np.full(sampler.n, -1, dtype=np.int32)
        self._slot[self._listed] = np.arange(len(self._listed))
        self._roles = _roles(self._slot, len(self._listed), (accounts, instead, displaced))
        self.total = Tally.empty(self._k, groups)
        self.variance = np.zeros(self._k)
        self.sets = 0

    def draw(self, sets: int, advance: Callable[[int], None]) -> None:
        """Look at both strata."""
        strata = strata_of(self._sampler, self._listed, sets)
        one = np.ones(len(self._listed))
        inside, outside = strata.inside_sets, strata.outside_sets
        if inside:
            self._add(
                Collection.EXPLAINING_LISTED, inside, strata.inside, strata.worth, strata.density
            )
        if outside:
            density = outside / strata.others_weight
            self._add(Collection.EXPLAINING, outside, strata.outside, one, density, advance)
        self.sets = inside + outside

    def _add(
        self,
        collection: Collection,
        sets: int,
        roots: Roots,
        worth: Float64,
        density: float,
        advance: Callable[[int], None] | None = None,
    ) -> None:
        def work(chunk: Chunk) -> Tally:
            tally = Tally.empty(self._k, self._groups)
            tally_sets(
                chunk.entries, chunk.ends, self._slot, *self._roles, worth, self._group, tally
            )
            return tally

        for tally in self._sampler.map(collection, sets, work, roots=roots, advance=advance):
            self.total.add(tally, 1.0 / density)
            self.variance += (tally.lost_only + tally.instead_only) / density**2

    def explanation(
        self, instead: Int32, displaced: Int32, labels: Int32, sets: dict[str, int]
    ) -> Explanation:
        """The sums as an explanation."""
        total = self.total
        reach = float(total.added.sum())
        lost_instead = total.lost_only - total.instead_only
        half = _Z * np.sqrt(self.variance)
        return Explanation(
            reach=reach,
            alone=total.alone,
            added=total.added,
            lost=total.lost,
            reach_of_rest=reach - total.lost,
            instead=instead,
            lost_instead=lost_instead,
            lost_low=lost_instead - half,
            lost_high=lost_instead + half,
            displaced=displaced,
            displaced_added=total.displaced,
            communities=labels,
            by_community=total.by_group,
            sets=sets,
        )


def _roles(
    slot: Int32, listed: int, roles: tuple[Int32, Int32, Int32]
) -> tuple[Int32, Int32, Int32]:
    """For each listed account: its place on the list or -1; and where its other roles begin.

    The other roles stand in one array: place p instead of a seed as p, displaced at p as k + p.
    """
    accounts, instead, displaced = roles
    place = np.full(listed, -1, dtype=np.int32)
    place[slot[accounts]] = np.arange(len(accounts))
    others = np.concatenate([instead, displaced])
    filled = np.flatnonzero(others >= 0)
    owner = slot[others[filled]]
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(listed + 1)).astype(np.int32)
    return place, starts, filled[order].astype(np.int32)


def _groups(communities: Int32 | None, n: int) -> tuple[Int32, Int32]:
    """Labels that are told apart, the one for all others first; and the number of each account."""
    none = np.array([OTHERS], dtype=np.int32)
    if communities is None:
        return none, np.zeros(n, dtype=np.int32)
    communities = np.asarray(communities)
    if communities.shape != (n,):
        raise UsageError(f"The communities must be {n:,} labels, one for each account.")
    found, number = np.unique(communities[communities >= 0], return_counts=True)
    largest = np.sort(found[np.lexsort((found, -number))[:MOST_COMMUNITIES]])
    if not len(largest):
        return none, np.zeros(n, dtype=np.int32)
    place = np.minimum(np.searchsorted(largest, communities), len(largest) - 1)
    group = np.where(largest[place] == communities, place + 1, 0).astype(np.int32)
    return np.concatenate([none, largest]).astype(np.int32), group


def _check(accounts: Int32, n: int) -> None:
    if not len(accounts):
        raise UsageError("The list to explain is empty.")
    if not (accounts.min() >= 0 and accounts.max() < n):
        raise UsageError(f"The list to explain names an account outside 0 … {n - 1}.")
    if len(np.unique(accounts)) < len(accounts):
        raise UsageError("The list to explain names an account twice.")
