"""Neo4j over Bolt, beside the driver's usual loops and Graph Data Science.

The usual loop sends one map a row and 1,000 rows a transaction, as most guides do; the usual
reading takes a record a relationship. guanxi sends and takes long columns. Loads start from
the same CSV, in a database that is empty but for its constraints; guanxi also checks the rows
and keeps its bookkeeping. Reading ends in arrays (guanxi) or lists (the loop); the server has
been read from both ways before the clock starts, as Java compiles what it does often.

PageRank runs to 1e-9: guanxi until the scores change by no more than that in sum, GDS until no
score does. guanxi's time holds all that lies between: accounts and follows off the server, a
snapshot on disk, the ranking, and the scores written back, while GDS stays inside the server.
Client and server share the cores.
"""

from __future__ import annotations

import csv
import itertools
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import guanxi
from benchmarks import graphs
from benchmarks.harness import ProcessRun, Row, Scale, compare, run_process
from guanxi.algorithms.centrality.pagerank import pagerank
from guanxi.fixtures import generate, write_network
from guanxi.graph.readers.options import StageOptions
from guanxi.graph.readers.stage import stage_file
from guanxi.graph.schema import Role
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store_home import home_of
from guanxi.graph.store_open import open_store
from tests.neo4j_server.install import install
from tests.neo4j_server.process import Options, ServerProcess
from tests.neo4j_server.releases import LTS

LOOP_ROWS = 1000
WARM_READINGS = 8
CONSTRAINT = "CREATE CONSTRAINT FOR (a:Account) REQUIRE a.id IS UNIQUE"
ENDS = "UNWIND $rows AS row MERGE (a:Account {id: row.actor}) MERGE (b:Account {id: row.target}) "
LOOPS = {
    Role.FOLLOWS: ENDS + "MERGE (a)-[f:FOLLOWS]->(b) SET f.since = row.since",
    Role.INTERACTIONS: (
        ENDS + "MERGE (a)-[r:INTERACTED {kind: row.kind, day: left(row.time, 10)}]->(b) "
        "ON CREATE SET r.count = row.count, r.value = row.value, r.first_at = row.time "
        "ON MATCH SET r.count = r.count + row.count, r.value = r.value + row.value "
        "SET r.last_at = row.time"
    ),
}
RECORDS = "MATCH (a:Account)-[f:FOLLOWS]->(b:Account) RETURN a.id, b.id, f.since"
PROJECT = "CALL gds.graph.project('follows', 'Account', 'FOLLOWS') YIELD relationshipCount"
WRITE = (
    "CALL gds.pageRank.write('follows', {dampingFactor: 0.85, tolerance: 1e-9, "
    "maxIterations: 1000, concurrency: $threads, writeProperty: 'gds_pagerank'}) "
    "YIELD ranIterations, didConverge RETURN ranIterations, didConverge"
)
DROP = "CALL gds.graph.drop('follows', false) YIELD graphName"

#: A client that reads the whole store and makes its snapshot, as the first question does.
CLIENT = """
import sys
from guanxi.graph.snapshot_open import open_snapshot
with open_snapshot(sys.argv[1]) as snapshot:
    assert snapshot.follows.m > 0.99 * int(sys.argv[2])  # the generator keeps near its number
"""


def run(scale: Scale) -> list[Row]:
    small = (3000, 30_000) if scale.quick else (30_000, 300_000)
    middle = (10_000, 50_000) if scale.quick else (200_000, 1_000_000)
    graphs.FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=graphs.FOLDER) as name:
        folder = Path(name).resolve()
        with _server(Options(full_speed=True, heap="2g", page_cache="512m")) as server:
            rows = _loads(server.start(), folder, *small, scale)
        with imported(folder, *middle, gds=True) as server:
            rows += _reads(server, middle[1], scale) + _ranks(server, middle, scale)
        with imported(folder, scale.accounts, scale.edges) as server:
            rows += _memory(server, scale)
    return rows


@contextmanager
def _server(options: Options) -> Iterator[ServerProcess]:
    """A server that has not been started; it and what guanxi kept of it go in the end."""
    with ServerProcess(install(LTS), options) as server:
        try:
            yield server
        finally:
            if server.port:
                shutil.rmtree(home_of(server.uri).root, ignore_errors=True)


@contextmanager
def imported(
    folder: Path, accounts: int, edges: int, *, gds: bool = False
) -> Iterator[ServerProcess]:
    """A server with a network of guanxi's generator, by way of bulk files."""
    store, files = folder / "net.duckdb", folder / "files"
    network = guanxi.open(store)
    network.load(follows=[graphs.follows_file(accounts, edges)])
    command = network.export(files, format="neo4j-admin").meta["command"]
    with _server(Options(gds=gds, full_speed=True, heap="2g", page_cache="1g")) as server:
        server.admin(*shlex.split(command)[1:], cwd=files)
        for path in (files, store.with_name("net.duckdb.d")):
            shutil.rmtree(path)
        store.unlink()
        yield server.start()


def _loads(
    server: ServerProcess, folder: Path, accounts: int, rows: int, scale: Scale
) -> list[Row]:
    files = {
        Role.FOLLOWS: graphs.follows_file(accounts, rows),
        Role.INTERACTIONS: _interactions_file(folder, accounts, rows),
    }
    found: list[Row] = []
    for role, goal in ((Role.FOLLOWS, "≤ 0.50"), (Role.INTERACTIONS, "≤ 0.67")):
        number = sum(1 for _ in _records(files[role]))
        found += compare(
            f"Load of {number:,} {role} over Bolt",
            {
                "guanxi": lambda role=role: _load(server.uri, files[role], role),
                "one map a row": lambda role=role: _loop(server, files[role], LOOPS[role]),
            },
            scale,
            goal=goal,
            before={"guanxi": lambda: _empty(server, ours=True), "one map a row":
                    lambda: _empty(server, ours=False)},
        )  # fmt: skip
    return found


def _interactions_file(folder: Path, accounts: int, rows: int) -> Path:
    """Rows without event ids: the loop has no notion of them."""
    network = generate(
        accounts=accounts,
        seed=1,
        mean_degree=rows / accounts,
        interactions=rows / accounts,
        campaigns=0,
    )
    write_network(folder / "network", network)
    path = folder / "interactions.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        lines = csv.DictReader((folder / "network" / "interactions.csv").open(encoding="utf-8"))
        writer = csv.DictWriter(
            file, ["actor", "target", "kind", "time", "count", "value"], extrasaction="ignore"
        )
        writer.writeheader()
        writer.writerows(lines)
    shutil.rmtree(folder / "network")
    return path


def _empty(server: ServerProcess, *, ours: bool) -> None:
    server.wipe()
    if ours:
        open_store(server.uri).close()
    else:
        server.run(CONSTRAINT)


def _load(url: str, path: Path, role: Role) -> None:
    staged = stage_file(path, role, StageOptions())
    with open_store(url) as store:
        store.load(staged)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file with its ends and numbers as the loops want them."""
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if "follower" in row:
                yield {"actor": row["follower"], "target": row["followee"], "since": row["since"]}
            else:
                yield {**row, "count": int(row["count"]), "value": float(row["value"] or 0)}


def _loop(server: ServerProcess, path: Path, text: str) -> None:
    rows = _records(path)
    with server.driver() as driver, driver.session() as session:
        while batch := list(itertools.islice(rows, LOOP_ROWS)):
            session.execute_write(lambda tx, rows: tx.run(text, rows=rows).consume(), batch)


def _reads(server: ServerProcess, edges: int, scale: Scale) -> list[Row]:
    def ours() -> int:
        with open_store(server.uri) as store:
            return len(store.read().follows.actor)

    def loop() -> int:
        columns: tuple[list[Any], ...] = ([], [], [])
        with server.driver() as driver, driver.session() as session:
            for record in session.run(RECORDS):
                for column, value in zip(columns, record.values(), strict=True):
                    column.append(value)
        return len(columns[0])

    for read in (loop, *[ours] * WARM_READINGS):
        read()
    return compare(
        f"Reading {edges:,} follows",
        {"guanxi": ours, "a record a relationship": loop},
        scale,
        goal="≤ 0.05",
        note=lambda read: f"{read:,} read",
    )


def _ranks(server: ServerProcess, size: tuple[int, int], scale: Scale) -> list[Row]:
    def ours() -> str:
        shutil.rmtree(home_of(server.uri).root, ignore_errors=True)
        with open_snapshot(server.uri) as snapshot:
            result = pagerank(snapshot.graph(), threads=scale.threads)
            with open_store(server.uri) as store:
                store.write_scores(snapshot.ids, {"pagerank": result.scores}, {})
        return f"{result.iterations} iterations"

    def without_scores() -> None:
        server.run("DROP INDEX guanxi_pagerank IF EXISTS")
        server.run("MATCH (a:Account) REMOVE a.pagerank, a.gds_pagerank")

    def theirs() -> str:
        with server.driver() as driver, driver.session() as session:
            session.run(PROJECT).consume()
            found = session.run(WRITE, threads=scale.threads).single(strict=True)
            session.run(DROP).consume()
        assert found["didConverge"]
        return f"{found['ranIterations']} iterations"

    return compare(
        f"Reading, PageRank and writing back, {size[0]:,} accounts and {size[1]:,} follows",
        {"guanxi": ours, "GDS, project and pageRank.write": theirs},
        scale,
        goal="≤ 1",
        note=str,
        before={
            "guanxi": without_scores,
            "GDS, project and pageRank.write": without_scores,
        },
    )


def _memory(server: ServerProcess, scale: Scale) -> list[Row]:
    def client() -> ProcessRun:
        shutil.rmtree(home_of(server.uri).root, ignore_errors=True)
        return run_process([sys.executable, "-c", CLIENT, server.uri, str(scale.edges)])

    return compare(
        f"Memory of the client while {scale.edges:,} follows are read and made a snapshot",
        {"guanxi": client},
        scale,
        goal="< 1,500 MB",
        warm=False,
        rounds=1,
    )
