"""From what a result holds to what a file can hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

#: Rows that are turned into Python values at a time.
CHUNK = 16_384

_PLAIN = frozenset((str, int, bool, type(None)))
_NUMBERS = _PLAIN | {float}


def plain_values(column: Any) -> list[Any]:
    """The values of a column as plain Python values; NaN and NaT become None.

    An array of datetime64 becomes datetimes in UTC, whatever its unit.
    """
    kind = getattr(getattr(column, "dtype", None), "kind", "O")
    if kind == "M":
        moments = column.astype("datetime64[us]").tolist()
        return [None if moment is None else moment.replace(tzinfo=UTC) for moment in moments]
    values: list[Any] = column.tolist() if hasattr(column, "tolist") else list(column)
    if kind == "f":
        return [value if value == value else None for value in values]
    if kind == "O":
        kinds = set(map(type, values))
        if kinds <= _NUMBERS:
            return values if kinds <= _PLAIN else [None if v != v else v for v in values]
        return [value if type(value) in _PLAIN else plain_value(value) for value in values]
    return values


def plain_value(value: Any) -> Any:
    """One value as a plain Python value; NaN and NaT become None."""
    if isinstance(value, list | tuple | set | frozenset) or hasattr(value, "tolist"):
        items = value.tolist() if hasattr(value, "tolist") else list(value)
        if not isinstance(items, list):  # a numpy scalar
            return plain_value(items)
        return [plain_value(item) for item in items]
    if isinstance(value, float) and value != value:
        return None
    return value


def iso(moment: date) -> str:
    """A date as `2024-05-01`, a datetime as `2024-05-01T08:30:00Z` (UTC; bare ones are UTC).

    >>> iso(datetime(2024, 5, 1, 8, 30)), iso(date(2024, 5, 1))
    ('2024-05-01T08:30:00Z', '2024-05-01')
    """
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat() + "Z"


def field_text(value: Any) -> str:
    """A value as the text of a CSV field or a spreadsheet cell.

    None is empty, floats are the shortest text that reads back the same, true and
    false are those words, dates are ISO 8601, lists are joined by `;` (in an item a
    `;` is written `\\;`, a backslash `\\\\`).

    >>> field_text(0.1), field_text(True), field_text(["a", "b;c"]), field_text(None)
    ('0.1', 'true', 'a;b\\\\;c', '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return iso(value)
    if isinstance(value, list):
        items = (field_text(item) for item in value)
        return ";".join(item.replace("\\", "\\\\").replace(";", "\\;") for item in items)
    return repr(value) if isinstance(value, int | float) else str(value)


def encodable(text: str) -> str:
    """`text` with what is no Unicode (bytes of a strange file name, say) escaped."""
    return text.encode("utf-8", "backslashreplace").decode()
