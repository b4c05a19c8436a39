"""Small tables that users hand over beside a list: a weight for each account, pairs with a
probability. Every fault is an error that names file, line and field.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.errors import InputError
from guanxi.verbs.lists import ID_NAMES, refuse_broken
from guanxi.wording import comma_hint

if TYPE_CHECKING:
    from guanxi.graph.readers.sources import Source

#: What a column is called, in lower case.
Names = Mapping[str, Sequence[str]]

WEIGHTS: Names = {
    "id": ID_NAMES,
    "weight": ("weight", "value", "worth", "score", "权重", "价值"),
}
PROBABILITIES: Names = {
    "source": ("source", "from", "u", "influencer"),
    "target": ("target", "to", "v", "influenced"),
    "probability": ("probability", "p", "prob", "weight", "概率"),
}


def read_table(path: str | Path, names: Names) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each row, in the order of `names`; empty rows are skipped.

    Columns are found by their names, or by their places where none is named. A column that the
    file lacks (`weight` of a plain list of ids) is an empty field.
    """
    from guanxi.graph.readers.raw import SourceOptions
    from guanxi.graph.readers.sources import open_source

    known = {name for usual in names.values() for name in usual}

    def is_header(fields: list[str]) -> bool:
        return any(field.strip().lower() in known for field in fields)

    with open_source(path, SourceOptions(), known_names=is_header) as source:
        places = _places(source, names)
        for batch in source.batches():
            for place in places:
                if place is not None:
                    refuse_broken(source, batch, place)
            columns = [
                [""] * len(batch.lines) if place is None else batch.columns[place].to_strings()
                for place in places
            ]
            for line, *fields in zip(batch.lines.tolist(), *columns, strict=True):
                cleaned = [field.strip(" \t") for field in fields]
                if any(cleaned):
                    yield line, cleaned


def _places(source: Source, names: Names) -> list[int | None]:
    header = [name.strip().lower() for name in source.header or []]
    found = [
        next((header.index(name) for name in usual if name in header), None)
        for usual in names.values()
    ]
    if any(place is not None for place in found):
        return found
    return [place if place < source.width else None for place in range(len(names))]


def as_number(path: str | Path, line: int, name: str, field: str) -> float:
    """A field as a finite number; InputError where it is none."""
    try:
        value = float(field)
        if not math.isfinite(value):
            raise ValueError
    except ValueError:
        hint = comma_hint(field)
        raise InputError(
            f"{path}, line {line}: {name} is {field!r}, and no number.{hint and ' ' + hint}"
        ) from None
    return value
