"""How much of each account is a live person: bought and inactive followers count for less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from guanxi.errors import FilterError, UsageError
from guanxi.graph.arrays import Float64
from guanxi.verbs.accounts import numbers

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.verbs.analysis import Analysis

#: The name of guanxi's own rule.
AUTO = "auto"
#: An account is suspected that follows so many times as many as the median of those who follow,
TIMES_MEDIAN = 3
#: and so many at least,
LEAST_FOLLOWS = 20
#: with at most one follower for so many that it follows,
FOLLOWS_A_FOLLOWER = 10
#: and that never acted.


@dataclass(frozen=True)
class Activity:
    """`weights` float64[n], 0 … 1; the `rule` that they come from, in a sentence; how many are
    `discounted` (below 1).
    """

    weights: Float64
    rule: str
    discounted: int


def read_activity(
    engine: Engine, snapshot: Snapshot, wanted: str, analysis: Analysis | None
) -> Activity:
    """The activity of each account by guanxi's rule (`auto`), or by a formula over columns.

    Where the formula gives nothing the account counts whole. Raises UsageError where the rule
    has no interactions to judge by, or a value lies outside 0 … 1.
    """
    if wanted == AUTO:
        return bought_followers(snapshot)
    try:
        found = numbers(engine, snapshot, wanted, analysis)
    except FilterError as error:
        raise FilterError(f"The activity {wanted}: {error}") from None
    found = np.where(np.isnan(found), 1.0, found)
    wrong = np.flatnonzero((found < 0) | (found > 1))
    if len(wrong):
        first = int(wrong[0])
        raise UsageError(
            f"The activity {wanted} of {snapshot.id_of(first)} is {found[first]:g}; it must lie "
            "between 0 (bought or asleep) and 1 (a live person)."
        )
    discounted = int((found < 1).sum())
    return Activity(found, f"Each account counts as far as {wanted} says.", discounted)


def bought_followers(snapshot: Snapshot) -> Activity:
    """Weight 0 for accounts that look bought, 1 for all others.

    An account looks bought that follows much, that hardly anybody follows, and that never did
    anything: the pattern that sellers of followers leave behind. The rule is crude and says
    so: its threshold is part of every result that uses it.

    Raises UsageError where the store has no interactions: nobody has acted there.
    """
    follows = snapshot.follows
    rows = snapshot.interactions
    if not len(rows.actor):
        raise UsageError(
            "Without interactions nobody can be told to be inactive; load interactions, or give "
            "--activity a column of numbers from 0 to 1."
        )
    given = np.diff(follows.indptr)
    followers = np.bincount(follows.indices, minlength=snapshot.n)
    acted = np.bincount(rows.actor, minlength=snapshot.n)
    least = LEAST_FOLLOWS
    if follows.m:
        least = max(least, int(np.ceil(TIMES_MEDIAN * float(np.median(given[given > 0])))))
    bought = (given >= least) & (followers * FOLLOWS_A_FOLLOWER <= given) & (acted == 0)
    rule = (
        f"Accounts that follow at least {least:,} others ({TIMES_MEDIAN} times the median), have "
        f"at most one follower for {FOLLOWS_A_FOLLOWER} that they follow, and never acted count "
        "for nothing."
    )
    return Activity(np.where(bought, 0.0, 1.0), rule, int(bought.sum()))
