"""Text columns to Python strings and back, a range at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Bool, TextColumn

#: An array of Python strings (and None).
Strings = npt.NDArray[np.object_]


def strings(column: TextColumn, start: int = 0, end: int | None = None) -> list[str]:
    """The texts `[start, end)` as Python strings."""
    starts, ends = column.starts[start:end], column.ends[start:end]
    if len(starts) == 0:
        return []
    first, last = int(starts.min()), int(ends.max())
    raw = column.data[first:last].tobytes()
    bounds = zip((starts - first).tolist(), (ends - first).tolist(), strict=True)
    if raw.isascii():  # slicing one string is faster than decoding many
        text = raw.decode("ascii")
        return [text[low:high] for low, high in bounds]
    return [raw[low:high].decode() for low, high in bounds]


def texts_at(column: TextColumn, rows: npt.NDArray[Any] | list[int]) -> list[str]:
    """The texts of a few rows, in their order, as Python strings; a list is for a handful."""
    data = column.data.data
    if isinstance(rows, list):  # items of a memoryview take less time than to make arrays
        starts, ends = column.starts.data, column.ends.data
        return [str(data[starts[row] : ends[row]], "utf-8") for row in rows]
    bounds = zip(column.starts[rows].tolist(), column.ends[rows].tolist(), strict=True)
    return [str(data[low:high], "utf-8") for low, high in bounds]


def text_reader(column: TextColumn) -> Callable[[int], str]:
    """Finds the text of one row, in less time than arrays take for it."""
    data, starts, ends = column.data.data, column.starts.data, column.ends.data
    return lambda row: str(data[starts[row] : ends[row]], "utf-8")


def string_array(column: TextColumn, start: int = 0, end: int | None = None) -> Strings:
    """The texts `[start, end)` as an array of objects, as DuckDB reads it."""
    return as_objects(strings(column, start, end))


def optional_strings(column: TextColumn, present: Bool, start: int, end: int) -> Strings:
    """Like `string_array`, with None where nothing is present."""
    texts = string_array(column, start, end)
    texts[~present[start:end]] = None
    return texts


def as_objects(values: Iterable[Any]) -> Strings:
    """An array of Python objects, never of anything that numpy makes of them."""
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def pack(texts: Iterable[str], lengths: npt.NDArray[Any]) -> TextColumn:
    """A text column from strings and the lengths of their UTF-8, one after the other."""
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    data = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    return from_bounds(data, bounds)


def from_bounds(data: npt.NDArray[np.uint8], bounds: npt.NDArray[np.int64]) -> TextColumn:
    """A text column without gaps: text i is `data[bounds[i]:bounds[i+1]]`."""
    return TextColumn(data, bounds[:-1], bounds[1:])


def packed(column: TextColumn) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """`(data, bounds)` of a column, with its texts one after the other and nothing between."""
    bounds = np.zeros(len(column) + 1, dtype=np.int64)
    np.cumsum(column.ends - column.starts, out=bounds[1:])
    first = int(column.starts[0]) if len(column) else 0
    if np.array_equal(column.starts, bounds[:-1] + first):
        return column.data[first : first + int(bounds[-1])], bounds
    return TextColumn.from_strings(strings(column)).data, bounds
