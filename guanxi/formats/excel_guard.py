"""Guarding texts that Excel would change or run when it opens a CSV file.

Excel takes a field that begins with `=`, `+`, `-` or `@` for a formula, cuts digits
off long numbers, drops leading zeros, and makes dates of `3-4`, numbers of `1e5` and
times of `12:30`, quotes or not. A tab before such a text stops all of that, also after
Excel has saved the file and opened it again, and is not seen in the cell. (A leading
apostrophe, which hides when typed, is shown when it comes from a file; `="007"` is a
formula itself, and unprotected once Excel has saved it.) guanxi's readers take spaces
and tabs around a text off, so guarded texts come back as they were.

Source: OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re

#: Stands before a text that Excel would change.
GUARD = "\t"

#: Formulas (in East Asian locales Excel runs the full-width signs as well), and what
#: Excel may read as a number, a date, a time or a truth and not write back as it was.
_CHANGED_BY_EXCEL = re.compile(
    r"\s*[=+\-@\r\n\uff1d\uff0b\uff0d\uff20]"
    r"|(?!(?:0|[1-9][0-9]{0,10})\Z)[0-9.(]"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s./-]*[0-9]"
    r"|(?:true|false)\Z",
    re.IGNORECASE,
)


def guard(text: str) -> str:
    """`text` with a leading tab where Excel would change or run it.

    >>> guard("=1+1"), guard("007"), guard("Mar 4"), guard("Lin Wei"), guard("10086")
    ('\\t=1+1', '\\t007', '\\tMar 4', 'Lin Wei', '10086')
    """
    return GUARD + text if _CHANGED_BY_EXCEL.match(text) else text
