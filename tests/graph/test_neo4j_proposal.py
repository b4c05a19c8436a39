"""The mapping that the names in a graph suggest."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from neo4j_raw import LOGINS, admit

from guanxi.graph.neo4j.connection import open_connection
from guanxi.graph.neo4j.doctor import check_server
from guanxi.graph.neo4j.mapping import parse_mapping
from guanxi.graph.neo4j.proposal import Graph, describe_graph
from guanxi.graph.snapshot_open import open_snapshot


@pytest.fixture(autouse=True)
def server(neo4j_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path))
    return neo4j_server


@pytest.fixture
def url(server: Any) -> str:
    return admit(server)


def described(url: str) -> Graph:
    with open_connection(url, LOGINS.get(url)) as connection:
        return describe_graph(connection)


NODES = "UNWIND range(1, 30) AS i CREATE (:{} {{{}}})"
BETWEEN = "MATCH (a:{0}), (b:{0}) WHERE a <> b WITH a, b LIMIT 50 CREATE "


def test_a_whole_proposal(url: str, server: Any) -> None:
    """What is proposed can be pasted into a command and into the settings, and reads the graph."""
    server.run(NODES.format("`Wei bo User`", "uid: i, group: i % 3, screenName: 'n' + i"))
    server.run(NODES.format("Tweet", "id: i") + "<-[:POSTED]-(:`Wei bo User` {uid: -i})")
    server.run(
        BETWEEN.format("`Wei bo User`") + "(a)-[:FOLLOWED_BY {created_at: datetime()}]->(b), "
        "(a)-[:RETWEETED {ts: 1700000000, times: 2, weight: 'x'}]->(b), (a)-[:HATES]->(b), "
        "(a)-[:INTERACTED {type: 'Like', at: date()}]->(b), (a)-[:KNOWS]->(b), "
        "(a)-[:被关注 {since: 'May'}]->(b), (a)-[:MENTIONED_BY {amount: 2.5}]->(b)"
    )
    rows = {check: (state, detail) for check, state, detail in check_server(url, LOGINS.get(url))}
    assert rows["labels"] == ("ok", "Wei bo User 60, Tweet 30")
    assert rows["types"][1].startswith("FOLLOWED_BY 50, HATES 50, INTERACTED 50, KNOWS 50, MENTI")
    state, detail = rows["mapping"]
    flag, _, table = detail.partition("\nor in the settings file:\n")
    assert state == "ok"
    assert shlex.split(flag) == [
        "--graph",
        (
            "label=`Wei bo User`; id=uid; follows=<FOLLOWED_BY since=created_at; follows=<>KNOWS; "
            "follows=<被关注 since=since; interactions=INTERACTED kind_from=type at=at; "
            "interactions=<MENTIONED_BY kind=mention value=amount; "
            "interactions=RETWEETED kind=repost at=ts count=times"
        ),
    ]
    toml, _, notes = table.rpartition("\n")
    mapping = parse_mapping(shlex.split(flag)[1])
    assert parse_mapping(tomllib.loads(toml)["neo4j_graph"]) == mapping
    assert notes == (
        "Each of 60 nodes Wei bo User looked at has a uid of its own. Types without a usual name "
        "are left out (HATES): add what is an interaction."
    )
    server.run("MATCH ()-[f:被关注]->() REMOVE f.since")
    with open_snapshot(url, login=LOGINS.get(url), mapping=mapping) as snapshot:
        assert snapshot.n == 60
        assert snapshot.kinds == ["like", "mention", "repost"]


@pytest.mark.parametrize(
    ("properties", "constrained", "wanted"),
    [
        ("id: i, uid: i, handle: 'h' + i", None, "id"),
        ("handle: 'h' + i, x: i", None, "handle"),
        ("uid: i, code: 'c' + i", "code", "code"),
        ("uid: i % 5, x: 'x' + i", None, "x"),
        ("uid: CASE WHEN i > 1 THEN i END, score: toFloat(i), x: [i], ok: i > 3", None, None),
        ("uid: CASE WHEN i > 1 THEN toString(i) ELSE '' END", None, None),
    ],
)
def test_which_property_is_the_id(
    url: str, server: Any, properties: str, constrained: str | None, wanted: str | None
) -> None:
    server.run(NODES.format("Account", properties))
    server.run(BETWEEN.format("Account") + "(a)-[:FOLLOWS]->(b)")
    if constrained:
        server.run(f"CREATE CONSTRAINT FOR (a:Account) REQUIRE a.{constrained} IS UNIQUE")
    graph = described(url)
    if wanted is None:
        assert graph.mapping is None
        assert "have no property that is a text or number of its own on each" in graph.notes[0]
    else:
        assert graph.mapping is not None
        assert graph.mapping.id == wanted


def test_which_label_is_that_of_accounts(url: str, server: Any) -> None:
    server.run(NODES.format("Tag", "id: i") + "-[:LIKES]->(:Tag {id: 'x' + i})")
    found = described(url).mapping
    assert found is not None
    assert found.label == "Tag"
    server.run(NODES.format("Thing", "id: i") + "-[:FOLLOWS]->(:Thing {id: 'x' + i})")
    found = described(url).mapping
    assert found is not None
    assert found.label == "Thing"
    server.run("CREATE (:Customer {id: 1})-[:LIKES]->(:Customer {id: 2})")
    found = described(url).mapping
    assert found is not None
    assert found.label == "Customer"


def test_nothing_to_propose(url: str, server: Any) -> None:
    server.run("CREATE (:User {id: 1})-[:POSTED]->(:Tweet {id: 2})")
    assert described(url).notes == ["No relationship connects two nodes of one label."]
    server.run("CREATE (:User {id: 3})-[:HATES]->(:User {id: 4})")
    graph = described(url)
    assert graph.mapping is None
    assert graph.notes == ["No type between nodes User has a usual name: HATES."]
