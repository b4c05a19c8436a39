"""How workers share connections: evenly, and without one that has to wait for long."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from guanxi.api import listener
from guanxi.api.listener import AWAY, Counts, Listener, shared_counts
from tests.threads import in_own_thread

Stage = Callable[["World"], Awaitable[None]]


class World:
    """Workers that listen to one socket, and clients."""

    def __init__(self, counts: Counts, listening: int) -> None:
        self.counts = counts
        self.socket = socket.create_server(("127.0.0.1", 0))
        ears = [self.socket.dup() for _ in range(listening)]
        self.taken = [0] * listening
        self.listeners = [
            Listener(ear, counts, place, self._taker(place), None) for place, ear in enumerate(ears)
        ]
        self.open: list[Any] = [self.socket, *ears]

    def _taker(self, place: int) -> Callable[[], asyncio.Protocol]:
        def take() -> asyncio.Protocol:
            self.taken[place] += 1
            return asyncio.Protocol()

        return take

    async def connect(self, clients: int) -> None:
        for _ in range(clients):
            client = socket.create_connection(self.socket.getsockname())
            self.open.append(client)
        before = sum(self.taken)
        for _ in range(200):
            await asyncio.sleep(0.01)
            if sum(self.taken) == before + clients:
                return


@in_own_thread
def during(counts: Counts, listening: int, stage: Stage) -> World:
    """What becomes of a stage on which so many workers listen."""

    async def play() -> World:
        world = World(counts, listening)
        try:
            await stage(world)
        finally:
            for each in world.listeners:
                each.stop()
            await asyncio.sleep(0.01)
            for each in world.open:
                each.close()
        return world

    return asyncio.run(play())


def test_connections_that_come_at_once_are_shared_evenly() -> None:
    seen: list[int] = []

    async def stage(world: World) -> None:
        for each in world.listeners:
            each.start()
        await world.connect(18)
        seen.extend(world.counts[place] for place in range(3))

    world = during(shared_counts(3), 3, stage)
    assert world.taken == [6, 6, 6]
    assert seen == [6, 6, 6]
    assert [world.counts[place] for place in range(3)] == [AWAY] * 3


def test_who_holds_more_takes_what_nobody_else_takes() -> None:
    async def stage(world: World) -> None:
        world.listeners[0].start()
        world.listeners[0].count(5)
        await world.connect(4)

    world = during([AWAY, 0], 1, stage)
    assert world.taken == [4]


def test_who_has_lost_connections_is_given_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_PATIENCE", 60.0)

    async def stage(world: World) -> None:
        for each in world.listeners:
            each.start()
        await world.connect(4)
        world.listeners[1].count(0)
        await world.connect(2)

    assert during(shared_counts(2), 2, stage).taken == [2, 4]


def test_nobody_waits_for_who_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_PATIENCE", 60.0)

    async def stage(world: World) -> None:
        world.listeners[0].start()
        await world.connect(3)
        world.listeners[0].stop()
        world.listeners[0].count(0)  # uvicorn goes on counting
        assert world.counts[0] == AWAY

    assert during(shared_counts(2), 1, stage).taken == [3]


def test_who_has_stopped_takes_none_even_if_he_had_left_one_for_a_moment() -> None:
    async def stage(world: World) -> None:
        world.listeners[0].start()
        world.listeners[0].count(1)
        world.open.append(socket.create_connection(world.socket.getsockname()))
        await asyncio.sleep(0)  # it is seen, and left alone
        world.listeners[0].stop()
        await asyncio.sleep(4 * listener._PATIENCE)

    assert during([AWAY, 0], 1, stage).taken == [0]


class Full:
    """A socket of a system that can hold no more connections, once."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def accept(self) -> Any:
        if not self.refused:
            self.refused += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._inner.accept()


def test_too_many_open_files_are_told_and_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_AGAIN", 0.05)
    told: list[Any] = []

    async def stage(world: World) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        full: Any = Full(world.open[1])
        world.listeners[0]._listening = full
        world.listeners[0].start()
        await world.connect(2)

    assert during(shared_counts(1), 1, stage).taken == [2]
    assert [context["exception"].errno for context in told] == [errno.EMFILE]


def test_a_connection_that_still_begins_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def begin(_: Listener, connection: socket.socket) -> None:
        with connection:
            await asyncio.sleep(60)

    monkeypatch.setattr(Listener, "_begin", begin)
    seen = []

    async def stage(world: World) -> None:
        [ear] = world.listeners
        ear.start()
        world.open.append(socket.create_connection(world.socket.getsockname()))
        await asyncio.sleep(0.05)
        ear.count(3)  # of those that have begun
        seen.append(world.counts[0])
        for task in ear._beginning:
            task.cancel()

    during(shared_counts(1), 1, stage)
    assert seen == [4]
