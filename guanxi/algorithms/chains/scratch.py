"""Memory that searches use again and again, so that a search costs what it touches."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from guanxi.graph.arrays import Int32, Int64

#: The key of an account that a search has not come to.
NO_KEY = np.iinfo(np.int64).max
#: Column of `Scratch.labels` that is 0 for accounts nobody has queued.
QUEUED = 3


class Scratch:
    """Memory of searches on one graph, for one thread at a time.

    A search touches only the labels of accounts that it comes to, and takes them away when it
    is done. The heaps double when a search needs more.
    """

    def __init__(self, n: int) -> None:
        self.labels: Int64 = np.full((n, 4), NO_KEY, dtype=np.int64)
        self.labels[:, QUEUED] = 0
        self.touched: Int32 = np.empty(n + 1, dtype=np.int32)
        self.queue: Int32 = np.empty(n + 1, dtype=np.int32)
        self.state: Int64 = np.zeros(7, dtype=np.int64)
        self._make_heaps(1 << 16)

    def _make_heaps(self, entries: int) -> None:
        self.keys: Int64 = np.zeros(entries, dtype=np.int64)
        self.ids: Int32 = np.zeros(entries, dtype=np.int32)
        self.back_keys: Int64 = np.zeros(entries, dtype=np.int64)
        self.back_ids: Int32 = np.zeros(entries, dtype=np.int32)

    def grow(self) -> None:
        """Heaps of twice the size."""
        self._make_heaps(2 * len(self.keys))

    @cached_property
    def layers(self) -> LayerScratch:
        """Memory of searches by layers (see `layers`)."""
        return LayerScratch(len(self.labels))


class LayerScratch:
    """Labels by stamps, and room for one layer: accounts, keys, places."""

    def __init__(self, n: int) -> None:
        self.labels: Int64 = np.zeros((n, 4), dtype=np.int64)
        self.accounts: Int32 = np.empty(n, dtype=np.int32)
        self.keys: Int64 = np.empty(n, dtype=np.int64)
        self.next: Int32 = np.empty(n, dtype=np.int32)
        self._stamp = 0

    def next_stamp(self) -> int:
        """A number that no label has."""
        self._stamp += 1
        return self._stamp
