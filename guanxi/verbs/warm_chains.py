"""What a process keeps between questions about chains: costs of the arcs, and scratch memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from guanxi.algorithms.chains.costs import ChainGraph
    from guanxi.algorithms.chains.giant import GiantComponent
    from guanxi.algorithms.chains.scratch import Scratch
    from guanxi.engine import Engine
    from guanxi.graph.arrays import Bytes
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

#: Graphs kept for a snapshot; the one used longest ago goes first.
_KEPT = 2

_Key = tuple[str, str, bool]


@dataclass
class WarmGraph:
    """A graph with costs, and scratch memory that one thread at a time may have."""

    graph: ChainGraph
    _idle: list[Scratch] = field(default_factory=list)
    _giant: GiantComponent | None = None

    def giant(self, marks: Bytes) -> GiantComponent | None:
        """The largest strongly connected component with these accounts closed; the last is kept."""
        from guanxi.algorithms.chains.giant import giant_component

        known = self._giant
        if known is None or not known.is_for(marks):
            known = self._giant = giant_component(self.graph, marks)
        return known

    @contextmanager
    def scratch(self) -> Iterator[Scratch]:
        """Scratch memory, given back at the end."""
        from guanxi.algorithms.chains.scratch import Scratch

        try:
            lent = self._idle.pop()
        except IndexError:
            lent = Scratch(self.graph.n)
        try:
            yield lent
        finally:
            self._idle.append(lent)


_warm: WeakKeyDictionary[Snapshot, dict[_Key, WarmGraph]] = WeakKeyDictionary()


def warm_graph(
    engine: Engine, snapshot: Snapshot, profile: TieProfile, *, mutual: bool
) -> WarmGraph:
    """The arcs of a profile with their costs: computed once, then kept with the snapshot."""
    from guanxi.algorithms.chains.costs import chain_graph

    kept = _warm.setdefault(snapshot, {})
    terms = profile.terms(snapshot.kinds, snapshot.newest_day)
    key = (profile.name, terms.digest, mutual)
    found = kept.pop(key, None)
    if found is None:
        graph = snapshot.graph(profile)
        found = WarmGraph(chain_graph(graph, mutual=mutual, threads=engine.settings.threads))
    kept[key] = found
    for oldest in list(kept)[:-_KEPT]:
        kept.pop(oldest, None)
    return found
