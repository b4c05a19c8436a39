"""Taking refused rows out of a batch, and what is shown of them."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Bool, TextColumn
from guanxi.graph.readers.raw import RawBatch, Reject, shorten


def column_name(header: list[str] | None, index: int) -> str:
    """Name of a column for messages."""
    if header is not None and index < len(header) and header[index]:
        return header[index]
    return f"column {index + 1}"


def is_utf8(data: memoryview | bytes) -> bool:
    """Whether all of `data` is valid UTF-8."""
    try:
        str(data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def shown_text(text: bytes) -> str:
    """What a rejects file shows of a row or a field: its first line, as far as it is text."""
    lines = text.decode(errors="replace").splitlines()
    return shorten(lines[0] if lines else "")


def text_at(column: TextColumn, row: int) -> bytes:
    """The bytes of one text."""
    return column.data[column.starts[row] : column.ends[row]].tobytes()


def keep_rows(batch: RawBatch, keep: Bool, more: list[Reject]) -> RawBatch:
    """The rows of `batch` where `keep` is set, its rejects and `more` in the order of lines."""
    columns = [
        TextColumn(column.data, column.starts[keep], column.ends[keep]) for column in batch.columns
    ]
    rejects = sorted(batch.rejects + more, key=lambda reject: reject.line)
    nested = {index: where[keep] for index, where in batch.nested.items()}
    return RawBatch(columns, batch.lines[keep], rejects, nested)


def without_nul(batch: RawBatch, header: list[str] | None) -> RawBatch:
    """`batch` without the rows in which some text has a NUL, which become rejects."""
    keep = np.ones(len(batch), dtype=np.bool_)
    rejects: list[Reject] = []
    for index, column in enumerate(batch.columns):
        if not len(column.data) or column.data.min() != 0:
            continue
        nuls = np.concatenate([[0], np.cumsum(column.data == 0)])
        for row in np.flatnonzero((nuls[column.ends] > nuls[column.starts]) & keep).tolist():
            keep[row] = False
            text = shown_text(text_at(column, row))
            name = column_name(header, index)
            rejects.append(Reject(int(batch.lines[row]), name, "a NUL byte", text))
    return keep_rows(batch, keep, rejects) if rejects else batch
