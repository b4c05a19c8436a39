"""Whether the first row of a file names its columns."""

from __future__ import annotations

import re
from collections import Counter

from guanxi.errors import InputError
from guanxi.graph.readers.raw import KnownNames, Source


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


def looks_unseen(rows: list[list[str]]) -> bool:
    """Whether the first of a few `rows` names columns in all likelihood, by its first two fields.

    So it does where it has no number above rows of numbers, and where it has words that names
    of columns consist of above ids that all have a digit.

    >>> looks_unseen([["uid_a", "uid_b"], ["1", "2"], ["2", "3"]])
    True
    """
    if len(rows) < 3:
        return False
    first, others = rows[0][:2], [text for row in rows[1:] for text in row[:2]]
    if all(text.strip().isdecimal() for text in others):
        return not any(text.strip().isdecimal() or not text for text in first)
    words = all(_NAMES_SOMETHING.search(text) and not _DIGIT.search(text) for text in first)
    return words and all(_DIGIT.search(text) for text in others)


def take_header(source: Source) -> None:
    """Make the first row of a source that has no header its header."""
    names, *source.sample = source.sample
    refuse_twins(source.name, names)
    source.header = names
    source.description["header"] = "yes"


#: Words that names of columns of accounts consist of, in English and Chinese.
_NAMES_SOMETHING = re.compile(
    r"id$|^id|编号|账号|帐号|用户|粉丝|博主|关注|user|account|follow|fan|blogger|source|target|name",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


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
