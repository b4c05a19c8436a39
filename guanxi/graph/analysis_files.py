"""Results that belong to one snapshot: scores of accounts, beside it and not part of it.

`analysis.json` names for each score a file, its digest and what it means; it is replaced
last and atomically, so readers see the scores of one moment.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
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
) -> None:
    """Add scores (one value per account), or replace those of the same names.

    `meta` (JSON) is kept with each of them. ResourceError when the disk is full.
    """
    for name, values in scores.items():
        if values.shape != (snapshot.accounts,):
            raise ValueError(f"{name} has shape {values.shape} for {snapshot.accounts} accounts")
    with disk_errors("writing scores"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        index = _index(folder, snapshot)
        tag = uuid.uuid4().hex[:8]
        stems = {name: f"s{number}-{tag}" for number, name in enumerate(scores)}
        files = write_arrays(folder, {stems[name]: values for name, values in scores.items()})
        for name, stem in stems.items():
            entry = asdict(files[f"{stem}.npy"])
            index["scores"][name] = {"file": stem, "entry": entry, "meta": dict(meta)}
        write_json(folder / _INDEX, index)
        _remove_unnamed(folder, index)


def read_scores(folder: Path, snapshot: Manifest, name: str) -> npt.NDArray[Any]:
    """The score `name` of each account, mapped into memory.

    Raises NotAnalyzedError if it has not been computed for this snapshot.
    """
    found = _index(folder, snapshot)["scores"].get(name)
    if found is not None:
        files = {f"{found['file']}.npy": FileEntry(**found["entry"])}
        with suppress(OSError, ValueError):  # lost or damaged is as good as not computed
            values = map_array(folder, files, found["file"])
            if values.shape == (snapshot.accounts,):
                return values
    raise NotAnalyzedError(
        f"{name} has not been computed for what the store holds now. Run `guanxi analyze` first."
    )


def scores_meta(folder: Path, snapshot: Manifest) -> dict[str, dict[str, Any]]:
    """The scores that there are for this snapshot, each with what was kept about it."""
    return {name: score["meta"] for name, score in _index(folder, snapshot)["scores"].items()}


def _index(folder: Path, snapshot: Manifest) -> dict[str, Any]:
    index = read_json(folder / _INDEX)
    if index is None or index.get("digest") != snapshot.digest:
        return {"digest": snapshot.digest, "scores": {}}
    return index


def _remove_unnamed(folder: Path, index: dict[str, Any]) -> None:
    scores = index["scores"].values()
    named = {score["entry"]["same_as"] or f"{score['file']}.npy" for score in scores}
    for path in folder.glob("*.npy"):
        if path.name not in named:
            with suppress(OSError):
                os.unlink(path)
