"""What the labels, types and properties of a graph that guanxi did not load mean to it.

A mapping is written as one text, for an option,

    label=User; id=uid; follows=FOLLOWS since=created; interactions=<RETWEETED_BY at=ts weight=n

or as a table of the settings file with the same words (`GraphMapping.table` shows one).

- `label`: the nodes that are accounts. `id`: the property with their id, a text or an integer.
- `follows`, each a relationship type and perhaps `since=` a property. `interactions`, each a
  type and perhaps `kind=` a kind, `kind_from=` a property with it, and `at=`, `count=`,
  `weight=`, `value=` properties. In the text both may be given several times.
- A type alone runs from actor to target, as does `>TYPE`. `<TYPE` runs from target to actor,
  and `<>TYPE` means both, each way.
- `columns`: the properties of accounts to read, `column=property` where guanxi is to call them
  otherwise; `*` is all of them, and the default.
- `prefix`: what the names of scores begin with where they are written back.

A name with a space, `;`, `=`, `<`, `>` or a backtick stands between backticks, as in Cypher;
a backtick in it is written twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from guanxi.cypher import quote_name
from guanxi.errors import UsageError
from guanxi.graph.neo4j.mapping_kinds import usual_kind
from guanxi.graph.neo4j.mapping_text import Tokens, as_word, toml_list, toml_text
from guanxi.graph.readers.names import account_column
from guanxi.graph.schema import MAX_KIND_BYTES

PREFIX = "guanxi_"
_KEYS = ("label", "id", "follows", "interactions", "columns", "prefix")
_REPEATED = ("follows", "interactions", "columns")
_PROPERTIES = ("kind_from", "at", "count", "weight", "value")


class Way(StrEnum):
    """Which end of a relationship acts."""

    STORED = ">"
    TURNED = "<"
    BOTH = "<>"


@dataclass(frozen=True)
class FollowType:
    """A relationship type that means following; `since` is a property, or None."""

    type: str
    way: Way = Way.STORED
    since: str | None = None

    def __str__(self) -> str:
        """As in a mapping."""
        return _edge(self.type, self.way, {"since": self.since})


@dataclass(frozen=True)
class InteractionType:
    """A relationship type that means an interaction, one or several times.

    `kind` is a kind in lower case; the others are properties, or None. With `kind_from`, `kind`
    is the one where that property is missing.
    """

    type: str
    way: Way = Way.STORED
    kind: str | None = None
    kind_from: str | None = None
    at: str | None = None
    count: str | None = None
    weight: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        """As in a mapping."""
        names = ("kind", *_PROPERTIES)
        return _edge(self.type, self.way, {name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class GraphMapping:
    """How to read a graph; see the module. `parse_mapping` makes one.

    `columns` are pairs (column, property); with `all_columns` all other properties are read too.
    """

    label: str
    id: str
    follows: tuple[FollowType, ...] = ()
    interactions: tuple[InteractionType, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    all_columns: bool = True
    prefix: str = PREFIX

    @property
    def edges(self) -> tuple[FollowType | InteractionType, ...]:
        """All relationship types, follows first."""
        return (*self.follows, *self.interactions)

    @property
    def reading(self) -> str:
        """The mapping as a text without what has no meaning for reading."""
        parts = [f"label={as_word(self.label)}", f"id={as_word(self.id)}"]
        parts += [f"follows={each}" for each in self.follows]
        parts += [f"interactions={each}" for each in self.interactions]
        if self.columns or not self.all_columns:
            parts.append("columns=" + " ".join(self._columns()))
        return "; ".join(parts)

    def __str__(self) -> str:
        """The mapping as a text for an option; `parse_mapping` reads it again."""
        if self.prefix == PREFIX:
            return self.reading
        return f"{self.reading}; prefix={as_word(self.prefix) if self.prefix else ''}"

    @property
    def table(self) -> str:
        """The mapping as a table of the settings file."""
        lines = [f"label = {toml_text(self.label)}", f"id = {toml_text(self.id)}"]
        for name, edges in (("follows", self.follows), ("interactions", self.interactions)):
            if edges:
                lines.append(f"{name} = {toml_list([str(edge) for edge in edges])}")
        if self.columns or not self.all_columns:
            lines.append(f"columns = {toml_list(self._columns())}")
        if self.prefix != PREFIX:
            lines.append(f"prefix = {toml_text(self.prefix)}")
        return "\n".join(["[neo4j_graph]", *lines])

    def _columns(self) -> list[str]:
        pairs = [
            as_word(column) if column == name else f"{as_word(column)}={as_word(name)}"
            for column, name in self.columns
        ]
        return [*(["*"] if self.all_columns else []), *pairs]


def parse_mapping(given: str | Mapping[str, Any]) -> GraphMapping:
    """The mapping that a text or a table (a mapping of its keys) describes.

    Raises UsageError, in one sentence, for whatever is wrong with it.

    >>> parse_mapping("label=User; id=uid; follows=<FOLLOWED_BY since=ts").follows[0].way
    <Way.TURNED: '<'>
    """
    return _made(_from_text(given) if isinstance(given, str) else _from_table(given))


def _from_text(text: str) -> dict[str, list[Any]]:
    """What stands after each key, in pieces: names, or edges and columns."""
    found: dict[str, list[Any]] = {}
    tokens = Tokens(text)
    while not tokens.at_end:
        if tokens.skip(";"):
            continue
        key = tokens.name("one of " + ", ".join(_KEYS))
        tokens.expect("=", f"after {key}")
        _add(found, key, _piece(key, tokens))
    return found


def _from_table(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key, given in table.items():
        values = given if isinstance(given, list | tuple) and key in _REPEATED else [given]
        if not all(isinstance(value, str) for value in values):
            what = "a text or a list of texts" if key in _REPEATED else "a text"
            raise UsageError(f"In the mapping of the graph {key} must be {what}.")
        found.setdefault(key, [])
        for value in values:
            if key in _REPEATED:
                tokens = Tokens(value)
                _add(found, key, _piece(key, tokens))
                tokens.end()
            else:
                _add(found, key, value)
    return found


def _add(found: dict[str, list[Any]], key: str, piece: Any) -> None:
    if key not in _KEYS:
        raise UsageError(
            f"A mapping of a graph has no {key!r}; there are {', '.join(_KEYS[:-1])} and "
            f"{_KEYS[-1]}."
        )
    if found.get(key) and key not in _REPEATED:
        raise UsageError(f"The mapping of the graph gives {key} twice.")
    found.setdefault(key, []).append(piece)


def _piece(key: str, tokens: Tokens) -> Any:
    """The value of one key, up to the next `;` or the end."""
    if key == "columns":
        return _columns_piece(tokens)
    if key in ("follows", "interactions"):
        way = Way(tokens.mark() or ">")
        return tokens.name(f"a relationship type for {key}"), way, _pairs(tokens)
    if key == "prefix" and tokens.at_end_of_part:
        return ""
    name = tokens.name(f"a name for {key}")
    tokens.end_of_part(key)
    return name


def _columns_piece(tokens: Tokens) -> list[tuple[str, str]]:
    found = []
    while not tokens.at_end_of_part:
        column = tokens.name("a property")
        found.append((column, tokens.name("a property") if tokens.skip("=") else column))
    return found


def _pairs(tokens: Tokens) -> dict[str, str]:
    found: dict[str, str] = {}
    while not tokens.at_end_of_part:
        key = tokens.name("a word such as at=…")
        tokens.expect("=", f"after {key}")
        if key in found:
            raise UsageError(f"The mapping of the graph gives {key} twice for one type.")
        found[key] = tokens.name(f"a name for {key}")
    return found


def _made(found: dict[str, list[Any]]) -> GraphMapping:
    for key in ("label", "id"):
        if not found.get(key) or not found[key][0]:
            raise UsageError(
                f"The mapping of the graph lacks {key}=…: the "
                + ("label of the accounts." if key == "label" else "property with their ids.")
            )
    label = found["label"][0]
    quote_name(label)
    follows = tuple(_follow(*piece) for piece in found.get("follows", ()))
    interactions = tuple(_interaction(*piece) for piece in found.get("interactions", ()))
    if not follows and not interactions:
        raise UsageError(
            "The mapping of the graph names no relationships: give at least one type by "
            "follows=… or interactions=…."
        )
    _refuse_twice(follows, "follows")
    _refuse_twice(interactions, "interactions")
    listed = [pair for piece in found.get("columns", ()) for pair in piece]
    every = "columns" not in found or ("*", "*") in listed
    return GraphMapping(
        label=label,
        id=found["id"][0],
        follows=follows,
        interactions=interactions,
        columns=_columns([pair for pair in listed if pair != ("*", "*")]),
        all_columns=every,
        prefix=_prefix(found.get("prefix", [PREFIX])[0]),
    )


def _follow(name: str, way: Way, pairs: dict[str, str]) -> FollowType:
    quote_name(name)
    _refuse_unknown(name, pairs, ("since",))
    return FollowType(name, way, **pairs)


def _interaction(name: str, way: Way, pairs: dict[str, str]) -> InteractionType:
    quote_name(name)
    _refuse_unknown(name, pairs, ("kind", *_PROPERTIES))
    kind = pairs.pop("kind", None)
    if kind is None and "kind_from" not in pairs:
        kind = usual_kind(name)
    if kind is not None:
        kind = kind.strip().lower()
        if not kind or len(kind.encode()) > MAX_KIND_BYTES or not kind.isprintable():
            raise UsageError(
                f"In the mapping of the graph the kind of {name} must be a word of at most "
                f"{MAX_KIND_BYTES} bytes; give it by kind=…."
            )
    return InteractionType(name, way, kind, **pairs)


def _refuse_unknown(name: str, pairs: dict[str, str], known: tuple[str, ...]) -> None:
    unknown = [key for key in pairs if key not in known]
    if unknown:
        raise UsageError(
            f"In the mapping of the graph {name} cannot have {unknown[0]}=…; it may have "
            f"{', '.join(f'{key}=…' for key in known)}."
        )


def _refuse_twice(edges: tuple[FollowType, ...] | tuple[InteractionType, ...], key: str) -> None:
    names = [edge.type for edge in edges]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UsageError(
            f"The mapping of the graph gives the type {twice[0]} twice among its {key}; write "
            "<> before it if it runs both ways."
        )


def _columns(pairs: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for given, name in pairs:
        try:
            column = account_column(given)
        except UsageError:  # its sentence speaks of files
            column = "id"
        if column == "id":
            raise UsageError(
                f"In the mapping of the graph a column cannot be called {given}; give it another "
                f"name, such as columns=my_{given}={as_word(name)}."
            )
        if column in found:
            raise UsageError(f"The mapping of the graph gives the column {column} twice.")
        found[column] = name
    return tuple(found.items())


def _prefix(prefix: str) -> str:
    if prefix:
        quote_name(prefix)
    return prefix


def _edge(name: str, way: Way, words: dict[str, str | None]) -> str:
    mark = "" if way is Way.STORED else way.value
    given = [f"{key}={as_word(word)}" for key, word in words.items() if word is not None]
    return " ".join([mark + as_word(name), *given])
