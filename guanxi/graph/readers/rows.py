"""The rows of one batch while they are checked: their texts by meaning, and what is wrong."""

from __future__ import annotations

from guanxi.graph.arrays import Bool, Int32, Int64, TextColumn
from guanxi.graph.readers import interning, numbers, times
from guanxi.graph.readers.columns import ColumnPlan
from guanxi.graph.readers.faults import Faults
from guanxi.graph.readers.raw import RawBatch, Reject, shorten
from guanxi.graph.readers.rejects import Reason, RejectsFile
from guanxi.graph.readers.text import text_at, trimmed
from guanxi.graph.readers.zones import LocalTimes


class Rows:
    """A batch, its columns by meaning, and the first thing that is wrong with each row.

    Spaces and tabs around a text are not part of it (`guanxi.formats.excel_guard` counts on
    that). `now`: times later than a day after it are refused.
    """

    def __init__(self, batch: RawBatch, plan: ColumnPlan, now: int | None) -> None:
        self.batch = batch
        self._plan = plan
        self._now = now
        self._faults = Faults(len(batch))
        for column, where in batch.nested.items():
            if column in plan.single:
                self._faults.put(where, Reason.NESTED, column)

    def __len__(self) -> int:
        """Number of rows that the format let through."""
        return len(self.batch)

    def has(self, meaning: str) -> bool:
        """Whether the file has a column for `meaning`."""
        return meaning in self._plan.index

    def texts(self, meaning: str) -> TextColumn:
        """The texts of the column for `meaning`; arrays are writable and contiguous."""
        return trimmed(self.batch.columns[self._plan.index[meaning]])

    def fail(self, where: Bool, reason: Reason, meaning: str) -> None:
        """Refuse the rows `where` (bool) for `reason`, unless they are refused already."""
        self._faults.put(where, reason, self._plan.index[meaning])

    def codes(self, meaning: str, interner: interning.Interner, too_long: Reason) -> Int32:
        """Numbers of the texts by `interner`; refuses what it refuses, but for empty texts."""
        codes = interner.codes(self.texts(meaning))
        if len(codes) and codes.min() < interning.EMPTY:
            self.fail(codes == interning.TOO_LONG, too_long, meaning)
            self.fail(codes == interning.CONTROL, Reason.CONTROL, meaning)
        return codes

    def ids(self, meaning: str, interner: interning.Interner) -> Int32:
        """Numbers of ids, which may not be empty."""
        codes = self.codes(meaning, interner, Reason.LONG_ID)
        self.fail(codes == interning.EMPTY, Reason.EMPTY_ID, meaning)
        return codes

    def millionths(self, meaning: str) -> tuple[Int64, Bool]:
        """Numbers as int64 millionths, and where there are any."""
        values, status = numbers.parse_millionths(self.texts(meaning))
        self.fail(status == numbers.MALFORMED, Reason.NOT_A_NUMBER, meaning)
        self.fail(status == numbers.COMMA, Reason.COMMA, meaning)
        self.fail(status == numbers.TOO_LARGE, Reason.OUT_OF_RANGE, meaning)
        return values, status != numbers.EMPTY

    def times(self, meaning: str, local: LocalTimes) -> Int64:
        """Times as int64 microseconds UTC, NO_TIME where there is none."""
        values, status = times.parse_times(self.texts(meaning), local)
        self.fail(status == times.MALFORMED, Reason.NOT_A_TIME, meaning)
        self.fail(status == times.AMBIGUOUS, Reason.AMBIGUOUS_TIME, meaning)
        if self._now is not None:
            self.fail(values > self._now + times.DAY, Reason.FUTURE, meaning)
        return values

    def accepted(self, rejects: RejectsFile) -> Bool:
        """Where nothing is wrong (bool); the other rows, and the batch's own, go to `rejects`."""
        refused = list(self.batch.rejects)
        for row, reason, column in self._faults:
            text = text_at(self.batch.columns[column], row)
            line = int(self.batch.lines[row])
            refused.append(Reject(line, self._plan.shown[column], reason, shorten(text)))
        refused.sort(key=lambda reject: reject.line)
        rejects.extend(refused)
        return self._faults.fine
