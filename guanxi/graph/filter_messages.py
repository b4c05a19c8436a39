"""What is said about a condition that cannot be accepted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, Protocol

from sqlglot import exp

from guanxi.errors import FilterError
from guanxi.graph.readers.names import meaning_of
from guanxi.graph.schema import Role
from guanxi.wording import comma_hint

_ALLOWED = (
    "Allowed are and, or, not, comparisons, between, in, like, ilike, is null, + - * /, "
    "lower, upper, length, contains, starts_with, abs, round and coalesce."
)
_FULL_WIDTH = "＝（），；＞＜！＋－＊／％‘’“”"
_OPERATORS = {
    "RegexpLike": "regular expressions",
    "SimilarTo": "similar to",
    "DPipe": "||",
    "Mod": "%",
    "IntDiv": "//",
    "Pow": "powers",
    "NullSafeEQ": "is not distinct from",
    "NullSafeNEQ": "is distinct from",
    "Placeholder": "parameters",
    "Parameter": "parameters",
    "Star": "*",
    "Dot": "names with a dot",
    "Column": "names with a dot",
    "Tuple": "lists of values outside in (…)",
    "Array": "lists in brackets",
    "Bracket": "brackets",
    "RawString": "texts in other than single quotes",
    "ByteString": "texts in other than single quotes",
    "National": "texts in other than single quotes",
    "JSONExtract": "->",
    "JSONExtractScalar": "->>",
    "TryCast": "try_cast",
    "Between": "between symmetric",
    "Concat": "texts side by side",
    "In": "in without a list of values in parentheses",
}


class _Term(Protocol):
    """What a part of a condition says of itself."""

    @property
    def text(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def literal(self) -> str | None: ...


def unknown_column(name: str, in_quotes: bool, known: list[str]) -> FilterError:
    """No column has this name: which are near, or that texts stand in single quotes."""
    if any(char in _FULL_WIDTH for char in name):
        return _full_width(name)
    lower = {column.casefold(): column for column in known}
    # A file's 报价 is kept as price: who has the file before him asks for 报价.
    meant = meaning_of(Role.ACCOUNTS, name)
    near = (
        [meant]
        if meant in lower
        else difflib.get_close_matches(name.casefold(), lower, n=3, cutoff=0.6)
    )
    if near:
        hint = f"did you mean {' or '.join(lower[match] for match in near)}?"
    elif in_quotes:
        hint = f"texts stand in single quotes, {_in_quotes(name)}."
    else:
        there = f"{', '.join(known[:20])}{' …' if len(known) > 20 else ''}"
        hint = f"there are {there}; a text stands in single quotes, {_in_quotes(name)}."
    return FilterError(f"No column of the accounts is called {name}: {hint}")


def not_allowed(node: Any, columns: Mapping[str, str]) -> FilterError:
    """A part of SQL that conditions do without, by its name."""
    if node is None or isinstance(node, str):
        return FilterError(f"The condition cannot be understood. {_ALLOWED}")
    if isinstance(node, exp.Query | exp.Exists | exp.Subquery | exp.Any | exp.All):
        return FilterError("Subqueries are not allowed in a condition.")
    what = _OPERATORS.get(type(node).__name__) or _name(node)
    word = what.removeprefix("the function ").removesuffix("()")
    if word in columns:
        hint = f"If you mean the column, put it in double quotes, {_in_double_quotes(word)}."
    else:
        hint = _ALLOWED
    return FilterError(f"A condition cannot use {what}. {hint}")


def _name(node: Any) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.this}()"
    if isinstance(node, exp.Window | exp.AggFunc):
        return "aggregates and window functions"
    if isinstance(node, exp.Func) and not isinstance(node, exp.Case | exp.Binary):
        return f"the function {node.sql_name().lower()}()"
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__)
    return words.lower()


def misparsed(text: str, errors: list[dict[str, Any]]) -> FilterError:
    """The words do not form a condition; says where that was noticed."""
    if any(char in _FULL_WIDTH for char in text):
        return _full_width(text)
    place = errors[0] if errors else {}
    word = str(place.get("highlight") or "").strip()
    column = int(place.get("col") or 0)
    where = f" at {word} (character {column})" if word and column else ""
    number = _number_around(text, column - 1)
    if number and (hint := comma_hint(number)):
        return FilterError(
            f"The condition {_shortened(text)} cannot be understood at {number}. {hint}"
        )
    return FilterError(
        f"The condition {_shortened(text)} cannot be understood{where}. "
        "Write it like city = 'Shanghai' and price <= 500; a column whose name is a word "
        "of SQL or holds spaces stands in double quotes."
    )


def _number_around(text: str, place: int) -> str:
    """The digits, points and commas of which the character at `place` is one, if it is.

    Those after `in`, with its bracket open or forgotten, are several numbers.
    """
    for found in re.finditer(r"[\d.,]+", text):
        if found.start() <= place < found.end():
            before = text[: found.start()]
            return "" if re.search(r"(?i)\bin\s*(\([^()]*)?$", before) else found[0]
    return ""


def unclosed(text: str) -> FilterError:
    """A quote that is never closed, or a character that SQL does not know."""
    return FilterError(
        f"The condition {_shortened(text)} cannot be understood: is every quote closed?"
    )


def too_deep() -> FilterError:
    """More levels than a sensible condition has."""
    return FilterError("The condition is nested too deeply.")


def not_wanted(text: str, type: str, wanted: str) -> FilterError:
    """The whole is of another type than the one wanted: boolean (a condition) or number."""
    if wanted == "number":
        return FilterError(
            f"{_shortened(text)} is {_a(type)}, not a number: name a column of numbers, or compute "
            "with one, as in 0.02 * followers."
        )
    return FilterError(
        f"{_shortened(text)} is {_a(type)}, not a condition: compare it with something, "
        "as in price > 100."
    )


def wrong_type(what: str, wanted: str, text: str, type: str) -> FilterError:
    """An operator or a function that takes another type."""
    return FilterError(f"{what} takes {_a(wanted)}, and {_shortened(text)} is {_a(type)}.")


def compared_with_null(text: str) -> FilterError:
    """In SQL, `= null` is never true."""
    return FilterError("Nothing equals null: ask for empty fields with is null or is not null.")


def mismatch(left: _Term, right: _Term) -> FilterError:
    """Two sides of a comparison that are of different types."""
    if {left.type, right.type} == {"text", "number"}:
        text = left if left.type == "text" else right
        number = right if left.type == "text" else left
        if text.literal is None:
            hint = f"write the number as a text, {_in_quotes(number.text)}."
        else:
            hint = "write the number without quotes."
    elif "boolean" in (left.type, right.type):
        hint = "compare it with true or false, without quotes."
    else:
        hint = "write a date like '2024-05-01'."
    return FilterError(
        f"{_shortened(left.text)} is {_a(left.type)} and {_shortened(right.text)} is "
        f"{_a(right.type)}: {hint}"
    )


def ordered_booleans(operator: str) -> FilterError:
    """True and false have no order."""
    return FilterError(f"true and false have no order: use = or != instead of {operator}.")


def not_a_date(value: str) -> FilterError:
    """A text beside a date that is none."""
    return FilterError(
        f"{_in_quotes(_shortened(value))} is no date: write it like '2024-05-01', "
        "'2024-05-01 08:30' or '2024-05-01T08:30:00+08:00'."
    )


def cast() -> FilterError:
    """Casts are there for dates only."""
    return FilterError("Only a text can be cast, and only to a date: date '2024-05-01'.")


def _full_width(text: str) -> FilterError:
    found = "".join(char for char in _FULL_WIDTH if char in text)
    return FilterError(
        f"The condition holds full-width signs ({found}): write = ( ) , < > and straight "
        "quotes ' in half width."
    )


def _a(type: str) -> str:
    return {"boolean": "true or false", "null": "null"}.get(type, f"a {type}")


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _in_quotes(text: str) -> str:
    return f"'{text}'"


def _in_double_quotes(text: str) -> str:
    return f'"{text}"'
