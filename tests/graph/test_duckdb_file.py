"""What is the DuckDB store's own: its file, its locks, and who cannot use it."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pytest
from store_helpers import Act, accounts, follows, interactions

from guanxi.errors import StoreBusyError, StoreError, StoreVersionError, UsageError
from guanxi.graph.duckdb.session import duckdb_errors
from guanxi.graph.schema import ColumnType
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.store_home import home_of
from guanxi.graph.store_open import open_store
from guanxi.graph.store_state import read_state, writer_is_active

HOLD = """
import sys
from guanxi.graph.store_open import open_store
with open_store(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_writer(path: Path) -> Iterator[int]:
    """A process that holds the store; its id."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == "open\n"
        yield child.pid
        child.stdin.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.duckdb"


def test_a_second_writer_is_told_who_holds_the_store(path: Path) -> None:
    with another_writer(path) as pid:
        assert writer_is_active(home_of(path))
        with pytest.raises(StoreBusyError, match=rf"process {pid}, since 20\d\d-.*Z"):
            open_store(path, wait=0.1)
    assert not writer_is_active(home_of(path))
    open_store(path, wait=0).close()


def test_a_second_writer_of_the_same_process_is_told_too(path: Path) -> None:
    with open_store(path), pytest.raises(StoreBusyError, match=f"process {os.getpid()}"):
        open_store(path, wait=0)


def test_a_second_writer_waits_for_the_first(path: Path) -> None:
    first = open_store(path)
    threading.Timer(0.3, first.close).start()
    open_store(path, wait=30).close()


def test_a_file_that_another_program_has_open_is_busy(path: Path) -> None:
    open_store(path).close()
    script = f"import duckdb; c = duckdb.connect({str(path)!r}); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(StoreBusyError, match=f"PID {child.pid}"):
            open_store(path)
        child.communicate("\n")
    open_store(path).close()


@pytest.mark.parametrize("content", [b"", b"id,name\na,b\n", bytes(20000)])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreVersionError, match="guanxi leaves it alone"):
        open_store(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "table", ["meta (key varchar, value varchar)", "meta (x int)", "t (a int)"]
)
def test_a_database_of_something_else_is_refused(path: Path, table: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table {table}")
    with pytest.raises(StoreVersionError, match="something else"):
        open_store(path)


@pytest.mark.parametrize(("schema", "age"), [("0", "an older"), ("2", "a newer")])
def test_a_store_of_another_version_is_refused(path: Path, schema: str, age: str) -> None:
    open_store(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("update meta set value = ? where key = 'schema'", [schema])
    with pytest.raises(StoreVersionError, match=rf"{age} version .*layout {schema}"):
        open_store(path)
    open_again = pytest.raises(StoreVersionError)
    with open_again:  # the lock was given back
        open_store(path, wait=0)


def test_a_path_that_cannot_be_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"is a folder, and a store is a file"):
        open_store(tmp_path)
    with pytest.raises(StoreError, match=r"There is no folder .*nowhere"):
        open_store(tmp_path / "nowhere" / "net.duckdb")
    with pytest.raises(UsageError, match="begins with neo4j:// or bolt://"):
        open_store("http://localhost:7687")
    assert list(tmp_path.iterdir()) == []


def test_everything_is_private_to_its_owner(path: Path) -> None:
    before = os.umask(0o022)
    try:
        with open_store(path, batch_rows=2) as store:
            store.load(follows([("a", "b"), ("b", "c")]))
            names = {path.name for path in path.parent.rglob("*")}
            assert f"{path.name}.wal" in names  # made by DuckDB, while it is open
            build_snapshot(store)
            for found in path.parent.rglob("*"):
                allowed = 0o700 if found.is_dir() else 0o600
                assert stat.S_IMODE(found.stat().st_mode) == allowed, found
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_umask_comes_back_when_stores_overlap(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        first, second = open_store(tmp_path / "a"), open_store(tmp_path / "b")
        first.close()
        assert os.umask(0o077) == 0o077
        second.close()
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_the_state_file_says_what_the_store_holds(path: Path) -> None:
    with open_store(path) as store:
        store.load(follows([("a", "b"), ("b", "c")]))
        inside = store.state()
        assert read_state(home_of(path)) == inside
    state = read_state(home_of(path))
    assert state is not None
    assert (state.version, state.accounts, state.follows) == (1, 3, 2)
    assert state.file == (path.stat().st_size, path.stat().st_mtime_ns)
    assert state.token == inside.token


def test_a_state_file_that_cannot_be_understood_is_as_good_as_none(path: Path) -> None:
    open_store(path).close()
    home = home_of(path)
    for text in ("", "[]", "{", '{"version": 1}', '{"unfinished": 3}'):
        home.state.write_text(text)
        assert read_state(home) is None
    open_store(path).close()
    assert read_state(home) is not None


def test_the_state_says_that_a_load_is_unfinished_while_it_runs(path: Path) -> None:
    seen = []

    def look(done: int, total: int) -> None:
        state = read_state(home_of(path))
        assert state is not None
        seen.append([(load.name, load.pid, load.source) for load in state.unfinished])

    with open_store(path, batch_rows=2) as store:
        store.load(follows([("a", "b"), ("b", "c")]), progress=look)
    assert seen[0] == [("follows", os.getpid(), "follows.csv")]
    state = read_state(home_of(path))
    assert state is not None
    assert state.unfinished == ()


def test_a_store_that_was_replaced_by_a_backup_is_noticed(path: Path) -> None:
    with open_store(path) as store:
        store.load(follows([("a", "b")], name="one"))
    backup = path.read_bytes()
    with open_store(path) as store:
        store.load(follows([("a", "c")], name="two"))
        newer = store.state()
    path.write_bytes(backup)
    with open_store(path) as store:
        store.load(follows([("a", "d")], name="three"))
        assert store.state().version == newer.version
        assert store.state().token != newer.token


def test_the_views_read_well_in_duckdb(path: Path) -> None:
    with open_store(path) as store:
        store.load(
            accounts(
                {"a": {"name": "x", "PageRank": 7.0}, "b": {"name": "y"}},
                {"name": ColumnType.TEXT, "PageRank": ColumnType.NUMBER},
            )
        )
        store.load(follows({("a", "b"): 86_400_000_000, ("b", "a"): None}))
        store.load(interactions([Act("a", "b", "like", 5, weight=0.5, value=2)]))
        store.write_scores(store.read().ids, {"pagerank": np.array([0.25, np.nan])}, {})
        store.load(accounts({"b": {"city": "p"}}, name="more"))
    with duckdb.connect(str(path), read_only=True) as connection:

        def rows(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        assert rows(
            "select id, name, account_pagerank, city, pagerank from scored_accounts order by id"
        ) == [("a", "x", 7.0, None, 0.25), ("b", "y", None, "p", None)]
        assert rows(
            "select actor, target, since::date::varchar from follow_list order by actor"
        ) == [("a", "b", "1970-01-02"), ("b", "a", None)]
        assert rows(
            "select actor, target, kind, day::varchar, count, weight, value from interaction_list"
        ) == [("a", "b", "like", "1970-01-01", 1, 0.5, 2.0)]


def test_columns_that_guanxi_needs_for_itself_are_refused(path: Path) -> None:
    with open_store(path) as store:
        for name in ("guanxi_key", "Guanxi_Made", "ID", "", "a\0b"):
            with pytest.raises(StoreError, match="--columns"):
                store.load(accounts({"a": {name: "x"}}))
        with pytest.raises(StoreError, match="upper and lower case"):
            store.load(accounts({"a": {"City": "x", "city": "y"}}))
        assert store.columns() == {}


def test_duckdb_may_fetch_nothing(path: Path) -> None:
    with open_store(path) as store:
        settings = dict(
            store._connection.execute(  # type: ignore[attr-defined]
                "select name, value from duckdb_settings()"
            ).fetchall()
        )
    assert settings["autoinstall_known_extensions"] == "false"
    assert settings["autoload_known_extensions"] == "false"
    assert settings["allow_community_extensions"] == "false"
    assert settings["temp_directory"].startswith(str(path))


def test_ctrl_c_in_the_middle_of_a_statement(path: Path) -> None:
    endless = "select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range"
    with open_store(path) as store:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt), duckdb_errors(path):
            store._connection.execute(endless)  # type: ignore[attr-defined]
        store.load(follows([("a", "b")]))


def test_the_lock_file_names_the_last_writer(path: Path) -> None:
    with open_store(path):
        holder = json.loads(home_of(path).lock.read_text())
    assert holder["pid"] == os.getpid()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", holder["since"])
