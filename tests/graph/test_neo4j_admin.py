"""Bulk files for Neo4j: what its import tool makes of them is the store that a load makes."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neo4j_raw import admit, micros, raw_content, raw_scores, store_at
from store_helpers import DAY, Act, accounts, follows, interactions

import guanxi
import guanxi.kernels  # (it finds its cache before the tests move the user's)
from guanxi.errors import StoreError, UsageError
from guanxi.graph.schema import ColumnType, StagedFile
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.store import Store
from guanxi.graph.store_open import open_store
from tests.neo4j_server.plugin import Servers
from tests.neo4j_server.process import ServerProcess
from tests.neo4j_server.releases import Release
from tests.neo4j_server.server import Server

#: Texts that CSV, its header, the shell or the tool might read as something else.
HOSTILE = [
    "weibo:用户 1", "抖音:😀", "a,b", 'a"b', '"', '""', "'", "a;b", " leading", "trailing ",
    "line\nbreak", "return\rhere", "both\r\n", "tab\there", "back\\slash", '\\"', "\\", "[1;2]",
    "{x}", "null", "NULL", "0", "-1", "1e5", "true", "#no comment", "=1+1", "\ufeffmark",
    "\u2028", "\u0085", "\x00", "a\x00b", "é", "e\u0301", "x" * 256, ":ID", "$HOME", "`id`",
]  # fmt: skip
NUMBERS = [0.1, 1e300, 5e-324, 0.0, 1 / 3, 1e16, 123456789.12345679, -1e-7, 2.0**53, -42.0]
MICROS = 1_000_000
DATES = [0, -719_162 * DAY, 253_402_300_800 * MICROS - 1, -1, 20_000 * DAY + 1, 1]
TYPES = {
    "name": ColumnType.TEXT,
    "price": ColumnType.NUMBER,
    "opted_out": ColumnType.BOOLEAN,
    "joined": ColumnType.DATE,
    "城市": ColumnType.TEXT,
    "nothing": ColumnType.TEXT,
    **dict.fromkeys(
        ["a:b", "a:string", "x{y}", "x_y_", "p(q)", "tags[]", 'say "hi"', "a,b", ":TYPE", ":IGNORE",
         "`tick`", "core_rank", "score_k", "two\nlines"],
        ColumnType.TEXT,
    ),
}  # fmt: skip
SCORES: dict[str, Callable[[int], Any]] = {
    "pagerank": lambda n: np.linspace(0, 1, n) / 3,
    "k_core": lambda n: np.arange(n, dtype=np.int32),
    "core_rank": lambda n: np.arange(n, dtype=np.int64) - 5,
    "is_core": lambda n: np.arange(n) % 2 == 0,
    "some": lambda n: np.where(np.arange(n) % 3, np.nan, 0.25),
}


def network() -> Iterator[StagedFile]:
    """Every hostile text as an id, a value and an id of an event."""
    texts = HOSTILE
    rows = {}
    for i, text in enumerate(texts):
        row: dict[str, Any] = {name: texts[(i + k) % len(texts)] for k, name in enumerate(TYPES)}
        row["price"] = NUMBERS[i % len(NUMBERS)]
        row["opted_out"] = [True, False, None][i % 3]
        row["joined"] = [*DATES, None][i % (len(DATES) + 1)]
        row["nothing"] = None
        rows[text] = row if i % 5 else {"name": text}
    yield accounts(rows, TYPES)
    ids = [*texts, *(f"made {i}" for i in range(20))]
    ring = list(zip(ids, ids[1:] + ids[:1], strict=True))
    yield follows({pair: [None, 1_700_000_000_000_001 + i, -1][i % 3] for i, pair in
                   enumerate(ring)}, name="follows, \"1\"\n")  # fmt: skip
    yield follows([(ids[0], ids[9]), ring[1]], name="more")
    kinds = ["repost", "加油 💪", 'a "kind"', "a,b", "line\nbreak"]
    acts = [
        Act(
            actor, target, kinds[i % len(kinds)], [None, i * DAY // 3 + 1][i % 2],
            weight=(i + 1) / 7, value=[0, 9_000_000_000.5][i % 2], count=i % 4,
            event_id=texts[i % len(texts)] if i % 3 else None,
        )
        for i, (actor, target) in enumerate(ring * 2)
    ]  # fmt: skip
    yield interactions(acts)


def fill(store: Store) -> None:
    """Load the network, and score it."""
    for staged in network():
        store.load(staged)
    ids = store.read().ids
    store.write_scores(ids, {name: make(len(ids)) for name, make in SCORES.items()}, META)


META = {"method": "a;b", "store_version": 4, "made_at": "2026-05-01T00:00:00+00:00", "中": ["x"]}


def snapshot_files(store: Store) -> dict[str, bytes]:
    folder = build_snapshot(store)
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"
    }


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def filled(cache: None, tmp_path: Path) -> Path:
    path = tmp_path / "net.duckdb"
    with open_store(path) as store:
        fill(store)
        build_snapshot(store)
    return path


@pytest.fixture
def new_server(neo4j_servers: Servers, neo4j_release: Release | None) -> Iterator[ServerProcess]:
    """A server that has never been started."""
    if neo4j_release is None:
        pytest.skip("needs a server of its own, and GUANXI_TEST_NEO4J_URI gives another")
    with ServerProcess(neo4j_servers.installation(neo4j_release)) as server:
        yield server


def imported(server: ServerProcess, path: Path, folder: Path) -> ServerProcess:
    """The server with the files of a DuckDB store imported, by the command that is printed."""
    result = guanxi.open(path).export(folder, format="neo4j-admin")
    program, *arguments = shlex.split(result.meta["command"])
    assert program == "neo4j-admin"
    server.admin(*arguments, cwd=folder)
    return server.start()


def with_types(values: dict[str, Any]) -> dict[str, tuple[type, Any]]:
    """1, 1.0 and True are three things here; times are microseconds."""
    return {name: (type(value), micros(value)) for name, value in values.items()}


def everything(server: Server) -> dict[str, Any]:
    """All that is in the database, but for the words of the bookkeeping."""
    nodes = server.run("MATCH (a:Account) RETURN properties(a) AS p")
    edges = server.run("MATCH (a)-[r]->(b) RETURN type(r) AS t, a.id AS a, b.id AS b, r{.*} AS p")
    return {
        "accounts": {row["p"]["id"]: with_types(row["p"]) for row in nodes},
        "edges": sorted(
            (row["t"], row["a"], row["b"], sorted(with_types(row["p"]).items(), key=str))
            for row in edges
        ),
        "names": server.run(
            "MATCH (c:GuanxiColumn) RETURN c.name AS n, c.property AS p, c.type AS t, "
            "c.position AS i ORDER BY i"
        ),
        "loads": server.run(
            "MATCH (l:GuanxiLoad) RETURN l.number, l.name, l.source, l.role, l.done, l.replace, "
            "l.fingerprint, l.counts ORDER BY l.number"
        ),
        "meta": server.run("MATCH (m:GuanxiMeta) RETURN m{.*, written: null} AS m"),
        "store": server.run(
            "MATCH (s:GuanxiStore) RETURN s.key, s.schema, s.version, s.seen_accounts, "
            "s.seen_follows, s.seen_interactions, s.last_load"
        ),
    }


SCHEMA = (
    "SHOW INDEXES YIELD name, type, labelsOrTypes, properties WHERE type <> 'LOOKUP' "
    "RETURN name, labelsOrTypes, properties ORDER BY name"
)


def test_the_import_is_what_a_load_makes(
    neo4j_server: Server, new_server: ServerProcess, filled: Path, tmp_path: Path
) -> None:
    url = admit(neo4j_server)
    with store_at(url) as store:
        fill(store)
        loaded = snapshot_files(store)
    files = tmp_path / "bulk's files"
    server = imported(new_server, filled, files)
    ours, theirs = everything(server), everything(neo4j_server)
    # The one difference: names that the tool cannot read in a header.
    renamed = {row["n"]: row["p"] for row in ours["names"] if row["n"] != row["p"]}
    assert renamed == {"x{y}": "x_y_", "x_y_": "account_x_y_", "p(q)": "p_q_",
                       "two\nlines": "two_lines"}  # fmt: skip
    back = {held: name for name, held in renamed.items()}
    for account in ours["accounts"].values():
        for held in set(back) & set(account):
            account[f"new {back[held]}"] = account.pop(held)
        for name in back.values():
            if f"new {name}" in account:
                account[name] = account.pop(f"new {name}")
    for row in ours["names"]:
        row["p"] = row["n"]
    assert ours["accounts"] == theirs["accounts"]
    assert ours == theirs
    assert raw_content(server.run) == raw_content(neo4j_server.run)
    assert raw_scores(server.run) == raw_scores(neo4j_server.run)
    with store_at(server.uri) as store:
        assert snapshot_files(store) == loaded
        assert store.scores_meta() == META
    assert server.run(SCHEMA) == neo4j_server.run(SCHEMA)


def test_the_import_is_a_store(new_server: ServerProcess, filled: Path, tmp_path: Path) -> None:
    server = imported(new_server, filled, tmp_path / "files")
    assert server.run("SHOW CONSTRAINTS YIELD name") == []
    with guanxi.open(filled).snapshot() as before:
        network_there = guanxi.open(server.uri)
        assert network_there.status().rows[0]["accounts"] == before.n
        after = network_there.snapshot()  # reading makes what the tool has left out
        assert after.manifest.token == before.manifest.token
        assert after.ids_of(range(after.n)) == before.ids_of(range(before.n))
    assert {row["name"] for row in server.run(SCHEMA)} >= {"guanxi_account", "guanxi_pagerank"}
    content = everything(server)
    with store_at(server.uri) as store:
        version = store.state().version
        assert all(store.load(staged).already_loaded for staged in network())
        assert store.state().version == version
        assert everything(server) == content
        assert store.load(follows([("made 1", "new"), ("a,b", '"')], name="new")).changed
        assert store.state().version == version + 1
        assert store.loads()[-1].number == 5
        ids = store.read().ids
        store.write_scores(ids, {"k_core": np.arange(len(ids))}, {})
    assert raw_scores(server.run)["new"].keys() == {"k_core"}


def export(path: Path, folder: Path) -> dict[str, Any]:
    return guanxi.open(path).export(folder, format="neo4j-admin").meta


def test_options_are_given_where_they_are_needed(tmp_path: Path) -> None:
    plain, files = tmp_path / "plain.duckdb", tmp_path / "files"
    with open_store(plain) as store:
        store.load(accounts({"a": {"name": "x"}}))
        store.load(follows([("a", "b")]))
        build_snapshot(store)
    meta = export(plain, files)
    assert "multiline" not in meta["command"]
    assert "buffer" not in meta["command"]
    assert "INTERACT" not in meta["command"]
    assert "GuanxiMeta" not in meta["command"]
    assert meta["properties"] == {}
    assert (files / "follows.csv").read_text() == "0,1,\n"
    with open_store(plain) as store:
        store.load(accounts({"a": {"name": "x\ny", "long": "z" * 3_000_000}}, name="more"))
        build_snapshot(store)
    command = export(plain, files)["command"]
    assert "--multiline-fields=./accounts.csv --multiline-fields-format=v2" in command
    assert "--read-buffer-size=24000000" in command


def test_long_texts_arrive(new_server: ServerProcess, tmp_path: Path) -> None:
    path = tmp_path / "net.duckdb"
    long = "多行\n" * 1_500_000
    with open_store(path) as store:
        store.load(accounts({"a": {"name": long}, "b": {"name": "short"}}))
        build_snapshot(store)
    server = imported(new_server, path, tmp_path / "files")
    assert server.run("MATCH (a:Account {id: 'a'}) RETURN a.name AS n") == [{"n": long}]


def test_the_same_store_gives_the_same_files(filled: Path, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        export(filled, tmp_path / name)
        files = (tmp_path / name).iterdir()
        found.append({path.name: path.read_bytes() for path in files})
    assert found[0] == found[1]
    assert len(found[0]) == 16


def test_what_people_are_told(filled: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, float, float]] = []
    network_here = guanxi.open(filled)
    network_here.report = lambda stage, done, total: seen.append((stage, done, total))
    folder = tmp_path / "with space"
    result = network_here.export(folder, format="neo4j-admin")
    assert [Path(row["file"]).name for row in result.rows[:2]] == ["accounts.csv", "follows.csv"]
    assert {Path(row["file"]).name for row in result.rows} == {
        path.name for path in folder.iterdir() if not path.name.endswith("-header.csv")
    }
    accounts_there = len(HOSTILE) + 20
    assert result.rows[0]["rows"] == accounts_there
    assert f"cd '{folder}' && neo4j-admin database import full neo4j" in result.meta["summary"][1]
    assert any("'x{y}' is the property 'x_y_'" in note for note in result.meta["notes"])
    assert result.meta["store_version"] == 4
    edges = sum(row["rows"] for row in result.rows[1:4])
    assert seen[1][:2] == ("Export", accounts_there)
    assert math.isclose(seen[-1][2], accounts_there + edges)


def test_a_load_that_is_not_complete_is_not_exported(tmp_path: Path) -> None:
    path = tmp_path / "net.duckdb"

    def cut(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with open_store(path, batch_rows=1) as store:
        store.load(accounts({"a": {}}))
        with pytest.raises(KeyboardInterrupt):
            store.load(follows([("a", "b"), ("b", "c")]), progress=cut)
        build_snapshot(store)
    with pytest.raises(StoreError, match=r"load of follows\.csv, begun .* is not complete"):
        export(path, tmp_path / "files")


def test_what_is_refused(filled: Path, tmp_path: Path) -> None:
    network_here = guanxi.open(filled)
    with pytest.raises(UsageError, match="--excel is for CSV"):
        network_here.export(tmp_path / "x", format="neo4j-admin", excel=True)
    with pytest.raises(UsageError, match="csv, jsonl, parquet, neo4j-admin, not 'xml'"):
        network_here.export(tmp_path / "x", format="xml")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        network_here.export(tmp_path / "file", format="neo4j-admin")
    (tmp_path / "taken" / "follows-header.csv").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"riting to .*follows-header\.csv"):
        network_here.export(tmp_path / "taken", format="neo4j-admin")


def test_a_server_is_not_exported(neo4j_server: Server, cache: None, tmp_path: Path) -> None:
    url = admit(neo4j_server)
    with store_at(url) as store:
        store.load(follows([("a", "b")]))
    with pytest.raises(UsageError, match="what a DuckDB store holds"):
        guanxi.open(url).export(tmp_path / "x", format="neo4j-admin")
