"""Opening a file, whatever its format, compression and encoding, as a source of text columns.

    open_source(path, options) → Source → batches() → staging

Formats: CSV and anything with a one-character delimiter, TSV, edge lists (fields
between runs of spaces and tabs), JSON Lines; each plain or compressed with gzip or
zstd, in UTF-8, UTF-16, GB18030 or any encoding that is named. Parquet and XLSX.
What the options leave open is found out: the format by the first bytes, then by the
end of the name, then by what the first rows look like.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.errors import InputError, UsageError
from guanxi.graph.readers.decoding import encoding_name
from guanxi.graph.readers.files import STDIN, InputFile, expand_paths
from guanxi.graph.readers.raw import FORMATS, KnownNames, Progress, Source, SourceOptions

if TYPE_CHECKING:
    from guanxi.graph.readers.textfile import TextFile

__all__ = ["STDIN", "Source", "SourceOptions", "expand_paths", "open_source"]

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
}
_COMPRESSED = {".gz", ".gzip", ".zst", ".zstd"}
_TITLES = {"parquet": "Parquet file", "xlsx": "XLSX workbook"}
_PARQUET = (b"PAR1", b"PARE")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Bytes at the start of a text that are looked at for what no text has.
_LOOKED_AT = 1 << 16
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1b"))


def open_source(
    path: str | Path,
    options: SourceOptions | None = None,
    spool_folder: Path | None = None,
    known_names: KnownNames | None = None,
    progress: Progress | None = None,
) -> Source:
    """The file at `path` ("-": standard input), ready to give its rows.

    options: what is not to be found out from the file.
    spool_folder: where standard input (and a pipe) is copied first; else the system's
        temporary folder.
    known_names: called with the fields of the first row; whether they name columns.
        Without it, and without `options.header`, the first row is data.
    progress: called with bytes done and in all while the file is looked through for its names
        (JSON Lines); the source goes on from there.

    UsageError where the options cannot be; InputError where the file cannot be read: not
    there, not allowed, a folder, empty, binary, damaged, not what its name says.
    """
    options = _checked(options or SourceOptions())
    file = InputFile(path, spool_folder, options.name)
    try:
        return _open(file, options, known_names, progress)
    except BaseException:
        file.close()
        raise


def _checked(options: SourceOptions) -> SourceOptions:
    if options.format is not None and options.format not in FORMATS:
        raise UsageError(
            f"The format {options.format!r} is not known; it is one of {', '.join(FORMATS)}."
        )
    if options.skip_lines < 0:
        raise UsageError(f"Lines to skip cannot be negative: {options.skip_lines}.")
    if options.encoding is None:
        return options
    return replace(options, encoding=encoding_name(options.encoding))


def _open(
    file: InputFile,
    options: SourceOptions,
    known_names: KnownNames | None,
    progress: Progress | None,
) -> Source:
    named = named_format(file.name)
    with file.open() as raw:
        magic = raw.read(16)
    binary = _binary_format(file.name, magic)
    if binary is not None and options.format not in (None, binary):
        raise InputError(f"{file.name} is a {_TITLES[binary]}, it cannot be read otherwise.")
    if binary == "parquet" and options.sheet is None:
        from guanxi.graph.readers.parquet import ParquetSource

        return ParquetSource(file)
    if binary == "xlsx":
        from guanxi.graph.readers.xlsx import XlsxSource

        return XlsxSource(file, options, known_names)
    if options.sheet is not None:
        raise UsageError(
            f"{file.name} is no XLSX workbook, so it has no sheet {options.sheet!r}; load it "
            "without --sheet, by a command of its own."
        )
    wanted = options.format or named
    if wanted in _TITLES:
        raise InputError(_not_as_named(file.name, wanted, magic))

    from guanxi.graph.readers.textfile import TextFile

    text = TextFile(file, options.encoding)
    start = text.head.text[:_LOOKED_AT]
    refuse_binary(file.name, start, options.delimiter)
    if wanted == "jsonl" or (wanted is None and _starts_with_json(start)):
        from guanxi.graph.readers.jsonl import JsonSource

        return JsonSource(text, options.skip_lines, progress=progress)
    return _delimited(text, options, known_names, named)


def _delimited(
    text: TextFile, options: SourceOptions, known_names: KnownNames | None, named: str | None
) -> Source:
    from guanxi.graph.readers.delimited import DelimitedSource
    from guanxi.graph.readers.dialect import find_dialect

    dialect = find_dialect(text, options, known_names, named)
    return DelimitedSource(text, dialect, options.skip_lines)


def named_format(name: str) -> str | None:
    """The format that the end of a name stands for, without that of the compression.

    >>> named_format("2024/follows.CSV.gz")
    'csv'
    """
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _binary_format(name: str, magic: bytes) -> str | None:
    if magic.startswith(_PARQUET):
        return "parquet"
    if magic.startswith(_ZIP):
        return "xlsx"
    if magic.startswith(_OLD_OFFICE):
        raise InputError(
            f"{name} is an old Excel workbook (.xls) or one with a password; save it as .xlsx "
            "without a password, or as CSV."
        )
    return None


def _not_as_named(name: str, wanted: str, magic: bytes) -> str:
    title = _TITLES[wanted]
    if magic.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        return f"{name} is compressed; guanxi reads a {title} only as it is, so unpack it first."
    return f"{name} is no {title} although it is to be read as one; name its format if it is text."


def refuse_binary(name: str, text: bytes, delimiter: str | None) -> None:
    """InputError if `text` has so many control characters that it cannot be text."""
    controls = _CONTROLS.replace(delimiter.encode(), b"") if delimiter else _CONTROLS
    found = len(text) - len(text.translate(None, controls))
    if found <= 8 or found * 20 <= len(text):
        return
    nuls = text.count(0)
    if nuls * 4 > len(text) and max(text[::2].count(0), text[1::2].count(0)) > nuls * 0.9:
        encoding = "utf-16-le" if text[1::2].count(0) > text[::2].count(0) else "utf-16-be"
        raise InputError(
            f"{name} looks like UTF-16 without a mark at its top; name its encoding, {encoding}."
        )
    raise InputError(f"{name} is a binary file, not a table of text that guanxi can read.")


def _starts_with_json(start: bytes) -> bool:
    first = start.lstrip()
    if re.match(rb"\[\s*[\[{]", first):
        return True
    if not first.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first.split(b"\n", 1)[0]), dict)
    except ValueError:
        return False
