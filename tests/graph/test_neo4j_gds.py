"""PageRank, in-degree and modularity as Neo4j's Graph Data Science library has them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neo4j_raw import raw_scores
from store_helpers import DAY, Act, follows, interactions

import guanxi
import guanxi.kernels  # (it finds its cache before the tests move the user's)
from guanxi.graph.store_open import open_store
from tests.neo4j_server.process import Options, ServerProcess

pytestmark = pytest.mark.neo4j_gds

N = 600
PROJECT = (
    "MATCH (u:Account) OPTIONAL MATCH (u)-[t:TIE]->(v:Account) "
    "WITH gds.graph.project('ties', u, v, {relationshipProperties: t{.strength}, "
    "sourceNodeProperties: u{.community}, targetNodeProperties: v{.community}}"
)
DIRECTED = PROJECT + ") AS g RETURN g.relationshipCount AS n"
UNDIRECTED = (
    PROJECT + ", {undirectedRelationshipTypes: ['*']}) AS g RETURN g.relationshipCount AS n"
)
DROP = "CALL gds.graph.drop('ties') YIELD graphName RETURN graphName"


def fill(url: str) -> None:
    """Three loose groups with follows, weighted interactions and accounts that follow nobody."""
    draw = random.Random(11)

    def pair() -> tuple[str, str]:
        actor = draw.randrange(N)
        near = draw.random() < 0.8
        target = actor % 3 + 3 * draw.randrange(N // 3) if near else draw.randrange(N // 5)
        return f"用户{actor}", f"用户{target}"

    edges = [edge for edge in (pair() for _ in range(4000)) if edge[0] != edge[1]]
    acts = [
        Act(*edge, "repost", draw.randrange(30) * DAY, weight=draw.random() * 4)
        for edge in edges[::3]
    ]
    with open_store(url) as store:
        store.load(follows(set(edges)))
        store.load(interactions(acts))


@pytest.fixture
def server(
    start_neo4j: Callable[..., ServerProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ServerProcess:
    found = start_neo4j(Options(gds=True))
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path))
    return found


def test_gds_agrees(server: ServerProcess) -> None:
    fill(server.uri)
    network = guanxi.open(server.uri)
    meta = network.analyze(seed=3).meta
    ours = raw_scores(server.run)
    snapshot = network.snapshot()
    ids = snapshot.ids_of(range(snapshot.n))
    assert ours.keys() == set(ids)
    # The very ties of guanxi, pointing at whoever influences, as PageRank takes them.
    into = snapshot.graph().into
    rows = [
        {"from": ids[place], "to": ids[other], "strength": float(weight)}
        for place in range(snapshot.n)
        for other, weight in _row(into, place)
    ]
    server.run(
        "UNWIND $rows AS r MATCH (u:Account {id: r.from}) MATCH (v:Account {id: r.to}) "
        "CREATE (u)-[:TIE {strength: r.strength}]->(v)",
        rows=rows,
    )
    _same_pagerank(server, ours, len(rows))
    _same_modularity(server, meta["modularity"], 2 * len(rows))
    _same_in_degree(server, ours)


def _row(matrix: Any, place: int) -> list[tuple[int, float]]:
    start, end = int(matrix.indptr[place]), int(matrix.indptr[place + 1])
    weights = np.ones(end - start) if matrix.weights is None else matrix.weights[start:end]
    return list(zip(matrix.indices[start:end].tolist(), weights.tolist(), strict=True))


def _same_pagerank(server: ServerProcess, ours: dict[str, dict[str, Any]], ties: int) -> None:
    """GDS leaves out the mass of accounts without ties: compared after it is shared out."""
    assert server.run(DIRECTED) == [{"n": ties}]
    found = server.run(
        "CALL gds.pageRank.stream('ties', {dampingFactor: 0.85, tolerance: 1e-12, "
        "maxIterations: 500, relationshipWeightProperty: 'strength'}) YIELD nodeId, score "
        "RETURN gds.util.asNode(nodeId).id AS id, score"
    )
    server.run(DROP)
    total = sum(row["score"] for row in found)
    assert len(found) == len(ours)
    for row in found:
        assert row["score"] / total == pytest.approx(ours[row["id"]]["pagerank"], rel=1e-6)


def _same_modularity(server: ServerProcess, ours: float, ties: int) -> None:
    """Of the communities that guanxi found, on the same undirected ties."""
    assert server.run(UNDIRECTED) == [{"n": ties}]
    found = server.run(
        "CALL gds.modularity.stats('ties', {communityProperty: 'community', "
        "relationshipWeightProperty: 'strength'}) YIELD modularity RETURN modularity"
    )
    server.run(DROP)
    assert found[0]["modularity"] == pytest.approx(ours, abs=1e-9)


def _same_in_degree(server: ServerProcess, ours: dict[str, dict[str, Any]]) -> None:
    server.run(
        "MATCH (u:Account) OPTIONAL MATCH (u)-[:FOLLOWS]->(v:Account) "
        "RETURN gds.graph.project('ties', u, v) AS g"
    )
    found = server.run(
        "CALL gds.degree.stream('ties', {orientation: 'REVERSE'}) YIELD nodeId, score "
        "RETURN gds.util.asNode(nodeId).id AS id, score"
    )
    assert {row["id"]: row["score"] for row in found} == {
        account: scores["in_degree"] for account, scores in ours.items()
    }
