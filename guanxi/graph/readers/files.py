"""Files as they lie on disk: which ones, whether they can be read, whether they stay the same."""

from __future__ import annotations

import errno
import glob
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from guanxi.errors import InputError, ResourceError

#: Stands for standard input among the paths.
STDIN = "-"

_READ = 1 << 20


def expand_paths(patterns: list[str]) -> list[str]:
    """The files that `patterns` stand for: each in its order, those of one glob by name.

    A pattern that is the name of a file stands for it, whatever characters it has; `-`
    (standard input) and paths without `*`, `?` and `[` are passed on unseen; folders
    that a glob matches are left out; what comes twice is taken once. InputError where a
    glob matches no file.

    >>> expand_paths(["follows.csv", "-", "follows.csv"])
    ['follows.csv', '-']
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        if pattern == STDIN or not glob.has_magic(pattern) or os.path.lexists(pattern):
            found[pattern] = None
            continue
        matches = sorted(glob.glob(pattern, recursive=True))
        files = [match for match in matches if not os.path.isdir(match)]
        if not files:
            what = "only folders" if matches else "no file"
            raise InputError(f"{pattern} matches {what}; check the path and the pattern.")
        found.update(dict.fromkeys(files))
    return list(found)


class InputFile:
    """A file that is read from its start as often as needed and must not change meanwhile.

    What can be read only once (standard input, a pipe) is spooled into `spool_folder`
    first; the copy is private and deleted by `close`. `name` is for messages.
    """

    def __init__(
        self, path: str | Path, spool_folder: Path | None = None, name: str | None = None
    ) -> None:
        self.name = name or ("standard input" if str(path) == STDIN else str(path))
        self._spool: Path | None = None
        if str(path) == STDIN:
            self._path = self._spooled(sys.stdin.buffer, spool_folder)
        else:
            self._path = Path(path)
            with self._told():
                mode = _status(self._path).st_mode
                if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
                    with open(self._path, "rb") as pipe:
                        self._path = self._spooled(pipe, spool_folder)
                elif stat.S_ISDIR(mode):
                    raise InputError(
                        f"{self.name} is a folder; name a file, or several with a pattern "
                        f"such as {os.path.join(self.name, '*.csv')}."
                    )
                elif not stat.S_ISREG(mode):
                    raise InputError(f"{self.name} is a device, not a file.")
        with self._told(), open(self._path, "rb") as file:
            self._mark = _mark(file)
        self.size = self._mark[2]
        if self.size == 0:
            self.close()
            raise InputError(f"{self.name} is empty (0 bytes).")

    @property
    def path(self) -> Path:
        """Where the bytes lie: the file itself, or the spooled copy."""
        return self._path

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file from its start, for reading."""
        with self._told(), open(self._path, "rb", buffering=0) as file:
            self.check_unchanged(file)
            yield file

    def check_unchanged(self, file: BinaryIO) -> None:
        """InputError if `file` is not as it was when this object was made."""
        if _mark(file) != self._mark:
            raise InputError(
                f"{self.name} changed while it was read; load it again once nothing writes to it."
            )

    def close(self) -> None:
        """Delete the spooled copy, if there is one."""
        if self._spool is not None:
            self._spool.unlink(missing_ok=True)

    def _spooled(self, stream: BinaryIO, folder: Path | None) -> Path:
        try:
            handle, path = tempfile.mkstemp(prefix="guanxi-input-", dir=folder)
            self._spool = Path(path)
            with os.fdopen(handle, "wb") as copy:
                while piece := stream.read(_READ):
                    copy.write(piece)
        except BaseException as error:
            with suppress(OSError):
                self.close()
            if isinstance(error, OSError):
                where = folder or tempfile.gettempdir()
                raise ResourceError(
                    f"{self.name} could not be copied to {where}: {error.strerror or error}."
                ) from error
            raise
        return self._spool

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the system says about the file, as a sentence."""
        try:
            yield
        except FileNotFoundError as error:
            raise InputError(f"{self.name} does not exist; check the path.") from error
        except PermissionError as error:
            raise InputError(f"{self.name} may not be read: permission denied.") from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise
            raise InputError(
                f"{self.name} could not be read: {error.strerror or error}."
            ) from error


def _status(path: Path) -> os.stat_result:
    try:
        return os.stat(path)
    except ValueError as error:  # a NUL in the path
        raise InputError(f"{str(path)!r} is no path: {error}.") from error


def _mark(file: BinaryIO) -> tuple[int, int, int, int]:
    """What tells one content of a file from another: device, inode, size and time of change."""
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
