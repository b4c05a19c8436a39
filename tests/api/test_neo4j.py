"""The API over a Neo4j server: the same answers, and what comes in from elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import guanxi
import guanxi.kernels
from guanxi.settings import Settings, load_settings
from tests.api.conftest import Api, Serve
from tests.verbs.conftest import write_small_network


@pytest.fixture
def settings(
    neo4j_server: Any,
    neo4j_servers: Any,
    neo4j_release: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    if neo4j_release is not None:
        neo4j_servers.installation(neo4j_release)  # lies in the user's own cache
    cache = tmp_path / "cache"
    (cache / "guanxi").mkdir(parents=True)  # snapshots of its own, but no kernels of its own
    kernels = guanxi.kernels.cache_folder()
    (cache / "guanxi" / kernels.name).symlink_to(kernels)
    monkeypatch.setenv("GUANXI_CACHE", str(cache))
    for name, value in neo4j_server.settings.items():
        monkeypatch.setenv(name, value)
    return load_settings(None, store=str(neo4j_server.uri), threads=1)


def wait_for(api: Api, what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, api.client.get("/v1/jobs").text
        time.sleep(0.1)


def test_answers_and_jobs_over_a_server(settings: Settings, serve: Serve, tmp_path: Path) -> None:
    write_small_network(tmp_path)
    network = guanxi.Engine(settings=settings)
    network.load(accounts=[tmp_path / "accounts.csv"], follows=[tmp_path / "follows.csv"])
    network.analyze()
    api = serve(jobs=True, settings=settings)
    found = api.client.get("/v1/top?n=5").json()
    assert found["rows"] == network.top(n=5).rows
    assert found["meta"]["store"] == "neo4j"
    assert "bolt://" not in json.dumps(api.client.get("/v1/status").json())
    # Somebody else loads; a job reads it, and the next request sees it.
    (tmp_path / "more.csv").write_text("actor,target\nnew:1,tea:head\n")
    elsewhere = guanxi.Engine(settings=settings)
    elsewhere.load(follows=[tmp_path / "more.csv"])
    more = found["meta"]["accounts"] + 1
    wait_for(api, lambda: api.client.get("/v1/status").json()["rows"][0]["accounts"] == more)
    job = api.run("analyze", {})
    assert job["state"] == "done", job
    members = api.client.get("/v1/communities/members?n=100").json()["rows"]
    assert "new:1" in {row["id"] for row in members}


def test_answers_are_kept_no_longer_than_it_is_known_who_opted_out(
    settings: Settings, serve: Serve, tmp_path: Path, neo4j_server: Any
) -> None:
    (tmp_path / "f.csv").write_text("actor,target\ntarget,middle\nmiddle,source\n")
    network = guanxi.Engine(settings=settings)
    network.load(follows=[tmp_path / "f.csv"])
    network.snapshot()
    api = serve(settings=settings)

    def steps() -> int:
        return len(api.client.get("/v1/chain?source=source&target=target").json()["rows"])

    through_middle = steps()
    assert through_middle > 0
    neo4j_server.run("MATCH (a:Account {id: 'middle'}) SET a.opted_out = true")
    wait_for(api, lambda: steps() == 0)
    neo4j_server.run("MATCH (a:Account {id: 'middle'}) SET a.opted_out = false")
    wait_for(api, lambda: steps() == through_middle)
