"""kill -9 of a real process that loads: the store opens, holds whole batches, and goes on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from load_child import BATCH_ROWS, files

from guanxi.errors import StoreError
from guanxi.graph.duckdb.accounts import prepare_columns
from guanxi.graph.schema import StagedAccounts
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store_open import open_store

TABLES = ("accounts", "account_columns", "kinds", "follows", "interactions", "events")
Content = tuple[object, ...]


def stored(connection: duckdb.DuckDBPyConnection) -> Content:
    """A digest of every table and of the bookkeeping."""
    tables = [
        connection.execute(f"select count(*), sum(hash(t)::hugeint)::varchar from {name} t")
        .fetchall()[0]
        for name in TABLES
    ]  # fmt: skip
    loads = connection.execute(
        "select name, batches_done, done, counts from loads where batches_done > 0 order by number"
    ).fetchall()
    version = connection.execute("select value from meta where key = 'version'").fetchall()
    return (*tables, *loads, *version)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[Content], dict[str, bytes]]:
    """What may lie in the store after any batch, and the files of the snapshot at the end."""
    path = tmp_path_factory.mktemp("undisturbed") / "net.duckdb"
    with open_store(path, batch_rows=BATCH_ROWS) as store:
        connection = store._connection  # type: ignore[attr-defined]
        contents = {stored(connection)}
        for staged, options in files():
            if isinstance(staged, StagedAccounts):  # new columns come before the first batch
                prepare_columns(connection, staged)
                contents.add(stored(connection))
            counts = store.load(
                staged, progress=lambda done, total: contents.add(stored(connection)), **options
            )
            assert counts.changed
        folder = build_snapshot(store)
    return contents, snapshot_files(folder)


def snapshot_files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"
    }


@pytest.fixture
def children() -> Iterator[subprocess.Popen[str]]:
    script = str(Path(__file__).with_name("load_child.py"))
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def load_for(children: subprocess.Popen[str], path: Path, seconds: float | None) -> bool:
    """Load in a process of its own, killed after so many seconds; whether it came to its end."""
    assert children.stdin is not None
    assert children.stdout is not None
    children.stdin.write(f"{path}\n")
    children.stdin.flush()
    child = int(children.stdout.readline())
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    children.stdin.write("wait\n")
    children.stdin.flush()
    status = int(children.stdout.readline())
    assert status in (0, signal.SIGKILL)
    return status == 0


def check_after_kill(path: Path, contents: set[Content]) -> None:
    """Whole batches only, and readers get a whole snapshot or a sentence."""
    if path.exists():
        with duckdb.connect(str(path)) as connection:
            assert stored(connection) in contents
    said = what_readers_get(path)
    assert said in ("a snapshot", "There is no store", "holds nothing yet", "The first load into")


def what_readers_get(path: Path) -> str:
    try:
        with open_snapshot(path, wait=0) as snapshot:
            return "damaged" if snapshot.damaged() else "a snapshot"
    except StoreError as error:
        sentences = ("There is no store", "holds nothing yet", "The first load into")
        return next(sentence for sentence in sentences if sentence in str(error))


def kill_many(
    kills: int,
    seed: int,
    tmp_path: Path,
    children: subprocess.Popen[str],
    undisturbed: tuple[set[Content], dict[str, bytes]],
) -> None:
    contents, expected = undisturbed
    path = tmp_path / "net.duckdb"
    begun = time.monotonic()
    assert load_for(children, path, None)
    whole = time.monotonic() - begun
    draw = random.Random(seed)
    killed = 0
    while killed < kills:
        for each in tmp_path.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        while killed < kills and not load_for(children, path, draw.uniform(0, whole / 2)):
            killed += 1
            check_after_kill(path, contents)
        assert load_for(children, path, None)
        (folder,) = (path.with_name("net.duckdb.d") / "snapshots").iterdir()
        assert snapshot_files(folder) == expected


def test_killed_at_a_dozen_moments(
    tmp_path: Path,
    children: subprocess.Popen[str],
    undisturbed: tuple[set[Content], dict[str, bytes]],
) -> None:
    kill_many(12, 1, tmp_path, children, undisturbed)


@pytest.mark.soak
def test_killed_at_a_hundred_moments(
    tmp_path: Path,
    children: subprocess.Popen[str],
    undisturbed: tuple[set[Content], dict[str, bytes]],
) -> None:
    kill_many(100, 2, tmp_path, children, undisturbed)
