"""CSV, TSV and whitespace-separated edge lists."""

from __future__ import annotations

from guanxi.graph.arrays import Bytes, Int64
from guanxi.graph.readers.dialect import Dialect
from guanxi.graph.readers.refusals import column_name
from guanxi.graph.readers.textfile import TextFile
from guanxi.graph.readers.textsource import Found, TextSource
from guanxi.graph.readers.tokenizer import (
    LIMITS,
    LONG_FIELD,
    LONG_ROW,
    MAX_FIELD,
    MAX_ROW,
    NUL_BYTE,
    OPEN_QUOTE,
    TEXT_AFTER_QUOTE,
    WRONG_WIDTH,
    byte_kinds,
    tokenize,
)

_REASONS = {
    NUL_BYTE: "a NUL byte",
    OPEN_QUOTE: "a quote that is not closed",
    TEXT_AFTER_QUOTE: "text after a closing quote",
    LONG_FIELD: f"a field of more than {MAX_FIELD:,} bytes",
    LONG_ROW: f"a row of more than {MAX_ROW:,} bytes",
}
_IN_ONE_FIELD = (OPEN_QUOTE, TEXT_AFTER_QUOTE, LONG_FIELD)


class DelimitedSource(TextSource):
    """Rows of delimited text; see `guanxi.graph.readers.tokenizer.tokenize` for what a row is."""

    def __init__(
        self, text: TextFile, dialect: Dialect, skip_lines: int = 0, limits: Int64 = LIMITS
    ) -> None:
        super().__init__(text, skip_lines)
        self.header = dialect.header
        self.width = dialect.width
        self.sample = dialect.sample
        self._kinds = byte_kinds(dialect.delimiter, dialect.comment)
        self._limits = limits
        self.description = {
            "format": dialect.format,
            "encoding": self.encoding,
            "compression": text.compression,
            **dialect.describe(),
        }

    @property
    def _header_in_text(self) -> bool:
        return self.header is not None

    def _tokenize(self, data: Bytes, state: Int64, final: bool, found: Found) -> None:
        tokenize(data, state, final, self._kinds, self._limits, self.width, *found)

    def _what(self, code: int, field: int) -> tuple[str, str]:
        if code == WRONG_WIDTH:
            model = "first row" if self.header is None else "header"
            what = "fewer" if field < self.width else "more"
            return "", f"{what} fields than the {self.width} of the {model}"
        name = column_name(self.header, field) if code in _IN_ONE_FIELD else ""
        return name, _REASONS[code]
