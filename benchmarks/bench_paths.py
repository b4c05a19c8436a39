"""Chains of the fewest steps, beside Cypher's `shortestPath` on a server with the same network.

Both are asked from this process for one pair of accounts after the other, by their ids, after one
round to warm up. guanxi reads the network off that server once, before the clock starts, as its
first question does; the server searches in its own memory. Over a server's network guanxi also
asks, with every question, who has opted out by now: that takes longer than the search, and is
shown by itself. The remark is the steps of all chains together, which must be the same for all.
(A strongest chain would be a weighted shortest path, which Cypher alone does not have.)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from neo4j import Session

import guanxi
from benchmarks import graphs
from benchmarks.bench_chains import random_pairs
from benchmarks.bench_neo4j import imported
from benchmarks.harness import Row, Scale, compare
from guanxi.engine import Engine
from tests.neo4j_server.install import install
from tests.neo4j_server.releases import LTS
from tests.neo4j_server.tools import MissingError

#: A chain runs along influence, from the followed to the follower.
SHORTEST = (
    "MATCH (source:Account {id: $source}), (target:Account {id: $target}) "
    "MATCH path = shortestPath((target)-[:FOLLOWS*..30]->(source)) RETURN length(path) AS steps"
)
PAIRS = 50


def run(scale: Scale) -> list[Row]:
    try:
        install(LTS)
    except MissingError as error:
        print(f"No Neo4j server to compare with: {error}", file=sys.stderr)
        return []
    graphs.FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=graphs.FOLDER) as name:
        folder = Path(name).resolve()
        with imported(folder, scale.accounts, scale.edges) as server:
            network = guanxi.open(server.uri)
            snapshot = network.snapshot()
            pairs = [
                (snapshot.id_of(source), snapshot.id_of(target))
                for source, target in random_pairs(snapshot.n, PAIRS)
            ]

            def steps_by(asked: Engine) -> int:
                return sum(len(asked.chain(*pair, by="hops")) for pair in pairs)

            with server.driver() as driver, driver.session() as session:

                def theirs() -> int:
                    return sum(steps_of(session, pair) for pair in pairs)

                theirs()
                return compare(
                    f"{len(pairs)} chains of the fewest steps, {snapshot.n:,} accounts and "
                    f"{snapshot.follows.m:,} follows",
                    {
                        "guanxi": partial(steps_by, Engine.over(snapshot)),
                        "guanxi, asking who opted out": partial(steps_by, network),
                        "Neo4j, shortestPath": theirs,
                    },
                    scale,
                    goal="below 1",
                    note=lambda steps: f"{steps:,} steps",
                    rounds=min(scale.rounds, 3),
                )


def steps_of(session: Session, pair: Sequence[str]) -> int:
    """The steps of Cypher's chain between two accounts, 0 where there is none."""
    found = session.run(SHORTEST, source=pair[0], target=pair[1]).single()
    return found["steps"] if found is not None else 0
