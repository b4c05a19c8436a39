"""A graph of others: when it counts as changed, what is written back, and who has opted out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mapped_graph import NETWORK, PLAIN, Network, files_of, mapped, shown, whole_graph
from neo4j_raw import LOGINS, admit
from store_helpers import follows

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi.errors import StoreBusyError, StoreError, UsageError
from guanxi.graph.neo4j.mapping import parse_mapping
from guanxi.graph.opted_out import opted_out_now
from guanxi.graph.snapshot_open import ask_server, open_snapshot
from guanxi.graph.store_open import open_store


@pytest.fixture(autouse=True)
def server(neo4j_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "cache"))
    return neo4j_server


@pytest.fixture
def url(server: Any) -> str:
    return admit(server)


def test_versions(url: str, server: Any) -> None:
    """What changes a count is noticed; what does not only by a refresh."""
    server.run("CREATE (:User {uid: 'a', city: 'x'})-[:FOLLOWS]->(:User {uid: 'b'})")
    with shown(url) as snapshot:
        assert (snapshot.version, snapshot.n, snapshot.follows.m) == (1, 2, 1)
        token = snapshot.manifest.token
    for change, numbers in (
        ("CREATE (:User {uid: 'c'})", (2, 3, 1)),
        ("MATCH (a:User {uid: 'c'}), (b:User {uid: 'a'}) CREATE (a)-[:FOLLOWS]->(b)", (3, 3, 2)),
        ("CREATE (:Tweet)-[:FOLLOWS]->(:Tweet)", (3, 3, 2)),
        ("MATCH (a:User {uid: 'a'}) SET a.city = 'y'", (3, 3, 2)),
        ("MATCH (a:User {uid: 'c'}) DETACH DELETE a", (4, 2, 1)),
    ):
        server.run(change)
        state = ask_server(url, LOGINS.get(url), parse_mapping(PLAIN))
        with shown(url) as snapshot:
            assert (snapshot.version, snapshot.n, snapshot.follows.m) == numbers
            assert state is not None
            assert snapshot.manifest.token == state.token
    with shown(url) as snapshot:
        assert snapshot.manifest.token == token
        assert snapshot.columns(["city"])["city"] == ["y", None]
        made = snapshot.folder
    server.run("MATCH (a:User {uid: 'a'}) SET a.city = 'z'")
    with shown(url) as snapshot:
        assert snapshot.columns(["city"])["city"] == ["y", None]
    with shown(url, refresh=True) as snapshot:
        assert (snapshot.folder, snapshot.version) == (made, 4)
        assert snapshot.columns(["city"])["city"] == ["z", None]


def test_refresh_of_a_store(url: str, server: Any) -> None:
    with open_store(url, login=LOGINS.get(url)) as store:
        store.load(follows([("a", "b")]))
    open_snapshot(url, login=LOGINS.get(url)).close()
    server.run("MATCH ()-[f:FOLLOWS]->() SET f.since = 5")
    with open_snapshot(url, login=LOGINS.get(url)) as snapshot:
        assert snapshot.follows_since is None
    with open_snapshot(url, login=LOGINS.get(url), refresh=True) as snapshot:
        assert snapshot.follows_since is not None


def test_a_change_while_reading_starts_it_again(url: str, server: Any) -> None:
    server.run("CREATE (:User {uid: 'a'})-[:FOLLOWS]->(:User {uid: 'b'})")
    left = 2

    def change(done: int, total: int) -> None:
        nonlocal left
        if left:
            left -= 1
            server.run("CREATE (:User {uid: randomUUID()})")

    with mapped(url, progress=change) as store:
        content = store.read()
        assert len(content.ids) == 4
        assert content.state is not None
        assert content.state.token == store.state().token
        left = 1000
        with pytest.raises(StoreBusyError, match="changed each time while it was read"):
            store.read()


def test_scores_under_a_prefix(url: str, server: Any) -> None:
    """Properties, an index on each, one node; a second time stale ones go, and no version comes."""
    Network(300).write(server.run)
    before = whole_graph(server)
    mapping = NETWORK + "; prefix=gx_"
    wanted = files_of(mapped(url, mapping))
    with shown(url, mapping) as snapshot, mapped(url, mapping, write_back=True) as store:
        ids, n = snapshot.ids, snapshot.n
        ranks = np.arange(n, dtype=np.float64)
        ranks[3] = np.nan
        store.write_scores(ids, {"pagerank": ranks, "core": np.arange(n) % 2 == 0}, {"version": 1})
        assert store.scores_meta() == {"version": 1}
    found = server.run("MATCH (u:User) RETURN u.uid AS id, u.gx_pagerank AS r, u.gx_core AS c")
    places = {account: place for place, account in enumerate(ids.to_strings())}
    assert len(found) == n
    for row in found:
        place = places[row["id"]]
        assert row["r"] == (None if place == 3 else place)
        assert row["c"] == (place % 2 == 0)
    indexes = server.run("SHOW INDEXES YIELD labelsOrTypes AS l, properties AS p, type AS t "
                         "WHERE t <> 'LOOKUP' RETURN l, p ORDER BY p")  # fmt: skip
    assert [row["p"] for row in indexes] == [["gx_core"], ["gx_pagerank"], ["uid"]]
    (meta,) = server.run("MATCH (m:GuanxiMeta) RETURN m.properties AS p, m.complete AS c")
    assert meta == {"p": ["gx_pagerank", "gx_core"], "c": True}
    server.run("CREATE (:User {uid: 'later', gx_pagerank: 0.5})")  # has none of the next analysis
    with mapped(url, mapping, write_back=True) as store:
        store.write_scores(ids, {"pagerank": ranks}, {"version": 2})
    assert server.run("MATCH (u:User) WHERE u.gx_core IS NOT NULL RETURN u") == []
    assert server.run("MATCH (u:User {uid: 'later'}) RETURN u.gx_pagerank AS r") == [{"r": None}]
    server.run("MATCH (u:User {uid: 'later'}) DELETE u")
    with shown(url, mapping, refresh=True) as snapshot:  # scores are no columns
        again = {path.name: path.read_bytes() for path in snapshot.folder.iterdir()}
    assert {name for name in wanted if wanted[name] != again[name]} == set()
    server.run("MATCH (u:User) REMOVE u.gx_pagerank")
    server.run("MATCH (m:GuanxiMeta) DELETE m")
    server.run("DROP INDEX guanxi_User_gx_pagerank")
    assert whole_graph(server)[:2] == before[:2]


def test_nothing_of_others_is_overwritten(url: str, server: Any) -> None:
    server.run("CREATE (:User {uid: 'a'})-[:FOLLOWS]->(:User {uid: 'b', guanxi_pagerank: 'mine'})")
    before = whole_graph(server)
    with shown(url) as snapshot:
        scores = {"pagerank": np.ones(2)}
        with mapped(url) as store:
            with pytest.raises(UsageError, match=r"only read: no scores were written \(--write-b"):
                store.write_scores(snapshot.ids, scores, {})
            with pytest.raises(UsageError, match=r"only read: nothing of follows.csv was loaded"):
                store.load(follows([("x", "y")]))
        with mapped(url, write_back=True) as store:
            with pytest.raises(UsageError, match=r"property guanxi_pagerank .* \(as that of 'b'\)"):
                store.write_scores(snapshot.ids, scores, {})
            assert store.scores_meta() is None
        with (
            mapped(url, PLAIN + "; prefix=u", write_back=True) as store,
            pytest.raises(UsageError, match="overwrite the property uid"),
        ):
            store.write_scores(snapshot.ids, {"id": np.ones(2)}, {})
        assert whole_graph(server) == before
        server.run("MATCH (u:User {uid: 'a'}) DETACH DELETE u")
        server.run("MATCH (u:User {uid: 'b'}) CREATE (u)-[:FOLLOWS]->(u)")
        with mapped(url, PLAIN + "; prefix=x_", write_back=True) as store:
            with pytest.raises(StoreError, match="1 of the accounts that were analysed"):
                store.write_scores(snapshot.ids, scores, {})
            assert store.scores_meta() is None


def test_opting_out_counts_at_once(url: str, server: Any) -> None:
    server.run("CREATE (:User {uid: 'a'})-[:FOLLOWS]->(:User {uid: 'b', unsubscribed: true})")
    server.run("CREATE (:Page {opted_out: true})")  # a property that no account has
    login, mapping = LOGINS.get(url), parse_mapping(PLAIN)
    with shown(url) as snapshot:
        assert np.array_equal(opted_out_now(url, snapshot, login, mapping), [False, True])
        server.run("MATCH (u:User) SET u.unsubscribed = u.uid = 'a'")
        assert np.array_equal(opted_out_now(url, snapshot, login, mapping), [True, False])
        server.run("MATCH (u:User) SET u.unsubscribed = false")
        assert opted_out_now(url, snapshot, login, mapping) is None
        server.run("MATCH (u:User) SET u.unsubscribed = 'yes'")
        with pytest.raises(StoreError, match=r"unsubscribed, which says who .* holds 'yes'"):
            opted_out_now(url, snapshot, login, mapping)
    with pytest.raises(StoreError, match=r"unsubscribed, .* true and false \(string\)"):
        shown(url, refresh=True)
    named = PLAIN + "; columns=opted_out=gone"
    with shown(url, named) as snapshot:
        assert opted_out_now(url, snapshot, login, parse_mapping(named)) is None
