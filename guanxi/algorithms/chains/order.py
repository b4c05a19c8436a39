"""Which of two chains comes first: one number for each chain, the sum over its steps.

`by="strength"`: key = Σ (cost · 2^12 + 1): least cost (the strongest) first, then fewer steps.
`by="hops"`: key = Σ (2^44 + cost): fewest steps first, then the strongest. Equal keys: the
smaller accounts, compared one by one from the start. (Costs are whole units of 2^-28 halvings
of the probability; up to 4,095 steps, and 2^16 halvings, the two parts of a key do not mix.)
Every step has a positive key, so a best chain never passes an account twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.errors import UsageError

#: Marks of accounts: may be inside a chain; never; only where nothing else is possible.
FREE, CLOSED, USED = 0, 1, 2
#: Key of each USED account inside a chain: above that of any chain that people would look at.
PENALTY = 1 << 54
#: Chains whose key is beyond this do not count as chains: sums stay far from overflowing.
LIMIT = 1 << 61
_STEP = 1 << 44


@dataclass(frozen=True)
class Order:
    """A step of cost c has the key c · `per_cost` + `per_step`."""

    per_cost: int
    per_step: int


ORDERS = {"strength": Order(1 << 12, 1), "hops": Order(1, _STEP)}


def find_order(by: str) -> Order:
    """The order of that name. Raises UsageError for another one."""
    if by not in ORDERS:
        raise UsageError(f"Chains are ranked by {' or '.join(ORDERS)}, not by {by!r}.")
    return ORDERS[by]
