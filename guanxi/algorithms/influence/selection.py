"""Greedy choice of the accounts that meet the most RR sets, and a bound on any choice.

Greedy reaches at least 1 - 1/e of the best coverage of the collection: G. Nemhauser,
L. Wolsey, M. Fisher, "An analysis of approximations for maximizing submodular set
functions", Mathematical Programming 14, 1978, doi:10.1007/BF01588971. Marginal gains are
kept exact; the heap of candidates is lazy: an entry is refreshed when it comes to the top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.coverage import Coverage
from guanxi.graph.arrays import Bool, Float64, Int32, Int64
from guanxi.kernels import inline, kernel
from guanxi.shared.heap import sink


@dataclass(frozen=True)
class GreedyChoice:
    """`accounts` int32[k] in the order of choice; `gains` int64[k], RR sets newly met by each.

    `bound`: no list of k candidates meets more RR sets of this collection. It is the
    smallest, over all prefixes of the greedy list, of what the prefix meets plus the k
    largest gains that are left; `after` says for which prefix length.
    """

    accounts: Int32
    gains: Int64
    bound: int
    after: int


def choose_greedily(coverage: Coverage, k: int, candidates: Bool) -> GreedyChoice:
    """The `k` accounts of the mask `candidates` chosen one by one for the largest gain.

    Ties go to the smaller account, and so do picks once nothing is left to gain. With
    fewer than `k` candidates all of them are chosen.
    """
    k = min(k, int(np.count_nonzero(candidates)))
    gain = np.diff(coverage.indptr).astype(np.int32)
    gain[~candidates] = 0
    heap_ids = np.flatnonzero(gain).astype(np.int32)
    heap_ids = heap_ids[np.argsort(-gain[heap_ids], kind="stable")]
    histogram = np.bincount(gain, minlength=1)
    accounts, gains = np.empty(k, dtype=np.int32), np.zeros(k, dtype=np.int64)
    bounds = np.empty(k + 1, dtype=np.int64)
    chosen = _choose(
        coverage.members,
        coverage.offsets,
        coverage.sets,
        coverage.indptr,
        gain,
        histogram,
        gain[heap_ids].astype(np.float64),
        heap_ids,
        np.zeros(coverage.size, dtype=np.uint8),
        accounts,
        gains,
        bounds,
    )
    if chosen < k:
        rest = candidates.copy()
        rest[accounts[:chosen]] = False
        accounts[chosen:] = np.flatnonzero(rest)[: k - chosen]
    after = int(np.argmin(bounds[: chosen + 1]))
    return GreedyChoice(accounts, gains, int(bounds[after]), after)


@inline
def _sum_of_largest(histogram: Int64, highest: int, k: int) -> int:
    total = 0
    g = highest
    while g > 0 and k > 0:
        taken = min(histogram[g], k)
        total += taken * g
        k -= taken
        g -= 1
    return total


@kernel
def _choose(
    members: Int32,
    offsets: Int64,
    sets: Int32,
    indptr: Int64,
    gain: Int32,
    histogram: Int64,
    keys: Float64,
    ids: Int32,
    met: npt.NDArray[np.uint8],
    accounts: Int32,
    gains: Int64,
    bounds: Int64,
) -> int:
    """Fill `accounts`, `gains` and `bounds` (of each prefix); return how many were chosen.

    `keys`, `ids`: the heap, sorted by falling gain at first. `histogram[g]`: how many
    candidates have gain g; it is kept up to date for the bounds.
    """
    k = len(accounts)
    size = len(ids)
    highest = len(histogram) - 1
    covered = 0
    chosen = 0
    while True:
        while highest > 0 and histogram[highest] == 0:
            highest -= 1
        bounds[chosen] = covered + _sum_of_largest(histogram, highest, k)
        if chosen == k or highest == 0:
            return chosen
        while keys[0] != gain[ids[0]]:
            keys[0] = gain[ids[0]]
            sink(keys, ids, size, 0)
        u = ids[0]
        accounts[chosen] = u
        gains[chosen] = gain[u]
        covered += gain[u]
        chosen += 1
        histogram[gain[u]] -= 1
        gain[u] = 0
        for i in range(indptr[u], indptr[u + 1]):
            s = sets[i]
            if met[s]:
                continue
            met[s] = 1
            for j in range(offsets[s], offsets[s + 1]):
                v = members[j]
                g = gain[v]
                if g > 0:
                    gain[v] = g - 1
                    histogram[g] -= 1
                    histogram[g - 1] += 1
