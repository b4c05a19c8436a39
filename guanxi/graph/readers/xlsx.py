"""XLSX: one sheet of a workbook (the first, or as asked for), by openpyxl, as text.

Texts come as they are, whole numbers without a fraction, true and false as such,
times as ISO 8601, formulas as the value that was last computed. Cells missing at the
end of a row are empty; rows without any value are passed over. A row is refused where
a cell holds an Excel error (`#N/A`), and where a number has more than 15 digits: Excel
keeps no more, so an id of that length is right only if it is stored as text.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
from openpyxl.reader.excel import ExcelReader

from guanxi.errors import GuanxiError, InputError, UsageError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.readers.files import InputFile
from guanxi.graph.readers.header import chosen_header
from guanxi.graph.readers.raw import (
    HASH_BYTES,
    KnownNames,
    RawBatch,
    Reject,
    Source,
    SourceOptions,
    shorten,
)
from guanxi.graph.readers.refusals import column_name
from guanxi.graph.readers.xlsx_bombs import MeteredArchive, refuse_bomb

#: Rows that a sheet can have.
MAX_ROWS = 1 << 20

_BATCH_ROWS = 1 << 15
_SAMPLE_ROWS = 5
_READ = 1 << 20
_DIGITS = 10**15
_ERRORS = frozenset(
    ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!")
)

Row = tuple[int, list[Any]]  # number in the sheet, values up to the last that is not empty


class XlsxSource(Source):
    """The rows of one sheet; `lines` and rejects count the rows of the sheet from 1."""

    def __init__(
        self, file: InputFile, options: SourceOptions, known_names: KnownNames | None
    ) -> None:
        self.name = file.name
        self.bytes_total = file.size
        self._file = file
        self._hash = ""
        self._read = 0
        self._skip = options.skip_lines
        with file.open() as raw, self._told():
            refuse_bomb(self.name, raw)
            workbook = self._workbook(raw)
            sheets = [sheet.title for sheet in workbook.worksheets]
            self._sheet = _chosen_sheet(self.name, sheets, options.sheet)
            first = _take(self._rows(workbook), _SAMPLE_ROWS + 1)
            workbook.close()
        texts = [[_text(value)[0] for value in values] for _, values in first]
        self.header = None
        if texts:
            self.header = chosen_header(self.name, texts[0], options.header, known_names)
        data = texts[1:] if self.header is not None else texts
        self.width = len(texts[0]) if texts else 0
        self.sample = [row + [""] * (self.width - len(row)) for row in data[:_SAMPLE_ROWS]]
        which = "of" if self._sheet else "the first of"
        self.description = {
            "format": "xlsx",
            "compression": "none",
            "sheet": sheets[self._sheet] + (f" ({which} {len(sheets)})" if len(sheets) > 1 else ""),
            "header": "no" if self.header is None else "yes",
        }
        self.part = sheets[self._sheet] if self._sheet else ""
        if len(sheets) > 1 and options.sheet is None:
            others = ", ".join(sheets[1:10]) + (", …" if len(sheets) > 10 else "")
            said = f"Only the first sheet, {sheets[0]}, was read; --sheet takes another"
            self.notes = (f"{said} ({others}).",)

    @property
    def bytes_done(self) -> int:
        """Bytes of the file on disk that have been read so far."""
        return self._read

    @property
    def most_rows_left(self) -> int:
        """A sheet cannot have more."""
        return MAX_ROWS

    @property
    def content_hash(self) -> str:
        """BLAKE2b of the file as hex, once `batches()` is exhausted."""
        return self._hash

    def close(self) -> None:
        """Delete the spooled copy, if there is one."""
        self._file.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows of the sheet, some 30,000 at a time; see `Source.batches`."""
        with self._file.open() as raw:
            with self._told():
                rows = self._rows(self._workbook(raw))
                if self.header is not None:
                    _take(rows, 1)
            while True:
                with self._told():
                    batch_rows = _take(rows, _BATCH_ROWS)
                if not batch_rows:
                    break
                self._read = min(raw.tell(), self.bytes_total)
                yield self._batch(batch_rows)
            digest = hashlib.blake2b(digest_size=HASH_BYTES)
            raw.seek(0)
            while piece := raw.read(_READ):
                digest.update(piece)
            self._file.check_unchanged(raw)
        self._read = self.bytes_total
        self._hash = digest.hexdigest()

    def _workbook(self, raw: BinaryIO) -> Any:
        raw.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which do not matter here
            reader = ExcelReader(raw, read_only=True, data_only=True, keep_links=False)
            reader.archive = MeteredArchive(raw, self.name)
            reader.read()
        if not reader.wb.worksheets:
            raise ValueError("it has no sheet with cells")
        return reader.wb

    def _rows(self, workbook: Any) -> Iterator[Row]:
        sheet = workbook.worksheets[self._sheet]
        sheet.reset_dimensions()  # what the file says of its size need not be so
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROWS:
                raise InputError(f"{self.name} has more rows than a sheet can have.")
            if number <= self._skip:
                continue
            used = len(values)
            while used and values[used - 1] in (None, ""):
                used -= 1
            if used:
                yield number, list(values[:used])

    def _batch(self, rows: list[Row]) -> RawBatch:
        lines: list[int] = []
        kept: list[list[str]] = []
        rejects: list[Reject] = []
        for number, values in rows:
            pairs = [_text(value) for value in values]
            texts = [text for text, _ in pairs]
            faults = [index for index, (_, reason) in enumerate(pairs) if reason]
            if len(texts) > self.width:
                model = "first row" if self.header is None else "header"
                reason = f"more fields than the {self.width} of the {model}"
                rejects.append(Reject(number, "", reason, shorten(",".join(texts))))
            elif faults:
                index = faults[0]
                name = column_name(self.header, index)
                rejects.append(Reject(number, name, pairs[index][1], shorten(texts[index])))
            else:
                kept.append(texts + [""] * (self.width - len(texts)))
                lines.append(number)
        columns = [_packed([row[index] for row in kept]) for index in range(self.width)]
        return RawBatch(columns, np.array(lines, dtype=np.int64), rejects)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (GuanxiError, OSError):
            raise
        # A damaged workbook can make openpyxl and zipfile raise nearly anything.
        except Exception as error:
            said = (str(error) or type(error).__name__).split("\n", 1)[0]
            raise InputError(
                f"{self.name} cannot be read as XLSX; it may be damaged or cut off ({said})."
            ) from error


def _chosen_sheet(name: str, sheets: list[str], asked: str | None) -> int:
    """Place of the sheet called `asked`, or of that number from 1; the first where it is None."""
    if asked is None:
        return 0
    if asked in sheets:
        return sheets.index(asked)
    alike = [place for place, sheet in enumerate(sheets) if sheet.casefold() == asked.casefold()]
    if len(alike) == 1:
        return alike[0]
    if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= len(sheets):
        return int(asked) - 1
    shown = ", ".join(repr(sheet) for sheet in sheets[:10]) + (", …" if len(sheets) > 10 else "")
    raise UsageError(f"{name} has no sheet {asked!r}; it has {shown}.")


def _take(rows: Iterator[Row], count: int) -> list[Row]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of cells that are not what they say: they are refused
        return list(islice(rows, count))


def _text(value: Any) -> tuple[str, str]:
    """A cell as text, and why it has to be refused (or "")."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        return value, "an Excel error" if value in _ERRORS else ""
    if isinstance(value, bool):
        return str(value).lower(), ""
    if isinstance(value, float) and value.is_integer():
        value = int(value) if abs(value) < _DIGITS else value
    if isinstance(value, int | float) and abs(value) >= _DIGITS:
        return str(value), "a number of more than 15 digits"
    if isinstance(value, datetime | date | time):
        return value.isoformat(), ""
    return str(value), ""


def _packed(texts: list[str]) -> TextColumn:
    """A column whose arrays belong to it alone and can be written to, as in every batch."""
    column = TextColumn.from_strings(texts)
    return TextColumn(column.data.copy(), column.starts.copy(), column.ends.copy())
