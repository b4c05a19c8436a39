"""JSON Lines: one object a line, its names the columns.

The columns are all names that occur anywhere in the file, in the order in which they
first occur; a first pass over the file finds them. Numbers keep their own text
(`1e5` stays `1e5`, no digit is lost), true and false are `true` and `false`, null and
a name that a line does not have are nothing there, arrays and objects are their JSON
as it was written. A line that is no whole object by RFC 8259 (so without NaN and without
comments), or that has a name twice, is refused.
"""

from __future__ import annotations

import re

import numpy as np

from guanxi.errors import InputError
from guanxi.graph.arrays import Bool, Bytes, Int64, TextColumn
from guanxi.graph.readers.json_rows import (
    BAD_NAME,
    BROKEN,
    JSON_STATE_SIZE,
    LONG_LINE,
    MAX_DEPTH,
    NEW_END,
    NEW_START,
    NO_CHARACTER,
    NO_COLUMN,
    NOT_OBJECT,
    NUL_CHARACTER,
    TWICE,
    read_objects,
    unescape,
)
from guanxi.graph.readers.raw import Progress, RawBatch
from guanxi.graph.readers.refusals import column_name, is_utf8
from guanxi.graph.readers.textfile import Block, TextFile
from guanxi.graph.readers.textsource import Found, TextSource
from guanxi.graph.readers.tokenizer import (
    FAULT_SIZE,
    FAULTS,
    LINE,
    MAX_COLUMNS,
    MAX_ROW,
    ROWS,
    SKIP,
    STOP,
)

_REASONS = {
    BROKEN: "broken JSON",
    NOT_OBJECT: "not a JSON object",
    TWICE: "a name that comes twice",
    NO_CHARACTER: "an escape that is no character",
    NUL_CHARACTER: "a NUL character",
    BAD_NAME: "a name that is no text",
    LONG_LINE: f"a line of more than {MAX_ROW:,} bytes",
}

_SAMPLE_ROWS = 5
# Rows that a call of the first pass looks at; they are not kept.
_SCANNED_ROWS = 1 << 12


class JsonSource(TextSource):
    """The objects of a file of JSON Lines as rows."""

    def __init__(
        self,
        text: TextFile,
        skip_lines: int = 0,
        max_row: int = MAX_ROW,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(text, skip_lines)
        _refuse_one_value(self.name, text.head)
        self._max_row = max_row
        self._scratch = np.empty(MAX_DEPTH + max_row, dtype=np.uint8)
        self._names = _Names()
        state = self._new_state()
        for data, final in self._windows(state):
            self._scan(data, state, final)
            if progress is not None:
                progress(text.bytes_done // 2, self.bytes_total)
        self.header = self._names.header
        self.width = len(self.header)
        self.sample = self._first_rows(text.head)
        self.description = {
            "format": "jsonl",
            "encoding": self.encoding,
            "compression": text.compression,
            "header": "yes",
        }

    @property
    def bytes_done(self) -> int:
        """Bytes read so far, of which the first pass is half."""
        return (self.bytes_total + self._text.bytes_done) // 2

    def _scan(self, data: Bytes, state: Int64, final: bool) -> None:
        """Add the names that occur in `data` to those that are known."""
        while True:
            self._tokenize(data, state, final, _room(len(self._names.header), _SCANNED_ROWS))
            if state[NEW_END]:
                start, end = int(state[NEW_START]), int(state[NEW_END])
                length = unescape(data, start, end, self._scratch)
                self._names.add(self._scratch[:length].tobytes())
                if len(self._names.header) > MAX_COLUMNS:
                    raise InputError(
                        f"{self.name}, line {state[LINE]}: more than {MAX_COLUMNS:,} different "
                        "names; each line should be a record with the same few names."
                    )
            elif max(state[ROWS], state[FAULTS]) < _SCANNED_ROWS:
                return

    def _batch(self, data: Bytes, state: Int64, final: bool) -> tuple[RawBatch, bool]:
        batch, full = super()._batch(data, state, final)
        for index, column in enumerate(batch.columns):
            nested = _nested(column)
            if nested.any():
                batch.nested[index] = nested
        return batch, full

    def _first_rows(self, head: Block) -> list[list[str]]:
        data = np.frombuffer(head.text, dtype=np.uint8).copy()
        state = self._new_state()
        state[STOP] = len(data)
        found = _room(self.width, _SAMPLE_ROWS)
        self._tokenize(data, state, head.final, found)
        columns = [
            [
                data[start:end].tobytes().decode(errors="replace")
                for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            ]
            for starts, ends in zip(found.starts, found.ends, strict=True)
        ]
        return [[column[row] for column in columns] for row in range(state[ROWS])]

    def _new_state(self) -> Int64:
        state = np.zeros(JSON_STATE_SIZE, dtype=np.int64)
        state[LINE], state[SKIP] = 1, self._skip_lines
        return state

    @property
    def _header_in_text(self) -> bool:
        return False

    def _tokenize(self, data: Bytes, state: Int64, final: bool, found: Found) -> None:
        names = self._names
        read_objects(
            data,
            state,
            final,
            self._max_row,
            names.text,
            names.bounds,
            names.columns,
            np.zeros(len(names.columns), dtype=np.int64),
            self._scratch,
            *found,
        )

    def _what(self, code: int, field: int) -> tuple[str, str]:
        return "" if field < 0 else column_name(self.header, field), _REASONS[code]


class _Names:
    """The names that are known, as `read_objects` takes them, and as the header."""

    def __init__(self) -> None:
        self.header: list[str] = []
        self.text = np.empty(0, dtype=np.uint8)
        self.bounds = np.zeros(1, dtype=np.int64)
        self.columns = np.empty(0, dtype=np.int64)

    def add(self, name: bytes) -> None:
        """One more name: a new column, or if it is no UTF-8 none."""
        column = NO_COLUMN
        if is_utf8(name):
            column = len(self.header)
            self.header.append(name.decode())
        self.text = np.append(self.text, np.frombuffer(name, dtype=np.uint8))
        self.bounds = np.append(self.bounds, len(self.text))
        self.columns = np.append(self.columns, column)


def _nested(column: TextColumn) -> Bool:
    """Where a value is an array or object: it begins with a bracket, and no quote is before it."""
    first = column.data[np.minimum(column.starts, len(column.data) - 1)]
    bracket = ((first == ord("[")) | (first == ord("{"))) & (column.ends > column.starts)
    nested: Bool = bracket & (column.data[column.starts - 1] != ord('"'))
    return nested


def _room(columns: int, rows: int) -> Found:
    starts = np.empty((columns, rows), dtype=np.int64)
    lines = np.empty(rows, dtype=np.int64)
    return Found(starts, np.empty_like(starts), lines, np.empty((rows, FAULT_SIZE), dtype=np.int64))


def _refuse_one_value(name: str, head: Block) -> None:
    """InputError for JSON that is one array, or one object over several lines."""
    start = head.text.lstrip(b" \t\r\n")
    if start.startswith(b"["):
        what = "one JSON array"
    elif re.match(rb"\{[ \t\r]*\n", start):
        what = "one JSON value over several lines"
    else:
        return
    raise InputError(
        f"{name} is {what}; guanxi reads JSON Lines, one object on each line "
        "(jq -c '.[]' turns an array into that)."
    )
