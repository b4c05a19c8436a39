"""Bombs, huge bodies and slow clients against a whole server: it answers, and stays small."""

from __future__ import annotations

import io
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.test_server import Server, command_of, server, wait_for

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")

MEGABYTE = 1 << 20
#: Memory of its own that a worker may take, and a job that reads a workbook.
WORKER, JOB = 250 * MEGABYTE, 400 * MEGABYTE


def own_memory(pid: int) -> int:
    """Bytes of a process that no file stands behind."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


@contextmanager
def peaks(found: Server) -> Iterator[dict[str, int]]:
    """The most memory that the workers and the jobs of a server take meanwhile, by kind."""
    seen = {"worker": 0, "job": 0}
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            for pid in found.children():
                kind = "job" if "job_process" in command_of(pid) else "worker"
                seen[kind] = max(seen[kind], own_memory(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


@pytest.fixture(scope="module")
def found(made_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("memory")
    shutil.copytree(made_store, folder, dirs_exist_ok=True)
    with server(folder / "net.duckdb", "--jobs", "2", "--threads", "1") as started:
        yield started


TYPES = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""  # noqa: E501
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 50) for i in range(8))
    + b"]><workbook>&i;</workbook>"
)


def workbook(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return target.getvalue()


def zip_bomb() -> bytes:
    """A table of texts of 3 GB, as its directory says, in a few bytes."""
    small = bytearray(workbook(workbook=b"<workbook/>", sharedStrings=b"x" * 100))
    place = small.rfind(b"PK\x01\x02")
    small[place + 24 : place + 28] = (3 << 30).to_bytes(4, "little")
    return bytes(small)


def large_workbook() -> bytes:
    """A real sheet of 300 MB, in 300 KB: one text that never ends."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Target="worksheets/sheet1.xml" Type="http://schemas.'
            'openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(
                b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
            )
            for _ in range(300):
                sheet.write(b"x" * MEGABYTE)
            sheet.write(b"</t></is></c></row></sheetData></worksheet>")
    return target.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "a directory that says 3 GB": zip_bomb,
    "entities of entities": lambda: workbook(workbook=LAUGHS),
    "a text of 300 MB": large_workbook,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(found: Server, name: str) -> None:
    with peaks(found) as most:
        sent = httpx2.post(
            f"{found.address}/v1/uploads?name=bomb.xlsx", content=BOMBS[name](), timeout=60
        )
        body = {"files": [{"upload": sent.json()["id"], "role": "accounts"}]}
        place = httpx2.post(f"{found.address}/v1/load", json=body, timeout=60).headers["location"]
        job = wait_for(lambda: ended(found, place))
    assert job["state"] == "failed", job
    assert job["problem"]["status"] == 422, job
    assert "bomb.xlsx" in job["problem"]["detail"]
    assert found.get("/readyz").json() == {"status": "ok", "loaded": True}
    assert most["worker"] < WORKER
    assert 0 < most["job"] < JOB


def ended(found: Server, place: str) -> dict[str, Any] | None:
    job: dict[str, Any] = found.get(place).json()
    return None if job["state"] in ("queued", "running") else job


def connect(found: Server) -> socket.socket:
    host, port = found.address.removeprefix("http://").split(":")
    made = socket.create_connection((host, int(port)))
    made.settimeout(30)
    return made


def test_two_hundred_slow_clients_and_huge_bodies(found: Server) -> None:
    head = b"Host: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with peaks(found) as most:
        before = most["worker"]
        slow = [connect(found) for _ in range(200)]
        for number, each in enumerate(slow):
            if number % 4 == 0:  # a head that never ends
                each.sendall(b"GET /v1/top HTTP/1.1\r\nHost: 127.0")
            elif number % 4 == 1:  # a body that never ends
                each.sendall(b"POST /v1/seeds HTTP/1.1\r\n" + head + b"Content-Length: 99\r\n\r\n{")
            elif number % 4 == 2:  # a file that never ends
                each.sendall(
                    b"POST /v1/uploads?name=a.csv HTTP/1.1\r\n" + head + b"Content-Length: "
                    b"1000000\r\n\r\n" + b"x" * 1000
                )
        for path, length in ((b"seeds", 10**10), (b"uploads?name=a.csv", 10**11)):
            with connect(found) as huge:
                text = b"POST /v1/%s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (
                    path,
                    head,
                    length,
                )
                huge.sendall(text + b"x" * 1000)
                assert b" 413 " in huge.recv(4096)
        with connect(found) as chunked:
            text = b"POST /v1/seeds HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n"
            chunked.sendall(text)
            assert b" 413 " in pour(chunked, 20 * MEGABYTE)
        with connect(found) as long:
            long.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 60_000)
            assert b" 400 " in long.recv(4096)
        began = time.monotonic()
        assert found.get("/v1/top?n=2").status_code == 200
        assert time.monotonic() - began < 10
        for each in slow:
            each.close()
    assert before < most["worker"] < WORKER
    assert most["job"] == 0
    # What broke off leaves nothing behind.
    wait_for(lambda: not any((found.log.parent / "net.duckdb.d/server/uploads").glob("*/a.csv")))
    assert found.get("/healthz").status_code == 200


def pour(connection: socket.socket, most: int) -> bytes:
    """Send parts of a body until the server has enough; what it says."""
    part = b"%x\r\n%s\r\n" % (MEGABYTE, b"x" * MEGABYTE)
    connection.setblocking(False)
    sent, said = 0, b""
    deadline = time.monotonic() + 30
    while not said and sent < most and time.monotonic() < deadline:
        try:
            sent += connection.send(part[sent % len(part) :])
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:  # it wants no more
            sent = most
        with suppress(BlockingIOError):
            said = connection.recv(4096)
    return said
