"""`export`: everything of a snapshot as files that other tools read, and `load` as well.

An interaction is one row per actor, target, kind and day; `time` is the first of the day, so
that loading the files again gives the same tie strengths.

`neo4j-admin` is another thing: the whole store, with events and bookkeeping, as files for the
import tool of Neo4j (see `guanxi.graph.neo4j.admin`).
"""

from __future__ import annotations

import shlex
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
#: The import tool of Neo4j.
ADMIN = "neo4j-admin"


def export(engine: Engine, folder: Path, *, format: str, excel: bool) -> Result:
    """Write accounts, follows, interactions and communities to `folder`; a row for each file."""
    if format == ADMIN:
        return _export_for_neo4j(engine, folder, excel=excel)
    if format not in FORMATS:
        known = ", ".join([*FORMATS, ADMIN])
        raise UsageError(f"--format of export is one of {known}, not {format!r}.")
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


def _export_for_neo4j(engine: Engine, folder: Path, *, excel: bool) -> Result:
    """Write the files from which Neo4j's import tool makes the same store; a row for each."""
    from guanxi.graph.duckdb.store import DuckDBStore

    if excel:
        raise UsageError(f"--excel is for CSV that Excel opens, and not for --format {ADMIN}.")
    watch = Stopwatch()
    snapshot = engine.snapshot()
    if engine.in_memory or engine.access.is_server:
        raise UsageError(
            f"--format {ADMIN} writes what a DuckDB store holds: load the files into one first "
            "(`guanxi --store FILE.duckdb load`). A Neo4j database is moved by "
            "`neo4j-admin database dump`."
        )
    _make_folder(folder)
    with engine.access.open() as store:
        assert isinstance(store, DuckDBStore)
        files = store.write_admin_files(folder, engine.progress("Export"))
        meta = base_meta(engine, snapshot, "as in Neo4j", format=ADMIN)
        meta["store_version"] = store.state().version
    command = files.command()
    where = shlex.quote(str(folder.resolve()))
    meta |= {
        "command": command,
        "properties": files.properties,
        "seconds": watch.seconds(),
        "summary": [
            "With the server stopped, and a database that is empty, run on its machine:",
            f"cd {where} && {command}",
            (
                "Then start the server; what the tool does not take, constraints and indexes, is "
                "made when guanxi reads the store (`guanxi --store bolt://HOST:7687 top`)."
            ),
        ],
    }
    meta["notes"] += [
        f"The column {name!r} is the property {held!r} there: the import tool cannot read its name."
        for name, held in files.properties.items()
    ]
    rows: dict[str, list[Any]] = {
        "file": [str(folder / name) for name in files.written],
        "rows": list(files.written.values()),
    }
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
