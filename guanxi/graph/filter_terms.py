"""From the text of a condition to SQL: every kind of node has its own small translation.

What has none is refused by name. Types are checked here, so that DuckDB never converts
anything on its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlglot import exp
from sqlglot.dialects import DuckDB
from sqlglot.errors import ParseError, SqlglotError

from guanxi.errors import FilterError
from guanxi.graph import filter_messages as messages
from guanxi.sql import quote

MAX_LENGTH = 20_000
MAX_DEPTH = 25
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)


@dataclass(frozen=True)
class Term:
    """A part of a condition: as SQL for DuckDB, as text for the user, and of which type.

    `literal` is the value where the part is a text in quotes; `negated` is the text with
    `not` in it where that has a form of its own (`is not null`).
    """

    sql: str
    text: str
    type: str
    literal: str | None = None
    negated: str | None = None


def translate(
    text: str, columns: Mapping[str, str], wanted: str
) -> tuple[str, str, dict[str, str]]:
    """SQL, canonical text and used columns (name → type); raises `FilterError`.

    `wanted`: the type of the whole, `boolean` for a condition, `number` for a formula.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FilterError("The condition holds bytes that are no UTF-8 text.") from None
    if "\0" in text:
        raise FilterError("The condition holds a NUL character.")
    if len(text) > MAX_LENGTH:
        raise FilterError(
            f"The condition has {len(text):,} characters; {MAX_LENGTH:,} are allowed."
        )
    if not text.strip():
        raise FilterError("The condition is empty.")
    translator = _Translator(columns, text)
    try:
        term = translator.term(_parse(text), 0)
    except RecursionError:
        raise messages.too_deep() from None
    if term.type != wanted:
        raise messages.not_wanted(term.text, term.type, wanted)
    used = {name: str(columns[name]) for name in columns if name in translator.used}
    return term.sql, term.text, used


def _parse(text: str) -> exp.Expression:
    try:
        parsed = DuckDB().parse_into(exp.Condition, text)
    except ParseError as error:
        raise messages.misparsed(text, error.errors) from None
    except SqlglotError:
        raise messages.unclosed(text) from None
    if len(parsed) != 1 or parsed[0] is None:
        raise FilterError(
            "One condition is expected: join several with and, and leave out semicolons."
        )
    node: exp.Expression = parsed[0]
    return node


class _Translator:
    """Translates the nodes of one condition and remembers the columns that it meets."""

    def __init__(self, columns: Mapping[str, str], text: str) -> None:
        self._columns = columns
        self._text = text
        self.used: set[str] = set()

    def term(self, node: Any, depth: int) -> Term:
        """The translation of `node`, which lies `depth` levels deep."""
        if depth > MAX_DEPTH:
            raise messages.too_deep()
        rule = _RULES.get(type(node))
        if rule is None:
            raise messages.not_allowed(node, self._columns)
        translation, allowed = rule
        for key, value in node.args.items():
            if key not in allowed and value not in (None, False, []):
                raise messages.not_allowed(value if _is_query(value) else node, self._columns)
        return translation(self, node, depth + 1)

    def typed(self, node: Any, depth: int, type: str, what: str) -> Term:
        """The translation of `node`, which must be of `type`; `what` says who wants it."""
        term = self.term(node, depth)
        if term.type != type:
            raise messages.wrong_type(what, type, term.text, term.type)
        return term

    def alike(self, nodes: list[Any], depth: int) -> list[Term]:
        """The translations of `nodes`, all of one type; texts beside dates are read as dates."""
        terms = [self.term(node, depth) for node in nodes]
        for term in terms:
            if term.type == "null":
                raise messages.compared_with_null(self._text)
        if any(term.type == "date" for term in terms):
            terms = [term if term.literal is None else _date(term.literal) for term in terms]
        for term in terms[1:]:
            if term.type != terms[0].type:
                raise messages.mismatch(terms[0], term)
        return terms

    def column(self, node: exp.Column, depth: int) -> Term:
        """A column by its name: as it is written or, if only one matches, in another case."""
        identifier = node.this
        if type(identifier) is not exp.Identifier:
            raise messages.not_allowed(identifier, self._columns)
        name = str(identifier.this)
        if name not in self._columns:
            matches = [known for known in self._columns if known.casefold() == name.casefold()]
            if len(matches) != 1:
                raise messages.unknown_column(name, bool(identifier.quoted), list(self._columns))
            name = matches[0]
        self.used.add(name)
        as_written = not identifier.quoted and name == identifier.this
        return Term(quote(name), name if as_written else quote(name), str(self._columns[name]))


def _is_query(value: Any) -> bool:
    return isinstance(value, exp.Query | exp.Subquery)


def _text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _literal(translator: _Translator, node: exp.Literal, depth: int) -> Term:
    value = str(node.this)
    if node.args.get("is_string"):
        return Term(_text_literal(value), _text_literal(value), "text", value)
    try:
        number = float(value)
    except ValueError:
        raise FilterError(f"{value} is no number.") from None
    if not math.isfinite(number):
        raise FilterError(f"The number {value} is too large.")
    # With an exponent, so that DuckDB takes it for a DOUBLE and not for a DECIMAL.
    sql = repr(number)
    return Term(sql if "e" in sql else sql + "e0", value, "number")


def _boolean(translator: _Translator, node: exp.Boolean, depth: int) -> Term:
    word = "true" if node.this else "false"
    return Term(word, word, "boolean")


def _null(translator: _Translator, node: exp.Null, depth: int) -> Term:
    return Term("NULL", "null", "null")


def _date(value: str) -> Term:
    try:
        if not _DATE.fullmatch(value):
            raise ValueError
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise messages.not_a_date(value) from None
    return Term(f"TIMESTAMP '{moment.isoformat(' ')}'", _text_literal(value), "date")


def _cast(translator: _Translator, node: exp.Cast, depth: int) -> Term:
    """Only `date '2024-05-01'` and its like: a date that says so."""
    target = node.args["to"].this
    kinds = (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ)
    if target not in kinds or not (isinstance(node.this, exp.Literal) and node.this.is_string):
        raise messages.cast()
    date = _date(str(node.this.this))
    return Term(date.sql, f"{'date' if target == kinds[0] else 'timestamp'} {date.text}", "date")


def _paren(translator: _Translator, node: exp.Paren, depth: int) -> Term:
    inner = translator.term(node.this, depth)
    return Term(inner.sql, f"({inner.text})", inner.type)


def _joined(word: str, kind: type[exp.Connector]) -> Callable[..., Term]:
    def translation(translator: _Translator, node: exp.Connector, depth: int) -> Term:
        """A chain of the same connector is one level, however long it is."""
        parts: list[Any] = []
        head: Any = node
        while type(head) is kind:
            parts.append(head.expression)
            head = head.this
        parts.append(head)
        terms = [translator.typed(part, depth, "boolean", word) for part in reversed(parts)]
        sql = f" {word.upper()} ".join(term.sql for term in terms)
        return Term(f"({sql})", f" {word} ".join(term.text for term in terms), "boolean")

    return translation


def _not(translator: _Translator, node: exp.Not, depth: int) -> Term:
    inner = translator.typed(node.this, depth, "boolean", "not")
    return Term(f"(NOT {inner.sql})", inner.negated or f"not {inner.text}", "boolean")


def _compared(operator: str) -> Callable[..., Term]:
    def translation(translator: _Translator, node: exp.Binary, depth: int) -> Term:
        left, right = translator.alike([node.this, node.expression], depth)
        if left.type == "boolean" and operator not in ("=", "!="):
            raise messages.ordered_booleans(operator)
        text = f"{left.text} {operator} {right.text}"
        return Term(f"({left.sql} {operator} {right.sql})", text, "boolean")

    return translation


def _between(translator: _Translator, node: exp.Between, depth: int) -> Term:
    bounds = [node.this, node.args["low"], node.args["high"]]
    value, low, high = translator.alike(bounds, depth)
    if value.type == "boolean":
        raise messages.ordered_booleans("between")
    sql = f"({value.sql} BETWEEN {low.sql} AND {high.sql})"
    return _negatable(sql, value.text, "between", f"{low.text} and {high.text}")


def _in(translator: _Translator, node: exp.In, depth: int) -> Term:
    if not node.expressions:
        raise FilterError("The list after in is empty: give at least one value.")
    for item in node.expressions:
        if _is_query(item):
            raise messages.not_allowed(item, translator._columns)
    value, *items = translator.alike([node.this, *node.expressions], depth)
    sql = ", ".join(item.sql for item in items)
    text = ", ".join(item.text for item in items)
    return _negatable(f"({value.sql} IN ({sql}))", value.text, "in", f"({text})")


def _negatable(sql: str, left: str, word: str, right: str) -> Term:
    """A comparison that also has the form `left not word right`."""
    text, negated = f"{left} {word} {right}", f"{left} not {word} {right}"
    return Term(sql, text, "boolean", negated=negated)


def _like(word: str) -> Callable[..., Term]:
    def translation(translator: _Translator, node: exp.Binary, depth: int) -> Term:
        value = translator.typed(node.this, depth, "text", word)
        pattern = translator.typed(node.expression, depth, "text", word)
        negated = "not " if node.args.get("negate") else ""
        sql = f"({value.sql} {negated.upper()}{word.upper()} {pattern.sql})"
        return Term(sql, f"{value.text} {negated}{word} {pattern.text}", "boolean")

    return translation


def _is(translator: _Translator, node: exp.Is, depth: int) -> Term:
    if type(node.expression) is exp.Null:
        value = translator.term(node.this, depth)
    elif type(node.expression) is exp.Boolean:
        value = translator.typed(node.this, depth, "boolean", "is")
    else:
        raise FilterError("After is stands null, true or false.")
    what = translator.term(node.expression, depth)
    sql, text = f"({value.sql} IS {what.sql})", f"{value.text} is {what.text}"
    return Term(sql, text, "boolean", negated=f"{value.text} is not {what.text}")


def _arithmetic(operator: str) -> Callable[..., Term]:
    def translation(translator: _Translator, node: exp.Binary, depth: int) -> Term:
        left = translator.typed(node.this, depth, "number", operator)
        right = translator.typed(node.expression, depth, "number", operator)
        divisor = f"nullif({right.sql}, 0e0)" if operator == "/" else right.sql
        text = f"{left.text} {operator} {right.text}"
        return Term(f"({left.sql} {operator} {divisor})", text, "number")

    return translation


def _minus(translator: _Translator, node: exp.Neg, depth: int) -> Term:
    inner = translator.typed(node.this, depth, "number", "-")
    return Term(f"(- {inner.sql})", f"- {inner.text}", "number")


def _function(
    name: str, taken: str, given: str, sql: str | None = None, *keys: str
) -> Callable[..., Term]:
    """A function whose arguments (the nodes under `keys`) are all of the type `taken`."""

    def translation(translator: _Translator, node: exp.Func, depth: int) -> Term:
        arguments = [node.args[key] for key in ("this", *keys)]
        terms = [translator.typed(item, depth, taken, f"{name}()") for item in arguments]
        text = f"{name}({', '.join(term.text for term in terms)})"
        call = (sql or f"{name}({{}})").format(", ".join(term.sql for term in terms))
        return Term(call, text, given)

    return translation


def _round(translator: _Translator, node: exp.Round, depth: int) -> Term:
    value = translator.typed(node.this, depth, "number", "round()")
    digits = node.args.get("decimals")
    if digits is None:
        return Term(f"round({value.sql}, 0)", f"round({value.text})", "number")
    if type(digits) is not exp.Literal or str(digits.this) not in map(str, range(16)):
        raise FilterError("The second value of round() is a whole number from 0 to 15.")
    return Term(
        f"round({value.sql}, {digits.this})", f"round({value.text}, {digits.this})", "number"
    )


def _coalesce(translator: _Translator, node: exp.Coalesce, depth: int) -> Term:
    terms = translator.alike([node.this, *node.expressions], depth)
    sql = ", ".join(term.sql for term in terms)
    text = ", ".join(term.text for term in terms)
    return Term(f"coalesce({sql})", f"coalesce({text})", terms[0].type)


#: Kind of node → its translation, and the parts of a node that the translation knows about.
_RULES: dict[type, tuple[Callable[..., Term], tuple[str, ...]]] = {
    exp.Column: (_Translator.column, ("this",)),
    exp.Literal: (_literal, ("this", "is_string")),
    exp.Boolean: (_boolean, ("this",)),
    exp.Null: (_null, ()),
    exp.Cast: (_cast, ("this", "to")),
    exp.Paren: (_paren, ("this",)),
    exp.And: (_joined("and", exp.And), ("this", "expression")),
    exp.Or: (_joined("or", exp.Or), ("this", "expression")),
    exp.Not: (_not, ("this",)),
    exp.EQ: (_compared("="), ("this", "expression")),
    exp.NEQ: (_compared("!="), ("this", "expression")),
    exp.LT: (_compared("<"), ("this", "expression")),
    exp.LTE: (_compared("<="), ("this", "expression")),
    exp.GT: (_compared(">"), ("this", "expression")),
    exp.GTE: (_compared(">="), ("this", "expression")),
    exp.Between: (_between, ("this", "low", "high")),
    exp.In: (_in, ("this", "expressions")),
    exp.Like: (_like("like"), ("this", "expression", "negate")),
    exp.ILike: (_like("ilike"), ("this", "expression", "negate")),
    exp.Is: (_is, ("this", "expression")),
    exp.Add: (_arithmetic("+"), ("this", "expression")),
    exp.Sub: (_arithmetic("-"), ("this", "expression")),
    exp.Mul: (_arithmetic("*"), ("this", "expression")),
    exp.Div: (_arithmetic("/"), ("this", "expression", "typed", "safe")),
    exp.Neg: (_minus, ("this",)),
    exp.Lower: (_function("lower", "text", "text"), ("this",)),
    exp.Upper: (_function("upper", "text", "text"), ("this",)),
    exp.Length: (_function("length", "text", "number", "CAST(length({}) AS DOUBLE)"), ("this",)),
    exp.Abs: (_function("abs", "number", "number"), ("this",)),
    exp.Round: (_round, ("this", "decimals")),
    exp.Coalesce: (_coalesce, ("this", "expressions")),
    exp.Contains: (
        _function("contains", "text", "boolean", None, "expression"),
        ("this", "expression"),
    ),
    exp.StartsWith: (
        _function("starts_with", "text", "boolean", None, "expression"),
        ("this", "expression"),
    ),
}
