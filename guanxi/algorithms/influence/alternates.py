"""Who would come instead: replacements of each seed, and whom it displaced.

Both are looked for on a collection of RR sets of their own, kept in memory. What they are worth
is measured elsewhere (`explain`), so that the choice does not flatter them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.coverage import Coverage
from guanxi.algorithms.influence.limits import Limits
from guanxi.algorithms.influence.within_kernel import include_all
from guanxi.graph.arrays import Bool, Float64, Int32, Int64
from guanxi.kernels import kernel


@dataclass(frozen=True)
class Alternates:
    """For each place of a list an account int32, or -1 where there is none.

    `instead`: of the accounts that may take the place, whoever keeps most of the reach of the
    rest of the list with it; -1 for included accounts. Under a target the cheapest with whom the
    list still reaches it, of the equally cheap whoever keeps most; where none does, whoever
    keeps most for the cost. `displaced`: of the accounts that are
    not on the list and that could have been taken at that step, the one with the largest gain
    (for its cost, where there are costs).
    """

    instead: Int32
    displaced: Int32


def find_alternates(
    coverage: Coverage, accounts: Int32, limits: Limits, worth: float = 1.0
) -> Alternates:
    """Replacements and displaced accounts for a list that keeps `limits`. Ties: smaller account.

    `worth`: the reach that one RR set of the collection stands for; a target is compared with it.
    """
    arrays = coverage.members, coverage.offsets, coverage.sets, coverage.indptr
    gain = np.diff(coverage.indptr).astype(np.int32)
    met = np.zeros(coverage.size, dtype=np.uint8)
    divisor = np.maximum(limits.cost, 0.5) if limits.priced else np.ones(limits.n)
    displaced = np.full(len(accounts), -1, dtype=np.int32)
    listed = np.zeros(limits.n, dtype=np.bool_)
    listed[accounts] = True
    for place in range(len(accounts)):
        one = accounts[place : place + 1]
        if place >= len(limits.included):
            may = limits.additions(accounts[:place]) & ~listed
            displaced[place] = _best(gain / divisor, may)
        include_all(*arrays, gain, met, one, np.zeros(1, dtype=np.int64))
    return Alternates(_instead(coverage, accounts, limits, gain, worth), displaced)


def _instead(
    coverage: Coverage, accounts: Int32, limits: Limits, left: Int32, worth: float
) -> Int32:
    """`left` int32[n]: what each account gains beside the whole list."""
    times = np.zeros(coverage.size, dtype=np.int32)
    for account in accounts.tolist():
        times[coverage.sets[coverage.indptr[account] : coverage.indptr[account + 1]]] += 1
    met, target = int(np.count_nonzero(times)), limits.asked.target
    instead = np.full(len(accounts), -1, dtype=np.int32)
    for place in range(len(limits.included), len(accounts)):
        gain = left.astype(np.int64)
        _add_lost(
            coverage.members,
            coverage.offsets,
            coverage.sets,
            coverage.indptr,
            times,
            int(accounts[place]),
            gain,
        )
        may = limits.replacements(accounts, place)
        if target is None:
            instead[place] = _best(gain.astype(np.float64), may)
            continue
        rest = met - int(gain[accounts[place]])  # what it gains beside the rest, only it met
        enough = np.flatnonzero(may & ((rest + gain) * worth >= target))
        if len(enough):
            order = np.lexsort((enough, -gain[enough], limits.cost[enough]))
            instead[place] = enough[order[0]]
        else:
            instead[place] = _best(gain / np.maximum(limits.cost, 0.5), may)
    return instead


def _best(values: Float64, may: Bool) -> int:
    """The first account of the mask with the largest value; -1 where the mask is empty."""
    if not may.any():
        return -1
    return int(np.argmax(np.where(may, values, -1.0)))


@kernel
def _add_lost(
    members: Int32,
    offsets: Int64,
    sets: Int32,
    indptr: Int64,
    times: Int32,
    u: int,
    gain: Int64,
) -> None:
    """Add to `gain` the sets that only u of the list meets, for each of their members."""
    for i in range(indptr[u], indptr[u + 1]):
        s = sets[i]
        if times[s] == 1:
            for j in range(offsets[s], offsets[s + 1]):
                gain[members[j]] += 1
