"""A whole server in processes of its own, as people start it: workers, jobs, ends of all kinds."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

import guanxi
from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.keys import new_key, revoke_key
from guanxi.api.server import Supervisor, refuse_openness
from guanxi.errors import ConflictError, ForbiddenError, ServiceError
from guanxi.settings import Settings
from tests.verbs.conftest import Run, run

__all__ = ["run"]


@dataclass
class Server:
    """A running `guanxi serve`."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return httpx2.get(self.address + path, timeout=30, **options)

    def children(self) -> list[int]:
        """The processes that it started."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for path in threads for pid in path.read_text().split()]


def wait_for(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx2.TransportError):
            if found := what():
                return found
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@contextmanager
def server(store: Path, *options: str) -> Iterator[Server]:
    log = store.parent / "serve.log"
    command = [sys.executable, "-m", "guanxi.cli", "--store", str(store), "serve", "--port", "0"]
    with log.open("w") as file:
        process = subprocess.Popen([*command, *options], stderr=file, text=True)
    try:
        found = wait_for(
            lambda: (
                re.search(r"https?://[0-9.]+:\d+", log.read_text()) or process.poll() is not None
            )
        )
        assert found is not True, log.read_text()
        yield Server(process, found[0], log)
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_a_server_through_good_and_bad_days(store: Path) -> None:
    with server(store, "--workers", "2") as found:
        assert found.get("/readyz").json() == {"status": "ok", "loaded": True}
        before = found.get("/v1/top?n=100").json()
        workers = worker_pids(found)
        assert len(workers) == 2
        wait_for(lambda: connections_gained(found, workers) == [4, 4])

        # A new snapshot is taken up, and not one request fails meanwhile.
        load_from_elsewhere(store)
        versions = set()
        for _ in range(40):
            answer = found.get("/v1/communities/members?n=100")
            assert answer.status_code in (200, 409), answer.text  # 409: not analysed yet
            versions.add(found.get("/v1/status").json()["rows"][0]["snapshot_version"])
        assert before["meta"]["store_version"] + 1 in versions

        # A worker that is killed has a successor; no other notices.
        os.kill(workers[0], signal.SIGKILL)
        wait_for(lambda: len(worker_pids(found)) == 2 and workers[0] not in worker_pids(found))
        assert wait_for(lambda: found.get("/healthz").status_code == 200)

        # A job that is killed fails alone.
        url = found.address
        asked = httpx2.post(f"{url}/v1/seeds", json={"k": 2, "samples": 2048}, timeout=30)
        place = asked.headers["location"]
        pid = wait_for(lambda: job_pid(found))
        os.kill(pid, signal.SIGKILL)
        job = wait_for(lambda: ended(found, place))
        assert job["state"] == "failed"
        assert "signal 9" in job["problem"]["detail"]

        # Killed in the middle of a job, the server leaves no process behind.
        asked = httpx2.post(f"{url}/v1/seeds", json={"k": 2, "samples": 2048}, timeout=30)
        second = asked.headers["location"]
        wait_for(lambda: job_pid(found))
        everyone = found.children()
        found.process.kill()
        wait_for(lambda: not any(map(is_alive, everyone)))

    # Started again, it does what was confirmed.
    with server(store) as found:
        job = wait_for(lambda: ended(found, second))
        assert job["state"] == "done", job
        assert found.get(f"{second}/result").status_code == 200
        assert found.get(place).json()["state"] == "failed"
        found.process.terminate()
        assert found.process.wait(60) == 0
    assert str(store.parent) not in "".join(
        json.dumps(line) for line in events(found.log) if line["event"] == "request"
    )


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_killed_in_the_middle_of_a_load_nothing_confirmed_is_lost(tmp_path: Path) -> None:
    store = tmp_path / "new.duckdb"
    rows = "".join(f"u{i},v{i % 1000}\n" for i in range(200_000))
    with server(store) as found:
        sent = httpx2.post(
            f"{found.address}/v1/uploads?name=f.csv",
            content="actor,target\n" + rows,
            timeout=30,
        ).json()
        assert sent["bytes"] == len(rows) + len("actor,target\n")
        # An upload that breaks off with its worker was not confirmed, and is not listed.
        with half_an_upload(found):
            os.kill(worker_pids(found)[0], signal.SIGKILL)
        wait_for(lambda: found.get("/healthz").status_code == 200)
        assert [each["id"] for each in found.get("/v1/uploads").json()["uploads"]] == [sent["id"]]
        body = {"files": [{"upload": sent["id"], "role": "follows"}]}
        once = {"Idempotency-Key": "load-1"}
        asked = httpx2.post(f"{found.address}/v1/load", json=body, headers=once, timeout=30)
        wait_for(lambda: found.get(asked.headers["location"]).json()["progress"] is not None)
        everyone = found.children()
        found.process.kill()
        wait_for(lambda: not any(map(is_alive, everyone)))
    with server(store) as found:
        # Nor does it take room any longer.
        places = ServeConfig(Settings(store=str(store))).folder / "uploads"
        assert [place.name for place in places.iterdir()] == [sent["id"]]
        again = httpx2.post(f"{found.address}/v1/load", json=body, headers=once, timeout=30)
        assert again.json()["id"] == asked.json()["id"]
        job = wait_for(lambda: ended(found, asked.headers["location"]))
        assert job["state"] == "done", job
        (row,) = found.get(job["result"]).json()["rows"]
        assert (row["rows"], row["accepted"], row["rejected"]) == (200_000, 200_000, 0)
        assert found.get("/v1/status").json()["rows"][0]["follows"] == 200_000


@contextmanager
def half_an_upload(found: Server) -> Iterator[None]:
    """A client that has sent half of a file when something happens."""
    host, port = found.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(
            b"POST /v1/uploads?name=half.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Length: 2000\r\n\r\n" + b"x" * 1000
        )
        uploads = found.log.parent / "new.duckdb.d" / "server" / "uploads"
        wait_for(lambda: any(uploads.glob("*/half.csv")))
        yield
        client.settimeout(30)
        with suppress(ConnectionError):
            assert client.recv(100) == b""


def worker_pids(found: Server) -> list[int]:
    return [pid for pid in found.children() if "multiprocessing.spawn" in command_of(pid)]


def connections_gained(found: Server, workers: list[int]) -> list[int]:
    """How many of eight connections that come at once each worker takes."""
    host, port = found.address.removeprefix("http://").split(":")
    before = [sockets_of(pid) for pid in workers]
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(socket.create_connection((host, int(port))))
        time.sleep(0.2)  # by now they are taken; connections from before may end at any time
        return [sockets_of(pid) - had for pid, had in zip(workers, before, strict=True)]


def sockets_of(pid: int) -> int:
    found = 0
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            found += os.readlink(path).startswith("socket:")
    return found


def job_pid(found: Server) -> int | None:
    jobs = [pid for pid in found.children() if "guanxi.api.job_process" in command_of(pid)]
    return jobs[0] if jobs else None


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def ended(found: Server, place: str) -> dict[str, Any] | None:
    job: dict[str, Any] = found.get(place).json()
    return None if job["state"] in ("queued", "running") else job


def load_from_elsewhere(store: Path) -> None:
    (store.parent / "more.csv").write_text("actor,target\nnew:1,tea:head\n")
    network = guanxi.open(store, threads=1)
    network.load(follows=[store.parent / "more.csv"])
    network.forget_snapshot()


def test_a_stop_answers_what_has_begun(store: Path) -> None:
    with server(store) as found:
        asked = httpx2.post(f"{found.address}/v1/seeds", json={"k": 2, "samples": 2048}, timeout=30)
        place = asked.headers["location"]
        wait_for(lambda: found.get(place).json()["state"] == "running")
        with httpx2.stream("GET", f"{found.address}{place}/events", timeout=30) as stream:
            lines = stream.iter_lines()
            next(lines)
            found.process.terminate()
            assert list(lines)  # the stream ends, and does not break
        assert found.process.wait(60) == 0
    database = Database(Path(f"{store}.d") / "server")
    row = database.one("SELECT state FROM jobs")
    assert row is not None
    assert row["state"] == "done"  # a stop waits for what runs


def config_of(store: Path, **options: Any) -> ServeConfig:
    return ServeConfig(Settings(store=str(store)), **options)


def test_nobody_else_comes_in_without_a_key(store: Path) -> None:
    database = Database(config_of(store).folder)
    for options in ({"host": "0.0.0.0"}, {"host": "::"}, {"proxy": True}, {"hosts": ("a",)}):
        with pytest.raises(ForbiddenError, match="key new"):
            refuse_openness(config_of(store, **options), database)
    refuse_openness(config_of(store), database)
    key, _ = new_key(database, "read")
    refuse_openness(config_of(store, host="0.0.0.0"), database)
    revoke_key(database, key.id)
    with pytest.raises(ForbiddenError):
        refuse_openness(config_of(store, host="0.0.0.0"), database)


def test_one_server_for_a_store_and_a_port(store: Path, tmp_path: Path) -> None:
    first = Supervisor(config_of(store, port=0))
    with pytest.raises(ConflictError, match="Another server"):
        Supervisor(config_of(store, port=0))
    with pytest.raises(ServiceError, match="cannot listen"):
        Supervisor(config_of(tmp_path / "other.duckdb", port=first.port))
    first._socket.close()
    first._lock.release()


def test_keys_on_the_command_line(store: Path, run: Run) -> None:
    made = run(
        "--store", store, "key", "new", "--scope", "plan", "--name", "crm", "--expires", "1d"
    )
    assert made.code == 0
    assert made.out.startswith("gx_")
    id = made.out.split("_")[1]
    listed = run("--store", store, "key", "list", "--format", "json").json()["rows"]
    assert [(row["id"], row["name"], row["scope"], row["revoked"]) for row in listed] == [
        (id, "crm", "plan", None)
    ]
    assert made.out.strip() not in run("--store", store, "key", "list").out
    assert run("--store", store, "key", "revoke", id).code == 0
    (row,) = run("--store", store, "key", "list", "--format", "json").json()["rows"]
    assert row["revoked"] is not None
    for wrong in (
        ("key", "revoke", "nobody"),
        ("key", "new", "--scope", "all"),
        ("key", "new", "--expires", "soon"),
        ("serve", "--host", "0.0.0.0"),
        ("serve", "--tls-key", "x"),
    ):
        found = run("--store", store, *wrong)
        assert found.code in (1, 2), wrong
        assert "Traceback" not in found.err
