"""From Neo4j's internal ids to the numbers of accounts, and lists of integers to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from guanxi.errors import StoreBusyError, StoreError
from guanxi.graph.arrays import Int32, Int64

#: A table by internal id is used while it is not much larger than the accounts are many.
_SPARSE = 16


class Numbers:
    """The number of the account with each internal id; `keys[number]` is its id.

    `ascending` are all internal ids in order, and `by_key` the number of each of them.
    """

    def __init__(self, keys: Int64) -> None:
        self.keys = keys
        self.by_key = np.argsort(keys, kind="stable")
        self.ascending = keys[self.by_key]
        self._table: Int32 | None = None
        highest = int(self.ascending[-1]) if len(keys) else -1
        if highest < _SPARSE * len(keys) + 1_000_000:
            self._table = np.full(highest + 1, -1, dtype=np.int32)
            self._table[keys] = np.arange(len(keys), dtype=np.int32)

    def of(self, keys: list[int] | Int64) -> Int32:
        """The numbers of accounts; StoreBusyError where one is new since the accounts were read."""
        wanted = np.asarray(keys, dtype=np.int64)
        if len(wanted) == 0:
            return np.empty(0, dtype=np.int32)
        if self._table is not None:
            known = wanted < len(self._table)
            found = self._table[np.where(known, wanted, 0)]
            known &= found >= 0
        else:
            places = np.minimum(np.searchsorted(self.ascending, wanted), len(self.keys) - 1)
            known = self.ascending[places] == wanted
            found = self.by_key[places].astype(np.int32)
        if not known.all():
            raise StoreBusyError(
                "Somebody adds accounts to the store while it is read. Try again when that is done."
            )
        return found


def integers(values: list[Any], name: str) -> Int64:
    """A list from the server as int64; StoreError where something else than integers is in it."""
    array = np.array(values) if values else np.empty(0, dtype=np.int64)
    if array.dtype.kind != "i":
        raise StoreError(
            f"A property {name} in the store holds something else than a whole number: somebody "
            "else than guanxi wrote it. Times are microseconds, weights and values millionths."
        )
    return array.astype(np.int64, copy=False)
