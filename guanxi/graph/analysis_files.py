"""Results that belong to one snapshot: scores of accounts, beside it and not part of it.

`analysis.json` names for each score a file, its digest and what it means; it is replaced
last and atomically, so readers see the scores of one moment.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from guanxi.errors import NotAnalyzedError
from guanxi.graph.snapshot_files import map_array, write_arrays
from guanxi.graph.snapshot_manifest import FileEntry, Manifest
from guanxi.graph.store_home import disk_errors, read_json, write_json

_INDEX = "analysis.json"


def write_scores(
    folder: Path,
    snapshot: Manifest,
    scores: Mapping[str, npt.NDArray[Any]],
    meta: Mapping[str, Any],
    tables: Mapping[str, npt.NDArray[Any]] | None = None,
) -> None:
    """Add scores (one value per account), or replace those of the same names.

    `meta` (JSON) is kept with each of them. With `tables` (arrays of any shape that belong to
    the results, such as what is known about each community) the scores are a whole analysis:
    they replace all earlier scores and tables. ResourceError when the disk is full.
    """
    for name, values in scores.items():
        if values.shape != (snapshot.accounts,):
            raise ValueError(f"{name} has shape {values.shape} for {snapshot.accounts} accounts")
    with disk_errors("writing scores"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        index = _index(folder, snapshot)
        tag = uuid.uuid4().hex[:8]
        stems = {name: f"s{number}-{tag}" for number, name in enumerate(scores)}
        others = {name: f"t{number}-{tag}" for number, name in enumerate(tables or {})}
        arrays = {stems[name]: values for name, values in scores.items()}
        arrays |= {others[name]: values for name, values in (tables or {}).items()}
        files = write_arrays(folder, arrays)
        if tables is not None:
            index["scores"] = {}
        for name, stem in stems.items():
            entry = asdict(files[f"{stem}.npy"])
            index["scores"][name] = {"file": stem, "entry": entry, "meta": dict(meta)}
        if tables is not None:
            index["tables"] = {
                name: {"file": stem, "entry": asdict(files[f"{stem}.npy"])}
                for name, stem in others.items()
            }
        write_json(folder / _INDEX, index)
        _remove_unnamed(folder, index)


@dataclass(frozen=True)
class Scores:
    """All scores and tables of one moment, mapped into memory: whatever is replaced meanwhile,
    they stay those of one analysis. `meta` holds the scores, each with what was kept about it.
    """

    meta: dict[str, dict[str, Any]]
    _by_name: dict[str, npt.NDArray[Any]]
    _tables: dict[str, npt.NDArray[Any]]

    def score(self, name: str) -> npt.NDArray[Any]:
        """The score `name` of each account.

        Raises NotAnalyzedError if it has not been computed for this snapshot.
        """
        return _named(self._by_name, name)

    def of_account(self, account: int) -> dict[str, Any]:
        """All scores of one account, as Python values.

        Raises NotAnalyzedError if one of them is lost.
        """
        return {name: self.score(name).item(account) for name in self.meta}

    def table(self, name: str) -> npt.NDArray[Any]:
        """The table `name`.

        Raises NotAnalyzedError if it has not been computed for this snapshot.
        """
        return _named(self._tables, name)


class KeptScores:
    """The scores of one snapshot as a reader sees them: looked up again where they have changed.

    What is mapped stays mapped until the next analysis, so that a score of one account costs a
    look at the time of the index and no more.
    """

    def __init__(self, folder: Path, snapshot: Manifest) -> None:
        self._folder = folder
        self._index = str(folder / _INDEX)
        self._snapshot = snapshot
        self._seen: tuple[tuple[int, ...], Scores] | None = None

    def now(self) -> Scores:
        """Those of this moment; other threads may be asking at the same time."""
        stamp, seen = _stamp(self._index), self._seen
        while seen is None or seen[0] != stamp:
            seen = stamp, self._read()
            stamp = _stamp(self._index)  # another analysis takes the files of the one before
            self._seen = seen
        return seen[1]

    def _read(self) -> Scores:
        index = _index(self._folder, self._snapshot)
        shape = (self._snapshot.accounts,)
        by_name = _all_mapped(self._folder, index["scores"])
        return Scores(
            {name: score["meta"] for name, score in index["scores"].items()},
            {name: values for name, values in by_name.items() if values.shape == shape},
            _all_mapped(self._folder, index["tables"]),
        )


def _stamp(path: str) -> tuple[int, ...]:
    """Another one whenever the file was replaced."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def _all_mapped(folder: Path, found: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    mapped = {}
    for name, each in found.items():
        files = {f"{each['file']}.npy": FileEntry(**each["entry"])}
        with suppress(OSError, ValueError, EOFError):  # lost or damaged is as good as not computed
            mapped[name] = map_array(folder, files, each["file"])
    return mapped


def _named(arrays: dict[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    if name not in arrays:
        raise _not_computed(name)
    return arrays[name]


def _not_computed(name: str) -> NotAnalyzedError:
    return NotAnalyzedError(
        f"{name} has not been computed for what the store holds now. Run `guanxi analyze` first."
    )


def _index(folder: Path, snapshot: Manifest) -> dict[str, Any]:
    index = read_json(folder / _INDEX)
    if index is None or index.get("digest") != snapshot.digest:
        return {"digest": snapshot.digest, "scores": {}, "tables": {}}
    return {"tables": {}, **index}


def _remove_unnamed(folder: Path, index: dict[str, Any]) -> None:
    entries = [*index["scores"].values(), *index["tables"].values()]
    named = {found["entry"]["same_as"] or f"{found['file']}.npy" for found in entries}
    for path in folder.glob("*.npy"):
        if path.name not in named:
            with suppress(OSError):
                os.unlink(path)
