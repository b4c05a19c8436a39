"""Burt's constraint: how much an account's contacts are tied to each other."""

from __future__ import annotations

import numpy as np

from guanxi.algorithms.community.csr import on_blocks
from guanxi.graph.arrays import Adjacency, Float64, Int32, Int64, read_only
from guanxi.kernels import kernel

#: Accounts of a block, and accounts looked at before the search asks whether it can stop.
_BLOCK, _BATCH = 64, 1024


@kernel
def _strengths(indptr: Int64, weights: Float64, strength: Float64, least: Float64) -> None:
    """The `strength` of each row, and the sum of the squared shares of its entries (`least`)."""
    for v in range(len(strength)):
        total = 0.0
        squares = 0.0
        for entry in range(indptr[v], indptr[v + 1]):
            total += weights[entry]
            squares += weights[entry] * weights[entry]
        strength[v] = total
        least[v] = squares / (total * total) if total > 0.0 else np.nan


@kernel
def _constraints(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    strength: Float64,
    accounts: Int32,
    place_of: Int32,
    shared: Float64,
    found: Float64,
) -> None:
    """The constraint of each of `accounts`.

    `place_of` (−1 everywhere) and `shared` (as long as the longest row) are scratch: where an
    account stands in the row at hand, and by what share it is also reached through others.
    """
    for at in range(len(accounts)):
        i = accounts[at]
        start, end = indptr[i], indptr[i + 1]
        for entry in range(start, end):
            place_of[indices[entry]] = entry - start
            shared[entry - start] = weights[entry] / strength[i]
        for entry in range(start, end):
            q = indices[entry]
            through = weights[entry] / strength[i] / strength[q]
            first, last = indptr[q], indptr[q + 1]
            if last - first <= 16 * (end - start):
                for other in range(first, last):
                    place = place_of[indices[other]]
                    if place >= 0:
                        shared[place] += through * weights[other]
            else:  # a short row beside a long one: look its members up
                for mine in range(start, end):
                    j = indices[mine]
                    low = first + np.searchsorted(indices[first:last], j)
                    if low < last and indices[low] == j:
                        shared[mine - start] += through * weights[low]
        total = 0.0
        for place in range(end - start):
            total += shared[place] * shared[place]
        for entry in range(start, end):
            place_of[indices[entry]] = -1
        found[at] = total if end > start else np.nan


class Constraints:
    """Burt's constraint of the accounts of a network, each when it is asked for.

    C(i) = Σ (p(i, j) + Σ p(i, q) p(q, j))² over i's contacts j, the inner sum over contacts q
    of both; p(i, j) is the share of j in the strength of i's ties. Low where an account's
    contacts know each other little, so that it stands between them; about 1 over the number
    of contacts at best, and above 1 at worst. nan for an account without ties.

    `ties`: symmetric, positive weights, no loops (see `guanxi.algorithms.community.undirected`).

    Source: R. S. Burt, "Structural holes and good ideas", American Journal of Sociology 110,
    2004, doi:10.1086/421787.

    >>> star = Adjacency(np.array([0, 2, 3, 4]), np.array([1, 2, 0, 0], dtype=np.int32), np.ones(4))
    >>> Constraints(star).of(np.arange(3, dtype=np.int32)).tolist()
    [0.5, 1.0, 1.0]
    """

    def __init__(self, ties: Adjacency, threads: int | None = None) -> None:
        weights = np.ones(ties.m) if ties.weights is None else ties.weights
        self._rows = read_only(ties.indptr), read_only(ties.indices), read_only(weights)
        self._longest = int(np.diff(ties.indptr).max(initial=0))
        self._threads = threads
        self._strength = np.empty(ties.n)
        #: float64[n]: Σ p(i, j)², which the constraint of an account never falls below.
        self.least = np.empty(ties.n)
        _strengths(self._rows[0], self._rows[2], self._strength, self.least)

    def of(self, accounts: Int32) -> Float64:
        """The constraint of each of `accounts` (int32); float64, exact."""
        found = np.empty(len(accounts))

        def work(block: tuple[int, int]) -> None:
            place_of = np.full(len(self.least), -1, dtype=np.int32)
            part = slice(*block)
            scratch = place_of, np.empty(self._longest)
            _constraints(
                *self._rows, read_only(self._strength), accounts[part], *scratch, found[part]
            )

        size = max(_BLOCK, -(-len(accounts) // 256))
        on_blocks(
            work,
            [(first, min(first + size, len(accounts))) for first in range(0, len(accounts), size)],
            self._threads,
        )
        return found

    def lowest(self, count: int, candidates: Int32) -> Int32:
        """The `count` of `candidates` (int32) with the lowest constraint, ties by number; exact.

        Looked at in the order of `least`, until it is above the constraint of the last of
        the `count` best so far. Accounts without ties are none of them.
        """
        waiting = candidates[~np.isnan(self.least[candidates])]
        waiting = waiting[np.lexsort((waiting, self.least[waiting]))]
        best, values = np.empty(0, dtype=np.int32), np.empty(0)
        for first in range(0, len(waiting), _BATCH):
            if len(best) == count and self.least[waiting[first]] > values[-1]:
                break
            batch = waiting[first : first + _BATCH]
            best = np.concatenate([best, batch])
            values = np.concatenate([values, self.of(batch)])
            order = np.lexsort((best, values))[:count]
            best, values = best[order], values[order]
        return best
