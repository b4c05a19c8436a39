"""Snapshots that are missing, damaged, old, in use, or of a store that is being written to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from store_contract import CutOffError
from store_helpers import Act, follows, interactions
from test_duckdb_file import another_writer

from guanxi.errors import NotAnalyzedError, SnapshotError, StoreBusyError, StoreError
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store_home import home_of
from guanxi.graph.store_open import open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.duckdb"


def load(path: Path, *pairs: tuple[str, str], name: str = "follows", snapshot: bool = True) -> None:
    with open_store(path) as store:
        store.load(follows(pairs, name=name))
        if snapshot:
            build_snapshot(store)


def versions(path: Path) -> list[str]:
    return sorted(folder.name for folder in home_of(path).snapshots.iterdir())


def test_nothing_there(path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store at .*guanxi load"):
        open_snapshot(path)
    assert list(path.parent.iterdir()) == []
    open_store(path).close()
    with pytest.raises(SnapshotError, match="holds nothing yet"):
        open_snapshot(path)


def test_a_first_load_that_was_cut_off(path: Path) -> None:
    def cut(done: int, total: int) -> None:
        raise CutOffError

    with open_store(path, batch_rows=1) as store, pytest.raises(CutOffError):
        store.load(follows([("a", "b")]), progress=cut)
    with open_snapshot(path) as snapshot:  # of what there is, and it says so
        assert snapshot.n == 1
        (warning,) = snapshot.warnings
    assert "follows.csv" in warning
    assert "not complete (1 of 3 parts)" in warning


def test_a_missing_snapshot_is_made(path: Path) -> None:
    load(path, ("a", "b"), snapshot=False)
    with open_snapshot(path) as snapshot:
        assert snapshot.ids_of([0, 1]) == ["a", "b"]
    shutil.rmtree(home_of(path).snapshots)
    with open_snapshot(path) as snapshot:
        assert snapshot.n == 2


def test_a_store_without_its_folder(path: Path) -> None:
    load(path, ("a", "b"))
    shutil.rmtree(home_of(path).root)
    with open_snapshot(path) as snapshot:
        assert snapshot.n == 2
        assert snapshot.warnings == []


@pytest.mark.parametrize("harm", ["cut", "missing", "no manifest", "broken manifest", "old layout"])
def test_a_damaged_snapshot_is_noticed_and_made_anew(path: Path, harm: str) -> None:
    load(path, ("a", "b"))
    folder = home_of(path).snapshots / "1"
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    file, manifest = folder / "follows-indices.npy", folder / "manifest.json"
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    elif harm == "missing":
        file.unlink()
    elif harm == "no manifest":
        manifest.unlink()
    elif harm == "broken manifest":
        manifest.write_text("{")
    else:
        manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 0'))
    with open_snapshot(path) as snapshot:
        assert snapshot.damaged() == []
        assert snapshot.follows.indices.tolist() == [1]
    after = {each.name: each.read_bytes() for each in folder.iterdir()}
    before.pop("manifest.json")
    after.pop("manifest.json")
    assert after == before


def test_a_flipped_bit_is_found_by_looking_at_every_byte(path: Path) -> None:
    load(path, ("a", "b"))
    file = home_of(path).snapshots / "1" / "follows-indices.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with open_snapshot(path) as snapshot:
        assert snapshot.damaged() == ["follows-indices.npy"]
    with open_snapshot(path, verify=True) as snapshot:
        assert snapshot.damaged() == []
        assert snapshot.follows.indices.tolist() == [1]
    with another_writer(path):
        file.write_bytes(content)
        with pytest.raises(StoreBusyError):
            open_snapshot(path, verify=True, wait=0)


def test_readers_go_on_while_somebody_writes(path: Path) -> None:
    load(path, ("a", "b"))
    with open_store(path) as store:
        with open_snapshot(path, wait=0) as snapshot:
            assert snapshot.version == 1
            assert snapshot.warnings == []
        store.load(follows([("a", "c")], name="more"))
        with open_snapshot(path, wait=0) as snapshot:
            assert (snapshot.version, snapshot.n) == (1, 2)
            (warning,) = snapshot.warnings
            assert "is at version 2, and this shows version 1" in warning
        build_snapshot(store)
        with open_snapshot(path, wait=0) as snapshot:
            assert (snapshot.version, snapshot.n, snapshot.warnings) == (2, 3, [])


def test_without_any_snapshot_readers_wait_for_the_writer(path: Path) -> None:
    load(path, ("a", "b"), snapshot=False)
    with another_writer(path), pytest.raises(StoreBusyError, match="is being written to"):
        open_snapshot(path, wait=0)


def test_an_unfinished_load_is_mentioned(path: Path) -> None:
    def cut(done: int, total: int) -> None:
        raise CutOffError

    load(path, ("a", "b"))
    with open_store(path, batch_rows=1) as store, pytest.raises(CutOffError):
        store.load(follows([("c", "d"), ("e", "f")], name="cut"), progress=cut)
    with open_snapshot(path) as snapshot:
        assert (snapshot.version, snapshot.n) == (1, 2)
        assert "The load of cut.csv" in snapshot.warnings[0]
    load(path, ("c", "d"), ("e", "f"), name="cut")
    with open_snapshot(path) as snapshot:
        assert (snapshot.version, snapshot.n, snapshot.warnings) == (2, 6, [])


def test_old_snapshots_are_cleared_when_nobody_reads_them(path: Path) -> None:
    load(path, ("a", "b"))
    with open_snapshot(path) as reader:
        reader.write_scores({"x": reader.graph().out.indptr[1:] * 1.0}, {})
        load(path, ("a", "c"), name="two")
        assert versions(path) == ["1", "2"]
        assert reader.accounts_parquet.exists()
        assert reader.follows.m == 1
        with open_snapshot(path) as newer:
            assert newer.version == 2
    load(path, ("a", "d"), name="three")
    assert versions(path) == ["3"]
    assert list(home_of(path).analysis.iterdir()) == []
    assert reader.follows.indices.tolist() == [1]  # what was mapped stays


def test_what_a_killed_process_left_is_cleared(path: Path) -> None:
    load(path, ("a", "b"))
    home = home_of(path)
    (home.snapshots / ".build-1-x").mkdir()
    (home.snapshots / ".build-1-x" / "ids.npy").write_bytes(b"half")
    (home.snapshots / "9").mkdir()
    (home.temp / "duckdb_temp_storage-0.tmp").write_bytes(b"spilled")
    load(path, ("a", "c"), name="two")
    assert versions(path) == ["2"]
    assert list(home.temp.iterdir()) == []


def test_a_store_put_back_from_a_backup_is_not_shown_as_newer(path: Path) -> None:
    load(path, ("a", "b"))
    backup = path.read_bytes()
    load(path, ("c", "d"), name="two")
    path.write_bytes(backup)
    with open_snapshot(path) as snapshot:
        assert (snapshot.version, snapshot.n) == (1, 2)


def test_another_store_at_the_same_place_is_not_mistaken(path: Path) -> None:
    load(path, ("a", "b"))
    with open_snapshot(path) as snapshot:
        snapshot.write_scores({"x": snapshot.made * 1.0}, {})
    path.unlink()
    load(path, ("c", "d"), snapshot=False)
    with open_snapshot(path) as snapshot:
        assert snapshot.ids_of([0, 1]) == ["c", "d"]
        with pytest.raises(NotAnalyzedError):
            snapshot.read_scores("x")


def test_no_lock_is_left_behind(path: Path) -> None:
    load(path, ("a", "b"))
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(3):
        open_snapshot(path).close()
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after == before


def test_interactions_alone_make_a_snapshot(path: Path) -> None:
    with open_store(path) as store:
        store.load(interactions([Act("a", "b", "like", 5)]))
        build_snapshot(store)
    with open_snapshot(path) as snapshot:
        assert snapshot.follows.m == 0
        assert snapshot.graph().out.indices.tolist() == [0]
