"""Snapshots of graphs that are in no store."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_helpers import follows, text_column
from test_snapshot import load
from test_ties import arcs, check

from guanxi.errors import UsageError
from guanxi.graph.schema import ColumnType
from guanxi.graph.snapshot_memory import snapshot_from_arrays
from guanxi.graph.ties import PROFILES


def ints(*values: int) -> Any:
    return np.array(values, dtype=np.int32)


def test_known_graph() -> None:
    snapshot = snapshot_from_arrays(
        ["b", "é", "a"],
        ints(0, 0, 1, 2, 0),
        ints(1, 1, 2, 2, 2),
        np.array([0.5, 0.25, 0.0, 9.0, 2.0]),
        [text_column("name", ["B", None, "A"], ColumnType.TEXT),
         text_column("price", [1.0, 2.0, None], ColumnType.NUMBER)],
    )  # fmt: skip
    assert snapshot.ids_of(range(3)) == ["a", "b", "é"]
    assert arcs(snapshot.follows) == {(1, 0): 1.0, (1, 2): 1.0, (2, 0): 1.0}
    check(snapshot.graph())
    assert arcs(snapshot.graph().out) == {(0, 1): 2.0, (2, 1): 0.75}
    assert arcs(snapshot.graph(PROFILES["followers-only"]).out) == {
        (0, 1): 1.0, (2, 1): 1.0, (0, 2): 1.0,
    }  # fmt: skip
    assert snapshot.columns(["price", "name"]) == {
        "price": [None, 1.0, 2.0],
        "name": ["A", "B", None],
    }
    assert snapshot.made.tolist() == [False] * 3
    snapshot.write_scores({"x": np.arange(3)}, {})
    assert snapshot.read_scores("x").tolist() == [0, 1, 2]


def test_without_strengths_each_follow_is_one() -> None:
    snapshot = snapshot_from_arrays(["a", "b"], ints(0, 0), ints(1, 1))
    assert arcs(snapshot.graph().out) == {(1, 0): 1.0}
    assert snapshot.graph().out.weights is None
    ones = snapshot_from_arrays(["a", "b"], ints(0), ints(1), np.ones(1)).graph()
    assert ones.out.weights is None
    assert arcs(ones.out) == {(1, 0): 1.0}


def test_the_same_graph_from_a_store(tmp_path: Any) -> None:
    pairs = [("b", "a"), ("c", "a"), ("a", "c")]
    folder = load(tmp_path / "net.duckdb", follows(pairs))
    ids = ["c", "a", "b"]
    snapshot = snapshot_from_arrays(
        ids, ints(*(ids.index(a) for a, _ in pairs)), ints(*(ids.index(t) for _, t in pairs))
    )
    for name in ("follows-indices.npy", "out-indices.npy", "ids.npy", "content.json"):
        assert (snapshot.folder / name).read_bytes() == (folder / name).read_bytes()


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=10), st.randoms())
def test_the_order_of_accounts_and_edges_does_not_matter(
    pairs: list[tuple[int, int]], draw: Any
) -> None:
    def made(names: list[str], listed: list[tuple[int, int]]) -> str:
        place = [names.index(f"n{i}") for i in range(4)]
        actor = ints(*(place[a] for a, _ in listed))
        return snapshot_from_arrays(
            names, actor, ints(*(place[t] for _, t in listed))
        ).manifest.digest

    names = [f"n{i}" for i in range(4)]
    expected = made(names, pairs)
    draw.shuffle(names)
    draw.shuffle(pairs)
    assert made(names, pairs) == expected


def test_the_folder_goes_with_the_snapshot() -> None:
    snapshot = snapshot_from_arrays(["a"], ints(), ints())
    root = snapshot.home.root
    assert root.exists()
    del snapshot
    gc.collect()
    assert not root.exists()


@pytest.mark.parametrize("ids", [["a", "a"], ["", "a"]])
def test_ids_must_tell_accounts_apart(ids: list[str]) -> None:
    with pytest.raises(UsageError, match="Ids must be distinct"):
        snapshot_from_arrays(ids, ints(), ints())


@pytest.mark.parametrize("strength", [-1.0, np.nan, np.inf])
def test_strengths_must_be_numbers_of_zero_or_more(strength: float) -> None:
    with pytest.raises(UsageError, match="Strengths"):
        snapshot_from_arrays(["a", "b"], ints(0), ints(1), np.array([strength]))
