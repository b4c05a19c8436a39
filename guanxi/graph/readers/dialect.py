"""What kind of delimited text a file holds: delimiter, header and number of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.errors import InputError, UsageError
from guanxi.graph.readers.header import chosen_header, looks_like_names
from guanxi.graph.readers.raw import KnownNames, SourceOptions
from guanxi.graph.readers.textfile import HEAD, Block, TextFile
from guanxi.graph.readers.tokenizer import (
    ANY_WIDTH,
    FAULT_CODE,
    FAULT_LINE,
    FAULT_SIZE,
    FAULTS,
    LIMITS,
    MAX_COLUMNS,
    ROWS,
    RUNS,
    STOP,
    WRONG_WIDTH,
    byte_kinds,
    new_state,
    tokenize,
)

#: Rows by which the delimiter is chosen.
SNIFFED_ROWS = 200
#: Rows that a source shows as its sample.
SAMPLE_ROWS = 5
#: The head of a file grows up to this size while it has no row yet.
MAX_HEAD = 1 << 26

_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar", RUNS: "spaces or tabs"}
_VISIBLE = ("\t", ",", ";", "|")
_FIXED = {"tsv": "\t", "edges": RUNS}
# The share of rows that must have as many fields as the first for a delimiter to be it.
_CONSISTENT = 0.9


@dataclass(frozen=True)
class Dialect:
    """How the rows of a file are written.

    `format`: csv, tsv or edges. `comment`: the signs that begin a comment line.
    `header`: its names, or None. `width`: number of columns, 0 where there is no row.
    `names_likely`: without a header, whether the first row nevertheless looks like one.
    """

    format: str
    delimiter: str
    comment: str
    header: list[str] | None
    width: int
    sample: list[list[str]]
    names_likely: bool

    def describe(self) -> dict[str, str]:
        """Delimiter and header in words."""
        header = "yes" if self.header is not None else "no"
        if self.names_likely:
            header = "no (though the first row looks like names)"
        return {
            "delimiter": _NAMES.get(self.delimiter, repr(self.delimiter)),
            "header": header,
        }


@dataclass(frozen=True)
class _Rows:
    """The first rows of a file under one delimiter."""

    fields: list[list[bytes]]
    lines: list[int]
    faults: list[tuple[int, int]]  # (line, code)

    def agreement(self) -> float:
        """Share of the rows that have as many fields as the first; 0 where it has just one."""
        if not self.fields or len(self.fields[0]) < 2:
            return 0.0
        same = sum(len(row) == len(self.fields[0]) for row in self.fields)
        return same / (len(self.fields) + len(self.faults))


def find_dialect(
    text: TextFile, options: SourceOptions, known_names: KnownNames | None, named: str | None
) -> Dialect:
    """How `text` is written, as far as `options` leaves it open.

    `named`: csv or tsv where the name of the file says so.

    The delimiter is the one under which nine rows in ten have as many fields as the
    first one, and at least two: tab before the others, of those the one with most
    columns, spaces last. The first row is a header if `options.header` says so or, where
    that is None, if `known_names` recognises it; a row is never taken for a header by
    its looks.
    """
    format = options.format or named
    asked = options.delimiter or _FIXED.get(options.format or "")
    tried = list(_VISIBLE) if format else [*_VISIBLE, RUNS]
    if asked:
        tried = [checked_delimiter(asked)]
    comment = checked_comment(options.comment)
    if comment is None:
        comment = "#" if format in ("csv", "tsv") else "#%"
    rows = {delimiter: _first_rows(text, delimiter, comment, options) for delimiter in tried}
    delimiter = _best(rows)
    chosen = rows[delimiter]
    if format is None:
        format = "edges" if delimiter in (RUNS, "\t") else "csv"
        if format == "csv" and options.comment is None and "%" in comment:
            comment = "#"
            chosen = _first_rows(text, delimiter, comment, options)
    header = _header(text.file.name, chosen, options.header, known_names)
    data = chosen.fields if header is None else chosen.fields[1:]
    width = len(header if header is not None else data[0] if data else [])
    if chosen.faults and chosen.faults[0][1] == WRONG_WIDTH and header is None and not data:
        raise InputError(
            f"{text.file.name}, line {chosen.faults[0][0]}: more than {MAX_COLUMNS:,} columns; "
            "write out those that matter."
        )
    if width == 0 and chosen.faults:
        width = 1  # nothing to go by: what has more fields is refused, not guessed
    texts = [[field.decode(errors="replace") for field in row] for row in data]
    likely = header is None and looks_like_names(texts)
    return Dialect(format, delimiter, comment, header, width, texts[:SAMPLE_ROWS], likely)


def checked_delimiter(delimiter: str) -> str:
    """`delimiter`, where `\\t` and `tab` stand for a tab; UsageError for what cannot be one."""
    delimiter = {"\\t": "\t", "tab": "\t", "space": RUNS}.get(delimiter, delimiter)
    refused = delimiter.isalnum() or delimiter in '\r\n"\0'
    if len(delimiter) != 1 or not delimiter.isascii() or refused:
        raise UsageError(
            f"The delimiter {delimiter!r} cannot be used: it is one ASCII character that is "
            "no letter, digit, quote or line end (a space stands for any run of spaces and tabs)."
        )
    return delimiter


def checked_comment(comment: str | None) -> str | None:
    """`comment`, a sign that begins comment lines, or empty; UsageError for what cannot be one."""
    if comment and (len(comment) != 1 or not comment.isascii() or comment in '\r\n"\0'):
        raise UsageError(
            f"The comment sign {comment!r} cannot be used: it is one ASCII character, or empty."
        )
    return comment


def _first_rows(text: TextFile, delimiter: str, comment: str, options: SourceOptions) -> _Rows:
    head, size = text.head, HEAD
    while True:
        rows = _tokenized(head, delimiter, comment, options.skip_lines)
        if rows.fields or rows.faults or head.final:
            return rows
        size *= 4
        if size > MAX_HEAD:
            raise InputError(
                f"{text.file.name} has no row in its first {MAX_HEAD >> 20} MB, only comments "
                "and blank lines."
            )
        head = text.longer_head(size)


def _tokenized(head: Block, delimiter: str, comment: str, skip_lines: int) -> _Rows:
    data = np.frombuffer(head.text, dtype=np.uint8).copy()
    state = new_state(skip_lines)
    state[STOP] = len(data)
    starts = np.empty((MAX_COLUMNS, SNIFFED_ROWS), dtype=np.int64)
    ends = np.empty_like(starts)
    lines = np.empty(SNIFFED_ROWS, dtype=np.int64)
    faults = np.empty((SNIFFED_ROWS, FAULT_SIZE), dtype=np.int64)
    kinds = byte_kinds(delimiter, comment)
    tokenize(data, state, head.final, kinds, LIMITS, ANY_WIDTH, starts, ends, lines, faults)
    raw = data.tobytes()
    fields: list[list[bytes]] = []
    for row in range(state[ROWS]):
        fields.append([])
        for start, end in zip(starts[:, row], ends[:, row], strict=True):
            if end < 0:
                break
            fields[row].append(raw[start:end])
    refused = faults[: state[FAULTS], [FAULT_LINE, FAULT_CODE]].tolist()
    return _Rows(fields, lines[: state[ROWS]].tolist(), [(line, code) for line, code in refused])


def _best(rows: dict[str, _Rows]) -> str:
    agreed = {delimiter: found.agreement() for delimiter, found in rows.items()}
    good = [delimiter for delimiter in rows if agreed[delimiter] >= _CONSISTENT]
    if "\t" in good:
        return "\t"
    visible = [delimiter for delimiter in good if delimiter != RUNS]
    if visible:
        return max(visible, key=lambda delimiter: len(rows[delimiter].fields[0]))
    if good:
        return good[0]
    order = [delimiter for delimiter in (",", *rows) if delimiter in rows]
    return max(order, key=lambda delimiter: agreed[delimiter])


def _header(
    name: str, rows: _Rows, asked: bool | None, known_names: KnownNames | None
) -> list[str] | None:
    first_fault = rows.faults[0][0] if rows.faults else None
    if not rows.fields or (first_fault is not None and first_fault < rows.lines[0]):
        if asked and first_fault is not None:
            raise InputError(f"{name}, line {first_fault}: the header cannot be read.")
        return None
    try:
        names = [field.decode() for field in rows.fields[0]]
    except UnicodeDecodeError as error:
        if asked:
            raise InputError(
                f"{name}, line {rows.lines[0]}: the header is not text in the file's encoding."
            ) from error
        return None
    return chosen_header(name, names, asked, known_names)
