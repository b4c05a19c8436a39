"""XLSX: the rows on sheets of their own, what the columns mean on a sheet, the meta on "About"."""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter

from guanxi.errors import UsageError
from guanxi.formats.json_file import meta_text
from guanxi.formats.number_formats import NumberFormat, number_format
from guanxi.formats.values import encodable, field_text, iso
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.results import Result

#: Rows of a sheet below its header, columns of a sheet, characters of a cell.
SHEET_ROWS = 1_048_575
SHEET_COLUMNS = 16_384
CELL_TEXT = 32_767
_MAX_WIDTH = 48
#: The sheet that explains the columns: its name, and its columns with their widths.
COLUMNS_SHEET = "Columns 字段"
_COLUMNS_HEAD = (("column 字段", 26), ("meaning", 66), ("含义", 66))
_EXACT = 2**53
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel's calendar is off by a day

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "remove_timezone": True,
}


def write_xlsx(result: Result, path: Path, sheet_rows: int = SHEET_ROWS) -> list[str]:
    """Write `result` as a workbook; returns a note where it took several sheets or cut a text.

    Numbers are there in full, and shown as `guanxi.formats.number_formats` says.
    Texts (so ids as well) are texts whatever they look like, and so are whole numbers
    that Excel would round. Times are UTC. The heads of the columns are the names that programs
    read; a sheet says in English and Chinese what each of them means, where a verb of the engine
    made the result (`guanxi.verbs.column_words`).
    """
    if len(result.columns) > SHEET_COLUMNS:
        raise UsageError(
            f"A sheet holds {SHEET_COLUMNS:,} columns, this result has {len(result.columns):,}; "
            "write it as csv or parquet."
        )
    # The rows go through files of their own and the packed workbook through memory, so that
    # a full disk is met here and not within the library, which would leave things open.
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="guanxi-") as folder:
        workbook = xlsxwriter.Workbook(packed, {**_OPTIONS, "tmpdir": folder})
        sheets = _Sheets(workbook, result, sheet_rows)
        sheets.write()
        notes = sheets.notes()
        _write_columns(workbook, sheets, list(result.columns))
        _write_about(workbook, sheets, result.meta, notes)
        workbook.use_zip64()
        workbook.close()
    path.write_bytes(packed.getbuffer())
    return notes


class _Sheets:
    """The sheets of the rows, opened as they are needed."""

    def __init__(self, workbook: Any, result: Result, sheet_rows: int) -> None:
        self._workbook = workbook
        self._result = result
        self._sheet_rows = sheet_rows
        self._cut = 0
        self._count = 0
        self.bold = workbook.add_format({"bold": True, "bottom": 1})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._shown = [number_format(name, values) for name, values in result.columns.items()]
        self._formats = [
            None if shown is None else workbook.add_format({"num_format": shown.code})
            for shown in self._shown
        ]
        self._widths = list(self._first_widths())

    def _first_widths(self) -> Iterator[float]:
        """Widths of the columns, from the header and the first rows."""
        nothing: list[list[Any]] = [[] for _ in self._result.columns]
        first = next(self._result.chunks(200), nothing)
        for name, values, shown in zip(self._result.columns, first, self._shown, strict=True):
            texts = [_shown_text(value, shown) for value in values]
            longest = max(map(_width, [name + "    ", *texts]))  # room for the filter's arrow
            yield min(max(longest + 2, 8), _MAX_WIDTH)

    def write(self) -> None:
        """Write all rows."""
        sheet, line = self._open(), 1
        for values in self._result.chunks():
            for row in zip(*values, strict=True):
                if line > self._sheet_rows:
                    self._close(sheet, line)
                    sheet, line = self._open(), 1
                for place, value in enumerate(row):
                    if value is not None:
                        self.cell(sheet, line, place, value, self._formats[place])
                line += 1
        self._close(sheet, line)

    def notes(self) -> list[str]:
        """What the reader of the workbook has to know."""
        notes = []
        if self._count > 1:
            notes.append(
                f"A sheet holds {self._sheet_rows:,} rows; the {len(self._result):,} rows of this "
                f"result are on {self._count} sheets."
            )
        if self._cut:
            notes.append(
                f"A cell holds {CELL_TEXT:,} characters; "
                f"{counted(self._cut, 'longer text')} {agree(self._cut, 'was', 'were')} cut."
            )
        return notes

    def _open(self) -> Any:
        self._count += 1
        sheet = self._workbook.add_worksheet("Rows" if self._count == 1 else f"Rows {self._count}")
        for place, width in enumerate(self._widths):
            sheet.set_column(place, place, width)
        for place, name in enumerate(self._result.columns):
            sheet.write_string(0, place, name, self.bold)
        sheet.freeze_panes(1, 0)
        return sheet

    def _close(self, sheet: Any, line: int) -> None:
        if self._result.columns:
            sheet.autofilter(0, 0, line - 1, len(self._result.columns) - 1)

    def cell(
        self, sheet: Any, line: int, place: int, value: Any, number_format: Any = None
    ) -> None:
        """Write one value into one cell; a number is shown by `number_format`."""
        if isinstance(value, bool):
            sheet.write_boolean(line, place, value)
        elif _is_exact_number(value):
            sheet.write_number(line, place, value, number_format)
        elif isinstance(value, datetime) and value.date() >= _FIRST_DAY:
            utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            sheet.write_datetime(line, place, utc, self._moment)
        elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
            sheet.write_datetime(line, place, value, self._day)
        else:
            text = iso(value) if isinstance(value, date) else field_text(value)
            self._cut += len(text) > CELL_TEXT
            sheet.write_string(line, place, text[:CELL_TEXT])


def _is_exact_number(value: Any) -> bool:
    """Whether Excel, which knows doubles only, holds `value` as it is."""
    if isinstance(value, int):
        return abs(value) <= _EXACT
    return isinstance(value, float) and math.isfinite(value)


def _write_columns(workbook: Any, sheets: _Sheets, columns: list[str]) -> None:
    """What each column means, in both languages of those to whom a workbook is handed on."""
    from guanxi.verbs.column_words import explained

    words = explained(columns)
    if not words:
        return
    sheet = workbook.add_worksheet(COLUMNS_SHEET)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    top = workbook.add_format({"valign": "top"})
    for place, (title, width) in enumerate(_COLUMNS_HEAD):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, title, sheets.bold)
    for line, (column, english, chinese) in enumerate(words, 1):
        sheet.write_string(line, 0, column[:CELL_TEXT], top)
        sheet.write_string(line, 1, english, wrapped)
        sheet.write_string(line, 2, chinese, wrapped)
    sheet.freeze_panes(1, 0)


def _write_about(workbook: Any, sheets: _Sheets, meta: dict[str, Any], notes: list[str]) -> None:
    """The meta, one entry a row; what is no single value stands there as JSON."""
    about = workbook.add_worksheet("About")
    about.set_column(0, 0, 28)
    about.set_column(1, 1, 80)
    lines: list[tuple[str, Any]] = [("note", note) for note in notes]
    lines += list(_flattened(meta))
    for line, (name, value) in enumerate(lines):
        about.write_string(line, 0, name[:CELL_TEXT], sheets.bold)
        if isinstance(value, bool | int | float | date):
            sheets.cell(about, line, 1, value)
        elif isinstance(value, str):
            sheets.cell(about, line, 1, encodable(value))
        elif value is not None:
            about.write_string(line, 1, meta_text(value)[:CELL_TEXT])


def _flattened(meta: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The meta as lines that people read: one for each entry of a table or a list."""
    for name, value in meta.items():
        label = f"{above}{name}"
        if isinstance(value, dict):
            yield from _flattened(value, f"{label}: ")
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for entry in value:
                title = str(entry.get("name", entry.get("set", entry.get("file", ""))))
                rest = {key: item for key, item in entry.items() if item != title}
                yield from _flattened(rest, f"{label}: {title}: ")
        elif isinstance(value, list):
            for entry in value:
                yield label, entry
        else:
            yield label, value


def _shown_text(value: Any, shown: NumberFormat | None) -> str:
    """What a cell shows, about."""
    if shown is not None and isinstance(value, int | float):
        return shown.shown(value)
    return field_text(value)


def _width(text: str) -> float:
    """Roughly how wide a text is: a Chinese character takes the room of two Latin ones."""
    return sum(2 if char >= "\u1100" else 1 for char in text[:_MAX_WIDTH])
