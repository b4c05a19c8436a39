"""One worker process: uvicorn around the app, on the socket of the supervisor."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import signal
import socket
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from guanxi.api.listener import Counts, Listener
from guanxi.api.log import log_event

if TYPE_CHECKING:
    from guanxi.api.config import ServeConfig

READY = "ready"
STOP = "stop"
#: Bytes that the head of a request may take.
_HEAD = 32 << 10
#: Seconds that a silent connection stays open: before its first request, and between two.
_HEAD_SECONDS = 15.0
_IDLE = 15
#: M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of glibc's malloc.h.
_MALLOC = {-8: 2, -3: 4 << 20, -1: 4 << 20}
#: Bytes that are not held back until the end of a turn.
_MUCH = 64 << 10
#: Connections at a time; more are told to come again.
_CONNECTIONS = 1000


class _Together:
    """A transport whose writes of one turn of the loop go out as one: head and body of an answer.

    Two packets would wake the client twice, which takes longer than to make most answers.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []
        self._bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write at the end of this turn, or at once where it is much."""
        if not data:
            return
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)
        self._bytes += len(data)
        if self._bytes > _MUCH:
            self._flush()

    def close(self) -> None:
        """Write what there is, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            self._bytes = 0
            self._transport.write(data)


class _Protocol(H11Protocol):
    """HTTP that does not wait for ever for a client that never finishes the head of a request."""

    def connection_made(self, transport: Any) -> None:
        """Take a connection, and look at it again and again."""
        super().connection_made(_Together(transport))  # type: ignore[arg-type]  # it acts like one
        self.loop.call_later(_HEAD_SECONDS, self._close_if_silent, None)

    def _close_if_silent(self, before: object) -> None:
        """Close it if it has asked nothing since `before`, the request that was its last one."""
        cycle = getattr(self, "cycle", None)
        answered = cycle is None or cycle.response_complete
        if self.transport.is_closing():
            return
        if answered and cycle is before:
            self.transport.close()
        else:
            self.loop.call_later(_HEAD_SECONDS, self._close_if_silent, cycle)


def run_worker(
    config: ServeConfig, listening: socket.socket, counts: Counts, place: int, line: Connection
) -> None:
    """Serve until the supervisor says so, or is gone; `counts` and `place` as for `Listener`."""
    from guanxi.api.app import create_app

    # Ctrl-C reaches every process of a terminal; the supervisor passes it on as a stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _give_memory_back()
    app = create_app(config)
    gc.freeze()  # what is there now stays: no collection has to walk through it again
    server = _Server(
        uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=config.proxy,
            forwarded_allow_ips="127.0.0.1,::1" if config.proxy else None,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=int(config.request_seconds),
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_HEAD,
            ssl_certfile=config.certificate,
            ssl_keyfile=config.private_key,
        ),
        counts,
        place,
        line,
    )
    app.state.service.is_stopping = lambda: server.should_exit
    threading.Thread(target=_listen_to, args=(line, server), daemon=True).start()
    server.run(sockets=[listening])


def _give_memory_back() -> None:
    """Let large arrays go back to the system when they are freed, where that can be said (glibc).

    By itself it keeps tens of megabytes for each of the threads that answer.
    """
    with suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in _MALLOC.items():
            mallopt(parameter, value)


class _Server(uvicorn.Server):
    """Shares connections with the other workers, says when it answers, leaves signals alone."""

    def __init__(
        self, config: uvicorn.Config, counts: Counts, place: int, line: Connection
    ) -> None:
        super().__init__(config)
        self._counts = counts
        self._place = place
        self._line = line
        self._listener: Listener | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        if sys.platform == "win32":  # there no event loop can look at a socket and leave it alone
            await super().startup(sockets)
        else:
            await super().startup([])
            self._listen(*(sockets or []))
        asyncio.get_running_loop().set_exception_handler(_report)
        with suppress(OSError):
            self._line.send(READY)

    def _listen(self, listening: socket.socket) -> None:
        self._listener = Listener(
            listening, self._counts, self._place, self._protocol, self.config.ssl
        )
        self._listener.start()

    def _protocol(self) -> asyncio.Protocol:
        return _Protocol(self.config, self.server_state, self.lifespan.state)

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does ten times a second."""
        if self._listener is not None:
            self._listener.count(len(self.server_state.connections))
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end those that there are."""
        if self._listener is not None:
            self._listener.stop()
        await super().shutdown(sockets)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    log_event("trouble", message=context.get("message"), error=repr(error) if error else None)


def _listen_to(line: Connection, server: uvicorn.Server) -> None:
    with suppress(EOFError, OSError):
        line.recv()  # a stop, or the end of the supervisor
    server.should_exit = True
