"""CSV: exact, so that it comes back the same when it is read again.

Comma, double quotes, LF. A field is quoted where it holds a comma, a quote or a line
break, begins or ends with a space, begins with `#` (which readers take for a comment),
or is the only field of its row and empty (a row may not be an empty line).
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any

from guanxi.formats.excel_guard import guard
from guanxi.formats.values import field_text

if TYPE_CHECKING:
    from guanxi.results import Result

_ROUNDED_BY_EXCEL = 10**15
_QUOTED = re.compile(r'[,"\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\A[\s#\ufeff]|\s\Z')


def write_csv(result: Result, file: IO[str], excel: bool) -> list[str]:
    """Write `result` into `file`; with `excel`, with a byte order mark and guarded texts."""
    if excel:
        file.write("\ufeff")
    file.write(_line([_text(name, excel) for name in result.columns]))
    for values in result.chunks():
        fields = [_fields(column, excel) for column in values]
        file.write("".join(map(_line, zip(*fields, strict=True))))
    return []


def _line(fields: list[str] | tuple[str, ...]) -> str:
    return (",".join(fields) or '""') + "\n"


def _fields(column: list[Any], excel: bool) -> list[str]:
    return [
        _text(value, excel) if isinstance(value, str) else _other(value, excel) for value in column
    ]


def _other(value: Any, excel: bool) -> str:
    """A field that is no text: only lists, and numbers that Excel would round, need a guard."""
    text = field_text(value)
    rounded = isinstance(value, int) and abs(value) >= _ROUNDED_BY_EXCEL
    return _text(text, excel) if rounded or isinstance(value, list) else text


def _text(text: str, excel: bool) -> str:
    if excel:
        text = guard(text)
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
