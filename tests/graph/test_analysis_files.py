"""Scores beside a snapshot: written together, replaced atomically, never of another snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from store_helpers import follows
from test_snapshot import load

from guanxi.errors import NotAnalyzedError
from guanxi.graph import analysis_files
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store_open import open_store


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    load(tmp_path / "net.duckdb", follows([("a", "b"), ("b", "c")]))
    return open_snapshot(tmp_path / "net.duckdb")


def test_scores_come_back(snapshot: Snapshot) -> None:
    assert snapshot.scores() == {}
    rank, group = np.array([0.5, 0.1, np.nan]), np.array([1, 2, 1], dtype=np.int32)
    snapshot.write_scores({"pagerank": rank, "group": group}, {"seed": 1, "名": "值"})
    np.testing.assert_array_equal(snapshot.read_scores("pagerank"), rank)
    assert snapshot.read_scores("group").dtype == np.int32
    assert snapshot.scores()["group"] == {"seed": 1, "名": "值"}


def test_later_scores_replace_those_of_the_same_name(snapshot: Snapshot) -> None:
    one = np.array([1.0, 2.0, 3.0])
    snapshot.write_scores({"x": one, "y": one}, {"run": 1})
    before = snapshot.read_scores("x")
    snapshot.write_scores({"x": one * 2, "z": one * 2}, {"run": 2})
    assert snapshot.read_scores("x").tolist() == [2.0, 4.0, 6.0]
    assert snapshot.read_scores("y").tolist() == [1.0, 2.0, 3.0]
    assert {name: meta["run"] for name, meta in snapshot.scores().items()} == {
        "x": 2, "y": 1, "z": 2,
    }  # fmt: skip
    assert before.tolist() == [1.0, 2.0, 3.0]  # who has it keeps it
    folder = snapshot.home.analysis / "1"
    assert len(list(folder.glob("*.npy"))) == 3  # nothing of the first x is left


def test_tables_come_back_and_are_replaced(snapshot: Snapshot) -> None:
    score = {"x": np.zeros(3)}
    snapshot.write_scores(score, {}, tables={"size": np.array([2, 1])})
    assert snapshot.read_table("size").tolist() == [2, 1]
    snapshot.write_scores(score, {})
    assert snapshot.read_table("size").tolist() == [2, 1]
    snapshot.write_scores(score, {}, tables={"density": np.array([[0.5]])})
    assert snapshot.read_table("density").tolist() == [[0.5]]
    with pytest.raises(NotAnalyzedError):
        snapshot.read_table("size")


def test_what_was_not_computed_is_said(snapshot: Snapshot) -> None:
    with pytest.raises(NotAnalyzedError, match=r"pagerank.*guanxi analyze"):
        snapshot.read_scores("pagerank")


def test_scores_of_the_wrong_length_are_a_mistake(snapshot: Snapshot) -> None:
    with pytest.raises(ValueError, match="x has shape"):
        snapshot.write_scores({"x": np.zeros(4)}, {})


@pytest.mark.parametrize("harm", [b"", b"nonsense", None])
def test_damaged_scores_count_as_not_computed(snapshot: Snapshot, harm: bytes | None) -> None:
    snapshot.write_scores({"x": np.zeros(3)}, {})
    (file,) = (snapshot.home.analysis / "1").glob("*.npy")
    file.unlink() if harm is None else file.write_bytes(harm)
    with pytest.raises(NotAnalyzedError):
        snapshot.read_scores("x")
    (snapshot.home.analysis / "1" / "analysis.json").write_text("{")
    assert snapshot.scores() == {}


def test_a_new_version_has_no_scores_yet(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.write_scores({"x": np.zeros(3)}, {})
    load(tmp_path / "net.duckdb", follows([("a", "c")], name="more"))
    assert snapshot.read_scores("x").tolist() == [0.0] * 3  # of the older one, still in use
    with open_snapshot(tmp_path / "net.duckdb") as newer, pytest.raises(NotAnalyzedError):
        newer.read_scores("x")


def test_scores_outlive_a_snapshot_that_is_made_anew(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.write_scores({"x": np.ones(3)}, {})
    snapshot.close()
    with open_store(tmp_path / "net.duckdb") as store:
        build_snapshot(store)
    with open_snapshot(tmp_path / "net.duckdb") as again:
        assert again.read_scores("x").tolist() == [1.0] * 3


def test_scores_of_one_moment_stay_together(snapshot: Snapshot) -> None:
    one = np.ones(3)
    snapshot.write_scores({"x": one, "y": one}, {"run": 1}, tables={"size": np.array([1])})
    first = snapshot.scores_now()
    snapshot.write_scores({"x": one * 2}, {"run": 2}, tables={"size": np.array([2])})
    assert first.of_account(0) == {"x": 1.0, "y": 1.0}
    assert (first.score("y").tolist(), first.table("size").tolist()) == ([1.0] * 3, [1])
    assert first.meta == {"x": {"run": 1}, "y": {"run": 1}}
    assert snapshot.scores_now().of_account(0) == {"x": 2.0}


def test_scores_replaced_while_they_are_mapped_are_read_anew(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot.write_scores({"x": np.ones(3), "y": np.ones(3)}, {"run": 1}, tables={})
    mapped = analysis_files.map_array

    def replaced_meanwhile(*asked: Any) -> Any:
        monkeypatch.setattr(analysis_files, "map_array", mapped)
        snapshot.write_scores({"x": np.zeros(3)}, {"run": 2}, tables={})
        return mapped(*asked)

    monkeypatch.setattr(analysis_files, "map_array", replaced_meanwhile)
    assert snapshot.scores_now().of_account(1) == {"x": 0.0}
    assert snapshot.scores() == {"x": {"run": 2}}
