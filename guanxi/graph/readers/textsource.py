"""What the sources of delimited text and of JSON Lines share: the way from blocks to batches."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from guanxi.graph.arrays import Bool, Bytes, Int64, TextColumn
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
    POSITION,
    ROWS,
    STOP,
    new_state,
    undecodable,
)

#: Rows and refused rows in a batch at most.
MAX_ROWS = 1 << 20
MAX_FAULTS = 1 << 16

# Bytes of a refused row that are looked at for what is shown of it: 200 characters
# have no more, whatever they are.
_SHOWN_BYTES = 800
# Blocks that a file may be ahead of whoever reads it: one held, one waiting, one in the making,
# one in hand.
_BLOCKS_AHEAD = 4


class Found(NamedTuple):
    """What a kernel fills; see `guanxi.graph.readers.tokenizer.tokenize`."""

    starts: Int64
    ends: Int64
    lines: Int64
    faults: Int64


class TextSource(Source):
    """A source whose kernel reads one piece of UTF-8 after the other.

    A batch comes from one block of the file and what the last one left unfinished, so
    batches depend on the file alone.
    """

    def __init__(self, text: TextFile, skip_lines: int) -> None:
        self.name = text.file.name
        self.bytes_total = text.file.size
        self.comments = 0
        self._text = text
        self._skip_lines = skip_lines

    @property
    def bytes_done(self) -> int:
        """Bytes of the file on disk that have been read so far."""
        return self._text.bytes_done

    @property
    def most_rows_left(self) -> int | None:
        """By the bytes that are left: no row has fewer than two. None for a compressed file."""
        if self._text.compression != "none":
            return None
        ahead = _BLOCKS_AHEAD * self._text.block  # read already, but not by us
        return (self.bytes_total - self._text.bytes_done + ahead) // 2

    @property
    def content_hash(self) -> str:
        """BLAKE2b of the decompressed bytes as hex, once `batches()` is exhausted."""
        return self._text.content_hash

    @property
    def encoding(self) -> str:
        """The encoding of the text, in words."""
        return self._text.label

    def close(self) -> None:
        """Delete the spooled copy, if there is one."""
        self._text.file.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows, a batch for each block of the file; see `Source.batches`."""
        header_ahead = self._header_in_text
        for batch in self._pieces():
            if header_ahead and len(batch):
                header_ahead = False
                batch = _without_first(batch)
            if len(batch) or batch.rejects:
                yield batch

    def _pieces(self) -> Iterator[RawBatch]:
        state = self._new_state()
        for data, final in self._windows(state):
            full = True
            while full:
                batch, full = self._batch(data, state, final)
                self.comments = int(state[COMMENTS])
                self.description["encoding"] = self.encoding
                yield batch

    def _windows(self, state: Int64) -> Iterator[tuple[Bytes, bool]]:
        """(a block behind what was left of the one before, whether the file ends there)."""
        rest = np.empty(0, dtype=np.uint8)
        for block in self._text.blocks():
            data = np.concatenate([rest, np.frombuffer(block.text, dtype=np.uint8)])
            state[POSITION], state[STOP] = 0, len(data)
            yield data, block.final
            rest = data[state[POSITION] :]

    def _batch(self, data: Bytes, state: Int64, final: bool) -> tuple[RawBatch, bool]:
        """The next rows of `data`, and whether there may be more of them at once."""
        begin = int(state[POSITION])
        left = len(data) - begin
        capacity = min(MAX_ROWS, left // max(self.width, 1) + 1)
        starts = np.empty((self.width, capacity), dtype=np.int64)
        ends = np.empty_like(starts)
        lines = np.empty(capacity, dtype=np.int64)
        faults = np.empty((min(MAX_FAULTS, left + 1), FAULT_SIZE), dtype=np.int64)
        self._tokenize(data, state, final, Found(starts, ends, lines, faults))
        rows, n_faults = int(state[ROWS]), int(state[FAULTS])
        full = rows == capacity or n_faults == len(faults)
        rejects = [self._reject(data, fault) for fault in faults[:n_faults].tolist()]
        columns = [TextColumn(data, starts[i, :rows], ends[i, :rows]) for i in range(self.width)]
        batch = RawBatch(columns, lines[:rows], rejects)
        if not is_utf8(data[begin : state[POSITION]].data):
            bad = np.zeros(rows, dtype=np.bool_)
            undecodable(data, starts, ends, rows, bad)
            batch = self._without_undecodable(batch, bad)
        return batch, full

    def _reject(self, data: Bytes, fault: list[int]) -> Reject:
        start, end = fault[FAULT_START], fault[FAULT_END]
        text = data[start : min(end, start + _SHOWN_BYTES)].tobytes()
        field, reason = self._what(fault[FAULT_CODE], fault[FAULT_FIELD])
        return Reject(fault[FAULT_LINE], field, reason, shown_text(text))

    def _without_undecodable(self, batch: RawBatch, bad: Bool) -> RawBatch:
        if not bad.any():
            return batch
        reason = f"bytes that are not {self.encoding.removesuffix(' (guessed)')}"
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

    def _new_state(self) -> Int64:
        return new_state(self._skip_lines)

    @property
    @abstractmethod
    def _header_in_text(self) -> bool:
        """Whether the first row is the header."""

    @abstractmethod
    def _tokenize(self, data: Bytes, state: Int64, final: bool, found: Found) -> None:
        """Run the kernel on `data[state[POSITION]:state[STOP]]`."""

    @abstractmethod
    def _what(self, code: int, field: int) -> tuple[str, str]:
        """Field and reason of a refused row, in words."""


def _without_first(batch: RawBatch) -> RawBatch:
    keep = np.ones(len(batch), dtype=np.bool_)
    keep[0] = False
    return keep_rows(batch, keep, [])
