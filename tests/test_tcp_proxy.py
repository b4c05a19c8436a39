"""The proxy of the fault tests: passes all on, cuts where it is told, slows down."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.tcp_proxy import PIECE, TcpProxy


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends everything back."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=answer, args=(client,), daemon=True).start()

    def answer(client: socket.socket) -> None:
        with client, suppress(OSError):
            while piece := client.recv(PIECE):
                client.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def proxy(echo: int) -> Iterator[TcpProxy]:
    with TcpProxy(echo) as proxy:
        yield proxy


def connect(proxy: TcpProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=30)


def receive(client: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size and (piece := client.recv(size - len(got))):
        got += piece
    return got


def received_before_the_cut(client: socket.socket) -> bytes:
    got = b""
    with suppress(ConnectionResetError):
        while piece := client.recv(PIECE):
            got += piece
        pytest.fail("an orderly end")
    return got


def is_refused(proxy: TcpProxy) -> bool:
    """The reset may come while we still connect, or after it."""
    try:
        with connect(proxy) as client:
            return client.recv(1) == b"never"
    except ConnectionResetError:
        return True


def test_it_passes_everything_on(proxy: TcpProxy) -> None:
    data = bytes(range(256)) * 1000
    with connect(proxy) as one, connect(proxy) as other:
        for client in (one, other):
            sender = threading.Thread(target=client.sendall, args=(data,))
            sender.start()
            assert receive(client, len(data)) == data
            sender.join()
    assert proxy.connections == 2
    assert proxy.cuts == 0


def test_an_orderly_end_stays_one(proxy: TcpProxy) -> None:
    with connect(proxy) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""


def test_cut_on_command(proxy: TcpProxy) -> None:
    with connect(proxy) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        proxy.cut()
        assert received_before_the_cut(client) == b""
    with connect(proxy) as client:  # a new connection is welcome
        client.sendall(b"y")
        assert client.recv(1) == b"y"


def test_cut_after_bytes_received(proxy: TcpProxy) -> None:
    proxy.cut_after(received=5)
    with connect(proxy) as client:
        client.sendall(b"abc")
        assert receive(client, 3) == b"abc"
        client.sendall(b"defg")
        with suppress(ConnectionResetError):  # may overtake what was passed on before
            assert receive(client, 4) == b"de"
    assert proxy.cuts == 1
    with connect(proxy) as client:  # once only
        client.sendall(b"abcdefgh")
        assert receive(client, 8) == b"abcdefgh"


def test_cut_after_bytes_sent(proxy: TcpProxy) -> None:
    proxy.cut_after(sent=0)
    with connect(proxy) as client:
        client.sendall(b"abc")
        assert received_before_the_cut(client) == b""
    assert proxy.cuts == 1


def test_refuse(proxy: TcpProxy) -> None:
    proxy.refuse = True
    assert is_refused(proxy)


def test_no_server_behind_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with TcpProxy(port) as proxy:
        assert is_refused(proxy)


def test_delay(proxy: TcpProxy) -> None:
    proxy.delay = 0.05
    with connect(proxy) as client:
        begin = time.monotonic()
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        assert time.monotonic() - begin >= 0.1  # a lower bound: it cannot be missed by load


def test_a_cut_wakes_who_cannot_send(proxy: TcpProxy) -> None:
    with connect(proxy) as client:
        client.settimeout(0.2)
        with suppress(TimeoutError):
            while True:  # nobody takes what comes back, so that everything fills up
                client.sendall(bytes(PIECE))
        proxy.cut()
        client.settimeout(30)
        received_before_the_cut(client)


def test_close_wakes_everybody(echo: int) -> None:
    with TcpProxy(echo) as proxy:
        proxy.delay = 3600
        client = connect(proxy)
        client.sendall(b"x")
    with client:
        assert received_before_the_cut(client) == b""
