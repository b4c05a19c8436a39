"""What a worker adds to uvicorn: the writes of one turn of the loop go out as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from guanxi.api import worker
from guanxi.api.worker import _Together
from tests.threads import in_own_thread


class Transport:
    """Notes what goes out."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@in_own_thread
def during(work: Callable[[_Together, Transport], None]) -> tuple[list[bytes], Transport]:
    """What is sent by the end of the turn in which `work` is done, and the transport after it."""

    async def turn() -> tuple[list[bytes], Transport]:
        transport = Transport()
        work(_Together(transport), transport)
        before = list(transport.sent)
        await asyncio.sleep(0)
        return before, transport

    return asyncio.run(turn())


def test_head_and_body_go_out_together() -> None:
    def answer(together: _Together, transport: Transport) -> None:
        for part in (b"head", b"", b"body"):
            together.write(part)
        assert not together.is_closing()  # what it does not do itself, the transport does

    before, transport = during(answer)
    assert before == []
    assert transport.sent == [b"headbody"]


def test_what_is_much_does_not_wait() -> None:
    large = b"x" * (worker._MUCH + 1)

    def answer(together: _Together, transport: Transport) -> None:
        together.write(b"head")
        together.write(large)
        together.write(b"end")

    before, transport = during(answer)
    assert before == [b"head" + large]
    assert transport.sent == [b"head" + large, b"end"]


def test_closing_sends_what_there_is_first() -> None:
    def answer(together: _Together, transport: Transport) -> None:
        together.write(b"head")
        together.close()

    before, transport = during(answer)
    assert before == [b"head"]
    assert transport.closed
    assert transport.sent == [b"head"]
