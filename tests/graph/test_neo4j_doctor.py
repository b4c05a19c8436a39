"""What `doctor` says of real servers, empty and loaded, open and closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guanxi.errors import StoreAccessError
from guanxi.graph.neo4j import doctor
from guanxi.graph.neo4j.connection import open_connection
from guanxi.graph.neo4j.doctor import check_connection, check_server
from guanxi.graph.neo4j.login import Login
from guanxi.graph.store_open import open_store
from tests.neo4j_server.plugin import PASSWORD
from tests.neo4j_server.process import Options, ServerProcess

CHECKS = ["server", "round trip", "gds", "constraints", "counts", "labels", "types", "mapping"]


def by_check(rows: list[doctor.Row], checks: list[str] = CHECKS) -> dict[str, tuple[str, str]]:
    assert [check for check, _, _ in rows] == checks
    return {check: (state, detail) for check, state, detail in rows}


def test_an_empty_server(neo4j_server: Any) -> None:
    found = by_check(check_server(neo4j_server.uri))
    version = neo4j_server.installation.release.version
    assert found["server"] == (
        "ok",
        (
            f"Neo4j {version} community at 127.0.0.1:{neo4j_server.port}, database neo4j, "
            "without a password, not encrypted"
        ),
    )
    assert found["round trip"][0] == "ok"
    assert found["round trip"][1].endswith(" ms for a small transaction")
    assert found["gds"] == (
        "none",
        "Graph Data Science is not installed; guanxi does not need it.",
    )
    assert found["constraints"][0] == "none"
    assert found["counts"] == (
        "none",
        "0 accounts, 0 follows, 0 interactions; in all 0 nodes and 0 relationships",
    )
    assert found["labels"] == found["types"] == ("none", "None yet.")
    assert found["mapping"] == ("none", "Nothing is there to be mapped.")


def test_a_store(neo4j_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path))
    open_store(neo4j_server.uri).close()
    neo4j_server.run(
        "UNWIND range(1, 1500) AS i CREATE (a:Account {id: toString(i)}) "
        "CREATE (a)-[:FOLLOWS]->(a), (a)-[:INTERACTED]->(a), (a)-[:OTHER]->(:Other)"
    )
    found = by_check(check_server(neo4j_server.uri))
    assert found["constraints"][0] == "ok"
    assert "Account(id) uniqueness" in found["constraints"][1].replace("node property ", "")
    state, detail = found["counts"]
    assert state == "ok"
    assert detail.startswith("1,500 accounts, 1,500 follows, 1,500 interactions; in all 3,00")
    assert detail.endswith(" nodes and 4,500 relationships")
    assert found["labels"] == ("ok", "Account 1,500, Other 1,500")
    assert found["types"] == ("ok", "FOLLOWS 1,500, INTERACTED 1,500, OTHER 1,500")
    assert found["mapping"][0] == "none"
    assert "a store of guanxi's own" in found["mapping"][1]


def test_a_server_behind_a_password(neo4j_locked_server: ServerProcess) -> None:
    url = neo4j_locked_server.uri.replace("bolt:", "bolt+ssc:")
    found = by_check(check_server(url, Login(password=PASSWORD), "neo4j"))
    assert found["server"][1].endswith("database neo4j, as neo4j, encrypted")
    ((check, state, detail),) = check_server(url)
    assert (check, state) == ("server", "failed")
    assert "asks for a password" in detail


@pytest.mark.neo4j_gds
def test_graph_data_science(start_neo4j: Callable[..., ServerProcess]) -> None:
    found = by_check(check_server(start_neo4j(Options(gds=True)).uri))
    assert found["gds"] == ("ok", "Graph Data Science 2.13.9")


def test_what_may_not_be_seen_hides_nothing_else(
    neo4j_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise StoreAccessError("Not for you.")

    monkeypatch.setattr(doctor, "fetch", refused)
    with open_connection(neo4j_server.uri) as connection:
        found = by_check(check_connection(connection), CHECKS[:6])
    assert found["constraints"] == found["labels"] == ("failed", "Not for you.")
    assert found["server"][0] == "ok"
