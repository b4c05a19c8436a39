"""Every statement is accepted by every version of Neo4j and of Cypher, and its plan is good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import neo4j
import pytest

from guanxi.cypher import slots, statement, statement_names
from guanxi.graph.neo4j.login import Login
from guanxi.graph.store_open import open_store

#: A value for each parameter of a name; `values` means another thing in each statement.
VALUES: dict[str, Any] = {
    "accounts": 0, "active": "now", "actor": [0], "actors": [0], "after": "",
    "all_accounts": True, "at": [1], "at_property": "at", "batches": 1, "batches_done": 1,
    "count": [1], "count_property": "count", "counts": "{}", "dates": ["joined"], "day": [1],
    "done": True, "event": ["e"], "finished": "now", "first_at": [1], "follows": 0, "high": 10,
    "host": "h", "id": "a", "id_property": "id", "ids": ["a"], "interactions": 0, "key": "scores",
    "keys": [0], "kind": [0], "kind_property": "kind", "kinds": ["like"], "last_at": [1],
    "limit": 10, "load": {"name": "x"}, "low": 0, "meta": "{}", "micros": [[1]], "name": "x",
    "no_day": 0, "none": 0, "number": 1, "pid": 1, "position": 1, "properties": ["name"],
    "property": "name", "raw": 1, "revision": 1, "schema": 1, "scores": ["name"],
    "seconds": [[1]], "since": [1], "step": 100, "store_id": "s", "target": [0], "targets": [0],
    "token": "t", "type": "text", "value": [1], "value_property": "value", "values": [["v"]],
    "version": 1, "versions": 1, "weight": [1], "weight_property": "weight", "writer": "w",
    "written": "now",
}  # fmt: skip
OTHER_VALUES: dict[str, dict[str, Any]] = {"create_accounts": {"ids": ["nobody has this id"]}}
SLOTS = {
    "index": "an index",
    "label": "Account",
    "property": "opted_out",
    "score": "page`rank",
    "type": "FOLLOWS",
}
NEED_A_PLUGIN = {"gds_version"}  # run by the tests of `doctor`
REFUSED = {"CartesianProduct", "AllNodesScan"}


@pytest.fixture
def driver(
    neo4j_server: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[neo4j.Driver]:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path))
    login = Login(*neo4j_server.auth) if neo4j_server.auth else None
    open_store(neo4j_server.uri, login=login).close()
    neo4j_server.run("CREATE (:Account {id: 'a'})")
    with neo4j_server.driver() as driver:
        yield driver


def versions(driver: neo4j.Driver) -> list[str]:
    """What a text may begin with: servers that know Cypher 25 are asked in both."""
    rows = driver.execute_query("CALL dbms.components() YIELD name, versions").records
    known = {row["name"]: row["versions"] for row in rows}.get("Cypher", [])
    return [f"CYPHER {version} " for version in known] or [""]


def operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].split("@")[0]
    for child in plan.get("children", []):
        yield from operators(child)


def test_every_statement(driver: neo4j.Driver) -> None:
    """Run in a transaction that is taken back, and explained: empty and with many accounts."""
    for _ in range(2):
        for name in set(statement_names()) - NEED_A_PLUGIN:
            for version in versions(driver):
                text = version + statement(name, **{slot: SLOTS[slot] for slot in slots(name)})
                check(driver, name, text)
        fill(driver)


def check(driver: neo4j.Driver, name: str, text: str) -> None:
    values = VALUES | OTHER_VALUES.get(name, {})
    with driver.session() as session, session.begin_transaction() as tx:
        summary = tx.run(text, values).consume()
        assert "deprecated" not in str(summary.gql_status_objects).lower() or "id(" in text, name
        tx.rollback()
    if not {"index"} & set(name.split("_")) and not name.startswith("constrain_"):
        with driver.session() as session:
            plan = session.run("EXPLAIN " + text, values).consume().plan
        found = set(operators(plan))
        assert found & REFUSED == set(), f"{name}: {found}"
        if "= $keys[k]" in text:  # an index would be looked through once for each of them
            assert any("NodeByIdSeek" in operator for operator in found), f"{name}: {found}"
        if name == "page_of_opted_out":
            assert "NodeIndexSeek" in found
        if name.startswith("count_"):
            assert any("CountFromCountStore" in operator for operator in found), name


def fill(driver: neo4j.Driver) -> None:
    driver.execute_query(
        "UNWIND range(0, 20000) AS i MERGE (a:Account {id: toString(i)}) "
        "WITH a, i MERGE (b:Account {id: toString(i / 2)}) CREATE (a)-[:FOLLOWS]->(b) "
        "CREATE (b)-[:INTERACTED {kind: 'like', count: 1}]->(a)"
    )
    driver.execute_query("CALL db.clearQueryCaches()")
    driver.execute_query("CALL db.resampleOutdatedIndexes()")
