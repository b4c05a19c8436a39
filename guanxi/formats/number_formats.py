"""How a spreadsheet shows the numbers of a result; the cells hold them exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from guanxi.formats.values import CHUNK, plain_values

#: Columns that are shares of a whole.
SHARES = frozenset({"share", "density", "internal_share", "core_reach"})
#: Columns that count or measure. Others (a user's own, such as a year of birth, and numbers
#: that are names, such as that of a community) are shown as they are.
MEASURES = frozenset(
    {
        *("size", "cost", "reach", "reach_low", "reach_high", "marginal_reach", "strength"),
        *("in_degree", "out_degree", "weighted_in_degree", "k_core", "pagerank", "hub"),
        *("authority", "probability", "rows", "accepted", "rejected", "duplicates", "self_loops"),
        *("added", "updated", "unchanged", "removed", "made_accounts", "accounts", "follows"),
        *("interactions", "arcs", "price", "followers_reported"),
    }
)


@dataclass(frozen=True)
class NumberFormat:
    """`code` as Excel takes it, `python` the same for `format`, to see how wide it gets."""

    code: str
    python: str

    def shown(self, value: float) -> str:
        """The text that a cell shows.

        >>> WHOLE.shown(1234567), PERCENT.shown(0.1234)
        ('1,234,567', '12.34%')
        """
        return format(value, self.python)


WHOLE = NumberFormat("#,##0", ",.0f")
PERCENT = NumberFormat("0.00%", ".2%")
#: Formats of fractions by the size of the largest number of the column, from large to small.
_BY_SIZE = (
    (1000, WHOLE),
    (100, NumberFormat("#,##0.0", ",.1f")),
    (1, NumberFormat("#,##0.00", ",.2f")),
    (0.001, NumberFormat("0.000000", ".6f")),
    (0, NumberFormat("0.00E+00", ".2E")),
)


def number_format(name: str, column: Any) -> NumberFormat | None:
    """The format of the column `name`; None where its numbers are shown as they are.

    Counts have their thousands separated, shares are percentages, other measures have as many
    decimals as the largest of their column deserves.

    >>> number_format("reach", [12.5, 800.25]).code, number_format("born_in", [1999])
    ('#,##0.0', None)
    """
    if name not in SHARES and name not in MEASURES:
        return None
    largest, whole, shares = 0.0, True, name in SHARES
    for start in range(0, len(column), CHUNK):
        for value in plain_values(column[start : start + CHUNK]):
            if isinstance(value, int | float) and math.isfinite(value):
                largest = max(largest, abs(value))
                whole = whole and value == int(value)
                shares = shares and 0 <= value <= 1
    if shares:
        return PERCENT
    if whole:
        return WHOLE
    return next(found for least, found in _BY_SIZE if largest >= least)
