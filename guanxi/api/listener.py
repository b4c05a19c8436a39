"""How workers share the connections to the one socket that they all listen on.

Left to itself, whoever wakes first takes all that come at once, and the others have nothing to do
as long as these connections stay open. Here a worker that holds more than another one leaves a new
one to it, for a moment: should the other one be busy, it takes it after all.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

#: Connections of a worker that takes none.
AWAY = (1 << 31) - 1
#: Seconds that a connection waits for a worker that holds fewer.
_PATIENCE = 0.005
#: Seconds after which it is tried again where the system can hold no more connections.
_AGAIN = 1.0


class Counts(Protocol):
    """Numbers in memory that processes share; each is written by one of them."""

    def __getitem__(self, place: int) -> int: ...
    def __setitem__(self, place: int, count: int) -> None: ...
    def __len__(self) -> int: ...


def shared_counts(workers: int) -> Counts:
    """The connections that each worker holds; by now none of them takes any."""
    counts: Counts = multiprocessing.get_context("spawn").RawArray("i", [AWAY] * workers)
    return counts


class Listener:
    """One worker's ear on the socket; `counts[place]` is how many connections this worker holds.

    `take` makes the protocol of a new connection.
    """

    def __init__(
        self,
        listening: socket.socket,
        counts: Counts,
        place: int,
        take: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext | None,
    ) -> None:
        self._listening = listening
        self._counts = counts
        self._place = place
        self._take = take
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._rest: asyncio.TimerHandle | None = None
        self._beginning: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Take connections from now on."""
        self._listening.setblocking(False)
        self._counts[self._place] = 0
        self._loop.add_reader(self._listening, self._look)

    def stop(self) -> None:
        """Take none any more; those that there are go on."""
        self._counts[self._place] = AWAY
        if self._rest is not None:
            self._rest.cancel()
        self._loop.remove_reader(self._listening)

    def count(self, connections: int) -> None:
        """Tell the others how many connections there are; at times, since some have ended.

        Those that still speak of TLS are not among `connections`.
        """
        if self._counts[self._place] != AWAY:
            self._counts[self._place] = connections + len(self._beginning)

    def _look(self) -> None:
        """A connection waits."""
        fewest = min(self._counts[place] for place in range(len(self._counts)))
        if self._counts[self._place] > fewest:
            self._pause(_PATIENCE)
        else:
            self._accept()

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._rest = self._loop.call_later(seconds, self._look_again)

    def _look_again(self) -> None:
        """Nobody else took it, perhaps: then it has waited long enough."""
        self._rest = None
        self._loop.add_reader(self._listening, self._look)
        self._accept()

    def _accept(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:  # too many open files, say
            trouble = {"message": "no connection can be taken", "exception": error}
            self._loop.call_exception_handler(trouble)
            self._pause(_AGAIN)
            return
        self._counts[self._place] += 1
        task = self._loop.create_task(self._begin(connection))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        with suppress(OSError):  # the client has gone, or knows no TLS
            await self._loop.connect_accepted_socket(self._take, connection, ssl=self._context)
