"""Progress of work in several steps, counted in RR sets."""

from __future__ import annotations

from collections.abc import Callable


class Meter:
    """Adds up RR sets drawn by several steps for one progress function (done, total)."""

    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def extend(self, sets: int) -> None:
        """More sets are to come than was thought at first."""
        self._total += sets

    def advance(self, drawn: int) -> None:
        """Count sets just drawn."""
        self._done += drawn
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)
