"""Rejected rows: why, into which file, and how many are too many."""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TextIO

from guanxi.errors import InputError, TooManyRejectsError, UsageError
from guanxi.graph.readers.raw import Reject, shorten
from guanxi.graph.schema import LoadSummary
from guanxi.wording import agree, counted

#: Names of the columns of a rejects file.
COLUMNS = ("file", "line", "field", "reason", "text")

_EXAMPLES = 10  # rows that a summary shows
_DEFAULT_SHARE = Fraction(1, 100)
_DEFAULT_FROM = 1000  # rows, below which the default has no limit


class Reason(StrEnum):
    """Why staging rejects a row (formats have further reasons of their own)."""

    EMPTY_ID = "empty id"
    LONG_ID = "id longer than 256 bytes"
    CONTROL = "control character"
    NOT_A_NUMBER = "not a number"
    COMMA = "number with a comma; write 60000 or 60.5"
    NOT_A_COUNT = "not a whole number of zero or more"
    NEGATIVE_WEIGHT = "negative weight"
    NEGATIVE = "negative number"
    OUT_OF_RANGE = "number out of range"
    NOT_BOOLEAN = "not true or false"
    NOT_A_TIME = "not a time"
    AMBIGUOUS_TIME = "could be a date or a number of seconds"
    FUTURE = "time in the future"
    EMPTY_KIND = "empty kind"
    LONG_KIND = "kind longer than 64 bytes"
    EVENT_DIFFERS = "event repeats with a difference"
    DISAGREE = "rows disagree"
    NESTED = "an array or object, not a single value"


class RejectsFile:
    """A CSV file of rejected rows: file, line, field, reason, text.

    Rows are written to `<path>.part` as they come, and put in place by `publish`. Without a
    path they are only counted. The file belongs to its owner alone (0600), and there is none
    where nothing was rejected. `counts` has the number of rows by reason, `examples` the first
    few.
    """

    def __init__(self, path: Path | None, source: str) -> None:
        self._path = path
        self._source = source
        self._file: TextIO | None = None
        self._published = False
        self.counts: dict[str, int] = {}
        self.examples: list[tuple[int, str, str, str]] = []

    @property
    def total(self) -> int:
        """Number of rows rejected so far."""
        return sum(self.counts.values())

    def add(self, line: int, field: str, reason: str, text: str) -> None:
        """Write one rejected row."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        text = shorten(text)
        if len(self.examples) < _EXAMPLES:
            self.examples.append((line, field, reason, text))
        if self._path is None:
            return
        try:
            if self._file is None:
                self._open(self._path)
            self._writer.writerow((self._source, line, field, reason, text))
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def extend(self, rejects: list[Reject]) -> None:
        """Write `rejects` in their order."""
        for reject in rejects:
            self.add(reject.line, reject.field, reject.reason, reject.text)

    def publish(self) -> str | None:
        """Put the file in its place, atomically; its path, or None where nothing was rejected."""
        if self._path is None:
            return None
        if self._file is not None:
            try:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                os.replace(self._part(self._path), self._path)
            except OSError as error:
                raise _cannot_write(self._path, error) from error
            self._file = None
            self._published = True
        return str(self._path) if self._published else None

    def discard(self) -> None:
        """Remove what has not been published."""
        if self._file is not None and self._path is not None:
            self._file.close()
            self._file = None
            self._part(self._path).unlink(missing_ok=True)

    def _open(self, path: Path) -> None:
        part = self._part(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        private = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(private, "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        if self._published:  # further rows join those that are in place already
            with open(path, encoding="utf-8", newline="") as before:
                shutil.copyfileobj(before, self._file)
        else:
            self._writer.writerow(COLUMNS)

    @staticmethod
    def _part(path: Path) -> Path:
        return path.with_name(path.name + ".part")


def _cannot_write(path: Path, error: OSError) -> InputError:
    return InputError(f"The rejects file {path} cannot be written: {error.strerror or error}.")


@dataclass(frozen=True)
class RejectLimit:
    """How many rejected rows are too many: a count, or a share once there are `from_rows` rows."""

    count: int | None
    share: Fraction | None
    from_rows: int
    text: str

    def exceeded(self, rows: int, rejected: int) -> bool:
        """Whether `rejected` of `rows` are too many."""
        if self.count is not None:
            return rejected > self.count
        if self.share is None or rows < self.from_rows:
            return 0 < rows == rejected and self.from_rows > 0
        return rejected > self.share * rows

    def certain(self, rows: int, rejected: int, most_left: int | None) -> bool:
        """Whether that holds already, whatever the rows to come are (at most `most_left`)."""
        if self.count is not None:
            return rejected > self.count
        if self.share is None or most_left is None or rows < self.from_rows:
            return False
        return rejected > self.share * (rows + most_left)


def reject_limit(text: str | None) -> RejectLimit:
    """Read a `--max-rejects`: a count (`50`) or a percentage (`0.5%`).

    None is the default: 1 % once 1,000 rows are read, and below that not all of them.
    """
    if text is None:
        return RejectLimit(None, _DEFAULT_SHARE, _DEFAULT_FROM, "1%")
    stripped = text.strip()
    try:
        if stripped.endswith("%"):
            share = Fraction(stripped[:-1].strip()) / 100
            if 0 <= share <= 1:
                return RejectLimit(None, share, 0, stripped)
        elif stripped.isascii() and stripped.isdigit():
            return RejectLimit(int(stripped), None, 0, stripped)
    except (ValueError, ZeroDivisionError):
        pass
    raise UsageError(
        f"--max-rejects takes a count such as 50 or a percentage such as 0.5%, not '{text}'."
    )


def reasons_in_words(summary: LoadSummary) -> str:
    """Why rows were rejected and how often, the most frequent first: `empty id: 20, …`."""
    counts = sorted(summary.reject_reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason}: {count:,}" for reason, count in counts)


def refuse_too_many(limit: RejectLimit, summary: LoadSummary) -> None:
    """Raise TooManyRejectsError where `summary` has more rejects than `limit` allows."""
    if limit.exceeded(summary.rows, summary.rejected):
        raise too_many(limit, summary, "")


def too_many(limit: RejectLimit, summary: LoadSummary, first: str) -> TooManyRejectsError:
    """The error for too many rejects; `first` is "the first " where only so many rows were read."""
    where = (
        f"{agree(summary.rejected, 'It is', 'They are')} in {summary.rejects_path}."
        if summary.rejects_path
        else "The first: "
        + "; ".join(
            f"line {line}, {field}: {text!r}" for line, field, _, text in summary.examples[:3]
        )
        + "."
    )
    return TooManyRejectsError(
        f"{summary.source}: {summary.rejected:,} of {first}{counted(summary.rows, 'row')} "
        f"{agree(summary.rejected, 'was', 'were')} rejected "
        f"({reasons_in_words(summary)}), more than --max-rejects {limit.text} allows; nothing was "
        f"loaded. {where} Mend the file or --columns, or raise --max-rejects."
    )
