"""A source in memory, so that staging can be tested without files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from guanxi.graph.arrays import TextColumn
from guanxi.graph.readers.raw import RawBatch, Reject, Source
from guanxi.graph.readers.stage import StageOptions, stage_source
from guanxi.graph.schema import Role, StagedFile


class MemorySource(Source):
    """Rows of texts, a few to a batch; a row that is too short is a reject, as in a real source."""

    def __init__(
        self,
        header: Sequence[str] | None,
        rows: Sequence[Sequence[str]],
        batch: int = 3,
        name: str = "rows.csv",
        encoding: str = "UTF-8",
    ) -> None:
        self.name = name
        self.header = None if header is None else list(header)
        self.width = len(header) if header is not None else max(map(len, rows), default=0)
        self.description = {"format": "csv", "encoding": encoding}
        self.sample = [list(row) for row in rows[:5]]
        self.bytes_total = len(rows)
        self._rows = [list(row) for row in rows]
        self._batch = batch
        self._done = 0

    @property
    def bytes_done(self) -> int:
        return self._done

    @property
    def content_hash(self) -> str:
        assert self._done == self.bytes_total
        return hashlib.blake2b(json.dumps([self.header, self._rows]).encode()).hexdigest()

    def batches(self) -> Iterator[RawBatch]:
        for start in range(0, len(self._rows), self._batch):
            rows = list(enumerate(self._rows[start : start + self._batch], start + 2))
            self._done = min(start + self._batch, len(self._rows))
            whole = [(line, row) for line, row in rows if len(row) == self.width]
            yield RawBatch(
                [TextColumn.from_strings([row[i] for _, row in whole]) for i in range(self.width)],
                np.array([line for line, _ in whole], dtype=np.int64),
                [
                    Reject(line, "", "wrong number of fields", ",".join(row))
                    for line, row in rows
                    if len(row) != self.width
                ],
            )

    def close(self) -> None:
        pass


@pytest.fixture
def stage() -> Callable[..., Any]:
    """stage(role, header, rows, batch=…, encoding=…, **options): stages rows held in memory.

    The header is a text such as "source,target", or None. Any share of rejects is allowed unless
    `max_rejects` says otherwise.
    """

    def run(
        role: str,
        header: str | None,
        rows: Sequence[Sequence[str]],
        batch: int = 3,
        name: str = "rows.csv",
        encoding: str = "UTF-8",
        **options: Any,
    ) -> StagedFile:
        names = header.split(",") if header is not None else None
        options.setdefault("max_rejects", "100%")
        source = MemorySource(names, rows, batch, name, encoding)
        return stage_source(source, Role(role), StageOptions(**options))

    return run
