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
class _State:
    """What the index said when it was last looked at, and what is mapped of it so far."""

    stamp: tuple[int, ...]
    index: dict[str, Any]
    meta: dict[str, dict[str, Any]]
    arrays: dict[Any, npt.NDArray[Any]]


class KeptScores:
    """The scores of one snapshot as a reader sees them: looked up again where they have changed.

    What is mapped stays mapped until the next analysis, so that a score of one account costs a
    look at the time of the index and no more.
    """

    def __init__(self, folder: Path, snapshot: Manifest) -> None:
        self._folder = folder
        self._index = str(folder / _INDEX)
        self._snapshot = snapshot
        self._state: _State | None = None
        #: All scores with their meta, once an account was asked for with all of them.
        self._whole: tuple[dict[str, Any], dict[str, npt.NDArray[Any]]] | None = None

    def score(self, name: str) -> npt.NDArray[Any]:
        """The score `name` of each account, mapped into memory.

        Raises NotAnalyzedError if it has not been computed for this snapshot.
        """
        return self._score(name, self._now())

    def _score(self, name: str, state: _State) -> npt.NDArray[Any]:
        found = self._array("scores", name, state)
        if found is None or found.shape != (self._snapshot.accounts,):
            raise _not_computed(name)
        return found

    def of_account(self, account: int, meta: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """All scores of one account, as Python values, of the analysis with that `meta`.

        Raises NotAnalyzedError if one of them is lost.
        """
        whole = self._whole
        if whole is None or whole[0] is not meta:
            state = self._now()
            whole = meta, {name: self._score(name, state) for name in meta}
            if state.meta is meta:
                self._whole = whole
        return {name: score.item(account) for name, score in whole[1].items()}

    def table(self, name: str) -> npt.NDArray[Any]:
        """The table `name`, mapped into memory.

        Raises NotAnalyzedError if it has not been computed for this snapshot.
        """
        found = self._array("tables", name, self._now())
        if found is None:
            raise _not_computed(name)
        return found

    def meta(self) -> dict[str, dict[str, Any]]:
        """The scores that there are for this snapshot, each with what was kept about it."""
        return self._now().meta

    def _array(self, kind: str, name: str, state: _State) -> npt.NDArray[Any] | None:
        found = state.arrays.get((kind, name))
        if found is None:
            mapped = _mapped(self._folder, state.index[kind].get(name))
            if mapped is None:
                return None
            found = state.arrays[kind, name] = mapped
        return found

    def _now(self) -> _State:
        """The index and what is mapped of it; other threads may be asking at the same time."""
        stamp = _stamp(self._index)
        state = self._state
        if state is None or state.stamp != stamp:
            index = _index(self._folder, self._snapshot)
            meta = {name: score["meta"] for name, score in index["scores"].items()}
            state = self._state = _State(stamp, index, meta, {})
        return state


def _stamp(path: str) -> tuple[int, ...]:
    """Another one whenever the file was replaced."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def _mapped(folder: Path, found: dict[str, Any] | None) -> npt.NDArray[Any] | None:
    if found is not None:
        files = {f"{found['file']}.npy": FileEntry(**found["entry"])}
        with suppress(OSError, ValueError, EOFError):  # lost or damaged is as good as not computed
            return map_array(folder, files, found["file"])
    return None


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
