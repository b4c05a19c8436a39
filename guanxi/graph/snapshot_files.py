"""Arrays as files that are mapped into memory, written whole and named atomically."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Adjacency, InfluenceGraph, TextColumn
from guanxi.graph.snapshot_manifest import FileEntry, file_digest
from guanxi.graph.store_home import remove_folder, sync_folder
from guanxi.graph.text import from_bounds, packed
from guanxi.parallel import run_blocks

Array = npt.NDArray[Any]
_CHUNK = 1 << 22


def write_arrays(
    folder: Path, arrays: Mapping[str, Array], threads: int | None = None
) -> dict[str, FileEntry]:
    """Write each array to `<name>.npy` and to the disk. The same array twice is one file."""
    first: dict[tuple[int, int, str], str] = {}
    same: dict[str, str] = {}
    for name, array in arrays.items():
        place = (array.__array_interface__["data"][0], array.nbytes, array.dtype.str)
        if array.nbytes and place in first:
            same[name] = first[place]
        else:
            first[place] = name
    largest_first = sorted(
        (name for name in arrays if name not in same), key=lambda name: -arrays[name].nbytes
    )
    entries = dict(
        run_blocks(
            lambda name: (f"{name}.npy", _write_array(folder / f"{name}.npy", arrays[name])),
            largest_first,
            threads,
        )
    )
    for name, other in same.items():
        entry = entries[f"{other}.npy"]
        entries[f"{name}.npy"] = FileEntry(entry.size, entry.digest, same_as=f"{other}.npy")
    return entries


def _write_array(path: Path, array: Array) -> FileEntry:
    array = np.ascontiguousarray(array)
    data = array.reshape(-1).view(np.uint8).data
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, np.lib.format.header_data_from_array_1_0(array))
    header = buffer.getvalue()
    digest = hashlib.blake2b(header, digest_size=16)
    with open(path, "xb", opener=private_opener) as file:
        file.write(header)
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            file.write(chunk)
            digest.update(chunk)
        file.flush()
        os.fsync(file.fileno())
        return FileEntry(len(header) + len(data), digest.hexdigest())


def private_opener(path: str, flags: int) -> int:
    """For `open(opener=…)`: files that only their owner may read."""
    return os.open(path, flags, 0o600)


def enter_file(path: Path) -> FileEntry:
    """The entry of a file that something else wrote, after making it private and safe."""
    os.chmod(path, 0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return FileEntry(path.stat().st_size, file_digest(path))


def map_array(folder: Path, files: Mapping[str, FileEntry], name: str) -> Array:
    """The array `name`, mapped into memory: read from the disk where it is touched.

    The mapping is private: changing it changes nothing on disk. (That it may be changed at
    all keeps its type the same for the kernels as that of any other array.)
    """
    entry = files[f"{name}.npy"]
    mapped = np.load(folder / (entry.same_as or f"{name}.npy"), mmap_mode="c", allow_pickle=False)
    return np.asarray(mapped)


def publish(target: Path, fill: Callable[[Path], None]) -> None:
    """Make the folder `target` by `fill`, so that it is seen whole or not at all."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".build-{target.name}-", dir=target.parent))
    try:
        fill(building)
        sync_folder(building)
        if target.exists():
            remove_folder(target)
        os.rename(building, target)
        sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def text_arrays(name: str, column: TextColumn) -> dict[str, Array]:
    """A text column as arrays of a folder."""
    data, bounds = packed(column)
    return {name: data, f"{name}-bounds": bounds}


def map_text(folder: Path, files: Mapping[str, FileEntry], name: str) -> TextColumn:
    """The reverse of `text_arrays`."""
    return from_bounds(map_array(folder, files, name), map_array(folder, files, f"{name}-bounds"))


def graph_arrays(graph: InfluenceGraph) -> dict[str, Array]:
    """An influence graph as arrays of a folder."""
    return {**matrix_arrays("into", graph.into), **matrix_arrays("out", graph.out)}


def map_graph(folder: Path, files: Mapping[str, FileEntry]) -> InfluenceGraph:
    """The reverse of `graph_arrays`."""
    return InfluenceGraph(
        out=map_matrix(folder, files, "out"), into=map_matrix(folder, files, "into")
    )


def matrix_arrays(name: str, matrix: Adjacency) -> dict[str, Array]:
    """A sparse matrix as arrays of a folder."""
    arrays: dict[str, Array] = {f"{name}-indptr": matrix.indptr, f"{name}-indices": matrix.indices}
    if matrix.weights is not None:
        arrays[f"{name}-weights"] = matrix.weights
    return arrays


def map_matrix(folder: Path, files: Mapping[str, FileEntry], name: str) -> Adjacency:
    """The reverse of `matrix_arrays`."""
    weighted = f"{name}-weights.npy" in files
    return Adjacency(
        map_array(folder, files, f"{name}-indptr"),
        map_array(folder, files, f"{name}-indices"),
        map_array(folder, files, f"{name}-weights") if weighted else None,
    )
