"""Workbooks that unpack to far more than they are: refused by what their directory says, and while
they are read, before they fill the memory.
"""

from __future__ import annotations

import zipfile
from typing import Any, BinaryIO

from guanxi.errors import InputError

#: What a workbook may hold, unpacked: all in all, in its table of texts, and in a part that is
#: neither a sheet nor that table (styles, say), which is read as a whole.
MAX_UNPACKED = 1 << 31
MAX_TEXTS = 1 << 29
MAX_OTHER = 1 << 26
#: A table of distinct texts never shrinks to less than this share; a small one may.
LEAST_SHARE = 1 / 100
_SMALL = 1 << 25
#: Bytes that may go by without another row, or another text.
MAX_BETWEEN = 1 << 24
_SHEETS, _TEXTS = "xl/worksheets/", "xl/sharedStrings.xml"
#: How a row and an entry of the table of texts begin, with a prefix or without.
_BEGINNINGS = (b"<row", b":row", b"<si", b":si")


def refuse_bomb(name: str, raw: BinaryIO) -> None:
    """InputError for an archive that is no workbook, needs a password, or is far too large."""
    with zipfile.ZipFile(raw) as archive:
        parts = {info.filename: info for info in archive.infolist()}
    if "xl/workbook.xml" not in parts:
        raise InputError(f"{name} is a zip archive, not an XLSX workbook; unpack it first.")
    if any(info.flag_bits & 1 for info in parts.values()):
        raise InputError(f"{name} has a password; save it without one.")
    unpacked = sum(info.file_size for info in parts.values())
    if unpacked > MAX_UNPACKED or any(map(_is_too_large, parts.values())):
        raise InputError(
            f"{name} is too large a workbook ({unpacked:,} bytes unpacked); save it as CSV."
        )


def _is_too_large(info: zipfile.ZipInfo) -> bool:
    if info.filename.startswith(_SHEETS):
        return False  # read row by row
    if info.filename == _TEXTS:
        shrunk = info.compress_size < info.file_size * LEAST_SHARE
        return info.file_size > MAX_TEXTS or (info.file_size > _SMALL and shrunk)
    return info.file_size > MAX_OTHER


class MeteredArchive(zipfile.ZipFile):
    """An archive that raises InputError where rows or texts never end."""

    def __init__(self, raw: BinaryIO, called: str) -> None:
        super().__init__(raw)
        self._called = called

    def open(self, name: Any, *args: Any, **options: Any) -> Any:
        """A part of the archive; sheets and texts are watched."""
        part = super().open(name, *args, **options)
        called = getattr(name, "filename", name)
        if called == _TEXTS or called.startswith(_SHEETS):
            return _Metered(part, self._called)
        return part


class _Metered:
    """A part that counts what goes by between two rows or texts."""

    def __init__(self, part: Any, called: str) -> None:
        self._part = part
        self._called = called
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data: bytes = self._part.read(size)
        if any(beginning in data for beginning in _BEGINNINGS):
            self._since = 0
        self._since += len(data)
        if self._since > MAX_BETWEEN:
            raise InputError(
                f"{self._called} holds a row or a text of more than {MAX_BETWEEN:,} bytes; it is "
                "no list of accounts, follows or interactions."
            )
        return data

    def close(self) -> None:
        """Close it."""
        self._part.close()

    def __enter__(self) -> _Metered:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
