"""Arrays that take long to make and belong to one snapshot, kept beside it until it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from guanxi.errors import GuanxiError
from guanxi.graph.snapshot_files import Array, publish, write_arrays
from guanxi.graph.snapshot_manifest import (
    FileEntry,
    Manifest,
    read_manifest,
    sizes_fit,
    whole_digest,
    write_manifest,
)
from guanxi.graph.store_home import remove_folder

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot

T = TypeVar("T")

#: How many of a kind are kept for a snapshot; the ones made last stay.
_KEPT = 4


def kept_arrays(
    snapshot: Snapshot, name: str, take: Callable[[Path, dict[str, FileEntry]], T]
) -> T | None:
    """What `take` makes of the folder of what was kept as `name`, and its files; None where it is
    not there, whole.
    """
    folder = _folder(snapshot, name)
    kept = read_manifest(folder)
    if kept is None or kept.token != snapshot.manifest.digest or not sizes_fit(folder, kept.files):
        return None
    try:
        return take(folder, kept.files)
    except (OSError, ValueError, EOFError):  # another process removes it at this moment
        return None


def keep_arrays(snapshot: Snapshot, name: str, arrays: Mapping[str, Array]) -> None:
    """Keep arrays as `name`, a kind and a digest joined by `-` (or a digest alone).

    A disk that is full or forbidden is no error: they will be made anew.
    """
    folder = _folder(snapshot, name)
    with suppress(OSError, GuanxiError):
        folder.parent.parent.mkdir(mode=0o700, exist_ok=True)
        publish(folder, lambda building: _write(building, arrays, snapshot.manifest))
        _clear_oldest(folder)


def _folder(snapshot: Snapshot, name: str) -> Path:
    return snapshot.home.profiles / str(snapshot.version) / name


def _write(folder: Path, arrays: Mapping[str, Array], snapshot: Manifest) -> None:
    """The same kind of folder as a snapshot; its token is the digest of the snapshot."""
    files = write_arrays(folder, arrays)
    manifest = Manifest(
        version=snapshot.version,
        token=snapshot.digest,
        store_id=snapshot.store_id,
        store=snapshot.store,
        created=snapshot.created,
        software=snapshot.software,
        accounts=snapshot.accounts,
        follows=0,
        interactions=0,
        arcs=0,
        digest=whole_digest(files),
        files=files,
    )
    write_manifest(folder, manifest)


def _clear_oldest(newest: Path) -> None:
    """Remove all but the last of the kind that the folder is of."""
    kind = _kind(newest)
    alike = [path for path in newest.parent.iterdir() if _kind(path) == kind]
    for folder in sorted(alike, key=lambda path: path.stat().st_mtime_ns)[:-_KEPT]:
        remove_folder(folder)


def _kind(folder: Path) -> str | None:
    """What stands before the digest; None for what is still being made."""
    return None if folder.name.startswith(".") else folder.name.rpartition("-")[0]
