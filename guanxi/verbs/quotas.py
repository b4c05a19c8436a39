"""Quotas: how many accounts of a kind a list may or must have, in the words of a planner.

`city = 'Shanghai': >=5` is a condition and a bound; `each community: <=3` bounds every
community, and `each platform: <=10` every value of a column.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from guanxi.algorithms.influence.constraints import NO_GROUP, Quota
from guanxi.errors import FilterError, NotAnalyzedError, UsageError
from guanxi.graph.arrays import Int32
from guanxi.verbs.accounts import matching

if TYPE_CHECKING:
    from guanxi.verbs.selectors import Selector

_BOUND = re.compile(r"\s*(>=|<=|=|≥|≤)?\s*(\d+)\s*")
_EACH = re.compile(r"each\s+(?P<bare>\S+)|each\s+\"(?P<quoted>[^\"]+)\"", re.IGNORECASE)


def read_quota(selector: Selector, text: str) -> Quota:
    """The quota that `text` describes.

    Bounds are `>=5`, `<=10`, `=3`, or two of them: `>=2 <=5`. Raises UsageError or FilterError,
    which say what is wrong with it.
    """
    condition, colon, bounds = text.rpartition(":")
    if not colon or not condition.strip():
        raise UsageError(
            f"The quota {text!r} needs a condition, a colon and a bound, such as "
            '"city = \'Shanghai\': >=5" or "each community: <=3".'
        )
    lower, upper = _bounds(text, bounds)
    condition = condition.strip()
    each = _EACH.fullmatch(condition)
    if each is not None:
        groups, names = _groups(selector, each["quoted"] or each["bare"], text)
        return Quota(text, groups, lower, upper, names)
    try:
        mask = matching(selector.engine, selector.snapshot, condition, selector.analysis)
    except FilterError as error:
        raise FilterError(f"The quota {text!r}: {error}") from None
    return Quota.of_mask(text, mask, lower, upper)


def _bounds(text: str, given: str) -> tuple[int, int | None]:
    parts = list(_BOUND.finditer(given))
    whole = "".join(part[0] for part in parts) == given
    signs = [(part[1] or "=").replace("≥", ">=").replace("≤", "<=") for part in parts]
    if not parts or not whole or sorted(signs) not in (["<="], [">="], ["="], ["<=", ">="]):
        raise UsageError(
            f"The bound of the quota {text!r} must be >=N, <=N, =N, or two of them as in >=2 <=5."
        )
    lower, upper = 0, None
    for sign, part in zip(signs, parts, strict=True):
        number = int(part[2])
        lower = number if sign in (">=", "=") else lower
        upper = number if sign in ("<=", "=") else upper
    return lower, upper


def _groups(selector: Selector, name: str, text: str) -> tuple[Int32, tuple[str, ...]]:
    """int32[n]: a number for each value of a column, -1 where it is empty; and the values."""
    snapshot = selector.snapshot
    if name == "community" and name not in snapshot.column_types:
        if selector.analysis is None:
            raise NotAnalyzedError(
                f"The quota {text!r} needs communities; run `guanxi analyze` first."
            )
        communities = np.asarray(selector.analysis.score("community"), dtype=np.int32)
        most = int(communities.max(initial=0))
        return communities, tuple(f"community {label}" for label in range(most + 1))
    if name not in snapshot.column_types:
        known = ", ".join(["community", *snapshot.column_types])
        raise UsageError(f"The quota {text!r}: there is no column {name}; there are {known}.")
    numbered: dict[object, int] = {}
    values = snapshot.columns([name])[name]
    groups = [NO_GROUP if v is None else numbered.setdefault(v, len(numbered)) for v in values]
    return np.asarray(groups, dtype=np.int32), tuple(map(str, numbered))
