"""What is wrong with the rows of an array: at most one thing each, the first that was found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from guanxi.graph.arrays import Bool
from guanxi.graph.readers.rejects import Reason

_REASONS = list(Reason)


class Faults:
    """For each of `size` rows nothing, or a reason and the column at fault."""

    def __init__(self, size: int) -> None:
        self._reason = np.zeros(size, dtype=np.int8)  # 1 + place in _REASONS; 0: fine
        self._column = np.zeros(size, dtype=np.int32)

    def put(self, where: Bool, reason: Reason, column: int) -> None:
        """Note a fault of the rows `where`, unless they have one already."""
        if where.any():
            new = where & (self._reason == 0)
            self._reason[new] = 1 + _REASONS.index(reason)
            self._column[new] = column

    @property
    def fine(self) -> Bool:
        """The rows without a fault."""
        fine: Bool = self._reason == 0
        return fine

    def __iter__(self) -> Iterator[tuple[int, Reason, int]]:
        """Row, reason and column of each fault, in the order of the rows."""
        for row in np.flatnonzero(self._reason).tolist():
            yield row, _REASONS[self._reason[row] - 1], int(self._column[row])
