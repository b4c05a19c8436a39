"""Files that callers send: kept beside the store until a job reads them, or their time is up."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from sqlite3 import Row
from typing import Any

from starlette.concurrency import run_in_threadpool

from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.times import utc
from guanxi.errors import MissingError, ResourceError, UsageError
from guanxi.graph.file_lock import FileLock
from guanxi.graph.snapshot_files import private_opener
from guanxi.graph.store_home import disk_errors, make_folder

#: What a file's name may not hold: separators, signs of patterns, and what steers a terminal.
_NOT_IN_NAMES = re.compile(r"[/\\*?\[\]<>|:\"\x00-\x1f\x7f-\x9f]")
_LONGEST = 120
#: Bytes that must stay free on the disk.
_RESERVE = 256 << 20
#: Beside a file that arrives: locked as long as somebody writes it. No upload is called so.
_ARRIVES = ".arrives"
#: Seconds after which whoever began an upload has locked it.
_BEGUN = 60.0


class Uploads:
    """The uploads of one server."""

    def __init__(self, database: Database, config: ServeConfig) -> None:
        self.database = database
        self.config = config
        self.folder = config.folder / "uploads"

    async def take(self, name: str, parts: AsyncIterator[bytes], key: str) -> dict[str, Any]:
        """Write a file as it arrives; what it came to. A broken upload leaves nothing behind."""
        safe = safe_name(name)
        id = secrets.token_hex(8)
        with disk_errors("keeping the upload"):
            make_folder(self.folder)
            place = make_folder(self.folder / id)
            arrives = FileLock(place / _ARRIVES)
            arrives.acquire()
        digest, size = hashlib.sha256(), 0
        try:
            with (
                disk_errors("keeping the upload"),
                open(place / safe, "xb", opener=private_opener) as file,
            ):
                async for part in parts:
                    size += len(part)
                    await run_in_threadpool(_add, file, digest, part)
                    self._require_room()
            if not size:
                raise UsageError("The upload is empty: send the file as the body of the request.")
            self.database.write(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?)",
                *(id, safe, size, digest.hexdigest(), key, time.time()),
            )
        except BaseException:
            arrives.release()
            shutil.rmtree(place, ignore_errors=True)
            raise
        arrives.release()  # first: Windows removes no file that is open
        with suppress(OSError):
            arrives.path.unlink()
        return self.find(id)

    def find(self, id: str) -> dict[str, Any]:
        """What is known of an upload; MissingError where there is none."""
        row = self.database.one("SELECT * FROM uploads WHERE id = ?", id)
        if row is None:
            raise MissingError(
                f"There is no upload {id[:40]!r}; it may have been removed after its time."
            )
        return _shown(row)

    def newest(self) -> list[dict[str, Any]]:
        """All uploads, newest first."""
        rows = self.database.all("SELECT * FROM uploads ORDER BY created DESC, id")
        return [_shown(row) for row in rows]

    def path(self, id: str) -> Path:
        """Where an upload lies; MissingError where there is none."""
        found = self.folder / id / str(self.find(id)["name"])
        if not found.is_file():
            raise MissingError(f"The upload {id} is gone.")
        return found

    def remove(self, id: str) -> None:
        """Remove an upload; MissingError where there is none."""
        self.find(id)
        self.database.write("DELETE FROM uploads WHERE id = ?", id)
        shutil.rmtree(self.folder / id, ignore_errors=True)

    def clear(self, before: float, needed: set[str]) -> None:
        """Remove those from before that time which no job needs, and those that broke off."""
        for row in self.database.all("SELECT id FROM uploads WHERE created < ?", before):
            if row["id"] not in needed:
                self.remove(row["id"])
        self.clear_abandoned(_BEGUN)

    def clear_abandoned(self, age: float = 0.0) -> None:
        """Remove what was begun at least `age` seconds ago, is not recorded as complete, and is
        written by nobody: its server was killed.
        """
        before = time.time() - age
        for place in self.folder.iterdir() if self.folder.is_dir() else ():
            with suppress(OSError):  # it has gone meanwhile
                if place.stat().st_mtime < before and self._is_abandoned(place):
                    shutil.rmtree(place, ignore_errors=True)

    def _is_abandoned(self, place: Path) -> bool:
        """Whether nobody writes it and no record names it; asked in this order, since whoever
        writes it records it before he lets it go.
        """
        lock = FileLock(place / _ARRIVES)
        if (place / _ARRIVES).exists() and not lock.acquire():
            return False
        lock.release()
        return self.database.one("SELECT 1 FROM uploads WHERE id = ?", place.name) is None

    def _require_room(self) -> None:
        if shutil.disk_usage(self.folder).free < _RESERVE:
            raise ResourceError("There is no room left on the disk for this upload.")


def safe_name(name: str) -> str:
    """A file name out of what a caller calls his file; UsageError where nothing is left.

    >>> safe_name("../a*b.csv"), safe_name("粉丝.xlsx")
    ('a_b.csv', '粉丝.xlsx')
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = _NOT_IN_NAMES.sub("_", last).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    while len(clean.encode("utf-8", "replace")) > _LONGEST and len(stem) > 1:
        stem = stem[:-1]
        clean = stem + dot + ending
    if not clean or len(clean.encode("utf-8", "replace")) > _LONGEST:
        raise UsageError(f"{name[:80]!r} is no name for a file; give it as ?name=follows.csv.")
    return clean.encode("utf-8", "replace").decode()


def _add(file: Any, digest: Any, part: bytes) -> None:
    file.write(part)
    digest.update(part)


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "bytes": row["bytes"],
        "sha256": row["digest"],
        "created": utc(row["created"]),
    }
