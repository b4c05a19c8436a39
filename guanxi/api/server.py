"""The supervisor: binds the address, keeps workers alive, and runs the jobs.

It holds no network itself. Workers and jobs notice when it is gone and end, so that nothing
stays behind even where it was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.dispatcher import Dispatcher
from guanxi.api.keys import good_keys
from guanxi.api.listener import AWAY, shared_counts
from guanxi.api.log import log_event
from guanxi.api.worker import READY, STOP, run_worker
from guanxi.errors import ConflictError, ForbiddenError, ServiceError
from guanxi.graph.file_lock import FileLock

_BACKLOG = 512
_LOOK = 0.2
#: So many workers in a row may end before they could answer.
_MOST_FAILURES = 3


@dataclass
class _Worker:
    """A worker process, the line to it, and whether it answers."""

    process: BaseProcess
    line: Connection
    place: int
    started: float
    ready: bool = False


class Supervisor:
    """One running server."""

    def __init__(self, config: ServeConfig) -> None:
        self.config = config
        self._lock = FileLock(config.folder / "lock")
        self._workers: list[_Worker] = []
        self._counts = shared_counts(config.workers)
        self._failures = 0
        self._stopping = False
        self._context = multiprocessing.get_context("spawn")
        database = Database(config.folder)
        refuse_openness(config, database)
        database.close()
        check_certificate(config)
        if not self._lock.acquire():
            raise ConflictError("Another server runs on this store; stop it first.")
        self._lock.write(str(os.getpid()))
        self._socket = _bind(config)
        self.port: int = self._socket.getsockname()[1]
        self.dispatcher = Dispatcher(config)

    @property
    def address(self) -> str:
        """Where the server can be reached."""
        scheme = "https" if self.config.certificate else "http"
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        return f"{scheme}://{host}:{self.port}"

    def run(self, when_ready: Callable[[str], None] | None = None) -> None:
        """Serve until somebody asks for the end (SIGTERM, SIGINT, or `stop`)."""
        before = [
            (number, signal.signal(number, lambda *_: self.stop()))
            for number in (signal.SIGINT, signal.SIGTERM)
        ]
        try:
            self.dispatcher.start()
            for place in range(self.config.workers):
                self._start_worker(place)
            while not self._stopping:
                time.sleep(_LOOK)
                self._look()
                if when_ready is not None and all(worker.ready for worker in self._workers):
                    when_ready(self.address)
                    when_ready = None
        finally:
            self._end()
            for number, handler in before:
                signal.signal(number, handler)

    def stop(self) -> None:
        """Ask for the end; what runs is finished first."""
        self._stopping = True  # no lock: a signal handler may stand in the middle of anything

    def _start_worker(self, place: int) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=run_worker,
            args=(self.config, self._socket, self._counts, place, theirs),
            name="guanxi worker",
        )
        process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours, place, time.monotonic()))

    def _look(self) -> None:
        """See to the workers: one that died gets a successor."""
        for worker in list(self._workers):
            with suppress(EOFError, OSError):
                while worker.line.poll():
                    if worker.line.recv() == READY:
                        worker.ready = True
            if worker.process.is_alive():
                continue
            self._workers.remove(worker)
            self._counts[worker.place] = AWAY
            worker.line.close()
            lived = time.monotonic() - worker.started
            log_event("worker died", exit=worker.process.exitcode, seconds=round(lived, 1))
            self._failures = 0 if worker.ready else self._failures + 1
            if self._failures >= _MOST_FAILURES:
                raise ServiceError(
                    "The workers end as soon as they begin; the lines above say why."
                )
            self._start_worker(worker.place)

    def _end(self) -> None:
        """Workers answer what they have begun, jobs get their grace; then everything ends."""
        for worker in self._workers:
            with suppress(OSError):
                worker.line.send(STOP)
        self._socket.close()
        self.dispatcher.stop(self.config.grace)
        deadline = time.monotonic() + self.config.request_seconds
        for worker in self._workers:
            worker.process.join(max(0.1, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.line.close()
        self._lock.release()


def refuse_openness(config: ServeConfig, database: Database) -> None:
    """Raise ForbiddenError where the server would stand open to others than this machine."""
    if good_keys(database):
        return
    if not config.is_private:
        raise ForbiddenError(
            f"Without a key nobody but this machine may reach the server, and --host {config.host} "
            "would let others in. Make a key first: guanxi key new --scope admin"
        )
    if config.proxy or config.hosts:
        raise ForbiddenError(
            "A server that others reach through a proxy or under other names needs a key. Make "
            "one first: guanxi key new --scope admin"
        )


def check_certificate(config: ServeConfig) -> None:
    """Raise ServiceError where TLS was asked for and would not work."""
    if config.certificate is None or config.private_key is None:
        return

    def no_password() -> str:
        raise ServiceError(
            f"The key {config.private_key} is locked by a password, which a server cannot type; "
            "unlock it first: openssl pkey -in KEY -out UNLOCKED"
        )

    for path in (config.certificate, config.private_key):
        if not os.access(path, os.R_OK):
            raise ServiceError(f"There is no file {path} that can be read, for TLS.")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(config.certificate, config.private_key, no_password)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise ServiceError(
            f"{config.certificate} and {config.private_key} are no certificate and its key, both "
            f"as PEM: {str(reason).replace('_', ' ').lower()}."
        ) from error


def _bind(config: ServeConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Head and body of an answer go out one after the other; connections inherit it.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind((config.host, config.port))
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ServiceError(
            f"The server cannot listen on {config.host} port {config.port}: {reason}. Name "
            "another one with --port."
        ) from error
    listening.listen(_BACKLOG)
    listening.set_inheritable(True)
    return listening
