"""What the two halves of the readers hand to each other: raw columns of text.

A source turns the bytes of one file into batches of text columns and rejects; the
staging half gives the columns a meaning. Nothing is dropped between them: every
line of a file that is neither blank nor a comment ends as a row, as a reject, or
as the continuation of a quoted row.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from guanxi.graph.arrays import Bool, Int64, TextColumn
from guanxi.graph.closing import Closing

#: A rejects file shows at most this much of an offending text.
SHOWN = 200

#: Bytes of the hash of a file's content.
HASH_BYTES = 32

#: The formats that `SourceOptions.format` takes.
FORMATS = ("csv", "tsv", "edges", "jsonl", "parquet", "xlsx")

#: Called with bytes done and bytes in all.
Progress = Callable[[int, int], None]

#: Whether the fields of a first row are names of columns.
KnownNames = Callable[[list[str]], bool]


def shorten(text: str) -> str:
    """`text`, cut to what a rejects file shows of it."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


@dataclass(frozen=True)
class Reject:
    """One row that was not taken, and why.

    `line` counts from 1 in the text as decoded (the number of the row for Parquet
    and XLSX); `field` is the column at fault, or empty where it is the whole row;
    `text` is the offending value, shortened to 200 characters.
    """

    line: int
    field: str
    reason: str
    text: str


@dataclass
class RawBatch:
    """Consecutive rows of one file, and the rows among them that were refused.

    `columns`: one for each column of the file, all of the same length.
    `lines`: int64, the line at which each row starts (as in `Reject`), ascending.
    `rejects`: rows which the format itself refuses, ascending by line.
    `nested`: for columns in which there are any (by their place), where the text is the JSON of
    an array or an object and no single value.
    """

    columns: list[TextColumn]
    lines: Int64
    rejects: list[Reject]
    nested: dict[int, Bool] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.lines)


@dataclass(frozen=True)
class SourceOptions:
    """How a file is to be read; None means that it is found out from the file.

    `format`: one of `FORMATS`. `encoding`: any that Python knows. `delimiter`: one
    character, or `" "` for any run of spaces and tabs. `header`: whether the first
    row names the columns. `skip_lines`: lines at the top that are passed over
    unread. `comment`: lines that start with it are passed over ("" for none; None:
    `#`, and `%` too in edge lists). `sheet`: the sheet of a workbook, by its name or
    its number from 1; None is the first. `name`: what the file is called in messages and
    rejects, where its path is nobody's business.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    skip_lines: int = 0
    comment: str | None = None
    sheet: str | None = None
    name: str | None = None


class Source(Closing):
    """One file, or standard input, as batches of text columns. A context manager.

    `name`: as shown to users. `header`: the names of the columns, or None where the
    file has none. `width`: number of columns. `description`: what was recognised
    (format, encoding, compression, delimiter, header …), for showing; its encoding is
    "UTF-8 with mark" where the text begins with a byte order mark, as CSV for Excel does.
    `sample`: the first few data rows. `bytes_done` of `bytes_total` is the progress on
    the file as it lies on disk. `comments`: comment lines passed over so far. `part`: what the
    rows come from where that is not the whole of the file, nor its first sheet. `notes`:
    sentences that the user should read.
    """

    name: str
    header: list[str] | None
    width: int
    description: dict[str, str]
    sample: list[list[str]]
    bytes_total: int
    comments: int = 0
    part: str = ""
    notes: tuple[str, ...] = ()

    @property
    def most_rows_left(self) -> int | None:
        """So many rows are still to come at most; None where nothing is known."""
        return None

    @property
    @abstractmethod
    def bytes_done(self) -> int:
        """Bytes of the file on disk that have been read so far."""

    @property
    @abstractmethod
    def content_hash(self) -> str:
        """BLAKE2b of the decompressed bytes (of the file for Parquet and XLSX), as hex.

        Only known once `batches()` is exhausted.
        """

    @abstractmethod
    def batches(self) -> Iterator[RawBatch]:
        """The rows from the first to the last, in batches of about 16 MB of text.

        Can be called more than once; each call reads the file from its start. What is
        in a batch depends on the file and the options alone. Raises InputError where
        the file cannot be read on (cut off, damaged, changed while it is read).
        """

    @abstractmethod
    def close(self) -> None:
        """Close the file; a spooled copy of standard input is deleted."""
