"""Locks between processes, on files; the system frees them when a process dies.

An exclusive lock keeps a second writer from a store; shared ones keep a snapshot
from being cleared while somebody reads it. Where the system has no `flock`
(Windows) only the exclusive lock exists: there, files in use cannot be removed anyway.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

_PAUSE = 0.05


class FileLock:
    """A lock on one file. Not shared between threads: each holder makes its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self, *, shared: bool = False, wait: float = 0.0) -> bool:
        """Lock the file, trying for `wait` seconds; whether it could be had.

        An exclusive lock creates the file; a shared one needs it to be there, and may be
        had on a file that can only be read. Raises OSError where the file cannot be opened.
        """
        flags = os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT
        handle = os.open(self.path, flags, 0o600)
        deadline = time.monotonic() + wait
        while not _try_lock(handle, shared):
            if time.monotonic() >= deadline:
                os.close(handle)
                return False
            time.sleep(_PAUSE)
        self._handle = handle
        return True

    def write(self, text: str) -> None:
        """Replace what the locked file says (who holds it)."""
        assert self._handle is not None
        os.ftruncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.write(self._handle, text.encode())

    def still_there(self) -> bool:
        """Whether the path still leads to the file that is locked."""
        assert self._handle is not None
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._handle))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the lock back; nothing happens if it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_locked(path: Path) -> bool:
    """Whether some process holds an exclusive lock on `path`."""
    lock = FileLock(path)
    try:
        free = lock.acquire(shared=True)
    except OSError:
        return False
    lock.release()
    return not free


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int, shared: bool) -> bool:
        if shared:
            return True
        # A byte far behind the text, so that others can still read who holds the lock.
        os.lseek(handle, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int, shared: bool) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
