"""Types of the columns of accounts: found out from, and given to, their distinct texts."""

from __future__ import annotations

import re

import numpy as np

from guanxi.graph.arrays import Bool, Float64, Int64, TextColumn
from guanxi.graph.readers import numbers, times
from guanxi.graph.readers.rejects import Reason
from guanxi.graph.readers.text import text_at
from guanxi.graph.readers.zones import LocalTimes
from guanxi.graph.schema import ColumnType

Values = TextColumn | Float64 | Bool | Int64
Problems = list[tuple[Bool, Reason]]

_TRUE = frozenset({"true", "yes", "是"})
_FALSE = frozenset({"false", "no", "否"})
#: Taken as well where the column is known to hold true and false.
_MORE_TRUE = frozenset({"1", "y", "t"})
_MORE_FALSE = frozenset({"0", "n", "f"})
_LONGEST_WORD = 5  # bytes
_MOST_WORDS = 64  # distinct spellings of true and false that a column can have

#: Names of columns whose digits are no amounts: texts, whatever they look like.
_CODE_NAME = re.compile(
    r"(?:^|_)(?:id|uid|code|phone|mobile|tel|telephone|zip|zipcode|postcode|qq)$"
    "|编号|编码|代码|电话|手机|邮编|号码|账号"
)
#: Whole numbers from here on are not all told apart by float64.
_TOO_LONG = 1e15

#: Columns that cannot be negative.
_NOT_NEGATIVE = frozenset({"price", "followers_reported"})


def infer_type(name: str, texts: TextColumn, local: LocalTimes) -> ColumnType:
    """The type that fits all of the distinct, non-empty `texts` of a column called `name`.

    BOOLEAN for true/false, yes/no, 是/否 in any case; NUMBER unless a text looks like a code
    (`007`, `+86…`, a whole number of 16 digits or more) or the name is one of codes (`…_id`,
    `phone`, 编号 …); DATE for ISO dates and times; else TEXT.
    """
    if len(texts) <= _MOST_WORDS and not _booleans(texts, _TRUE, _FALSE)[1].any():
        return ColumnType.BOOLEAN
    values, status = numbers.parse_floats(texts)
    if (status == numbers.FINE).all():
        code = (
            bool(_CODE_NAME.search(name)) or _has_codes(texts) or np.abs(values).max() >= _TOO_LONG
        )
        return ColumnType.TEXT if code else ColumnType.NUMBER
    _, kinds = times.parse_times(texts, local, iso_only=True)
    if ((kinds == times.ABSOLUTE) | (kinds == times.LOCAL)).all():
        return ColumnType.DATE
    return ColumnType.TEXT


def typed(
    name: str, kind: ColumnType, texts: TextColumn, local: LocalTimes
) -> tuple[Values, Problems]:
    """The non-empty `texts` of column `name` as values of type `kind`, and which of them are none.

    A DATE column that is known to be one takes Unix times too. The values of texts with a
    problem mean nothing.
    """
    if kind is ColumnType.TEXT:
        return texts, []
    if kind is ColumnType.BOOLEAN:
        truths, wrong = _booleans(texts, _TRUE | _MORE_TRUE, _FALSE | _MORE_FALSE)
        return truths, [(wrong, Reason.NOT_BOOLEAN)]
    if kind is ColumnType.DATE:
        moments, status = times.parse_times(texts, local)
        return moments, [
            (status == times.MALFORMED, Reason.NOT_A_TIME),
            (status == times.AMBIGUOUS, Reason.AMBIGUOUS_TIME),
        ]
    values, status = numbers.parse_floats(texts)
    problems: Problems = [
        (status == numbers.MALFORMED, Reason.NOT_A_NUMBER),
        (status == numbers.COMMA, Reason.COMMA),
        (status == numbers.TOO_LARGE, Reason.OUT_OF_RANGE),
    ]
    if name in _NOT_NEGATIVE:
        problems.append((values < 0, Reason.NEGATIVE))
    return values, problems


def _booleans(texts: TextColumn, true: frozenset[str], false: frozenset[str]) -> tuple[Bool, Bool]:
    """Which texts are among `true`, and which are among neither."""
    truths = np.zeros(len(texts), dtype=np.bool_)
    wrong = np.ones(len(texts), dtype=np.bool_)
    for row in np.flatnonzero(texts.ends - texts.starts <= _LONGEST_WORD).tolist():
        word = text_at(texts, row).lower()
        truths[row] = word in true
        wrong[row] = word not in true and word not in false
    return truths, wrong


def _has_codes(texts: TextColumn) -> bool:
    """Whether any of these numbers begins with `+`, or with a zero before another digit."""
    first = texts.data[texts.starts]
    minus = first == ord("-")
    starts = texts.starts + minus
    longer = starts + 1 < texts.ends
    zero = texts.data[starts[longer]] == ord("0")
    second = texts.data[starts[longer] + 1]
    digit = (second >= ord("0")) & (second <= ord("9"))
    return bool((first == ord("+")).any() or (zero & digit).any())
