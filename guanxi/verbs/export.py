"""`export`: everything of a snapshot as files that other tools read, and `load` as well.

An interaction is one row per actor, target, kind and day; `time` is the first of the day, so
that loading the files again gives the same tie strengths.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.errors import ResourceError, StoreError, UsageError
from guanxi.graph.arrays import MILLIONTHS, NO_TIME
from guanxi.results import Result
from guanxi.verbs.analysis import Analysis, find_analysis
from guanxi.verbs.communities import communities
from guanxi.verbs.meta import Stopwatch, base_meta

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot

FORMATS = ("csv", "jsonl", "parquet")


def export(engine: Engine, folder: Path, *, format: str, excel: bool) -> Result:
    """Write accounts, follows, interactions and communities to `folder`; a row for each file."""
    if format not in FORMATS:
        raise UsageError(f"--format of export is one of {', '.join(FORMATS)}, not {format!r}.")
    watch = Stopwatch()
    snapshot = engine.snapshot()
    analysis = find_analysis(snapshot)
    _make_folder(folder)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "accounts": lambda: _accounts(snapshot),
        "follows": lambda: _follows(snapshot),
        "interactions": lambda: _interactions(snapshot),
    }
    if analysis is not None:
        parts["scores"] = lambda: _scores(snapshot, analysis)
        parts["communities"] = lambda: dict(communities(engine, members=False, n=None).columns)
    report = engine.progress("Export")
    rows: dict[str, list[Any]] = {"file": [], "rows": []}
    for done, (name, columns) in enumerate(parts.items()):
        if report is not None:
            report(done, len(parts))
        part = Result(columns())
        path = folder / f"{name}.{format}"
        part.write(path, format, excel=excel)
        rows["file"].append(str(path))
        rows["rows"].append(len(part))
    meta = base_meta(engine, snapshot, "as in the columns", format=format)
    meta["seconds"] = watch.seconds()
    if analysis is None:
        meta["notes"].append("Not analysed yet, so there are no scores in the files.")
    return Result(rows, meta)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"{folder} is a file; name a folder to export into.") from None
    except PermissionError:
        raise StoreError(f"There is no permission to make the folder {folder}.") from None
    except OSError as error:
        raise ResourceError(f"The folder {folder} cannot be made: {error.strerror}.") from error


def _accounts(snapshot: Snapshot) -> dict[str, Any]:
    columns: dict[str, Any] = {"id": snapshot.ids_of(np.arange(snapshot.n))}
    return columns | snapshot.columns(list(snapshot.column_types))


def _scores(snapshot: Snapshot, analysis: Analysis) -> dict[str, Any]:
    columns: dict[str, Any] = {"id": snapshot.ids_of(np.arange(snapshot.n))}
    return columns | {name: np.asarray(analysis.score(name)) for name in analysis.scores}


def _follows(snapshot: Snapshot) -> dict[str, Any]:
    follows = snapshot.follows
    actor = np.repeat(np.arange(snapshot.n, dtype=np.int32), np.diff(follows.indptr))
    columns: dict[str, Any] = _ends(snapshot, actor, np.asarray(follows.indices))
    since = snapshot.follows_since
    if since is not None:
        columns["since"] = _times(np.asarray(since))
    return columns


def _interactions(snapshot: Snapshot) -> dict[str, Any]:
    rows = snapshot.interactions
    columns = _ends(snapshot, np.asarray(rows.actor), np.asarray(rows.target))
    kinds = np.asarray(snapshot.kinds, dtype=object)
    columns["kind"] = kinds[rows.kind] if len(kinds) else []
    columns["count"] = np.asarray(rows.count)
    columns["weight"] = np.asarray(rows.weight) / MILLIONTHS
    columns["value"] = np.asarray(rows.value) / MILLIONTHS
    columns["time"] = _times(np.asarray(rows.first_at))
    columns["last_at"] = _times(np.asarray(rows.last_at))
    return columns


_NAT = np.iinfo(np.int64).min


def _ends(snapshot: Snapshot, actor: Any, target: Any) -> dict[str, Any]:
    ids = np.asarray(snapshot.ids_of(np.arange(snapshot.n)), dtype=object)
    return {"actor": ids[actor], "target": ids[target]}


def _times(microseconds: Any) -> Any:
    """int64 microseconds as datetime64; NO_TIME is the bit pattern of "not a time"."""
    assert NO_TIME == _NAT
    return microseconds.view("datetime64[us]")
