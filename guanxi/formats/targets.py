"""Where a result goes: a path (whole or not at all), standard output, an open file."""

from __future__ import annotations

import errno
import io
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from guanxi.errors import GuanxiError, ResourceError, UsageError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def text_target(target: str | Path | IO[Any]) -> Iterator[IO[str]]:
    """A text file (UTF-8, LF) that ends up in `target`."""
    if isinstance(target, io.TextIOBase):
        yield cast(IO[str], target)
    elif target == "-" or not isinstance(target, str | Path):
        with _text_over(_binary_file(target)) as file:
            yield file
    else:
        with _at_path(target) as path, path.open("wb") as raw, _text_over(raw) as file:
            yield file


@contextmanager
def binary_target(target: str | Path | IO[Any], format: str) -> Iterator[Path]:
    """A path to write to, whose bytes end up in `target`."""
    if target != "-" and isinstance(target, str | Path):
        with _at_path(target) as path:
            yield path
        return
    stream = _binary_file(target)
    if stream.isatty():
        raise UsageError(f"A {format} file is not text for a terminal: give it a name with -o.")
    with tempfile.TemporaryDirectory(prefix="guanxi-") as folder:
        path = Path(folder) / f"result.{format}"
        with _explained(path):
            yield path
        with path.open("rb") as written:
            shutil.copyfileobj(written, stream)
        stream.flush()


def _binary_file(target: str | Path | IO[Any]) -> IO[bytes]:
    if target == "-":
        return sys.stdout.buffer
    if isinstance(target, io.TextIOBase):
        raise UsageError("This format is not text; open the file in binary mode.")
    assert not isinstance(target, str | Path)
    return target


@contextmanager
def _text_over(raw: IO[bytes]) -> Iterator[IO[str]]:
    """Text over a binary file, which stays open. What is no Unicode (in a path, say) is escaped."""
    file = io.TextIOWrapper(raw, "utf-8", errors="backslashreplace", newline="\n")
    try:
        yield file
        file.flush()
    finally:
        with suppress(OSError, ValueError):
            file.detach()


@contextmanager
def _at_path(target: str | Path) -> Iterator[Path]:
    """A temporary path beside `target`, put in its place when all went well."""
    path = Path(target)
    with _explained(path):
        mode = path.stat().st_mode if path.exists() else None
        if mode is not None and stat.S_ISDIR(mode):
            raise UsageError(f"{path} is a folder; give the name of a file.")
        if mode is not None and not stat.S_ISREG(mode):  # a pipe or a device: no renaming there
            yield path
            return
        final = path.resolve()
        temporary = final.with_name(f".{final.name[:100]}.{secrets.token_hex(4)}.tmp")
        try:
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            if mode is not None:
                temporary.chmod(stat.S_IMODE(mode))
            yield temporary
            _flush_to_disk(temporary)
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn an error of the operating system while writing `path` into a sentence."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _explanation(path, error) from error


def _explanation(path: Path, error: OSError) -> GuanxiError:
    if error.errno in _FULL:
        return ResourceError(f"There is no room left on the disk for {path}; nothing was written.")
    if not path.parent.is_dir():
        return UsageError(f"The folder {path.parent} for {path.name} does not exist.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UsageError(f"There is no permission to write {path}.")
    return GuanxiError(f"{path} cannot be written: {error.strerror or error}.")
