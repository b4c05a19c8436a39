"""The best chains between two accounts, one after the other, under what is asked of them.

Loopless chains in their order after J. Y. Yen, "Finding the k shortest loopless paths in a
network", Management Science 17(11), 1971, doi:10.1287/mnsc.17.11.712, with E. L. Lawler's
improvement (1972, doi:10.1287/mnsc.18.7.401): a chain is varied only from where it left the
one before it, so none is found twice.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.layers import best_chain_within
from guanxi.algorithms.chains.order import CLOSED, PENALTY, USED, find_order
from guanxi.algorithms.chains.scratch import Scratch
from guanxi.algorithms.chains.search import best_chain
from guanxi.graph.arrays import Bytes, Int32

_NOBODY: Int32 = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, order=True)
class Chain:
    """A chain of accounts and its key (see `order`): chains compare as they are ranked."""

    key: int
    accounts: tuple[int, ...]

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.accounts) - 1

    @property
    def inner(self) -> tuple[int, ...]:
        """The accounts between the two ends."""
        return self.accounts[1:-1]


class ChainFinder:
    """Searches on one graph: by `strength` or `hops`, around accounts that are closed.

    `closed`: accounts never inside a chain (they may be its ends). `scratch` may serve many
    finders, one at a time.
    """

    def __init__(
        self,
        graph: ChainGraph,
        *,
        by: str = "strength",
        closed: Int32 | None = None,
        scratch: Scratch | None = None,
    ) -> None:
        self.graph = graph
        self.order = find_order(by)
        self.marks: Bytes = np.zeros(graph.n, dtype=np.uint8)
        if closed is not None:
            self.marks[closed] = CLOSED
        self._scratch = scratch if scratch is not None else Scratch(graph.n)

    @contextmanager
    def marked(self, accounts: list[int], mark: int) -> Iterator[None]:
        """For a while, accounts that are CLOSED or USED; those that are CLOSED stay so."""
        before = self.marks[accounts]
        self.marks[accounts] = np.where(before == CLOSED, CLOSED, mark)
        try:
            yield
        finally:
            self.marks[accounts] = before

    def best(
        self, source: int, target: int, *, max_hops: int | None = None, banned: Int32 = _NOBODY
    ) -> Chain | None:
        """The best chain, of at most `max_hops` steps; its first step is to none of `banned`.

        None where there is no chain. Best: greatest product of step probabilities, then fewest
        steps (by hops: the other way round), then the smallest accounts read from the source.
        Needs `source` ≠ `target`.
        """
        if max_hops is not None and max_hops < 1:
            return None
        found = best_chain(
            self.graph,
            source,
            target,
            order=self.order,
            marks=self.marks,
            scratch=self._scratch,
            banned=banned,
        )
        if found is not None and max_hops is not None and len(found[1]) - 1 > max_hops:
            found = best_chain_within(
                self.graph,
                source,
                target,
                max_hops,
                order=self.order,
                marks=self.marks,
                scratch=self._scratch,
                banned=banned,
            )
        return None if found is None else Chain(found[0], tuple(found[1]))

    def in_order(self, source: int, target: int, *, max_hops: int | None = None) -> Iterator[Chain]:
        """All loopless chains, the best first (Yen). Each is searched when it is asked for."""
        first = self.best(source, target, max_hops=max_hops)
        waiting = [] if first is None else [(first, 0)]
        given: list[Chain] = []
        while waiting:
            chain, deviation = heapq.heappop(waiting)
            yield chain
            given.append(chain)
            for place in range(deviation, chain.steps):
                other = self._variation(chain, place, given, target, max_hops)
                if other is not None:
                    heapq.heappush(waiting, (other, place))

    def _variation(
        self, chain: Chain, place: int, given: list[Chain], target: int, max_hops: int | None
    ) -> Chain | None:
        """The best chain that begins like `chain` up to `place`, and then as none before."""
        root = chain.accounts[: place + 1]
        banned = {
            other.accounts[place + 1] for other in given if other.accounts[: place + 1] == root
        }
        left = None if max_hops is None else max_hops - place
        with self.marked(list(root[:-1]), CLOSED):
            found = self.best(
                root[-1], target, max_hops=left, banned=np.array(sorted(banned), dtype=np.int32)
            )
        if found is None:
            return None
        steps = itertools.pairwise(root)
        key = sum(self._key(u, v, target) for u, v in steps) + found.key
        return Chain(key, root[:-1] + found.accounts)

    def _key(self, u: int, v: int, target: int) -> int:
        graph = self.graph
        start, end = graph.out_indptr[u : u + 2].tolist()
        place = start + int(np.searchsorted(graph.out_indices[start:end], v))
        key = int(graph.out_costs[place]) * self.order.per_cost + self.order.per_step
        return key + PENALTY * bool(self.marks[v] == USED and v != target)
