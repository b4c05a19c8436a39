"""Jobs: what is asked comes out; cancels, crashes and restarts harm nothing else."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi.api import job_process, running
from guanxi.api.jobs import ATTEMPTS, Jobs
from guanxi.api.running import private_memory
from guanxi.errors import OverloadedError
from tests.api.conftest import Api, Serve

SEEDS = {"k": 2, "samples": 2048}


def wait_for(what: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def slow_jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Jobs that do what the file says: sleep (and take memory), or end themselves."""
    script = tmp_path / "job.py"
    command = (sys.executable, str(script))
    monkeypatch.setattr(running, "_COMMAND", command)
    script.write_text(
        "import sys, time\n"
        'print(\'{"progress": ["Waiting", 1, 4]}\', flush=True)\n'
        'print(\'{"say": "It waits."}\', flush=True)\n'
        "sys.stdin.read()\n"
    )
    return script


def test_seeds_come_out_as_from_the_engine(serve: Serve, store: Path) -> None:
    api = serve(jobs=True)
    asked = api.client.post("/v1/seeds", json=SEEDS)
    assert asked.status_code == 202
    address = asked.headers["location"]
    assert asked.json()["state"] == "queued"
    job = api.wait(address)
    assert job["state"] == "done", job
    assert job["result"] == f"{address}/result"
    expected = guanxi.open(store, threads=1).seeds(2, samples=2048)
    found = api.client.get(f"{address}/result").json()
    assert found["rows"] == expected.rows
    assert found["meta"]["store"] == "net.duckdb"
    assert found["meta"]["certified_ratio"] == expected.meta["certified_ratio"]
    as_csv = api.client.get(f"{address}/result?format=csv").text
    assert [row["id"] for row in csv.DictReader(io.StringIO(as_csv))] == [
        row["id"] for row in expected
    ]
    events = api.client.get(f"{address}/events").text
    assert "event: state\ndata: " in events
    last = json.loads(events.strip().splitlines()[-1].removeprefix("data: "))
    assert last["state"] == "done"
    said = api.client.get(f"{address}/log").json()["log"]
    later = api.client.get(f"{address}/log", params={"after": said[0]["number"]}).json()["log"]
    assert later == said[1:]
    resumed = api.client.get(
        f"{address}/events", headers={"Last-Event-ID": str(said[-1]["number"])}
    ).text
    assert "event: log" in events
    assert "event: log" not in resumed
    assert [each["id"] for each in api.client.get("/v1/jobs").json()["jobs"]] == [job["id"]]
    assert api.client.get("/v1/jobs?state=failed").json()["jobs"] == []
    assert api.client.delete(address).status_code == 204
    assert api.client.get(address).status_code == 404
    assert not api.service.jobs.place(job["id"]).exists()


def test_upload_load_rejects_analyze_export(serve: Serve, tmp_path: Path) -> None:
    api = serve(jobs=True, path=tmp_path / "new.duckdb")
    assert api.client.get("/v1/top").status_code == 409
    follows = api.upload(
        "../folder/fol[1]*.csv",
        "actor,target\n" + "".join(f"u{i},hub\n" for i in range(30)) + ",x\n",
    )
    assert api.client.get(f"/v1/uploads/{follows}").json()["name"] == "fol_1__.csv"
    body = {"files": [{"upload": follows, "role": "follows"}]}
    job = api.run("load", body)
    assert job["state"] == "done", job
    found = api.client.get(job["result"]).json()
    assert found["rows"][0] | {"accepted": 30, "rejected": 1} == found["rows"][0]
    assert str(tmp_path) not in json.dumps(found)
    assert str(tmp_path) not in api.client.get(f"/v1/jobs/{job['id']}/log").text
    (rejects,) = api.client.get(f"/v1/jobs/{job['id']}/files").json()["files"]
    content = api.client.get(rejects["address"])
    assert "x" in content.text
    assert str(tmp_path) not in content.text
    assert rejects["name"] in content.headers["content-disposition"]
    assert api.client.get(f"/v1/jobs/{job['id']}/files/7").status_code == 404
    assert api.client.get("/v1/top").json()["type"] == "/docs#not-analysed"
    job = api.run("analyze", {"communities": "label-propagation"})
    assert job["state"] == "done", job
    assert api.client.get("/v1/top?n=1").json()["rows"][0]["id"] == "hub"
    personal = api.run("top", {"n": 1, "personalize": ["u3"]})
    assert "personalized_pagerank" in api.client.get(personal["result"]).json()["rows"][0]
    exported = api.run("export", {"format": "jsonl"})
    files = api.client.get(f"/v1/jobs/{exported['id']}/files").json()["files"]
    assert {"accounts.jsonl", "follows.jsonl"} <= {file["name"] for file in files}
    assert api.client.delete(f"/v1/uploads/{follows}").status_code == 204
    assert api.client.get(f"/v1/uploads/{follows}").status_code == 404
    assert api.client.post("/v1/load", json=body).status_code == 404


def test_lists_by_upload_and_errors_of_a_job(serve: Serve, tmp_path: Path) -> None:
    api = serve(jobs=True)
    listed = api.upload("list.csv", "id\ntea:head\nnobody\n")
    job = api.run("reach", {"lists": [{"upload": listed}, ["art:head"]], "samples": 2048})
    found = api.client.get(job["result"]).json()
    assert [row["set"] for row in found["rows"]][:2] == ["list.csv", "list 2"]
    assert any("list.csv" in note for note in found["meta"]["notes"])
    nobody = api.upload("nobody.csv.gz", gzip.compress(b"id\nnobody\n"))
    failed = api.run("reach", {"lists": [{"upload": nobody}], "samples": 2048})
    assert failed["state"] == "failed"
    assert failed["problem"]["type"] == "/docs#unknown-account"
    refused = api.client.get(f"/v1/jobs/{failed['id']}/result")
    assert refused.status_code == 409
    assert (
        "nobody" in refused.json()["detail"] or "none of its accounts" in refused.json()["detail"]
    )
    broken = api.upload("list.xlsx", b"PK\x03\x04 no workbook")
    failed = api.run("reach", {"lists": [{"upload": broken}]})
    assert failed["problem"]["type"] == "/docs#wrong-file"
    assert str(tmp_path) not in json.dumps(failed)


def test_cancel_ends_the_process(serve: Serve, slow_jobs: Path) -> None:
    api = serve(jobs=True)
    address = api.client.post("/v1/seeds", json=SEEDS).headers["location"]
    wait_for(lambda: api.client.get(address).json()["progress"] is not None)
    shown = api.client.get(address).json()
    assert shown["progress"] == {"stage": "Waiting", "done": 1.0, "total": 4.0}
    assert api.dispatcher is not None
    (process,) = [each._process.pid for each in api.dispatcher._running.values()]
    assert api.client.delete(address).status_code == 409  # not while it runs
    assert api.client.post(f"{address}/cancel").status_code == 202
    assert api.wait(address)["state"] == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert api.client.post(f"{address}/cancel").status_code == 409
    assert api.client.get(f"{address}/log").json()["log"][0]["text"] == "It waits."


def test_a_waiting_job_is_cancelled_at_once(api: Api) -> None:
    address = api.client.post("/v1/seeds", json=SEEDS).headers["location"]
    assert api.client.post(f"{address}/cancel").json()["state"] == "cancelled"


def test_a_full_queue_says_when_to_come_again(serve: Serve) -> None:
    api = serve(queue=2)
    found = [api.client.post("/v1/seeds", json=SEEDS) for _ in range(3)]
    assert [each.status_code for each in found] == [202, 202, 429]
    assert int(found[2].headers["retry-after"]) > 0


def test_the_same_idempotency_key_gives_the_same_job(api: Api) -> None:
    def ask(body: dict[str, Any], key: str, **headers: str) -> Any:
        return api.client.post("/v1/seeds", json=body, headers={"Idempotency-Key": key, **headers})

    first, again, other = ask(SEEDS, "a"), ask(SEEDS, "a"), ask(SEEDS, "b")
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]
    assert ask({"k": 3}, "a").status_code == 422
    assert ask(SEEDS, "a b").status_code == 422
    theirs = api.key("plan")
    assert ask(SEEDS, "a", **theirs).json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
        ("import os; os._exit(3)", "code 3"),
        ('print(\'{"end": "done"}\')', "code 0"),  # no result
        ("print('no json'); raise SystemExit(1)", "code 1"),
    ],
)
def test_a_crash_takes_nothing_with_it(
    serve: Serve, slow_jobs: Path, script: str, said: str
) -> None:
    slow_jobs.write_text(script)
    api = serve(jobs=True)
    job = api.run("seeds", SEEDS)
    assert job["state"] == "failed"
    assert said in job["problem"]["detail"]
    assert api.run("seeds", SEEDS)["state"] == "failed"  # the next one has its turn
    assert api.client.get("/v1/top").status_code == 200


def test_a_job_that_takes_too_much_memory_is_ended(serve: Serve, slow_jobs: Path) -> None:
    slow_jobs.write_text("x = bytearray(b'1') * (200 << 20)\nimport sys\nsys.stdin.read()\n")
    api = serve(jobs=True, job_memory=100 << 20)
    job = api.run("seeds", SEEDS)
    assert job["state"] == "failed"
    assert job["problem"]["type"] == "/docs#no-room"
    assert private_memory(2**30) is None


def test_what_a_killed_server_leaves_is_taken_up(serve: Serve, slow_jobs: Path) -> None:
    api = serve()
    jobs: Jobs = api.service.jobs
    for _ in range(2):
        api.client.post("/v1/seeds", json=SEEDS)
    first, second = jobs.waiting()
    assert jobs.begin(first.id)
    assert not jobs.begin(first.id)
    for _ in range(ATTEMPTS - 1):  # the server goes away in the middle, and comes again
        jobs.take_up()
        assert jobs.find(first.id).state == "queued"
        assert jobs.begin(first.id)
    jobs.take_up()
    assert jobs.find(first.id).state == "lost"
    assert jobs.find(second.id).state == "queued"
    assert api.client.get(f"/v1/jobs/{first.id}/result").status_code == 409
    jobs.begin(second.id)
    jobs.cancel(second.id)
    jobs.take_up()
    assert jobs.find(second.id).state == "cancelled"


def test_a_stop_puts_jobs_back(serve: Serve, slow_jobs: Path) -> None:
    api = serve(jobs=True)
    address = api.client.post("/v1/seeds", json=SEEDS).headers["location"]
    wait_for(lambda: api.client.get(address).json()["progress"] is not None)
    assert api.dispatcher is not None
    api.dispatcher.stop(grace=0.0)
    assert api.client.get(address).json()["state"] == "queued"


def test_writers_run_one_at_a_time(serve: Serve, slow_jobs: Path) -> None:
    api = serve(jobs=True, queue=10)
    object.__setattr__(api.config, "jobs", 4)
    for verb in ("load", "analyze", "seeds"):
        api.client.post(f"/v1/{verb}", json={"refresh": True})

    def running_verbs() -> list[str]:
        shown = api.client.get("/v1/jobs?state=running").json()["jobs"]
        return sorted(job["verb"] for job in shown)

    wait_for(lambda: running_verbs() == ["load", "seeds"])
    assert [job.verb for job in api.service.jobs.waiting()] == ["analyze"]


def test_finished_jobs_and_uploads_go_after_their_time(serve: Serve) -> None:
    api = serve()
    upload = api.upload("a.csv", "id\n")
    jobs = api.service.jobs
    job = jobs.add("seeds", "{}", scope="plan", key="local")
    jobs.end(job.id, "done")
    jobs.clear(time.time() - 10)
    assert jobs.find(job.id).state == "done"
    jobs.clear(time.time() + 10)
    assert api.client.get(f"/v1/jobs/{job.id}").status_code == 404
    api.service.uploads.clear(time.time() + 10, {upload})
    assert api.client.get(f"/v1/uploads/{upload}").status_code == 200
    api.service.uploads.clear(time.time() + 10, set())
    assert api.client.get("/v1/uploads").json()["uploads"] == []
    for _ in range(20):
        jobs.add("seeds", "{}", scope="plan", key="local")
    with pytest.raises(OverloadedError):
        jobs.add("seeds", "{}", scope="plan", key="local")


def test_times_are_of_one_form(serve: Serve) -> None:
    api = serve(jobs=True)
    api.upload("list.csv", "id\ntea:head\n")
    job = api.run("degrees", {"accounts": ["tea:head"]})
    log = api.client.get(f"/v1/jobs/{job['id']}/log").json()["log"]
    status = api.client.get("/v1/status").json()["rows"][0]
    times = [
        *(job[name] for name in ("created", "started", "finished")),
        *(entry["at"] for entry in log),
        *(each["created"] for each in api.client.get("/v1/uploads").json()["uploads"]),
        *(status[name] for name in ("made_at", "analysed_at")),
    ]
    assert len(times) >= 6
    for each in times:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", each), times


def test_a_job_is_seen_with_its_scope(serve: Serve) -> None:
    api = serve()
    plan, write = api.key("plan"), api.key("write")
    load = api.client.post("/v1/load", json={"refresh": True}, headers=write).headers["location"]
    seeds = api.client.post("/v1/seeds", json=SEEDS, headers=write).headers["location"]
    assert api.client.get(load, headers=plan).status_code == 403
    assert api.client.post(f"{load}/cancel", headers=plan).status_code == 403
    assert api.client.get(seeds, headers=plan).status_code == 200
    shown = api.client.get("/v1/jobs", headers=plan).json()["jobs"]
    assert [job["verb"] for job in shown] == ["seeds"]


def test_a_missing_snapshot_is_made_by_a_job(serve: Serve, store: Path) -> None:
    shutil.rmtree(f"{store}.d/snapshots")
    api = serve(jobs=True)
    wait_for(lambda: api.client.get("/v1/communities/members").status_code != 409 or made(api))
    assert made(api)


def made(api: Api) -> bool:
    return bool(api.client.get("/readyz").json()["loaded"])


def test_a_job_ends_with_its_parent(tmp_path: Path) -> None:
    import subprocess

    child = subprocess.Popen(
        [*running._COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    assert child.wait(30) == job_process.ORPHANED
    child.stdout.close()
    assert signal.SIGKILL == 9
