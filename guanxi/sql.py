"""Names in SQL."""

from __future__ import annotations


def quote(name: str) -> str:
    """A name that a user chose, as an identifier in SQL: in double quotes, its own doubled."""
    return '"' + name.replace('"', '""') + '"'
