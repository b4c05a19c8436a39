"""Tie strengths of profiles other than the default, kept beside the snapshot."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.errors import GuanxiError
from guanxi.graph.arrays import InfluenceGraph
from guanxi.graph.snapshot_files import graph_arrays, map_graph, publish, write_arrays
from guanxi.graph.snapshot_manifest import (
    Manifest,
    read_manifest,
    sizes_fit,
    whole_digest,
    write_manifest,
)
from guanxi.graph.store_home import remove_folder
from guanxi.graph.ties import TieProfile, tie_strengths

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot

#: How many profiles are kept for a snapshot; the ones made last stay.
_KEPT = 4


def profile_graph(snapshot: Snapshot, profile: TieProfile, digest: str) -> InfluenceGraph:
    """The graph of a profile: from the cache, or computed and put there if that is possible.

    `digest` names the terms of the profile on this snapshot.
    """
    folder = snapshot.home.profiles / str(snapshot.version) / digest
    kept = read_manifest(folder)
    if (
        kept is not None
        and kept.token == snapshot.manifest.digest
        and sizes_fit(folder, kept.files)
    ):
        return map_graph(folder, kept.files)
    graph = tie_strengths(snapshot.follows, snapshot.interactions, profile)
    with suppress(OSError, GuanxiError):  # a full or forbidden disk only costs time
        folder.parent.parent.mkdir(mode=0o700, exist_ok=True)
        publish(folder, lambda building: _write(building, graph, snapshot.manifest))
        _clear_oldest(folder.parent)
    return graph


def _write(folder: Path, graph: InfluenceGraph, snapshot: Manifest) -> None:
    """The same kind of folder as a snapshot; its token is the digest of the snapshot."""
    files = write_arrays(folder, graph_arrays(graph))
    manifest = Manifest(
        version=snapshot.version,
        token=snapshot.digest,
        store_id=snapshot.store_id,
        store=snapshot.store,
        created=snapshot.created,
        software=snapshot.software,
        accounts=graph.n,
        follows=0,
        interactions=0,
        arcs=graph.m,
        digest=whole_digest(files),
        files=files,
    )
    write_manifest(folder, manifest)


def _clear_oldest(parent: Path) -> None:
    folders = [path for path in parent.iterdir() if not path.name.startswith(".")]
    for folder in sorted(folders, key=lambda path: path.stat().st_mtime_ns)[:-_KEPT]:
        remove_folder(folder)
