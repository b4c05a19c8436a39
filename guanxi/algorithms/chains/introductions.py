"""By whom a team can be introduced to many targets: the best chains through each introducer.

A way to a target t begins at a member s of the team and runs s → c → … → t. The introducer
is c, the account that s knows and asks first; where s has a tie to t itself nobody is asked.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.layers import Layer, follow, layers_to
from guanxi.algorithms.chains.order import CLOSED, find_order
from guanxi.algorithms.chains.scratch import LayerScratch
from guanxi.graph.arrays import Bytes, Int32, Int64, Progress
from guanxi.parallel import Workers

_NO_CONTACT = np.iinfo(np.int64).max // 2
#: Targets between two words about progress.
_TARGETS_A_TURN = 256


@dataclass(frozen=True)
class Way:
    """One way to a target: the accounts of its chain, and the product of their probabilities."""

    accounts: tuple[int, ...]
    probability: float

    @property
    def introducer(self) -> int | None:
        """Whom the team asks first; None where the chain is a direct tie."""
        return self.accounts[1] if len(self.accounts) > 2 else None


@dataclass(frozen=True)
class Ways:
    """The best ways to one target, by falling probability, each by another introducer.

    `all_known`: there are no others.
    """

    ways: list[Way]
    all_known: bool


class IntroductionFinder:
    """Finds ways from a team to targets, of at most `max_hops` steps.

    `sources`: the team; none of them is inside a way, nor is an account that is `closed`.
    """

    def __init__(
        self,
        graph: ChainGraph,
        sources: Int32,
        *,
        max_hops: int,
        closed: Int32 | None = None,
        threads: int | None = None,
    ) -> None:
        self._graph = graph
        self._max_hops = max_hops
        self._threads = threads
        self._order = find_order("strength")
        self._marks: Bytes = np.zeros(graph.n, dtype=np.uint8)
        if closed is not None:
            self._marks[closed] = CLOSED
        self._contact_key, self._contact_source = self._contacts(np.unique(sources))
        self._marks[sources] = CLOSED
        self._scratch = threading.local()

    def _contacts(self, sources: Int32) -> tuple[Int64, Int32]:
        """For each account the best step to it from the team, and from whom; ties by id."""
        graph = self._graph
        keys: Int64 = np.full(graph.n, _NO_CONTACT, dtype=np.int64)
        by: Int32 = np.full(graph.n, -1, dtype=np.int32)
        for source in sources.tolist():
            start, end = graph.out_indptr[source : source + 2].tolist()
            known = graph.out_indices[start:end]
            key = graph.out_costs[start:end] * self._order.per_cost + self._order.per_step
            better = key < keys[known]
            keys[known[better]] = key[better]
            by[known[better]] = source
        return keys, by

    def find(
        self, targets: Sequence[int], most: int, progress: Progress | None = None
    ) -> list[Ways]:
        """For each target the `most` best ways. Targets must not be of the team."""
        found: list[Ways] = []
        with Workers(self._threads) as workers:
            for start in range(0, len(targets), _TARGETS_A_TURN):
                turn = targets[start : start + _TARGETS_A_TURN]
                found += workers.run(lambda target: self._ways_to(target, most), turn)
                if progress is not None:
                    progress(len(found), len(targets))
        return found

    def _ways_to(self, target: int, most: int) -> Ways:
        layers = layers_to(
            self._graph,
            target,
            self._max_hops - 1,
            order=self._order,
            marks=self._marks,
            scratch=self._own_scratch(),
        )
        number, place, keys = _candidates(layers, self._contact_key)
        ways = []
        for i in range(min(most, len(keys))):
            rest = follow(layers, int(number[i]), int(place[i]))
            accounts = (int(self._contact_source[rest[0]]), *rest)
            steps = (self._graph.step(u, v)[1] for u, v in itertools.pairwise(accounts))
            ways.append(Way(accounts, math.prod(steps)))
        # Keys are rounded: of two that are all but equal the product says which is better.
        ways.sort(key=lambda way: (-way.probability, way.accounts))
        return Ways(ways, all_known=len(keys) <= most)

    def _own_scratch(self) -> LayerScratch:
        """Scratch memory of this thread."""
        if not hasattr(self._scratch, "it"):
            self._scratch.it = LayerScratch(self._graph.n)
        found: LayerScratch = self._scratch.it
        return found


def _candidates(layers: list[Layer], contact_key: Int64) -> tuple[Int64, Int64, Int64]:
    """Layer, place in it, and key from the team on, of each introducer's best chain.

    By ascending key, ties by account.
    """
    sizes = [len(layer.accounts) for layer in layers]
    accounts = np.concatenate([layer.accounts for layer in layers])
    keys = np.concatenate([layer.keys for layer in layers]) + contact_key[accounts]
    number = np.repeat(np.arange(len(layers)), sizes)
    place = np.concatenate([np.arange(size) for size in sizes])
    known = np.flatnonzero(keys < _NO_CONTACT)
    # An account of several layers is better in the later ones: of each the last one counts.
    _, last = np.unique(accounts[known][::-1], return_index=True)
    best = known[len(known) - 1 - last]
    best = best[np.lexsort((accounts[best], keys[best]))]
    return number[best], place[best], keys[best]
