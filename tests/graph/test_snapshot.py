"""What a snapshot shows, against the model of what was loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from store_contract import TYPES, fill, some_files
from store_helpers import DAY, Act, accounts, follows, interactions

from guanxi.errors import SnapshotError, UnknownAccountError
from guanxi.graph.arrays import NO_DAY, NO_TIME
from guanxi.graph.rows import INTERACTION_ARRAYS
from guanxi.graph.schema import ColumnType
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store_open import open_store
from guanxi.graph.ties import PROFILES, TieProfile, tie_strengths


def load(path: Path, *files: Any) -> Path:
    """Load files and make the snapshot; its folder."""
    with open_store(path) as store:
        for staged in files:
            store.load(staged)
        return build_snapshot(store)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.duckdb"


def test_shows_everything_that_was_loaded(path: Path) -> None:
    model = fill(lambda **options: open_store(path, **options))
    with open_snapshot(path) as snapshot:
        ids = sorted(model.accounts, key=str.encode)
        assert snapshot.n == 4
        assert snapshot.version == 3
        assert snapshot.warnings == []
        assert snapshot.ids_of(range(4)) == ids
        assert [snapshot.id_of(i) for i in range(4)] == ids
        assert [snapshot.index_of(account) for account in ids] == [0, 1, 2, 3]
        assert snapshot.made.tolist() == [model.accounts[account][0] for account in ids]
        assert snapshot.opted_out is not None
        assert snapshot.opted_out.tolist() == [False, True, False, False]
        assert snapshot.column_types == {**TYPES, "platform": ColumnType.TEXT}
        check_follows(snapshot, ids, model.follows)
        check_interactions(snapshot, ids, model.cells)


def check_follows(snapshot: Snapshot, ids: list[str], expected: dict[Any, int | None]) -> None:
    matrix, since = snapshot.follows, snapshot.follows_since
    assert since is not None
    assert matrix.weights is None
    found = {}
    for row in range(matrix.n):
        for place in range(matrix.indptr[row], matrix.indptr[row + 1]):
            time = int(since[place])
            found[ids[row], ids[matrix.indices[place]]] = None if time == NO_TIME else time
    assert found == expected


def check_interactions(snapshot: Snapshot, ids: list[str], cells: dict[Any, Any]) -> None:
    rows = snapshot.interactions
    listed = list(zip(*(getattr(rows, name).tolist() for name in INTERACTION_ARRAYS), strict=True))
    assert [row[:4] for row in listed] == sorted(row[:4] for row in listed)
    found = {}
    for actor, target, kind, day, *sums in listed:
        times = [None if time == NO_TIME else time for time in sums[3:]]
        key = (ids[actor], ids[target], rows.kinds[kind], None if day == NO_DAY else day)
        found[key] = (*sums[:3], *times)
    assert found == cells
    assert rows.kinds == snapshot.kinds == sorted({key[2] for key in cells})


def test_columns_of_all_accounts_and_of_some(path: Path) -> None:
    fill(lambda **options: open_store(path, **options))
    with open_snapshot(path) as snapshot:
        everything = snapshot.columns(["joined", "name", "price", "opted_out", "platform"])
        assert everything == {
            "joined": [None, "1970-01-01T00:00:00.000003Z", None, None],
            "name": [None, "阿", "b", None],
            "price": [None, 1.5, None, None],
            "opted_out": [None, True, None, None],
            "platform": [None, "w", "w", None],
        }
        assert list(everything) == ["joined", "name", "price", "opted_out", "platform"]
        for chosen in ([2, 1, 1], np.array([3], np.int32), []):
            assert snapshot.columns(list(everything), chosen) == {
                name: [values[i] for i in chosen] for name, values in everything.items()
            }
        with pytest.raises(SnapshotError, match="no column 'city'"):
            snapshot.columns(["name", "city"])


def test_a_few_of_many_accounts(path: Path) -> None:
    rows = {f"a{i:03d}": {"city": f"c{i}", "file_row_number": "x"} for i in range(100)}
    load(path, accounts({name: {"city": row["city"]} for name, row in rows.items()}))
    with open_snapshot(path) as snapshot:
        assert snapshot.columns(["city"], [99, 3, 3]) == {"city": ["c99", "c3", "c3"]}
    load(path, accounts(rows, name="more"))  # the name that DuckDB gives to numbers of rows
    with open_snapshot(path) as snapshot:
        assert snapshot.columns(["city"], [99, 3, 3]) == {"city": ["c99", "c3", "c3"]}


def test_dates_are_shown_as_iso(path: Path) -> None:
    rows = {"a": {"joined": 20 * DAY}, "b": {"joined": DAY + 1_000_000}, "c": {"joined": -DAY}}
    load(path, accounts(rows, {"joined": ColumnType.DATE}))
    with open_snapshot(path) as snapshot:
        assert snapshot.columns(["joined"])["joined"] == [
            "1970-01-21", "1970-01-02T00:00:01Z", "1969-12-31",
        ]  # fmt: skip


@pytest.mark.parametrize("name", ['a"b', "a'b", "城市", "Select", "file_row_number", "c0", "place"])
def test_columns_of_any_name(path: Path, name: str) -> None:
    load(path, accounts({"a": {name: "x"}, "b": {name: "y"}}))
    with open_snapshot(path) as snapshot:
        assert snapshot.columns([name]) == {name: ["x", "y"]}
        assert snapshot.columns([name], [1, 0]) == {name: ["y", "x"]}


def test_unknown_ids_are_named_with_what_is_near(path: Path) -> None:
    load(path, follows([("w:anna", "w:bert"), ("w:anne", "w:bert")]))
    with open_snapshot(path) as snapshot:
        with pytest.raises(UnknownAccountError, match=r"'anna'. Did you mean w:anna"):
            snapshot.index_of("anna")
        with pytest.raises(UnknownAccountError, match=r"'q+'. No id is like it"):
            snapshot.index_of("qqqqqqq")
        with pytest.raises(UnknownAccountError, match=r"'w:anno' \(nor 1 more"):
            snapshot.indexes_of(["w:bert", "w:anno", "x"])
        assert snapshot.indexes_of(["w:bert", "w:anna"]).tolist() == [2, 0]
        assert snapshot.find(["w:bert", "x"]).tolist() == [2, -1]


def test_stores_without_some_columns(path: Path) -> None:
    load(path, follows([("a", "b")]))
    with open_snapshot(path) as snapshot:
        assert snapshot.opted_out is None
        assert snapshot.text("name") is None
        assert snapshot.follows_since is None
        assert snapshot.newest_day is None
        assert snapshot.kinds == []
        assert snapshot.column_types == {}
        assert snapshot.columns([]) == {}


def test_columns_with_a_meaning_but_another_type_are_left_alone(path: Path) -> None:
    types = {"name": ColumnType.NUMBER, "opted_out": ColumnType.TEXT}
    load(path, accounts({"a": {"name": 1.0, "opted_out": "x"}}, types))
    with open_snapshot(path) as snapshot:
        assert snapshot.opted_out is None
        assert snapshot.columns(["name"]) == {"name": [1.0]}


ACTS = [Act("a", "b", "like", 0), Act("b", "c", "gift", 90 * DAY), Act("c", "a", "wink")]


def test_the_default_graph_is_part_of_the_snapshot(path: Path) -> None:
    load(path, follows([("a", "b"), ("b", "a")]), interactions(ACTS))
    with open_snapshot(path) as snapshot:
        assert same(snapshot, snapshot.graph(), PROFILES["default"])
        assert same(snapshot, snapshot.graph(TieProfile(name="mine")), PROFILES["default"])
        assert not snapshot.home.profiles.exists() or not list(snapshot.home.profiles.iterdir())


def same(snapshot: Snapshot, graph: Any, profile: TieProfile) -> bool:
    expected = tie_strengths(snapshot.follows, snapshot.interactions, profile)
    for found, wanted in ((graph.out, expected.out), (graph.into, expected.into)):
        assert found.indptr.tolist() == wanted.indptr.tolist()
        assert found.indices.tolist() == wanted.indices.tolist()
        if wanted.weights is None:
            assert found.weights is None
        else:
            assert found.weights.tolist() == wanted.weights.tolist()
    return True


def test_other_profiles_are_kept_beside_it(path: Path) -> None:
    load(path, follows([("a", "b"), ("b", "a")]), interactions(ACTS))
    with open_snapshot(path) as snapshot:
        kept = snapshot.home.profiles / "2"
        for number, profile in enumerate(
            [PROFILES["followers-only"], PROFILES["engagement"], TieProfile(half_life_days=7)], 1
        ):
            for _ in range(2):
                assert same(snapshot, snapshot.graph(profile), profile)
            assert len(list(kept.iterdir())) == number
        (one, *_) = sorted(kept.iterdir())
        stamp = one.stat().st_mtime_ns
        (one / "out-indices.npy").write_bytes(b"")  # damaged: made anew
        for profile in [PROFILES["followers-only"], PROFILES["engagement"],
                        TieProfile(half_life_days=7)]:  # fmt: skip
            assert same(snapshot, snapshot.graph(profile), profile)
        assert (kept / one.name).stat().st_mtime_ns != stamp


def test_only_a_few_profiles_are_kept(path: Path) -> None:
    load(path, interactions(ACTS))
    with open_snapshot(path) as snapshot:
        for days in range(1, 8):
            snapshot.graph(TieProfile(half_life_days=days))
        assert len(list((snapshot.home.profiles / "1").iterdir())) == 4


def test_profiles_that_cannot_be_kept_are_computed(path: Path) -> None:
    load(path, interactions(ACTS))
    with open_snapshot(path) as snapshot:
        snapshot.home.profiles.rmdir()
        snapshot.home.profiles.write_text("in the way")
        assert same(snapshot, snapshot.graph(PROFILES["engagement"]), PROFILES["engagement"])


def test_changing_an_array_changes_nothing_on_disk(path: Path) -> None:
    load(path, follows([("a", "b")]))
    with open_snapshot(path) as snapshot:
        snapshot.follows.indices[:] = 7
        assert snapshot.damaged() == []
        assert type(snapshot.follows.indices) is np.ndarray
    with open_snapshot(path) as snapshot:
        assert snapshot.follows.indices.tolist() == [1]


def test_equal_arrays_are_one_file(path: Path) -> None:
    folder = load(path, follows([("a", "b"), ("c", "b")]))
    assert not (folder / "into-indices.npy").exists()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["files"]["into-indices.npy"]["same_as"] == "follows-indices.npy"
    with open_snapshot(path) as snapshot:
        assert snapshot.graph().into.indices.tolist() == [1, 1]


LAZY = """
import sys
from guanxi.graph.snapshot_open import open_snapshot
with open_snapshot(sys.argv[1]) as snapshot:
    snapshot.graph().out.indices.sum()
    snapshot.columns(["name", "platform"], [0, 1])
    snapshot.ids_of([0, 1])
    snapshot.interactions.weight.sum()
    snapshot.index_of(snapshot.id_of(1))
print(*sorted({"numba", "duckdb", "pandas", "networkx"} & set(sys.modules)))
"""


def test_readers_need_neither_numba_nor_duckdb(path: Path) -> None:
    load(path, *some_files(1, 0))
    done = subprocess.run(
        [sys.executable, "-c", LAZY, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
