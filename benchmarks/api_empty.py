"""A FastAPI route that does nothing: `python -m benchmarks.api_empty PORT WORKERS`."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def empty() -> dict[str, str]:
    """Answer at once."""
    return {}


def work(port: int) -> None:
    """One worker, with a socket of its own: the kernel gives each of them its share.

    On a shared one it is chance which worker takes the connections, often nearly all of them.
    """
    # As guanxi does it: without TCP_NODELAY, small answers wait 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(512)
    uvicorn.Server(uvicorn.Config(app, http="h11", access_log=False, log_level="warning")).run(
        sockets=[listening]
    )


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # which ends the workers too
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=work, args=(int(sys.argv[1]),), daemon=True)
        for _ in range(int(sys.argv[2]))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
