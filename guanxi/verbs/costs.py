"""What an account costs: a column, or a formula over columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from guanxi.errors import FilterError, UsageError
from guanxi.graph.arrays import Float64
from guanxi.verbs.accounts import numbers

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.verbs.analysis import Analysis

#: The column that a cost is taken from where no formula is given.
PRICE = "price"


def costs(
    engine: Engine, snapshot: Snapshot, formula: str | None, analysis: Analysis | None
) -> Float64 | None:
    """float64[n]: what each account costs, NaN where that is not known.

    None where no formula is given and the accounts have no column `price`. Raises UsageError
    for a cost below zero, which names an account.
    """
    if formula is None and str(snapshot.column_types.get(PRICE)) != "number":
        return None
    wanted = PRICE if formula is None else formula
    if not wanted.strip():
        raise UsageError("--cost is empty: give a column or a formula.")
    try:
        found = numbers(engine, snapshot, wanted, analysis)
    except FilterError as error:
        raise FilterError(f"The cost {wanted}: {error}") from None
    wrong = np.flatnonzero((found < 0) | np.isinf(found))
    if len(wrong):
        first = int(wrong[0])
        more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
        raise UsageError(
            f"The cost {wanted} of {snapshot.id_of(first)}{more} is {found[first]:g}; a cost is a "
            "number of at least 0."
        )
    return found
