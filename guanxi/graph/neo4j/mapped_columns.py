"""The columns of accounts in a graph that guanxi did not load: found, typed, and read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from guanxi.errors import StoreError, UsageError
from guanxi.graph.arrays import NO_TIME, TextColumn
from guanxi.graph.duckdb.schema import MADE
from guanxi.graph.neo4j.columns import read_column
from guanxi.graph.neo4j.database import Database, fetch, fetch_one
from guanxi.graph.neo4j.mapped_nodes import Nodes
from guanxi.graph.neo4j.mapping import GraphMapping
from guanxi.graph.neo4j.read import PAGE
from guanxi.graph.neo4j.schema import Column
from guanxi.graph.readers.names import account_column, meaning_of
from guanxi.graph.schema import MEANINGFUL_COLUMNS, AccountColumn, ColumnType, Role

OPTED_OUT = "opted_out"
_NOT_NEGATIVE = ("price", "followers_reported")
#: Types of Neo4j that a column of a type may hold. A column of texts takes all but lists.
_FITTING = {
    ColumnType.BOOLEAN: {"BOOLEAN"},
    ColumnType.NUMBER: {"INTEGER", "FLOAT"},
    ColumnType.DATE: {"DATE", "LOCAL DATETIME", "ZONED DATETIME"},
}
_NO_SCALARS = ("LIST", "VECTOR", "MAP", "ANY")
_STATEMENTS = {ColumnType.TEXT: "read_texts", ColumnType.DATE: "read_times"}
_DAY = 86_400_000_000
_FIRST_TIME, _END_OF_TIMES = -719_162 * _DAY, 2_932_897 * _DAY  # the years 1 to 9999


@dataclass
class _Property:
    """What the nodes have under one name."""

    types: set[str] = field(default_factory=set)
    has_long: bool = False  # a whole number that float64 cannot tell from its neighbours


def column_names(mapping: GraphMapping, properties: list[str]) -> tuple[dict[str, str], list[str]]:
    """`{column: property}` for the properties there are, and warnings of what is left out.

    A property has the name that it would have as a column of a file: `screenName` is `name`,
    unless there is a property `name`, and `homeTown` is `home_town`.
    """
    found = {column: name for column, name in mapping.columns if name in properties}
    warnings = [
        f"No node {mapping.label} has the property {name}, which the mapping names."
        for _, name in mapping.columns
        if name not in properties
    ]
    taken = {mapping.id, *(name for _, name in mapping.columns)}
    free = sorted(name for name in properties if name not in taken and mapping.all_columns)
    named = {column for column, _ in mapping.columns}
    for name in sorted(free, key=lambda name: name not in MEANINGFUL_COLUMNS):
        meaning = meaning_of(Role.ACCOUNTS, name)
        try:
            column = account_column(name)
        except UsageError:
            warnings.append(f"The property {name} is left out: guanxi keeps that name for itself.")
            continue
        if meaning not in (None, "id") and meaning not in {*found, *named}:
            column = meaning or column
        if column in {*found, *named, "id", MADE}:
            warnings.append(f"The property {name} is left out: there is another column {column}.")
            continue
        found[column] = name
    return found, warnings


def opted_out_property(database: Database, mapping: GraphMapping) -> str | None:
    """The property that says who has opted out, as `read_columns_of` takes it; None without."""
    named = dict(mapping.columns).get(OPTED_OUT)
    if named is not None or not mapping.all_columns:
        return named
    keys = fetch_one(database, "list_property_keys")["properties"]
    usual = [name for name in keys if meaning_of(Role.ACCOUNTS, name) == OPTED_OUT]
    there = [
        name
        for name in usual
        if len(usual) == 1
        or fetch(
            database, "find_property_of_label", {"label": mapping.label},
            properties=[name], id_property=mapping.id,
        )
    ]  # fmt: skip
    return column_names(mapping, there)[0].get(OPTED_OUT)


def read_columns_of(
    database: Database, mapping: GraphMapping, nodes: Nodes, skip: set[str]
) -> tuple[list[AccountColumn], list[str]]:
    """The columns in the order of the accounts, and warnings. `skip`: scores of guanxi's own."""
    properties = _properties(database, mapping, nodes)
    listed = [name for name in properties if name not in skip or name in dict(mapping.columns)]
    names, warnings = column_names(mapping, listed)
    columns = []
    for column, name in names.items():
        kind = _type(column, properties[name])
        if kind is None:
            warnings.append(_left_out(column, name, properties[name]))
            continue
        found = read_column(database, Column(column, kind, name), nodes.numbers, _STATEMENTS)
        columns.append(_usable(found, nodes.n, warnings))
    return columns, warnings


def _properties(database: Database, mapping: GraphMapping, nodes: Nodes) -> dict[str, _Property]:
    wanted = None if mapping.all_columns else [name for _, name in mapping.columns]
    found: dict[str, _Property] = {}
    keys = nodes.numbers.ascending
    for start in range(0, len(keys), PAGE):
        asked = keys[start : start + PAGE].tolist()
        page = fetch_one(database, "properties_of_nodes", keys=asked, properties=wanted)
        for name, kind, long in zip(page["properties"], page["types"], page["long"], strict=True):
            entry = found.setdefault(name, _Property())
            entry.types.add(kind.removesuffix(" NOT NULL"))
            entry.has_long |= long > 0
    return found


def _type(column: str, found: _Property) -> ColumnType | None:
    """The type that fits all values; None where there is none."""
    if any(kind.startswith(_NO_SCALARS) for kind in found.types):
        return None
    wanted = MEANINGFUL_COLUMNS.get(column)
    if wanted is not None:
        fits = wanted == ColumnType.TEXT or found.types <= _FITTING[wanted]
        return wanted if fits else None
    for kind, types in _FITTING.items():
        if found.types <= types:
            return ColumnType.TEXT if found.has_long else kind
    return ColumnType.TEXT


def _left_out(column: str, name: str, found: _Property) -> str:
    """The warning about a column that has no type; StoreError where that could do harm."""
    held = ", ".join(sorted(found.types)).lower()
    if column == OPTED_OUT:
        raise StoreError(
            f"The property {name}, which says who has opted out, holds something else than true "
            f"and false ({held}). Correct it in Neo4j, or map another property as opted_out."
        )
    return f"The property {name} is left out: it holds {held}."


def _usable(column: AccountColumn, n: int, warnings: list[str]) -> AccountColumn:
    """The first `n` rows, without values that no column of a file could have."""
    present = column.present[:n].copy()
    if isinstance(column.values, TextColumn):
        texts = TextColumn(column.values.data, column.values.starts[:n], column.values.ends[:n])
        return AccountColumn(column.name, column.type, texts, present)
    values = column.values[:n].copy()
    if column.type == ColumnType.NUMBER:
        present &= np.isfinite(values)
        if column.name in _NOT_NEGATIVE and (values[present] < 0).any():
            warnings.append(f"Values of {column.name} below zero are left out.")
            present &= values >= 0
        values[~present] = 0.0
    elif column.type == ColumnType.DATE:
        present &= (values >= _FIRST_TIME) & (values < _END_OF_TIMES)
        values[~present] = NO_TIME
    return AccountColumn(column.name, column.type, values, present)
