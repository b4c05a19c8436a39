"""What may happen while a Neo4j store is used: each ends with exactly the expected graph."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from load_child import BATCH_ROWS, files
from neo4j_raw import admit, raw_content, raw_scores, store_at
from store_helpers import DAY, Act, Model, accounts, follows, interactions

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi.errors import StoreError
from guanxi.graph.neo4j.connection import open_connection
from guanxi.graph.neo4j.store import Neo4jStore
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.store import LoadProgress, Store
from tests.tcp_proxy import TcpProxy


@pytest.fixture(autouse=True)
def cache(
    neo4j_servers: Any, neo4j_release: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    if neo4j_release is not None:
        neo4j_servers.installation(neo4j_release)  # lies in the user's own cache
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "cache"))
    return str(tmp_path / "cache")


@pytest.fixture
def server(neo4j_server: Any) -> Any:
    admit(neo4j_server)
    return neo4j_server


@pytest.fixture
def proxy(server: Any) -> Iterator[TcpProxy]:
    with TcpProxy(int(server.uri.rpartition(":")[2])) as proxy:
        admit(server, proxy.uri)
        yield proxy


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The snapshot after all files of `load_child`, loaded without a fault into DuckDB."""
    with store_at(tmp_path_factory.mktemp("undisturbed") / "net.duckdb") as store:
        for staged, options in files():
            store.load(staged, **options)
        return snapshot_files(build_snapshot(store))


def snapshot_files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"
    }


def load_all(
    url: str, progress: LoadProgress | None = None, store: Store | None = None
) -> dict[str, bytes]:
    with store or store_at(url, batch_rows=BATCH_ROWS) as store:
        for staged, options in files():
            store.load(staged, progress=progress, **options)
        return snapshot_files(build_snapshot(store))


def test_connections_cut_in_a_load(
    server: Any, proxy: TcpProxy, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of every other batch or so, also of its commit."""
    monkeypatch.setattr("guanxi.graph.neo4j.connection.FIRST_PAUSE", 0.05)
    draw = random.Random(3)

    def progress(done: int, total: int) -> None:
        if draw.random() < 0.5:
            proxy.cut_after(sent=draw.randrange(20_000))
        else:
            proxy.cut_after(received=draw.randrange(1500))

    assert load_all(proxy.uri, progress) == expected
    assert proxy.cuts > 5


def test_a_connection_cut_while_reading(
    server: Any, proxy: TcpProxy, expected: dict[str, bytes]
) -> None:
    with store_at(proxy.uri, batch_rows=5000) as store:
        for staged, options in files():
            store.load(staged, **options)
        for cuts, received in enumerate((2_000, 20_000, 60_000, 100_000), start=1):
            proxy.cut_after(received=received)
            assert snapshot_files(build_snapshot(store)) == expected
            assert proxy.cuts == cuts


def test_a_connection_cut_while_scores_are_written(
    server: Any, proxy: TcpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.graph.neo4j.score_pages.BATCH", 50)
    ids = [f"a{i:03d}" for i in range(300)]
    with store_at(proxy.uri) as store:
        store.load(accounts({account: {} for account in ids}))
        order = store.read().ids
        for number, sent in enumerate((300, 1500, 3000, 4500)):
            proxy.cut_after(sent=sent)
            scores = {"pagerank": np.arange(300) / 7 + number, "community": np.arange(300)}
            store.write_scores(order, scores, {"version": number})
            assert proxy.cuts == number + 1
            assert store.scores_meta() == {"version": number}
            assert raw_scores(server.run) == {
                account: {"pagerank": place / 7 + number, "community": place}
                for place, account in enumerate(ids)
            }


def test_scores_that_were_cut_off_are_not_taken_for_whole(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.graph.neo4j.score_pages.BATCH", 2)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with store_at(server.uri) as store:
        assert isinstance(store, Neo4jStore)
        store.load(accounts({f"a{i}": {} for i in range(5)}))
        ids = store.read().ids
        store.write_scores(ids, {"old": np.arange(5)}, {"version": 1})
        store.progress = stop
        with pytest.raises(KeyboardInterrupt):
            store.write_scores(ids, {"new": np.arange(5)}, {"version": 2})
        assert store.scores_meta() is None
        store.progress = None
        store.write_scores(ids, {"pagerank": np.arange(5) / 2}, {"version": 3})
        assert store.scores_meta() == {"version": 3}
    for row in server.run("MATCH (a:Account) RETURN keys(a) AS keys"):
        assert set(row["keys"]) == {"id", "pagerank"}
    indexes = {row["name"] for row in server.run("SHOW INDEXES YIELD name")}
    assert "guanxi_pagerank" in indexes
    assert not indexes & {"guanxi_old", "guanxi_new"}


def test_two_clients_at_once(server: Any) -> None:
    """Overlapping files, and one the same, in another order each: as one after the other."""
    draw = random.Random(1)
    ids = [f"a{i}" for i in range(60)]

    def some(number: int) -> list[Callable[[], Any]]:
        pairs = {(draw.choice(ids), draw.choice(ids)): draw.randrange(9) for _ in range(200)}
        acts = [
            Act(
                draw.choice(ids[:9]), draw.choice(ids[:9]), "like", draw.randrange(3 * DAY),
                event_id=f"e{i}" if i % 2 else None,
            )
            for i in range(150)
        ]  # fmt: skip
        rows = {account: {f"column {number}": account} for account in ids[number::2]}
        same = {("a1", "b"): 1, ("b", "a2"): None, ("b", "c"): 4}
        return [
            lambda: follows(pairs, name=f"follows {number}"),
            lambda: interactions(
                [act if act.event_id is None else at_its_time(act) for act in acts],
                name=f"interactions {number}",
            ),
            lambda: accounts(rows, name=f"accounts {number}"),
            lambda: follows(same, name="the same"),
        ]

    plans = [some(0), some(1)]
    errors: list[BaseException] = []

    def client(plan: list[Callable[[], Any]]) -> None:
        try:
            with store_at(server.uri, batch_rows=20) as store:
                for stage in plan:
                    store.load(stage())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=client, args=[plan]) for plan in (plans[0], plans[1][::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    found = raw_content(server.run)
    with store_at(server.uri) as store:
        assert [load.done for load in store.loads()] == [True] * 7
        assert store.state().version == 7
        counted = found.accounts, found.follows, found.cells, found.events
        state = store.state()
        assert [len(each) for each in counted] == [
            state.accounts, state.follows, state.interactions, state.events,
        ]  # fmt: skip
    server.wipe()
    with store_at(server.uri) as store:
        for stage in [*plans[0], *plans[1]]:
            store.load(stage())
    assert found == raw_content(server.run)


def at_its_time(act: Act) -> Act:
    """The same event at the same time in whatever file, so that none contradicts another."""
    number = int(str(act.event_id)[1:])
    return Act(act.actor, act.target, act.kind, number * DAY // 40, event_id=act.event_id)


def test_the_client_is_killed(server: Any, cache: str, expected: dict[str, bytes]) -> None:
    if server.auth:
        pytest.skip("the process that is killed comes without a password")
    script = str(Path(__file__).with_name("load_child.py"))
    draw = random.Random(2)
    with subprocess.Popen(
        [sys.executable, script, cache], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        statuses = []
        # The first kills come before any load can be done; the later ones wherever they fall.
        moments = (0.1, 0.2, *(draw.uniform(0.3, 2.5) for _ in range(3)))
        for seconds in (*moments, None):
            process.stdin.write(f"{server.uri}\n")
            process.stdin.flush()
            child = int(process.stdout.readline())
            if seconds is not None:
                time.sleep(seconds)
                os.kill(child, signal.SIGKILL)
            process.stdin.write("wait\n")
            process.stdin.flush()
            statuses.append(int(process.stdout.readline()))
        process.stdin.close()
    assert statuses[-1] == 0
    assert signal.SIGKILL in statuses
    assert load_all(server.uri) == expected


def hasty_store(url: str) -> Store:
    """A store that gives up soon after its server is gone."""
    return Neo4jStore(url, batch_rows=BATCH_ROWS, database=open_connection(url, patience=1))


def test_the_server_is_killed(
    start_neo4j: Callable[..., Any], expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At several moments of a load, and started again on what is left on its disk.

    Whoever gives up goes on with the same command; whoever is patient only waits.
    """
    server = start_neo4j()
    draw = random.Random(4)

    def kill_after(batches: int, back: bool = False) -> Callable[[int, int], None]:
        left = batches

        def kill() -> None:
            server.kill()
            if back:
                server.start()

        def progress(done: int, total: int) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                timers.append(threading.Timer(draw.uniform(0, 0.2), kill))
                timers[-1].start()

        return progress

    timers: list[threading.Timer] = []
    for batches in (2, 6):
        with pytest.raises(StoreError, match=r"the same command goes on|connection .* was lost"):
            load_all(server.uri, kill_after(batches), hasty_store(server.uri))
        timers[-1].join()
        server.start()
    monkeypatch.setattr("guanxi.graph.neo4j.connection.LONGEST_PAUSE", 0.5)
    assert load_all(server.uri, kill_after(4, back=True)) == expected
    assert len(timers) == 3
    timers[-1].join()


def test_accounts_removed_in_mid_load(server: Any) -> None:
    """Edges never end at a neighbour of who is gone."""

    def remove(done: int, total: int) -> None:
        server.run("MATCH (a:Account {id: 'b'}) DETACH DELETE a")

    pairs = [("a", "b"), ("c", "d"), ("d", "e"), ("e", "a")]
    with store_at(server.uri, batch_rows=2) as store:
        store.load(follows(pairs), progress=remove)
        assert store.state().follows == 3
        store.load(follows(pairs, name="once more"))
        counts = store.state()
    expected = Model()
    expected.load_follows(dict.fromkeys(pairs))
    assert raw_content(server.run) == expected
    assert (counts.accounts, counts.follows) == (5, 4)
