"""Times as answers say them: ISO 8601 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def utc(moment: float) -> str: ...
@overload
def utc(moment: None) -> None: ...


def utc(moment: float | None) -> str | None:
    """A time in Unix seconds, to the second, as all of guanxi writes it.

    >>> utc(1780000000.9)
    '2026-05-28T20:26:40Z'
    """
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
