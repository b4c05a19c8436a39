"""CSV, TSV and whitespace-separated edge lists."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from guanxi.graph.arrays import Bool, Bytes, Int64, TextColumn
from guanxi.graph.readers.dialect import Dialect
from guanxi.graph.readers.raw import RawBatch, Reject, Source
from guanxi.graph.readers.refusals import column_name, is_utf8, keep_rows, shown_text, text_at
from guanxi.graph.readers.textfile import TextFile
from guanxi.graph.readers.tokenizer import (
    COMMENTS,
    FAULT_CODE,
    FAULT_END,
    FAULT_FIELD,
    FAULT_LINE,
    FAULT_SIZE,
    FAULT_START,
    FAULTS,
    LIMITS,
    LONG_FIELD,
    LONG_ROW,
    MAX_FIELD,
    MAX_ROW,
    NUL_BYTE,
    OPEN_QUOTE,
    POSITION,
    ROWS,
    STOP,
    TEXT_AFTER_QUOTE,
    WRONG_WIDTH,
    byte_kinds,
    new_state,
    tokenize,
    undecodable,
)

#: Rows and refused rows in a batch at most.
MAX_ROWS = 1 << 20
MAX_FAULTS = 1 << 16

# Bytes of a refused row that are looked at for what is shown of it: 200 characters
# have no more, whatever they are.
_SHOWN_BYTES = 800


_REASONS = {
    NUL_BYTE: "a NUL byte",
    OPEN_QUOTE: "a quote that is not closed",
    TEXT_AFTER_QUOTE: "text after a closing quote",
    LONG_FIELD: f"a field of more than {MAX_FIELD:,} bytes",
    LONG_ROW: f"a row of more than {MAX_ROW:,} bytes",
}
_IN_ONE_FIELD = (OPEN_QUOTE, TEXT_AFTER_QUOTE, LONG_FIELD)


class DelimitedSource(Source):
    """Rows of delimited text; see `guanxi.graph.readers.tokenizer.tokenize` for what a row is."""

    def __init__(
        self, text: TextFile, dialect: Dialect, skip_lines: int = 0, limits: Int64 = LIMITS
    ) -> None:
        self.name = text.file.name
        self.header = dialect.header
        self.width = dialect.width
        self.sample = dialect.sample
        self.bytes_total = text.file.size
        self.comments = 0
        self._text = text
        self._dialect = dialect
        self._skip_lines = skip_lines
        self._limits = limits
        self.description = {
            "format": dialect.format,
            "encoding": text.label,
            "compression": text.compression,
            **dialect.describe(),
        }

    @property
    def bytes_done(self) -> int:
        """Bytes of the file on disk that have been read so far."""
        return self._text.bytes_done

    @property
    def content_hash(self) -> str:
        """BLAKE2b of the decompressed bytes as hex, once `batches()` is exhausted."""
        return self._text.content_hash

    def close(self) -> None:
        """Delete the spooled copy, if there is one."""
        self._text.file.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows, a batch for each block of the file; see `Source.batches`."""
        kinds = byte_kinds(self._dialect.delimiter, self._dialect.comment)
        state = new_state(self._skip_lines)
        header_ahead = self.header is not None
        rest = np.empty(0, dtype=np.uint8)
        for block in self._text.blocks():
            data = np.concatenate([rest, np.frombuffer(block.text, dtype=np.uint8)])
            state[POSITION], state[STOP] = 0, len(data)
            while True:
                batch, full = self._batch(data, state, block.final, kinds)
                if header_ahead and len(batch):
                    header_ahead = False
                    batch = _without_first(batch)
                if len(batch) or batch.rejects:
                    yield batch
                if not full:
                    break
            rest = data[state[POSITION] :]
            self.comments = int(state[COMMENTS])
            self.description["encoding"] = self._text.label

    def _batch(self, data: Bytes, state: Int64, final: bool, kinds: Bytes) -> tuple[RawBatch, bool]:
        """The next rows of `data`, and whether there may be more of them at once."""
        begin = int(state[POSITION])
        left = len(data) - begin
        capacity = min(MAX_ROWS, left // max(self.width, 1) + 1)
        starts = np.empty((self.width, capacity), dtype=np.int64)
        ends = np.empty_like(starts)
        lines = np.empty(capacity, dtype=np.int64)
        faults = np.empty((min(MAX_FAULTS, left + 1), FAULT_SIZE), dtype=np.int64)
        tokenize(data, state, final, kinds, self._limits, self.width, starts, ends, lines, faults)
        rows, n_faults = int(state[ROWS]), int(state[FAULTS])
        full = rows == capacity or n_faults == len(faults)
        rejects = [self._reject(data, fault) for fault in faults[:n_faults].tolist()]
        columns = [TextColumn(data, starts[i, :rows], ends[i, :rows]) for i in range(self.width)]
        batch = RawBatch(columns, lines[:rows], rejects)
        if not is_utf8(data[begin : state[POSITION]].data):
            bad = np.zeros(rows, dtype=np.bool_)
            undecodable(data, starts, ends, rows, bad)
            batch = self._without(batch, bad)
        return batch, full

    def _reject(self, data: Bytes, fault: list[int]) -> Reject:
        code, start, field = fault[FAULT_CODE], fault[FAULT_START], fault[FAULT_FIELD]
        text = data[start : min(fault[FAULT_END], start + _SHOWN_BYTES)].tobytes()
        at_fault = column_name(self.header, field) if code in _IN_ONE_FIELD else ""
        reason = _REASONS.get(code, "")
        if code == WRONG_WIDTH:
            what = "fewer" if field < self.width else "more"
            reason = f"{what} fields than the {self.width} of the {self._model}"
        return Reject(fault[FAULT_LINE], at_fault, reason, shown_text(text))

    def _without(self, batch: RawBatch, bad: Bool) -> RawBatch:
        """`batch` without the rows that are not text, which become rejects."""
        if not bad.any():
            return batch
        reason = f"bytes that are not {self._text.label.removesuffix(' (guessed)')}"
        rejects = []
        for row in np.flatnonzero(bad).tolist():
            for index, column in enumerate(batch.columns):
                text = text_at(column, row)
                if not is_utf8(text):
                    name = column_name(self.header, index)
                    line = int(batch.lines[row])
                    rejects.append(Reject(line, name, reason, shown_text(text)))
                    break
        return keep_rows(batch, ~bad, rejects)

    @property
    def _model(self) -> str:
        return "first row" if self.header is None else "header"


def _without_first(batch: RawBatch) -> RawBatch:
    keep = np.ones(len(batch), dtype=np.bool_)
    keep[0] = False
    return keep_rows(batch, keep, [])
