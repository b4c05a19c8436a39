"""A TCP proxy for tests of faults: cuts connections and slows them, on 127.0.0.1 only."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from guanxi.graph.closing import Closing

#: Bytes that are passed on at once.
PIECE = 16_384
#: Seconds after which a waiting thread looks whether its socket has been closed.
TICK = 0.1


class TcpProxy(Closing):
    """Passes everything on to a port of 127.0.0.1, until it is told otherwise.

    `delay`: seconds to wait before each piece (up to 16 KiB) is passed on, either way.
    `refuse`: True cuts new connections at once. Both may be changed at any time, as
    well as by `cut` and `cut_after`. A cut is a reset: neither side sees an orderly end.

    >>> with TcpProxy(7687) as proxy:      # a client of 127.0.0.1:proxy.port
    ...     proxy.cut_after(sent=100_000)  # is cut off when it has sent that much
    """

    def __init__(self, port: int) -> None:
        self.delay = 0.0
        self.refuse = False
        self.connections = 0  # that were ever made
        self.cuts = 0  # by `cut_after`
        self._target = port
        self._left: dict[str, int | None] = {"sent": None, "received": None}
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    @property
    def uri(self) -> str:
        """Its address for Bolt. (With neo4j:// a client would go on past the proxy.)"""
        return f"bolt://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Cut all connections that there are; new ones are welcome."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for socket_ in itertools.chain(*pairs):
            _reset(socket_)

    def cut_after(self, *, sent: int | None = None, received: int | None = None) -> None:
        """Cut everything once clients have sent, or received, so many further bytes."""
        with self._lock:
            self._left = {"sent": sent, "received": received}

    def close(self) -> None:
        """Cut everything and listen no more."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self._threads[0].join()  # then nothing new comes
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                if self.refuse:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                _reset(client)
                continue
            client.settimeout(TICK)
            server.settimeout(TICK)
            with self._lock:
                self._pairs.append((client, server))
            self._start(self._pass_on, client, server, "sent")
            self._start(self._pass_on, server, client, "received")

    def _pass_on(self, source: socket.socket, target: socket.socket, way: str) -> None:
        try:
            while piece := _receive(source):
                if self.delay and self._closing.wait(self.delay):
                    return
                allowed = self._allowed(way, len(piece))
                _send(target, piece[:allowed])
                if allowed < len(piece):
                    self.cuts += 1
                    self.cut()
                    return
            self._forget(source, target, _end)  # whoever is done with Bolt is so both ways
        except OSError:
            self._forget(source, target, _reset)

    def _allowed(self, way: str, size: int) -> int:
        """How much of a piece may pass; a cut is ordered once only."""
        with self._lock:
            left = self._left[way]
            if left is None:
                return size
            if left >= size:
                self._left[way] = left - size
                return size
            self._left[way] = None
            return left

    def _forget(
        self, one: socket.socket, other: socket.socket, how: Callable[[socket.socket], None]
    ) -> None:
        with self._lock:
            known = [pair for pair in self._pairs if one in pair]
            self._pairs = [pair for pair in self._pairs if one not in pair]
        if known:  # else it has been cut, which must stay a reset
            how(one)
            how(other)


def _receive(source: socket.socket) -> bytes:
    while True:
        with suppress(TimeoutError):
            return source.recv(PIECE)


def _send(target: socket.socket, piece: bytes) -> None:
    while piece:
        with suppress(TimeoutError):
            piece = piece[target.send(piece) :]


def _end(socket_: socket.socket) -> None:
    """Close in good order; whoever waits for it here wakes up."""
    with suppress(OSError):
        socket_.shutdown(socket.SHUT_RDWR)
    socket_.close()


def _reset(socket_: socket.socket) -> None:
    """Close so that the other side gets a reset; whoever waits for it here wakes up."""
    with suppress(OSError):
        socket_.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        socket_.shutdown(socket.SHUT_RD)
    socket_.close()
