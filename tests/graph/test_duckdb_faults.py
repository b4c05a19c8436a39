"""A full disk and folders without permission end in a sentence, with the store intact."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from store_helpers import follows
from test_duckdb_store import raw_content
from test_snapshot import load

from guanxi.errors import ResourceError
from guanxi.graph.schema import StagedFollows
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store_home import home_of
from guanxi.graph.store_open import open_store

NOBODY = 65534


def small() -> StagedFollows:
    return follows([("a", "b"), ("b", "c")], name="small")


def large() -> StagedFollows:
    """Ids that do not compress: several megabytes."""
    ids = [os.urandom(100).hex() for _ in range(60_000)]
    return follows(pairwise(ids), name="large")


def wide() -> StagedFollows:
    """2,000 accounts with 600,000 follows, which take far more room as plain arrays."""
    ids = [f"a{number:04d}" for number in range(2000)]
    actor, target = np.divmod(np.arange(600_000, dtype=np.int32), 300)
    target = (actor + target + 1) % 2000
    order = np.lexsort((target, actor))
    return replace(
        follows([], name="wide", extra_ids=ids),
        actor=actor[order],
        target=target[order],
        since=np.arange(600_000, dtype=np.int64) % 2,
    )


@pytest.fixture(params=["tmpfs", "limit"])
def little_room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[
    tuple[Path, Callable[[], None]]
]:  # fmt: skip
    """A folder whose disk is nearly full, and a function that makes room.

    Either a real small file system (root only), or a limit on the size of files.
    """
    if request.param == "limit":
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, before[1]))
        yield tmp_path, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(tmp_path)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no right to mount a small file system; the limit on files stands in")
    grow = ["mount", "-o", "remount,size=200m", str(tmp_path)]
    yield tmp_path, lambda: subprocess.run(grow, check=True) and None
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_leaves_the_store_intact(little_room: tuple[Path, Callable[[], None]]) -> None:
    folder, make_room = little_room
    path = folder / "net.duckdb"
    load(path, small())
    before = raw_content(path)
    staged = large()
    with open_store(path, batch_rows=100_000) as store, pytest.raises(ResourceError) as caught:
        store.load(staged)
    assert "The disk is full" in str(caught.value)
    assert "the same command goes on" in str(caught.value)
    assert raw_content(path) == before
    with open_snapshot(path) as snapshot:
        assert snapshot.n == 3
        assert "large.csv" in snapshot.warnings[0]
    make_room()
    load(path, staged)
    with open_snapshot(path) as snapshot:
        assert (snapshot.n, snapshot.version, snapshot.warnings) == (60_003, 2, [])


def test_a_snapshot_that_does_not_fit(little_room: tuple[Path, Callable[[], None]]) -> None:
    folder, make_room = little_room
    path = folder / "net.duckdb"
    load(path, small())
    with open_store(path) as store:
        store.load(wide())
        with pytest.raises(ResourceError, match="The disk is full"):
            build_snapshot(store)
    home = home_of(path)
    assert [each.name for each in home.snapshots.iterdir()] == ["1"]
    with open_snapshot(path) as snapshot:  # the older one serves, and says so
        assert snapshot.n == 3
        assert "this shows version 1" in snapshot.warnings[0]
    make_room()
    with open_snapshot(path) as snapshot:
        assert (snapshot.version, snapshot.n, snapshot.warnings) == (2, 2003, [])


AS_NOBODY = """
import mmap, os, sys
import guanxi.graph.duckdb.store, guanxi.graph.snapshot_build, encodings.idna
from guanxi.errors import GuanxiError
from guanxi.graph.store_open import open_store
from guanxi.graph.snapshot_open import open_snapshot
if os.getuid() == 0:  # only now, since Python itself may lie where others cannot read
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    if sys.argv[1] == "write":
        open_store(sys.argv[2], wait=0).close()
    else:
        with open_snapshot(sys.argv[2], wait=0) as snapshot:
            print(snapshot.n, snapshot.follows.m, snapshot.warnings)
            if sys.argv[1] == "score":
                snapshot.write_scores({"x": snapshot.made * 1.0}, {})
    print("done")
except GuanxiError as error:
    print(type(error).__name__, error)
"""


def as_nobody(what: str, path: Path) -> str:
    """What a process without rights says."""
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, what, str(path)],
        capture_output=True, text=True, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter (those of pytest are closed to them)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_that_one_may_not_write_to(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    said = as_nobody("write", open_folder / "net.duckdb")
    assert said.startswith("StoreError No permission at ")
    assert "Use a folder that you may write to" in said
    assert list(open_folder.iterdir()) == []


def test_a_store_of_somebody_else(open_folder: Path) -> None:
    path = open_folder / "net.duckdb"
    load(path, small())
    if os.getuid() != 0:
        path.chmod(0)
        home_of(path).root.chmod(0)
    before = {each: each.stat().st_mtime_ns for each in open_folder.rglob("*")}
    assert as_nobody("write", path).startswith("StoreError No permission at ")
    assert as_nobody("read", path).startswith("StoreError No permission at ")
    home_of(path).root.chmod(0o700)
    assert {each: each.stat().st_mtime_ns for each in open_folder.rglob("*")} == before


def test_a_reader_who_may_only_read(open_folder: Path) -> None:
    path = open_folder / "net.duckdb"
    load(path, small())
    for each in [path, home_of(path).root, *home_of(path).root.rglob("*")]:
        each.chmod(0o555 if each.is_dir() else 0o444)
    assert as_nobody("read", path) == "3 2 []\ndone"
    assert as_nobody("write", path).startswith("StoreError No permission at ")
    assert "StoreError No permission at " in as_nobody("score", path)
    (home_of(path).snapshots / "1" / "ids.npy").unlink()
    assert as_nobody("read", path).startswith("StoreError No permission at ")
