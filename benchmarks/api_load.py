"""A client that asks as fast as it is answered: `python -m benchmarks.api_load HOST PORT FILE …`.

FILE holds addresses, a line each; connections take them in turns and stay open. Prints JSON: how
many answers of which status there were, in how many seconds, and how long each took.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Connection(asyncio.Protocol):
    """Sends a request, waits for all of its answer, sends the next one."""

    def __init__(self, requests: Iterator[bytes], until: float, most: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()
        self._requests, self._until, self._most = requests, until, most

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._begun = time.perf_counter()
        if self._begun > self._until or len(self.took) >= self._most:
            self._transport.close()
            return
        self._parts: list[bytes] = []
        self._missing: int | None = None
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._parts.append(data)
        if self._missing is None:
            sofar = b"".join(self._parts)
            head, gap, body = sofar.partition(b"\r\n\r\n")
            if not gap:
                return
            length = _LENGTH.search(head)
            self._missing = (int(length[1]) if length else 0) - len(body)
            self.statuses[int(head[9:12])] += 1
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            self.took.append(time.perf_counter() - self._begun)
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def _run(given: argparse.Namespace) -> dict[str, object]:
    headers = f"Host: {given.host}:{given.port}\r\nAccept: application/json\r\n"
    if given.key:
        headers += f"Authorization: Bearer {given.key}\r\n"
    lines = given.file.read_text("utf-8").splitlines()
    requests = itertools.cycle([f"GET {line} HTTP/1.1\r\n{headers}\r\n".encode() for line in lines])
    began = time.perf_counter()
    most = given.requests or float("inf")
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(given.connections):
        _, one = await loop.create_connection(
            lambda: _Connection(requests, began + given.seconds, most), given.host, given.port
        )
        connections.append(one)
    await asyncio.gather(*(one.done for one in connections))
    return {
        "seconds": time.perf_counter() - began,
        "statuses": sum((one.statuses for one in connections), Counter()),
        "took": [took for one in connections for took in one.took],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", default="")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--requests", type=int, default=0, help="of each connection at most")
    json.dump(asyncio.run(_run(parser.parse_args())), sys.stdout)


if __name__ == "__main__":
    main()
