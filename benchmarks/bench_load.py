"""Loading: a CSV of follows into a new store, beside a bare copy of its texts by DuckDB.

Whole processes, from the start of Python to its end. guanxi reads and checks each row,
numbers the accounts, removes repeated follows, commits in batches that survive being cut
off, and makes the snapshot; DuckDB copies the same file into a table of texts. The
snapshot alone is measured on the store that a load has left.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks import graphs
from benchmarks.commands import guanxi
from benchmarks.harness import ProcessRun, Row, Scale, compare, run_process
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.store_open import open_store

BARE = """
import duckdb, sys
store, file, threads = sys.argv[1:]
with duckdb.connect(store, config={"threads": int(threads)}) as connection:
    connection.execute("CREATE TABLE follows (follower TEXT, followee TEXT, since TEXT)")
    connection.execute("COPY follows FROM '" + file + "' (HEADER)")
"""


def run(scale: Scale) -> list[Row]:
    file = graphs.follows_file(scale.accounts, scale.edges)
    folder = graphs.FOLDER / "load"
    try:
        return [*_load(file, folder, scale), *_snapshot(file, folder, scale)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _load(file: Path, folder: Path, scale: Scale) -> list[Row]:
    def ours() -> ProcessRun:
        return guanxi("load", "--follows", str(file), store=_new(folder), threads=scale.threads)

    def bare() -> ProcessRun:
        store = str(_new(folder))
        return run_process([sys.executable, "-c", BARE, store, str(file), str(scale.threads)])

    small = graphs.follows_file(1000, 10_000)
    guanxi("load", "--follows", str(small), store=_new(folder), threads=scale.threads)
    return compare(
        f"Load of {scale.edges:,} follows into a new store ({file.stat().st_size / 1e6:,.0f} MB)",
        {"guanxi": ours, "DuckDB, texts alone": bare},
        scale,
        goal="≤ 3",
        warm=False,
        rounds=min(scale.rounds, 3),
    )


def _snapshot(file: Path, folder: Path, scale: Scale) -> list[Row]:
    path = _new(folder)
    guanxi("load", "--follows", str(file), store=path, threads=scale.threads)
    with open_store(str(path)) as store:
        return compare(
            f"Snapshot of {scale.edges:,} follows",
            {"guanxi": lambda: build_snapshot(store)},
            scale,
            goal="≤ 4 s",
            rounds=min(scale.rounds, 3),
        )


def _new(folder: Path) -> Path:
    """The path of a store in a folder with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder / "net.duckdb"
