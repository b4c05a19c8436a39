"""Several chains: through given accounts, the next best ones, and ones that truly differ."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guanxi.algorithms.chains.order import CLOSED, USED
from guanxi.algorithms.chains.strongest import Chain, ChainFinder

#: So many combinations of segments are looked at for a chain without a repeated account.
TRIES = 2000


@dataclass(frozen=True)
class Chains:
    """The chains found, best first, and whether the search for further ones was cut off."""

    chains: list[Chain]
    cut_off: bool = False


def find_chains(
    finder: ChainFinder,
    source: int,
    target: int,
    *,
    n: int = 1,
    max_hops: int | None = None,
    through: Sequence[int] = (),
    diverse: bool = False,
) -> Chains:
    """Up to `n` loopless chains from `source` to `target`, best first.

    `through`: accounts that every chain passes, in this order; none of them, and neither end,
    is passed at any other place. Segments are combined in the order of their sums until `n`
    combinations pass no account twice; after `TRIES` of them the search is cut off.

    `diverse`: each further chain shares as few inner accounts as possible with all those
    before it, and is the best of these; the list ends before a chain more than half of whose
    inner accounts (those of `through` left out) have been passed already.

    All accounts must be distinct.
    """
    stops = [source, *through, target]
    if not diverse:
        return _first(_through(finder, stops, max_hops), n)
    chains: list[Chain] = []
    while len(chains) < n:
        shown = {chain.accounts for chain in chains}
        passed = {v for chain in chains for v in chain.inner} - set(through)
        with finder.marked(sorted(passed), USED):
            found = _first(_through(finder, stops, max_hops), 1, shown)
        if not found.chains:
            return Chains(chains, found.cut_off)
        inner = set(found.chains[0].inner) - set(through)
        if 2 * len(inner & passed) > len(inner):
            break
        chains += found.chains
    return Chains(chains)


def _first(
    chains: Iterator[Chain | None], n: int, shown: set[tuple[int, ...]] | None = None
) -> Chains:
    """The first `n` chains that have not been shown; None in their stead is a failed try."""
    found: list[Chain] = []
    for chain in itertools.islice(chains, TRIES):
        if chain is not None and (shown is None or chain.accounts not in shown):
            found.append(chain)
        if len(found) == n:
            return Chains(found)
    return Chains(found, cut_off=next(chains, None) is not None)


def _through(
    finder: ChainFinder, stops: Sequence[int], max_hops: int | None
) -> Iterator[Chain | None]:
    """Chains along all stops, best first; None for a combination that will not do."""
    if len(stops) == 2:
        yield from finder.in_order(*stops, max_hops=max_hops)
        return
    segments = list(itertools.pairwise(stops))
    most = None if max_hops is None else max_hops - len(segments) + 1
    streams = [_Segment(finder, stops, *ends, most) for ends in segments]
    waiting: list[tuple[Chain, tuple[int, ...]]] = []
    seen: set[tuple[int, ...]] = set()

    def put(places: tuple[int, ...]) -> None:
        parts = [stream.get(place) for stream, place in zip(streams, places, strict=True)]
        if places not in seen and all(parts):
            seen.add(places)
            heapq.heappush(waiting, (_joined([part for part in parts if part]), places))

    put((0,) * len(streams))
    while waiting:
        chain, places = heapq.heappop(waiting)
        loopless = len(set(chain.accounts)) == len(chain.accounts)
        yield chain if loopless and (max_hops is None or chain.steps <= max_hops) else None
        for number in range(len(places)):
            put((*places[:number], places[number] + 1, *places[number + 1 :]))


class _Segment:
    """The chains between two stops, best first, kept as they are asked for."""

    def __init__(
        self, finder: ChainFinder, stops: Sequence[int], start: int, end: int, most: int | None
    ) -> None:
        self._finder = finder
        self._others = [stop for stop in stops if stop not in (start, end)]
        self._chains = finder.in_order(start, end, max_hops=most)
        self._known: list[Chain | None] = []

    def get(self, place: int) -> Chain | None:
        """The chain at this place of the order; None after the last one."""
        while len(self._known) <= place:
            with self._finder.marked(self._others, CLOSED):
                self._known.append(next(self._chains, None))
        return self._known[place]


def _joined(parts: Sequence[Chain]) -> Chain:
    accounts = parts[0].accounts
    for part in parts[1:]:
        accounts += part.accounts[1:]
    return Chain(sum(part.key for part in parts), accounts)
