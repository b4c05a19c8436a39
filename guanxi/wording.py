"""Sentences that carry a number, in the singular and in the plural."""

from __future__ import annotations


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
