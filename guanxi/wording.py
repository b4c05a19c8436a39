"""Sentences that carry a number, in the singular and in the plural; and texts meant as numbers."""

from __future__ import annotations

import re

#: Thousands between commas, and a comma before decimals.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d+", re.ASCII)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`number` with its noun, which takes an `s` for any number but 1 (or is `plural`).

    >>> counted(1, "account"), counted(1234, "account"), counted(0, "community", "communities")
    ('1 account', '1,234 accounts', '0 communities')
    """
    return f"{number:,} {agree(number, noun, plural or noun + 's')}"


def agree(number: int, one: str, many: str) -> str:
    """The word that goes with `number`.

    >>> agree(1, "is", "are"), agree(2, "is", "are")
    ('is', 'are')
    """
    return one if number == 1 else many


def comma_hint(text: str, *, whole: bool = False) -> str:
    """What to write instead of a number with commas, in a sentence; "" where it is none.

    `whole`: decimals would not be taken.

    >>> comma_hint("60,000"), comma_hint("1,5")
    ('It has a comma: write 60000 or 60.000.', 'It has a comma: write 1.5.')
    >>> comma_hint("1,234,567.8"), comma_hint("1.234,5"), comma_hint("tea, please")
    ('It has a comma: write 1234567.8.', 'It has a comma: write 1234.5.', '')
    """
    text = text.strip().replace("，", ",")
    readings = []
    if _GROUPED.fullmatch(text):
        readings.append(text.replace(",", ""))
    if not whole and _DECIMAL.fullmatch(text):
        readings.append(text.replace(".", "").replace(",", "."))
    return f"It has a comma: write {' or '.join(readings)}." if readings else ""
