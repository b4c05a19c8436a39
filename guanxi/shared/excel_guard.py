"""Guarding texts that Excel would change or run, and undoing it.

Excel takes a CSV field that begins with `=`, `+`, `-` or `@` for a formula, cuts
digits off long numbers, drops leading zeros and turns `1e5` into 100000. A leading
apostrophe stops all of that. `guanxi … --excel` writes it, with a byte order mark
at the head of the file; readers undo it in files that begin with that mark.

`unguard(guard(text)) == text` for every text. This module imports nothing of numba,
so it may be used anywhere.
"""

from __future__ import annotations

import re

#: Formulas (in East Asian locales Excel runs the full-width signs as well), the
#: apostrophe itself, and ids that Excel would read as a number and not write back.
_CHANGED_BY_EXCEL = re.compile(
    r"[=+\-@\t\r\n'\uff1d\uff0b\uff0d\uff20]"
    r"|(?:[0-9]{12,}|0[0-9]+|[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+)\Z"
)


def guard(text: str) -> str:
    """`text` with a leading apostrophe where Excel would change or run it.

    >>> guard("=1+1"), guard("007"), guard("'quoted'"), guard("Lin Wei")
    ("'=1+1", "'007", "''quoted'", 'Lin Wei')
    """
    return "'" + text if _CHANGED_BY_EXCEL.match(text) else text


def unguard(text: str) -> str:
    """`text` without the apostrophe that :func:`guard` put there, and without no other.

    >>> unguard("'=1+1"), unguard("'007"), unguard("'tis")
    ('=1+1', '007', "'tis")
    """
    if text.startswith("'") and _CHANGED_BY_EXCEL.match(text, 1):
        return text[1:]
    return text
