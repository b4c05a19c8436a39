"""Snapshots of a Neo4j store: the bytes of DuckDB's, and made anew when others change the graph."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neo4j_raw import LOGINS, admit, snapshot_at, store_at
from store_contract import TYPES, CutOffError
from store_helpers import DAY, Act, accounts, follows, interactions

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi.errors import StoreBusyError, StoreError
from guanxi.graph.neo4j.store import Neo4jStore
from guanxi.graph.opted_out import opted_out_now
from guanxi.graph.schema import ColumnType, StagedFile
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.store_home import home_of

BOTH = "MATCH (a:Account {id: 'a'}), (b:Account {id: 'b'}) "


@pytest.fixture(autouse=True)
def server(neo4j_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "cache"))
    return neo4j_server


@pytest.fixture
def url(server: Any) -> str:
    return admit(server)


def network() -> Iterator[StagedFile]:
    """12,000 accounts with Chinese ids and emoji, fractional weights, many kinds, and events."""
    draw = random.Random(5)
    ids = [f"{draw.choice(['weibo:用户', 'wx:', '抖音:😀', ''])}{i}" for i in range(12_000)]
    rows = {
        account: {
            "name": draw.choice([None, f"名字 {i} 🎉", "it's"]),
            "platform": draw.choice(["微博", "wx"]),
            "price": draw.choice([None, draw.random() * 1000, 0.1, -0.0]),
            "opted_out": draw.choice([None, True, False]),
            "joined": draw.choice([None, draw.randrange(-DAY, 20_000 * DAY)]),
        }
        for i, account in enumerate(ids[::2])
    }
    yield accounts(rows, {**TYPES, "platform": ColumnType.TEXT})
    for number in range(2):
        edges = {
            (draw.choice(ids), draw.choice(ids[:3000])): draw.choice([None, draw.randrange(DAY)])
            for _ in range(12_000)
        }
        yield follows(edges, name=f"follows {number}")
    kinds = ["repost", "mention", "like", "赠送", "加油 💪", *(f"kind {i}" for i in range(20))]
    for number in range(2):
        acts = [
            Act(
                draw.choice(ids), draw.choice(ids[:500]), draw.choice(kinds),
                draw.choice([None, draw.randrange(400 * DAY)]), weight=draw.random() * 3,
                value=draw.randrange(10**9) / 1e6, count=draw.randrange(1, 4),
                event_id=draw.choice([None, None, f"事件{i}"]),
            )
            for i in range(6000)
        ]  # fmt: skip
        yield interactions(acts, name=f"interactions {number}")


def snapshot_files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"
    }


def test_both_stores_give_the_same_bytes(url: str, tmp_path: Path) -> None:
    found = []
    for place, batch_rows in ((tmp_path / "net.duckdb", 5000), (url, 4000)):
        sums = []
        with store_at(place, batch_rows=batch_rows) as store:
            for staged in network():
                counts = store.load(staged)
                sums.append((counts.sums(), counts.warnings, staged.rejects.rows))
            sums.append(store.columns())
            found.append((snapshot_files(build_snapshot(store)), sums))
    (files, sums), (other_files, other_sums) = found
    assert sums == other_sums
    assert files.keys() == other_files.keys()
    assert {name for name in files if files[name] != other_files[name]} == set()


def test_nothing_there(url: str, server: Any) -> None:
    with pytest.raises(StoreError, match=r"There is no store at bolt://.*guanxi load"):
        snapshot_at(url)
    assert server.is_empty()  # looking makes nothing


def test_accounts_of_others_are_left_alone(url: str, server: Any) -> None:
    server.run("CREATE (:Account {id: 'x'})")
    with pytest.raises(StoreError, match="that guanxi did not load"):
        store_at(url)
    assert server.run("MATCH (n) RETURN labels(n) AS l") == [{"l": ["Account"]}]


def load(url: str, *pairs: tuple[str, str], name: str = "follows") -> None:
    with store_at(url) as store:
        store.load(follows(pairs, name=name))


def test_a_newer_version_is_noticed(url: str) -> None:
    load(url, ("a", "b"))
    with snapshot_at(url) as snapshot:
        assert (snapshot.version, snapshot.n) == (1, 2)
        folder, made = snapshot.folder, snapshot.manifest.created
    with snapshot_at(url) as snapshot:
        assert (snapshot.folder, snapshot.manifest.created) == (folder, made)
    load(url, ("b", "c"), name="more")  # from another machine, for all that this one knows
    with snapshot_at(url) as snapshot:
        assert (snapshot.version, snapshot.n, snapshot.warnings) == (2, 3, [])


@pytest.mark.parametrize(
    ("change", "n", "m"),
    [
        ("CREATE (:Account {id: 'z'})", 3, 1),
        ("MATCH (a:Account {id: 'b'}) DETACH DELETE a", 1, 0),
        (BOTH + "CREATE (b)-[:FOLLOWS]->(a)", 2, 2),
        (BOTH + "CREATE (b)-[:INTERACTED {kind: 'like'}]->(a)", 2, 1),
        ("MATCH ()-[f:FOLLOWS]->() DELETE f", 2, 0),
    ],
)
def test_changes_of_others_that_change_a_count_are_noticed(
    url: str, server: Any, change: str, n: int, m: int
) -> None:
    load(url, ("a", "b"))
    with snapshot_at(url) as snapshot:
        assert (snapshot.n, snapshot.follows.m) == (2, 1)
    server.run(change)
    with snapshot_at(url) as snapshot:
        assert (snapshot.n, snapshot.follows.m, snapshot.version) == (n, m, 1)
        token = snapshot.manifest.token
    with snapshot_at(url) as snapshot:
        assert snapshot.manifest.token == token
    with store_at(url) as store:  # a load takes the changes up
        store.load(follows([("p", "q")], name="later"))
        assert store.state().version == 3


def test_what_others_made_twice_counts_once(url: str, server: Any) -> None:
    load(url, ("a", "b"), ("b", "c"))
    between = "MATCH (a:Account {id: 'a'})-[:FOLLOWS]->(b) WITH DISTINCT a, b "
    server.run(between + "CREATE (a)-[:FOLLOWS {since: 7}]->(b), (a)-[:FOLLOWS {since: 5}]->(b)")
    server.run(
        between + "UNWIND [1, 2] AS i CREATE (a)-[:INTERACTED {kind: 'like', count: i}]->(b)"
    )
    with snapshot_at(url) as snapshot:
        assert snapshot.follows.m == 2
        assert snapshot.follows_since is not None
        assert snapshot.follows_since[0] == 5
        assert snapshot.interactions.count.tolist() == [3]
        assert snapshot.interactions.weight.tolist() == [3_000_000]


def test_edges_to_nodes_that_are_no_accounts_are_left_out(url: str, server: Any) -> None:
    load(url, ("a", "b"))
    server.run("CREATE (:Topic), (:Topic)")
    server.run(
        "MATCH (a:Account {id: 'a'}), (t:Topic) CREATE (a)-[:FOLLOWS]->(t), "
        "(a)-[:INTERACTED {kind: 'like'}]->(t)"
    )
    server.run(BOTH + "CREATE (a)-[:INTERACTED {kind: 'like', count: 2}]->(b)")
    with snapshot_at(url) as snapshot:
        assert (snapshot.n, snapshot.follows.m) == (2, 1)
        assert snapshot.interactions.count.tolist() == [2]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("MATCH ()-[f:FOLLOWS]->() SET f.since = 'May'", "since .* else than a whole number"),
        (BOTH + "CREATE (a)-[:INTERACTED {kind: 'l', weight: 0.5}]->(b)", "weight .* whole number"),
        (BOTH + "CREATE (a)-[:INTERACTED]->(b)", "a kind that is no text"),
        ("MATCH (a:Account {id: 'a'}) SET a.name = 5", "name of some accounts .* than text"),
    ],
)
def test_what_others_wrote_wrongly_is_said(
    url: str, server: Any, change: str, sentence: str
) -> None:
    with store_at(url) as store:
        store.load(accounts({"a": {"name": "x"}, "b": {}}))
        store.load(follows([("a", "b")]))
    server.run(change)
    with pytest.raises(StoreError, match=sentence):
        snapshot_at(url)


class Meddler:
    """Changes the graph while it is read, as often as told."""

    def __init__(self, change: Callable[[], object], times: int) -> None:
        self.change, self.times = change, times

    def __call__(self, done: int, total: int) -> None:
        if self.times > 0 and done:
            self.times -= 1
            self.change()


@pytest.mark.parametrize("who", ["guanxi", "others"])
def test_a_change_while_reading_starts_it_again(url: str, server: Any, who: str) -> None:
    load(url, ("a", "b"), ("b", "c"))
    numbers = iter(range(100))

    def change() -> None:
        number = next(numbers)
        if who == "guanxi":
            load(url, (f"x{number}", "a"), name=f"load {number}")
        else:
            server.run("CREATE (:Account {id: $id})", id=f"x{number}")

    with store_at(url) as store:
        assert isinstance(store, Neo4jStore)
        store.progress = Meddler(change, 2)
        content = store.read()
        assert len(content.ids) == 5
        assert content.state is not None
        assert content.state.token == store.state().token
        store.progress = Meddler(change, 1000)
        with pytest.raises(StoreBusyError, match="changed each time while it was read"):
            store.read()


def test_records_of_any_size_give_the_same(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"a{i}" for i in range(50)]
    draw = random.Random(1)
    with store_at(url) as store:
        store.load(accounts({account: {"name": account} for account in ids}))
        store.load(follows({(draw.choice(ids), draw.choice(ids)): 3 for _ in range(400)}))
        acts = [Act(draw.choice(ids), draw.choice(ids), "like", i * DAY) for i in range(300)]
        store.load(interactions(acts))
        whole = snapshot_files(build_snapshot(store))
        monkeypatch.setattr("guanxi.graph.neo4j.chunks.LINKS", 7)
        for module in ("chunks", "read", "columns"):
            monkeypatch.setattr(f"guanxi.graph.neo4j.{module}.PAGE", 9)
        seen: list[tuple[int, int]] = []
        store.progress = lambda done, total: seen.append((done, total))  # type: ignore[attr-defined]
        assert snapshot_files(build_snapshot(store)) == whole
    assert len(seen) > 50
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_load_that_is_not_complete_is_told(url: str) -> None:
    def cut(done: int, total: int) -> None:
        if done:
            raise CutOffError

    with store_at(url, batch_rows=1) as store, pytest.raises(CutOffError):
        store.load(follows([("a", "b"), ("b", "c")]), progress=cut)
    with snapshot_at(url) as snapshot:
        assert snapshot.follows.m == 1
        (warning,) = snapshot.warnings
    assert "follows.csv" in warning


def test_opting_out_counts_at_once(url: str, server: Any, tmp_path: Path) -> None:
    types = {"opted_out": ColumnType.BOOLEAN}
    rows = {"a": {"opted_out": True}, "b": {"opted_out": None}, "c": {}}
    for place in (url, tmp_path / "net.duckdb"):
        with store_at(place) as store:
            store.load(accounts(rows, types))
        with snapshot_at(place) as snapshot:
            assert np.array_equal(
                opted_out_now(str(place), snapshot, LOGINS.get(str(place))), [True, False, False]
            )
    with snapshot_at(url) as snapshot:
        server.run("MATCH (a:Account {id: 'c'}) SET a.opted_out = true")
        assert np.array_equal(opted_out_now(url, snapshot, LOGINS.get(url)), [True, False, True])
        for value in ("'yes'", "1", "-0.5", "''"):  # nobody is asked whether that is a yes
            server.run(f"MATCH (a:Account {{id: 'b'}}) SET a.opted_out = {value}")
            with pytest.raises(StoreError, match=f"opted_out.* holds {value}.*true or false"):
                opted_out_now(url, snapshot, LOGINS.get(url))
        server.run("MATCH (a:Account) SET a.opted_out = false")
        assert opted_out_now(url, snapshot, LOGINS.get(url)) is None


def test_the_folder_of_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path))
    roots = {
        home_of(address).root
        for address in ("neo4j://db.example", "bolt://DB.example:7687", "neo4j+s://db.example/")
    }
    assert len(roots) == 1
    others = {
        home_of(address).root
        for address in ("neo4j://db.example:7688", "neo4j://db.example/crm", "neo4j://other")
    }
    assert len(roots | others) == 4
    assert all(root.parent == tmp_path / "guanxi" / "stores" for root in roots | others)


def test_the_folder_is_private(url: str) -> None:
    load(url, ("a", "b"))
    root = home_of(url).root
    assert root.stat().st_mode & 0o077 == 0
