"""Connections on real servers: getting in, what is said where one does not, and lost ones."""

from __future__ import annotations

import itertools
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import neo4j
import pytest
from neo4j import ManagedTransaction
from neo4j.exceptions import Neo4jError

from guanxi.errors import (
    StoreAccessError,
    StoreError,
    StoreUnavailableError,
    StoreVersionError,
    UsageError,
)
from guanxi.graph.neo4j.address import SCHEMES
from guanxi.graph.neo4j.connection import INTACT, Connection, open_connection
from guanxi.graph.neo4j.login import Login
from tests.neo4j_server.plugin import PASSWORD
from tests.neo4j_server.process import ServerProcess
from tests.neo4j_server.server import Server
from tests.tcp_proxy import TcpProxy

_NUMBERS = itertools.count()
COUNT = "MATCH (a:A) RETURN count(a) AS count"


def login() -> Login:
    return Login(password=PASSWORD)


def at(server: Server, scheme: str) -> str:
    return server.uri.replace("bolt://", f"{scheme}://")


def count(tx: ManagedTransaction) -> int:
    return int(tx.run(COUNT).single(strict=True)["count"])


@contextmanager
def user(server: ServerProcess, *, change: str = "NOT REQUIRED") -> Iterator[str]:
    """A further user with PASSWORD, of a new name: a server locks out names for a while."""
    name = f"user{next(_NUMBERS)}"
    order(server, f"CREATE USER {name} SET PASSWORD $new CHANGE {change}", new=PASSWORD)
    try:
        yield name
    finally:
        order(server, f"DROP USER {name}")


def order(server: ServerProcess, statement: str, **values: str) -> None:
    with server.driver() as driver, driver.session(database="system") as session:
        session.run(statement, values).consume()


# ------------------------------------------------------------------------------ getting in


def test_the_version_is_known_at_once(neo4j_locked_server: ServerProcess) -> None:
    with open_connection(neo4j_locked_server.uri, login()) as connection:
        assert connection.check() == neo4j_locked_server.installation.release.version
        assert connection.write(lambda tx: tx.run("CREATE (:A)").consume().counters.nodes_created)
        assert connection.read(count) == 1
    connection.close()


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if not scheme.endswith("+s")])
def test_schemes(neo4j_locked_server: ServerProcess, scheme: str) -> None:
    with open_connection(at(neo4j_locked_server, scheme), login()) as connection:
        assert connection.read(count) == 0


@pytest.mark.parametrize("scheme", ["neo4j+s", "bolt+s"])
def test_certificates(
    neo4j_locked_server: ServerProcess, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = at(neo4j_locked_server, scheme)
    with pytest.raises(StoreUnavailableError) as caught:
        open_connection(url, login())
    said = str(caught.value)
    assert f"127.0.0.1:{neo4j_locked_server.port} is not trusted (self-signed certificate)" in said
    assert f"accept any certificate with {scheme}sc://127.0.0.1." in said
    monkeypatch.setenv("SSL_CERT_FILE", str(neo4j_locked_server.certificate))
    with open_connection(url, login()) as connection:
        assert connection.read(count) == 0


def test_a_certificate_for_another_name(
    neo4j_locked_server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(neo4j_locked_server.certificate))
    with pytest.raises(StoreUnavailableError, match=r"is not trusted \(Hostname mismatch"):
        open_connection(at(neo4j_locked_server, "bolt+s").replace("127.0.0.1", "127.1"))


def test_a_server_without_tls(neo4j_server: Server) -> None:
    for scheme in ("bolt+s", "neo4j+s", "bolt+ssc", "neo4j+ssc"):
        with pytest.raises(StoreUnavailableError) as caught:
            open_connection(at(neo4j_server, scheme))
        assert "does not speak TLS" in str(caught.value)
        assert f"leave out the encryption: {scheme.partition('+')[0]}://127." in str(caught.value)


def test_a_named_database(neo4j_locked_server: ServerProcess) -> None:
    for url, database in [("", "neo4j"), ("/neo4j", None), ("/neo4j", "neo4j")]:
        with open_connection(
            neo4j_locked_server.uri + url, login(), database=database
        ) as connection:
            assert str(connection.address) == neo4j_locked_server.uri + "/neo4j"
            assert connection.read(count) == 0


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_an_unknown_database(neo4j_locked_server: ServerProcess, scheme: str) -> None:
    with pytest.raises(StoreError, match=r"has no database sales; SHOW DATABASES lists"):
        open_connection(at(neo4j_locked_server, scheme) + "/sales", login())


# ------------------------------------------------------------------------------- passwords


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_wrong_password(
    neo4j_locked_server: ServerProcess, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with user(neo4j_locked_server) as name, pytest.raises(StoreAccessError) as caught:
        open_connection(at(neo4j_locked_server, scheme), Login(name, "wrong-secret"))
    said = str(caught.value)
    assert f"does not accept user {name} with this password. They come from GUANXI_NEO4J" in said
    assert "wrong-secret" not in said
    assert "wrong-secret" not in caplog.text


def test_no_password_and_nobody_to_ask(neo4j_locked_server: ServerProcess) -> None:
    for ask in (None, lambda question: None):
        with pytest.raises(StoreAccessError, match="asks for a password: set GUANXI_NEO4J_USER"):
            open_connection(neo4j_locked_server.uri, Login(ask=ask))


def test_a_person_types_the_password(neo4j_locked_server: ServerProcess) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return PASSWORD

    person = Login(ask=ask)
    for _ in range(2):
        with open_connection(neo4j_locked_server.uri, person) as connection:
            assert connection.read(count) == 0
    assert asked == [f"Password of neo4j at 127.0.0.1:{neo4j_locked_server.port}: "]


def test_nobody_is_asked_where_no_password_is_needed(neo4j_server: Server) -> None:
    asked = Login(ask=lambda question: pytest.fail("asked"))
    with open_connection(neo4j_server.uri, asked) as connection:
        assert connection.read(count) == 0


def test_a_mistyped_password_is_forgotten(neo4j_locked_server: ServerProcess) -> None:
    with user(neo4j_locked_server) as name:
        answers = iter(["mistyped", PASSWORD])
        person = Login(name, ask=lambda question: next(answers))
        with pytest.raises(StoreAccessError, match=f"does not accept user {name}"):
            open_connection(neo4j_locked_server.uri, person)
        open_connection(neo4j_locked_server.uri, person).close()


def test_a_password_that_changes_between_two_calls(neo4j_locked_server: ServerProcess) -> None:
    with user(neo4j_locked_server) as name:
        mine = Login(name, PASSWORD)
        with open_connection(neo4j_locked_server.uri, mine) as connection:
            order(neo4j_locked_server, f"ALTER USER {name} SET PASSWORD 'another one'")
            assert connection.read(count) == 0  # who is in stays in
        with pytest.raises(StoreAccessError, match=f"does not accept user {name}"):
            open_connection(neo4j_locked_server.uri, mine)


def test_too_many_wrong_passwords(neo4j_locked_server: ServerProcess) -> None:
    with user(neo4j_locked_server) as name:
        for _ in range(5):
            with pytest.raises(StoreAccessError) as caught:
                open_connection(neo4j_locked_server.uri, Login(name, "wrong"))
        assert f"lets nobody in as {name} for a few seconds" in str(caught.value)


def test_a_password_that_must_be_changed(neo4j_locked_server: ServerProcess) -> None:
    with (
        user(neo4j_locked_server, change="REQUIRED") as name,
        pytest.raises(StoreAccessError, match="has to be changed before it can be used"),
    ):
        open_connection(neo4j_locked_server.uri, Login(name, PASSWORD))


# ---------------------------------------------------------------- servers that are not there


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def web_server() -> Iterator[int]:
    """Answers everything as a web server does."""

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.recv(1000)
                client.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "bolt+s"])
def test_nothing_answers(closed_port: int, scheme: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        open_connection(f"{scheme}://127.0.0.1:{closed_port}", login())
    assert str(caught.value).startswith(f"Nothing answers at 127.0.0.1:{closed_port}. Is Neo4j")
    assert PASSWORD not in str(caught.value)
    assert capfd.readouterr() == ("", "")  # the driver keeps its warnings to the log


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_an_unknown_host(scheme: str) -> None:
    with pytest.raises(StoreUnavailableError, match=r"There is no host graph\.invalid"):
        open_connection(f"{scheme}://graph.invalid")


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_web_server(web_server: int, scheme: str) -> None:
    with pytest.raises(StoreUnavailableError, match="does not speak Bolt, as Neo4j 5"):
        open_connection(f"{scheme}://127.0.0.1:{web_server}")


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_port_that_says_nothing(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.graph.neo4j.connection.ACQUIRE_TIMEOUT", 0.5)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(StoreUnavailableError, match=r"does not (answer|speak)"),
    ):
        open_connection(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")


def test_an_address_with_a_password() -> None:
    with pytest.raises(UsageError, match="must not hold a user or password"):
        open_connection("neo4j://neo4j:secret@127.0.0.1")


def test_a_server_that_is_too_old(neo4j_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        agent = "Neo4j/4.4.38"

    monkeypatch.setattr(neo4j.Driver, "get_server_info", lambda self: Old)
    with pytest.raises(StoreVersionError, match=r"is Neo4j 4\.4\.38; guanxi needs 5\.26 or newer"):
        open_connection(neo4j_server.uri)


# ------------------------------------------------------------------------ lost connections


@pytest.fixture
def proxy(neo4j_server: Server) -> Iterator[TcpProxy]:
    with TcpProxy(int(neo4j_server.uri.rpartition(":")[2])) as proxy:
        yield proxy


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def connection(proxy: TcpProxy, heard: list[str]) -> Iterator[Connection]:
    with open_connection(proxy.uri, tell=heard.append, patience=60) as connection:
        yield connection


def add_once(tx: ManagedTransaction) -> None:
    """Work as the contract wants it: it sees what it did before. Larger than a few pieces."""
    tx.run("MERGE (a:A {id: 1}) SET a.text = $text", text="x" * 200_000).consume()


@pytest.mark.parametrize("sent", [0, 10, 100_000, 200_150])
def test_a_connection_cut_while_it_sends(
    connection: Connection, proxy: TcpProxy, heard: list[str], neo4j_server: Server, sent: int
) -> None:
    proxy.cut_after(sent=sent)
    connection.write(add_once)
    assert proxy.cuts == 1
    assert neo4j_server.run(COUNT) == [{"count": 1}]
    assert heard in ([], [f"The connection to {proxy.uri} was lost; trying again for 60 seconds."])


def test_an_answer_to_a_commit_that_was_lost(
    connection: Connection, proxy: TcpProxy, neo4j_server: Server
) -> None:
    tries = 0

    def work(tx: ManagedTransaction) -> None:
        nonlocal tries
        tries += 1
        add_once(tx)
        if tries == 1:
            proxy.cut_after(received=0)  # the next that comes is the answer to the commit

    connection.write(work)
    assert tries == 2
    assert proxy.cuts == 1
    assert neo4j_server.run(COUNT) == [{"count": 1}]


def test_a_connection_cut_while_it_reads(connection: Connection, proxy: TcpProxy) -> None:
    def work(tx: ManagedTransaction) -> int:
        return len(tx.run("UNWIND range(1, 50000) AS i RETURN i").values())

    proxy.cut_after(received=50_000)
    assert connection.read(work) == 50_000
    assert proxy.cuts == 1


def test_a_server_that_is_away_for_a_while(
    connection: Connection, proxy: TcpProxy, heard: list[str]
) -> None:
    proxy.refuse = True
    proxy.cut()
    threading.Timer(2, setattr, (proxy, "refuse", False)).start()
    assert connection.read(count) == 0
    assert heard == [f"The connection to {proxy.uri} was lost; trying again for 60 seconds."]


@pytest.mark.parametrize("mode", ["read", "write"])
def test_a_server_that_stays_away(proxy: TcpProxy, mode: str) -> None:
    with open_connection(proxy.uri, patience=1) as connection:
        proxy.refuse = True
        proxy.cut()
        with pytest.raises(StoreUnavailableError) as caught:
            getattr(connection, mode)(add_once)
    said = str(caught.value)
    assert f"The connection to {proxy.uri} was lost: " in said
    assert said.endswith(INTACT) == (mode == "write")
    assert "\n" not in said


def test_two_that_wait_for_each_other(neo4j_server: Server) -> None:
    """A real deadlock: Neo4j ends one of the two transactions, which runs again."""
    neo4j_server.run("CREATE (:A {id: 1, n: 0}), (:A {id: 2, n: 0})")
    both_hold_one = threading.Barrier(2, timeout=60)
    tries: list[int] = []

    def add(connection: Connection, first: int, second: int) -> None:
        met = False

        def work(tx: ManagedTransaction) -> None:
            nonlocal met
            tries.append(first)
            for id in (first, second):
                tx.run("MATCH (a:A {id: $id}) SET a.n = a.n + 1", id=id).consume()
                if not met:
                    met = True
                    both_hold_one.wait()

        connection.write(work)

    with open_connection(neo4j_server.uri) as connection:
        threads = [
            threading.Thread(target=add, args=(connection, 1, 2)),
            threading.Thread(target=add, args=(connection, 2, 1)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(tries) == 3
    assert neo4j_server.run("MATCH (a:A) RETURN a.n AS n") == [{"n": 2}, {"n": 2}]


def test_an_error_of_the_work_ends_it(connection: Connection, neo4j_server: Server) -> None:
    def work(tx: ManagedTransaction) -> None:
        add_once(tx)
        raise StoreError("Not this way.")

    with pytest.raises(StoreError, match=r"^Not this way\.$"):
        connection.write(work)
    assert neo4j_server.run(COUNT) == [{"count": 0}]


def test_a_statement_that_the_server_refuses(connection: Connection) -> None:
    tries = 0

    def work(tx: ManagedTransaction) -> None:
        nonlocal tries
        tries += 1
        tx.run("RETURN 1 / 0").consume()

    with pytest.raises(StoreError, match="64-bit integers"):
        connection.write(work)
    assert tries == 1


def test_no_right_to_make_a_constraint(connection: Connection) -> None:
    """Made up: the Community edition gives every right to everybody."""

    def work(tx: ManagedTransaction) -> None:
        raise Neo4jError._hydrate_neo4j(
            code="Neo.ClientError.Security.Forbidden",
            message="Schema operation 'create_constraint' on database 'neo4j' is not allowed",
        )

    with pytest.raises(StoreAccessError, match=r"may not make constraints in bolt://"):
        connection.write(work)


def test_ctrl_c_does_not_wait_for_the_server(neo4j_server: Server) -> None:
    endless = "UNWIND range(1, 100000000000) AS i RETURN count(i % 7) AS n"

    def running() -> list[dict[str, Any]]:
        return neo4j_server.run(
            "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'UNWIND'"
        )

    def press_when_it_runs() -> None:
        while not running():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press_when_it_runs)
    with open_connection(neo4j_server.uri) as connection:
        pressing.start()
        with pytest.raises(KeyboardInterrupt):
            connection.write(lambda tx: tx.run(endless).consume())
        pressing.join()
        assert connection.read(count) == 0
    wait_until(lambda: not running())


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_one_sees_what_the_other_wrote(neo4j_locked_server: ServerProcess) -> None:
    with open_connection(at(neo4j_locked_server, "neo4j"), login()) as connection:
        for number in range(1, 20):
            connection.write(lambda tx: tx.run("CREATE (:A)").consume())
            assert connection.read(count) == number
