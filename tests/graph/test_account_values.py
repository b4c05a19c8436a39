"""Columns that are held in memory answer as the file does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import guanxi
from guanxi.graph import account_values
from guanxi.graph.snapshot import Snapshot

ROWS = """id,city,price,joined,opted_out,it's "x",file
a,上海,1.5,2024-05-01,true,x,f
b,,,,,,
c,'',-0.0,2024-05-01T08:30:00+08:00,false,"a,b",
d,Beijing,1e12,1969-12-31,,é,g
"""


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    (tmp_path / "accounts.csv").write_text(ROWS, "utf-8")
    network = guanxi.open(tmp_path / "net.duckdb", threads=1)
    network.load(accounts=[tmp_path / "accounts.csv"])
    return network.snapshot()


def test_the_same_from_memory_as_from_the_file(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_values, "_CHUNK", 3)  # texts are read a range at a time
    names = list(snapshot.column_types)
    expected = [snapshot.columns(names, [row]) for row in range(4)]
    assert not snapshot.values.held
    for _ in range(2):
        snapshot.columns(names, [0])
    assert set(snapshot.values.held) == set(names)
    assert [snapshot.columns(names, [row]) for row in range(4)] == expected
    assert [snapshot.columns_of(row) for row in range(4)] == [
        {name: values[0] for name, values in row.items()} for row in expected
    ]
    whole = snapshot.columns(names)
    assert snapshot.columns(names, [3, 0, 3]) == {
        name: [values[3], values[0], values[3]] for name, values in whole.items()
    }


def test_one_account_is_told_the_same_before_its_columns_are_in_memory(snapshot: Snapshot) -> None:
    before = [snapshot.columns_of(row) for row in (0, 1, 2, 3)]
    for _ in range(4):
        assert [snapshot.columns_of(row) for row in range(4)] == before
    assert snapshot.values.has_all()
    out = np.array([False, False, True, False])
    snapshot.watch_opted_out(lambda: out)
    told = [snapshot.columns_of(row)["opted_out"] for row in range(4)]
    assert told == [False, None, True, None]


def test_there_is_room_for_so_much(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_values, "_MOST", 40)
    expected = snapshot.columns(["price", "city"], [3])
    for _ in range(8):
        assert snapshot.columns(["price", "city"], [3]) == expected
    assert set(snapshot.values.held) == {"price"}
