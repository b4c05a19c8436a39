"""What `bench_api` asks: guanxi's server on a store of its own, and a route that does nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import guanxi
from benchmarks import graphs
from benchmarks.harness import Scale
from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.keys import new_key
from guanxi.fixtures import write_network
from guanxi.settings import Settings

WORKERS = 2
ENDED_BY = 30.0


@dataclass(frozen=True)
class Answers:
    """What one run of the client saw."""

    seconds: float
    statuses: dict[str, int]
    took: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds


@dataclass(frozen=True)
class Server:
    """A server that answers, and its process."""

    port: int
    process: subprocess.Popen[str]
    key: str = ""

    def ask(self, paths: list[str], **options: float) -> Answers:
        """Let a process of its own ask these addresses; RuntimeError unless all is well."""
        file = graphs.FOLDER / f"paths-{os.getpid()}.txt"
        file.write_text("\n".join(paths), "utf-8")
        argv = [sys.executable, "-m", "benchmarks.api_load", "127.0.0.1", str(self.port), str(file)]
        argv += [f"--{name}={value}" for name, value in options.items()] + [f"--key={self.key}"]
        try:
            found = json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
        finally:
            file.unlink()
        if set(found["statuses"]) != {"200"}:
            raise RuntimeError(f"not all was answered: {found['statuses']} of {paths[0]} …")
        return Answers(**found)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request, its answer as JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def worker_memory(self) -> list[float]:
        """Memory (MB) of each worker that no file stands behind; what is mapped is shared."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                status = (process / "status").read_text()
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            parent = re.search(r"PPid:\s*(\d+)", status)
            anonymous = re.search(r"RssAnon:\s*(\d+) kB", status)
            ours = parent is not None and int(parent[1]) == self.process.pid
            if ours and anonymous is not None and b"spawn_main" in command:
                found.append(int(anonymous[1]) / 1024)
        return found


def make_store(scale: Scale) -> Path:
    """A network with an accounts file, loaded and analysed; made once."""
    folder = graphs.FOLDER / f"api-{scale.accounts}-{scale.edges}"
    store = folder / "net.duckdb"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        write_network(folder / "files", graphs.network(scale.accounts, scale.edges))
        network = guanxi.open(store, threads=scale.threads)
        network.load(
            accounts=[folder / "files" / "accounts.csv"],
            follows=[folder / "files" / "follows.csv"],
        )
        network.analyze()
        network.forget_snapshot()
        shutil.rmtree(folder / "files")
        (folder / "made").touch()
    return store


@contextmanager
def guanxi_server(store: Path) -> Iterator[Server]:
    """`guanxi serve` with two workers of one thread each, and a key that may ask much."""
    config = ServeConfig(Settings(store=str(store)))
    database = Database(config.folder)
    _, key = new_key(database, "plan", name="benchmark", rate=10**9)
    database.close()
    script = Path(sys.executable).with_name("guanxi")
    argv = [str(script), "serve", "--port", "0", "--workers", str(WORKERS), "--threads", "1"]
    process = subprocess.Popen(
        [*argv, "--store", str(store)], stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stderr is not None
    with _ended(process):
        for line in process.stderr:
            found = re.search(r"http://127\.0\.0\.1:(\d+) ", line)
            if found:
                break
        else:
            raise RuntimeError("guanxi serve ended before it answered")
        # Its log goes where logs go: to a process that reads it.
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        try:
            yield Server(int(found[1]), process, key)
        finally:
            process.terminate()
            process.wait(ENDED_BY)
            drain.wait(ENDED_BY)


@contextmanager
def empty_server() -> Iterator[Server]:
    """A route that does nothing, with as many workers, on the same HTTP implementation."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "benchmarks.api_empty", str(port), str(WORKERS)]
    process = subprocess.Popen(argv)
    with _ended(process):
        deadline = time.monotonic() + ENDED_BY
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield Server(port, process)


@contextmanager
def _ended(process: subprocess.Popen[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(ENDED_BY)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
