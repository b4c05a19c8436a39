"""`doctor`: what is installed and reachable, and whether the store is sound."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi import __version__, memory
from guanxi.errors import GuanxiError, NoStoreError
from guanxi.results import Result
from guanxi.verbs.analysis import find_analysis
from guanxi.verbs.elsewhere import analysed_elsewhere
from guanxi.wording import counted

if TYPE_CHECKING:
    from guanxi.engine import Engine

_PACKAGES = ("numpy", "numba", "duckdb", "networkx", "neo4j")
OK = "ok"


def doctor(engine: Engine, *, compile_kernels: bool) -> Result:
    """A row for each check; `meta["healthy"]` is False where one of them failed."""
    checks: dict[str, Callable[[], str]] = {
        "guanxi": lambda: f"{__version__} on Python {platform.python_version()}",
        "packages": _packages,
        "machine": _machine,
        "kernels": lambda: _kernels(compile_kernels),
        "store": lambda: _store(engine),
        "snapshot": lambda: _snapshot(engine),
        "analysis": lambda: _analysis(engine),
    }
    rows: list[tuple[str, str, str]] = []
    for name, look in checks.items():
        if name == "store" and engine.access.is_server:
            rows += _server(engine)
        rows.append((name, *_outcome(look)))
    names = ("check", "state", "detail")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    healthy = all(state in (OK, "none") for state in columns["state"])
    return Result(columns, {"healthy": healthy, "software_version": f"guanxi {__version__}"})


def _server(engine: Engine) -> list[tuple[str, str, str]]:
    from guanxi.graph.neo4j.doctor import check_server

    return check_server(engine.store, engine.access.login)


class _NothingError(Exception):
    """There is nothing to check yet, which is no fault."""


def _outcome(look: Callable[[], str]) -> tuple[str, str]:
    try:
        return OK, look()
    except (_NothingError, NoStoreError) as nothing:
        return "none", str(nothing)
    except GuanxiError as error:
        return "failed", str(error)


def _packages() -> str:
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)


def _machine() -> str:
    free = memory.available()
    disk = shutil.disk_usage(Path.cwd()).free
    return (
        f"{os.cpu_count()} processors, "
        f"{'unknown' if free is None else memory.format_size(free)} of memory free, "
        f"{memory.format_size(disk)} of disk free here"
    )


def _kernels(compile_all: bool) -> str:
    from guanxi.kernels import cache_folder

    if compile_all:
        from guanxi.verbs.warm import compile_kernels

        compile_kernels()
    folder = cache_folder()
    compiled = len(list(folder.rglob("*.nbc")))
    return f"{compiled} compiled in {folder}"


def _store(engine: Engine) -> str:
    if not engine.access.exists():
        raise _NothingError(f"{engine.store} does not exist yet; `guanxi load` makes it.")
    state = engine.access.state()
    if state is None:
        return f"{engine.store}, of unknown version: it has not been opened by guanxi here yet"
    unfinished = "".join(f"; the load of {load.source} is unfinished" for load in state.unfinished)
    return f"{engine.store}, version {state.version}{unfinished}"


def _snapshot(engine: Engine) -> str:
    if not engine.access.exists():
        raise _NothingError("No store, so no snapshot.")
    found = engine.snapshot()
    damaged = found.damaged()
    if damaged:
        engine.forget_snapshot()
        engine.access.snapshot(verify=True).close()  # makes it anew from the store
        mended = f"{', '.join(damaged)} had been damaged, and the snapshot was made anew"
        return f"version {found.version}, {counted(found.n, 'account')}; {mended}"
    return f"version {found.version}, {counted(found.n, 'account')}, every file as it was written"


def _analysis(engine: Engine) -> str:
    if not engine.access.exists():
        raise _NothingError("No store, so no analysis.")
    snapshot = engine.snapshot()
    analysis = find_analysis(snapshot)
    if analysis is None:
        elsewhere = analysed_elsewhere(engine, snapshot.manifest)
        raise _NothingError(elsewhere or "Not analysed yet; run `guanxi analyze`.")
    return f"{', '.join(analysis.scores)}, of {analysis.made_at}"
