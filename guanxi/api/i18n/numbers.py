"""Numbers, shares, times and values as people read them; the same in every language."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

#: What stands where there is nothing.
NOTHING = "–"


def number(value: float | None) -> str:
    """A count or an amount: whole from a hundred on, else with what is needed.

    >>> number(12345), number(99.26), number(0.5), number(None)
    ('12,345', '99.3', '0.5', '–')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if isinstance(value, int) or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:,.1f}".removesuffix(".0")


def percent(share: float | None) -> str:
    """A share as per cent: to a tenth, and below one per cent with two significant digits.

    >>> percent(0.44), percent(0.00012), percent(1), percent(0), percent(None)
    ('44.0 %', '0.012 %', '100 %', '0 %', '–')
    """
    if share is None or not math.isfinite(share):
        return NOTHING
    if share >= 0.9995 or abs(share) < 0.01:
        return f"{significant(share * 100, 4 if share > 1 else 2)} %"
    return f"{share * 100:.1f} %"


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, never as a power of ten.

    >>> significant(1234.5), significant(0.00012345), significant(16.04)
    ('1,230', '0.000123', '16')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else NOTHING
    value = float(f"{value:.{digits}g}")
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def short_number(value: float) -> str:
    """A number for the ticks of an axis.

    >>> short_number(1500), short_number(2_000_000), short_number(0.5)
    ('1.5k', '2M', '0.5')
    """
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{significant(value / size)}{unit}"
    return significant(value)


def moment(value: str | float | datetime | None) -> str:
    """A time (ISO 8601, Unix, or as it is) to the minute, in UTC.

    >>> moment("2026-03-01T08:05:59.123456Z")
    '2026-03-01 08:05 UTC'
    """
    if value is None:
        return NOTHING
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif not isinstance(value, datetime):
        value = datetime.fromtimestamp(value, UTC)
    known = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{known:%Y-%m-%d %H:%M} UTC"


def plain(value: Any) -> str:
    """A value of a column, whatever its type."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool | date | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return significant(value, 4) if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(item)}" for name, item in value.items())
    return str(value)
