"""Commands: what a user waits for, as whole processes.

Kernels have been compiled before. The stores hold follows alone. "CSV to seeds" is
`guanxi load` and `guanxi seeds` one after the other on a new store; its memory is that of
the larger of the two.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from benchmarks import graphs
from benchmarks.commands import guanxi
from benchmarks.harness import ProcessRun, Row, Scale, compare

SEEDS = 50


def run(scale: Scale) -> list[Row]:
    folder = graphs.FOLDER / "commands"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        _compile(folder / "small.duckdb", scale)
        store = folder / "net.duckdb"
        return [*_csv_to_seeds(store, scale), *_analyze(store, scale), *_quick_ones(store, scale)]
    finally:
        shutil.rmtree(folder)


def _compile(store: Path, scale: Scale) -> None:
    file = graphs.follows_file(1000, 10_000)
    for command in (["load", "--follows", str(file)], ["seeds", "-k", "2"], ["analyze"]):
        guanxi(*command, store=store, threads=scale.threads)


def _csv_to_seeds(store: Path, scale: Scale) -> list[Row]:
    file = graphs.follows_file(scale.accounts, scale.edges)

    def both() -> ProcessRun:
        store.unlink(missing_ok=True)
        shutil.rmtree(f"{store}.d", ignore_errors=True)
        run = partial(guanxi, store=store, threads=scale.threads)
        load, seeds = run("load", "--follows", str(file)), run("seeds", "-k", str(SEEDS))
        return ProcessRun(
            load.seconds + seeds.seconds, load.cpu + seeds.cpu, max(load.memory, seeds.memory)
        )

    return compare(
        f"CSV of {scale.edges:,} follows to {SEEDS} seeds",
        {"guanxi": both},
        scale,
        goal="≤ 90 s, ≤ 4 GB",
        warm=False,
        rounds=min(scale.rounds, 2),
    )


def _analyze(store: Path, scale: Scale) -> list[Row]:
    return compare(
        f"`guanxi analyze` of {scale.edges:,} follows",
        {"guanxi": partial(guanxi, "analyze", store=store, threads=scale.threads)},
        scale,
        warm=False,
        rounds=min(scale.rounds, 2),
    )


def _quick_ones(store: Path, scale: Scale) -> list[Row]:
    rows = []
    for arguments, goal in (("--help", 0.3), ("status", 0.3), ("top", 0.7)):
        rows += compare(
            f"`guanxi {arguments}`, {scale.accounts:,} accounts",
            {"guanxi": partial(guanxi, arguments, store=store, threads=scale.threads)},
            scale,
            goal=f"≤ {goal} s",
        )
    return rows
