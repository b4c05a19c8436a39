"""Where a page of a long table stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paging:
    """Page `page` (from 1) of a table of `total` rows, `size` a page."""

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.total // self.size), 1)

    @property
    def low(self) -> int:
        """Number of the first row of this page, from 1; 0 where there is none."""
        return min((self.page - 1) * self.size + 1, self.total)

    @property
    def high(self) -> int:
        """Number of its last row."""
        return min(self.page * self.size, self.total)


def paging_of(asked: str | None, size: int, total: int) -> Paging:
    """The page that was asked for, or the nearest that there is.

    >>> paging_of("3", 50, 120).low, paging_of("99", 50, 120).page, paging_of("x", 50, 120).page
    (101, 3, 1)
    """
    last = max(-(-total // size), 1)
    number = int(asked) if asked and asked.isascii() and asked.isdecimal() else 1
    return Paging(min(max(number, 1), last), size, total)
