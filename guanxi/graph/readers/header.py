"""Whether the first row of a file names its columns."""

from __future__ import annotations

from collections import Counter

from guanxi.errors import InputError
from guanxi.graph.readers.raw import KnownNames


def chosen_header(
    name: str, first_row: list[str], asked: bool | None, known_names: KnownNames | None
) -> list[str] | None:
    """`first_row` if it is the header of the file `name`, else None.

    It is if `asked`; where that is None, if `known_names` recognises it. No row is taken
    for a header by its looks alone: an account would be lost without a word.
    """
    if asked is False or (asked is None and (known_names is None or not known_names(first_row))):
        return None
    refuse_twins(name, first_row)
    return first_row


def refuse_twins(name: str, names: list[str]) -> None:
    """InputError if two columns have the same name (that is not empty)."""
    for column, times in Counter(names).items():
        if times > 1 and column:
            raise InputError(
                f"{name} has {times} columns of the name {column!r}; "
                "give each column a name of its own."
            )


def looks_like_names(rows: list[list[str]]) -> bool:
    """Whether some column holds numbers throughout, while the first row has none at all.

    >>> looks_like_names([["follower", "followee"], ["1", "2"], ["1", "3"]])
    True
    """
    if len(rows) < 2 or any(_is_number(field) for field in rows[0]):
        return False
    columns = zip(*(row for row in rows[1:] if len(row) == len(rows[0])), strict=True)
    return any(all(_is_number(field) for field in column) for column in columns)


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
