"""A load that is analysed afterwards, by a job that the server begins itself."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from guanxi.api.bodies import follower_of
from guanxi.errors import OverloadedError
from tests.api.conftest import Api, Serve

HTML = {"Accept": "text/html"}


def loading(api: Api, rows: str = "u1,hub\nu2,hub\n", **more: Any) -> dict[str, Any]:
    sent = api.upload("follows.csv", "actor,target\n" + rows)
    return {"files": [{"upload": sent, "role": "follows"}], **more}


def page(api: Api, address: str, **headers: str) -> str:
    found = api.client.get(address, headers={**HTML, **headers})
    assert found.status_code == 200, found.text
    return str(found.text)


def test_what_follows_a_request() -> None:
    assert follower_of("load", '{"analyze": true}') == "analyze"
    assert follower_of("load", '{"analyze": true, "check": true}') is None
    assert follower_of("load", "{}") is None
    assert follower_of("snapshot", "{}") is None


def test_the_analysis_follows_the_load(serve: Serve, tmp_path: Path) -> None:
    api = serve(jobs=True, path=tmp_path / "new.duckdb")
    load = api.run("load", loading(api, analyze=True))
    assert load["state"] == "done", load
    following = api.service.jobs.follower(api.service.jobs.find(load["id"]))
    assert following is not None
    assert api.wait(f"/v1/jobs/{following.id}")["state"] == "done"
    assert api.client.get("/v1/top?n=1").json()["rows"][0]["id"] == "hub"
    assert f'href="/jobs/{following.id}"' in page(api, f"/jobs/{load['id']}")
    on = api.client.get(f"/jobs/{load['id']}?on=1", headers=HTML, follow_redirects=False)
    assert on.headers["location"] == f"/jobs/{following.id}"
    # A new state of the network: its ranking is gone until it is analysed, and the page says so.
    again = api.run("load", loading(api, "u3,hub\n,x\n"))
    assert api.service.jobs.follower(api.service.jobs.find(again["id"])) is None
    assert "Analyse now" in page(api, f"/jobs/{again['id']}?on=1")
    for address in ("/", "/influencers", "/communities", "/bridges", "/communities/1"):
        found = api.client.get(address, headers=HTML)
        assert found.status_code == (409 if address == "/communities/1" else 200)
        assert "What was loaded last is not analysed yet" in found.text
        assert 'data-call="/v1/analyze"' in found.text
        assert "/static/actions.js" in found.text
    assert "/v1/analyze" not in page(api, "/influencers", **api.key("read"))


def test_rejected_rows_are_seen_before_the_analysis(api: Api) -> None:
    jobs = api.service.jobs
    job = jobs.add("load", '{"files": [], "analyze": true}', scope="write", key="local")
    assert "data-next" in page(api, f"/jobs/{job.id}")
    place = jobs.place(job.id)
    place.mkdir(parents=True)
    (place / "result.json").write_text('{"rows": [{"file": "a", "rejected": 2}], "meta": {}}')
    jobs.end(job.id, "done")
    jobs.add("analyze", "{}", scope="write", key="local", idempotency=f"after {job.id}")
    shown = page(api, f"/jobs/{job.id}?on=1")
    assert "The files are loaded" in shown
    assert "The analysis is under way" in shown
    (following,) = re.findall(r'id="following" data-job="(\w+)"', shown)
    assert f'class="button primary" href="/jobs/{following}"' in shown
    assert "/static/following.js" in shown


def test_a_first_row_that_may_be_names_is_told_before_the_analysis(
    serve: Serve, tmp_path: Path
) -> None:
    api = serve(jobs=True, path=tmp_path / "new.duckdb")
    sent = api.upload("odd.csv", "foo,bar\n1,2\n")
    asked = {"files": [{"upload": sent, "role": "follows"}], "analyze": True}
    address = f"/jobs/{api.run('load', asked)['id']}"
    shown = api.client.get(f"{address}?on=1", headers=HTML, follow_redirects=False)
    assert shown.status_code == 200
    above = shown.text.split("<h1")[1].split("The files are loaded")[0]
    assert "first row read as data, though it looks like names" in above
    chinese = page(api, address, **{"Accept-Language": "zh"})
    assert "第一行看似列名" in chinese.split("<h1")[1].split("文件已加载")[0]


def test_pages_wait_with_an_analysis_that_is_under_way(serve: Serve, tmp_path: Path) -> None:
    api = serve(jobs=True, path=tmp_path / "new.duckdb")
    assert api.run("load", loading(api))["state"] == "done"
    assert api.dispatcher is not None
    api.dispatcher.stop()
    job = api.client.post("/v1/analyze", json={}).json()
    for address in ("/", "/influencers", "/communities", "/bridges"):
        said = page(api, address)
        assert "The analysis is under way" in said
        assert f'href="/jobs/{job["id"]}"' in said
        assert "/v1/analyze" not in said


def test_a_full_queue_is_said_and_ends_no_load(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = serve(jobs=True, path=tmp_path / "new.duckdb")
    assert api.dispatcher is not None

    def full(*_: object, **__: object) -> None:
        raise OverloadedError("9 jobs are waiting; come again later.", 5)

    monkeypatch.setattr(api.dispatcher.jobs, "add", full)
    load = api.run("load", loading(api, analyze=True))
    assert load["state"] == "done"
    said = [entry["text"] for entry in api.service.jobs.log(load["id"])]
    assert "Too many jobs are waiting: the analysis was not begun." in said
    assert "Analyse now" in page(api, f"/jobs/{load['id']}")


def test_an_end_that_cannot_be_noted_is_noted_later(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = serve(jobs=True, path=tmp_path / "new.duckdb")
    assert api.dispatcher is not None
    end, refused = api.dispatcher.jobs.end, []

    def once(id: str, *more: Any) -> None:
        if not refused:
            refused.append(id)
            raise sqlite3.OperationalError("database or disk is full")
        end(id, *more)

    monkeypatch.setattr(api.dispatcher.jobs, "end", once)
    load = api.run("load", loading(api, analyze=True))
    assert refused == [load["id"]]
    assert load["state"] == "done"
    analyses = [job for job in api.service.jobs.newest() if job.verb == "analyze"]
    assert len(analyses) == 1
