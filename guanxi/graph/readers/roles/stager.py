"""What the three roles have in common: ids, the summary, and the context of a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Bool, Int32, TextColumn
from guanxi.graph.readers.columns import ColumnPlan
from guanxi.graph.readers.interning import Interner
from guanxi.graph.readers.options import StageOptions
from guanxi.graph.readers.rejects import RejectsFile
from guanxi.graph.readers.rows import Rows
from guanxi.graph.readers.sorting import byte_order
from guanxi.graph.readers.text import ready, take
from guanxi.graph.readers.zones import LocalTimes
from guanxi.graph.schema import MAX_ID_BYTES, LoadSummary, StagedFile

#: Words that exports write for "nothing there"; as ids they tie strangers together.
_NOTHING = ("null", "none", "nan", "n/a", "na", "nil", "undefined", "\\N", "-", "#n/a")


@dataclass
class Context:
    """What staging knows about the file: its columns, options, rejects and summary."""

    plan: ColumnPlan
    options: StageOptions
    rejects: RejectsFile
    summary: LoadSummary
    local: LocalTimes


class Stager(ABC):
    """Takes the rows of one file, batch by batch, and makes a staged file of them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.interner = Interner(MAX_ID_BYTES)

    @abstractmethod
    def add(self, rows: Rows) -> None:
        """Take the rows of a batch."""

    @abstractmethod
    def finish(self, name: str) -> StagedFile:
        """The staged file, called `name`. Called once, after the last batch."""

    def sorted_ids(self, *codes: Int32) -> tuple[TextColumn, Int32]:
        """The ids that `codes` mention, sorted by bytes, and the new number of each code."""
        words = [form(word) for word in _NOTHING for form in (str.lower, str.upper, str.title)]
        suspects = self.interner.codes(ready(TextColumn.from_strings(words)))
        used = np.zeros(len(self.interner), dtype=np.bool_)
        for part in codes:
            used[part] = True
        for word in sorted({words[i] for i in np.flatnonzero(used[suspects])}):
            self.context.summary.warnings.append(
                f"There is an account '{word}'. If that word means that there is no id, the "
                "field should be empty instead."
            )
        return sorted_texts(self.interner.texts(), used)


def sorted_texts(texts: TextColumn, used: Bool) -> tuple[TextColumn, Int32]:
    """The distinct `texts` where `used`, sorted by bytes, and the new number of each (or -1)."""
    codes = np.flatnonzero(used)
    texts = ready(texts)
    some = TextColumn(texts.data, texts.starts[codes], texts.ends[codes])
    order = codes[byte_order(some)]
    numbers = np.full(len(texts), -1, dtype=np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    return take(texts, order), numbers


class Parts:
    """An array that grows by parts, as one batch after the other comes in."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._dtype = dtype
        self._parts: list[npt.NDArray[Any]] = []

    def add(self, part: npt.NDArray[Any]) -> None:
        """Append `part`."""
        self._parts.append(part)

    def join(self) -> npt.NDArray[Any]:
        """All parts as one array; each is let go as soon as it is copied."""
        whole = np.empty(sum(map(len, self._parts)), dtype=self._dtype)
        at = 0
        self._parts.reverse()
        while self._parts:
            part = self._parts.pop()
            whole[at : at + len(part)] = part
            at += len(part)
        return whole
