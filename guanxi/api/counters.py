"""Counts that all workers share: requests of a key in this minute, failed logins of an address.

A small file, mapped into the memory of each worker. Two workers that count at the same moment
may lose one of the two; a limit may do that, a record of truth may not.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import time
from contextlib import suppress
from pathlib import Path

_SLOTS = 4096
_SLOT = struct.Struct("<qq")  # the window that is counted, and the count


class Counters:
    """Counts by name and window of time. A name shares its slot with few others, if any."""

    def __init__(self, path: Path) -> None:
        size = _SLOTS * _SLOT.size
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size < size:
                os.ftruncate(handle, size)
            self._map = mmap.mmap(handle, size)
        finally:
            os.close(handle)

    def add(self, name: str, window: float) -> int:
        """Count one more of `name` in the running window of that many seconds; how many so far."""
        place, now = _place(name), int(time.time() // window)
        found, count = _SLOT.unpack_from(self._map, place)
        count = count + 1 if found == now else 1
        _SLOT.pack_into(self._map, place, now, count)
        return int(count)

    def count(self, name: str, window: float) -> int:
        """How many of `name` there were in the running window."""
        found, count = _SLOT.unpack_from(self._map, _place(name))
        return int(count) if found == int(time.time() // window) else 0

    def clear(self, name: str) -> None:
        """Forget what was counted of `name`."""
        _SLOT.pack_into(self._map, _place(name), 0, 0)

    def close(self) -> None:
        """Let the file go."""
        with suppress(BufferError):
            self._map.close()


def _place(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % _SLOTS * _SLOT.size
