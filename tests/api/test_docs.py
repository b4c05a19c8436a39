"""docs/api.md as its readers use it: each block runs against a server of the demo network."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import guanxi
from guanxi.api.app import ENDPOINTS
from guanxi.api.bodies import VERBS
from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.keys import new_key
from guanxi.fixtures import demo_files
from guanxi.settings import Settings
from tests.api.test_server import server

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def blocks() -> list[tuple[str, str]]:
    return re.findall(r"^```(shell|py)\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)


def test_the_page_names_every_job_and_scope() -> None:
    text = PAGE.read_text("utf-8")
    for verb in VERBS:
        assert f"`{verb}`" in text, verb
    for endpoint in ENDPOINTS:
        assert f"`{endpoint.scope}`" in text or endpoint.scope == "open"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_page_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store, files = tmp_path / "demo.duckdb", demo_files()
    for packed in (files.accounts, files.follows, files.interactions):
        (tmp_path / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    network = guanxi.open(store, threads=1)
    network.load(
        accounts=[files.accounts], follows=[files.follows], interactions=[files.interactions]
    )
    network.analyze()
    network.forget_snapshot()
    database = Database(ServeConfig(Settings(store=str(store))).folder)
    _, key = new_key(database, "write")
    database.close()
    with server(store, "--jobs", "2", "--threads", "1") as found:
        names: dict[str, object] = {"API": found.address, "KEY": key}
        environment = {**os.environ, "API": found.address, "KEY": key}
        for kind, text in blocks():
            if kind == "py":
                exec(compile(text, str(PAGE), "exec"), names)
                continue
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", text],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    assert names["ids"] == list(dict.fromkeys(names["ids"]))  # type: ignore[call-overload]
    assert len(names["ids"]) == 5000  # type: ignore[arg-type]
