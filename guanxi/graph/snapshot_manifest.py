"""What a snapshot consists of, and how the newest usable one is found. Imports no numpy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from guanxi.graph.store_home import StoreHome, read_json, write_json
from guanxi.graph.store_state import StoreState

#: Layout of snapshots; one of another layout is made anew.
SNAPSHOT_FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 22


@dataclass(frozen=True)
class FileEntry:
    """One file of a folder: its size and digest, or the file that has the very same content."""

    size: int
    digest: str
    same_as: str | None = None


@dataclass(frozen=True)
class Manifest:
    """Where a snapshot comes from, and its files. Nothing else in the folder says when or where.

    `token` is that of the store's state. `digest` sums up all files: equal digests, equal
    content. `unfinished` lists sources of loads that were not complete at the time; `warnings`
    say what of the store could not be taken.
    """

    version: int
    token: str
    store_id: str
    store: str
    created: str
    software: str
    accounts: int
    follows: int
    interactions: int
    arcs: int
    digest: str
    unfinished: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    format: int = SNAPSHOT_FORMAT
    files: dict[str, FileEntry] = field(default_factory=dict)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest into the folder; only now the snapshot is complete."""
    write_json(folder / MANIFEST, asdict(manifest))


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None if it has none of this layout."""
    raw = read_json(folder / MANIFEST)
    if raw is None or raw.get("format") != SNAPSHOT_FORMAT:
        return None
    try:
        return _manifest_from(raw)
    except (KeyError, TypeError):
        return None


def _manifest_from(raw: dict[str, Any]) -> Manifest:
    files = {name: FileEntry(**entry) for name, entry in raw["files"].items()}
    listed = {name: tuple(raw.get(name, ())) for name in ("unfinished", "warnings")}
    return Manifest(**{**raw, **listed, "files": files})


def whole_digest(files: dict[str, FileEntry]) -> str:
    """One digest for all files."""
    lines = "".join(f"{name} {entry.digest}\n" for name, entry in sorted(files.items()))
    return hashlib.blake2b(lines.encode(), digest_size=16).hexdigest()


def sizes_fit(folder: Path, files: dict[str, FileEntry]) -> bool:
    """Whether all files are there and as long as they should be. Costs next to nothing."""
    try:
        return all(
            (folder / name).stat().st_size == entry.size
            for name, entry in files.items()
            if entry.same_as is None
        )
    except OSError:
        return False


def damaged_files(folder: Path, files: dict[str, FileEntry]) -> list[str]:
    """The files whose bytes are not those that were written. Reads everything."""
    return [
        name
        for name, entry in sorted(files.items())
        if entry.same_as is None and _digest_or_none(folder / name) != entry.digest
    ]


def file_digest(path: Path) -> str:
    """The digest of a file."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _digest_or_none(path: Path) -> str | None:
    try:
        return file_digest(path)
    except OSError:
        return None


def candidates(home: StoreHome, state: StoreState | None) -> Iterator[tuple[Path, Manifest]]:
    """Usable snapshots, best first: that of the state, then older ones of the same store.

    Without a state (its file is lost) the newest of all.
    """
    found: list[tuple[bool, int, Path, Manifest]] = []
    try:
        folders = [path for path in home.snapshots.iterdir() if path.name.isdecimal()]
    except OSError:
        return
    for folder in folders:
        manifest = read_manifest(folder)
        if manifest is None or not sizes_fit(folder, manifest.files):
            continue
        current = state is not None and manifest.token == state.token
        older = state is None or (
            manifest.store_id == state.store_id and manifest.version < state.version
        )
        if current or older:
            found.append((current, manifest.version, folder, manifest))
    for _, _, folder, manifest in sorted(found, key=lambda item: item[:2], reverse=True):
        yield folder, manifest
