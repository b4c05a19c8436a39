"""The folder beside a store: its state, its snapshots, results, and room for temporary files.

For a DuckDB store `net.duckdb` it is `net.duckdb.d`; for a Neo4j server it lies in the
user's cache folder. Everything in it is readable by its
owner only. Nothing here imports numpy, so that a command that only asks what is there
answers at once.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi.errors import GuanxiError, ResourceError, StoreError
from guanxi.graph.neo4j.address import parse_address

if TYPE_CHECKING:
    from guanxi.graph.neo4j.mapping import GraphMapping

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(frozen=True)
class StoreHome:
    """Where the things that belong to one store lie."""

    root: Path

    @property
    def state(self) -> Path:
        """What the store holds, for those who do not open it."""
        return self.root / "state.json"

    @property
    def lock(self) -> Path:
        """Locked by whoever writes to the store."""
        return self.root / "lock"

    @property
    def snapshots(self) -> Path:
        """One folder for each version."""
        return self.root / "snapshots"

    @property
    def analysis(self) -> Path:
        """Scores and other results, one folder for each version."""
        return self.root / "analysis"

    @property
    def profiles(self) -> Path:
        """Tie strengths of profiles other than the default, and what else takes long to compute,
        one folder for each version.
        """
        return self.root / "profiles"

    @property
    def staging(self) -> Path:
        """Files on their way into the store."""
        return self.root / "staging"

    @property
    def rejects(self) -> Path:
        """Rejected rows."""
        return self.root / "rejects"

    @property
    def temp(self) -> Path:
        """What the database moves out of memory."""
        return self.root / "tmp"


def is_server(url: str | Path) -> bool:
    """Whether the store is a database of a server, and no file."""
    return "://" in str(url)


def home_of(url: str | Path, mapping: GraphMapping | None = None) -> StoreHome:
    """The folder that belongs to the store, whether it is there yet or not.

    That of a server is in the user's cache (`GUANXI_CACHE` moves it), one for each host, port
    and database, whatever the scheme, and for each `mapping` of a graph that guanxi did not
    load. UsageError for an address that cannot be.
    """
    if not is_server(url):
        return StoreHome(Path(f"{url}.d"))
    address = parse_address(str(url))
    place = "/".join([address.place, *([address.database] if address.database else [])])
    readable = re.sub(r"[^a-z0-9._-]+", "-", place)[:80]
    told = f"{place}?{address.routing}"
    if mapping is not None:
        told += f"?{mapping.reading}"
    digest = hashlib.blake2b(told.encode(), digest_size=4 if mapping is None else 8).hexdigest()
    return StoreHome(cache_base() / "guanxi" / "stores" / f"{readable}-{digest}")


def cache_base() -> Path:
    """The user's cache folder, or the one that `GUANXI_CACHE` names."""
    named = os.environ.get("GUANXI_CACHE") or os.environ.get("XDG_CACHE_HOME")
    if named:
        return Path(named)
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # no home folder at all
        return Path(tempfile.gettempdir())


def make_home(home: StoreHome) -> None:
    """Make the folder of a store and what it consists of, where it is missing."""
    with disk_errors(f"making the folder {home.root}"):
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (home.temp, home.snapshots, home.analysis, home.profiles):
            make_folder(folder)
        for folder in (home.staging, home.rejects):
            make_folder(folder)


def make_folder(path: Path) -> Path:
    """Make `path`, private to its owner, where it is missing; its parent must be there."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    return path


def sync_folder(path: Path) -> None:
    """Make renames inside `path` survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, content: Any) -> None:
    """Replace the file atomically: a reader sees the old content or the new one, whole."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in the file; None if it is missing or is no JSON object."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def remove_folder(path: Path) -> None:
    """Remove a folder so that nobody sees half of it: first out of the way, then for good."""
    aside = path.with_name(f".old-{path.name}-{os.getpid()}")
    with suppress(OSError):
        os.rename(path, aside)
        shutil.rmtree(aside, ignore_errors=True)


def clear_leftovers(folder: Path, *, everything: bool = False) -> None:
    """Remove what processes that died left half made or half removed (or all) in `folder`."""
    with suppress(OSError):
        for path in folder.iterdir():
            if not everything and not path.name.startswith("."):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


@contextmanager
def disk_errors(what: str, *, intact: str = "") -> Iterator[None]:
    """Turn errors of the file system into sentences: `what` was being done."""
    try:
        yield
    except GuanxiError:
        raise
    except OSError as error:
        raise disk_error(error, what, intact) from error


def disk_error(error: OSError, what: str, intact: str = "") -> GuanxiError:
    """The sentence for an error of the file system while `what` was being done."""
    place = f" at {error.filename}" if error.filename else ""
    if error.errno in _FULL:
        text = f"The disk is full{place}: {what} failed. Free some space and repeat the command."
        return ResourceError(f"{text} {intact}".strip())
    if error.errno in _FORBIDDEN:
        return StoreError(
            f"No permission{place}: {what} failed. Use a folder that you may write to, "
            "or ask its owner for the right to."
        )
    return StoreError(f"{what[:1].upper()}{what[1:]} failed: {error.strerror or error}{place}.")
