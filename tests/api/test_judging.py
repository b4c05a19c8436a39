"""What is wrong with a job is said when it is posted; and nothing else is done then."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi.api import judging
from guanxi.api.bodies import VERBS
from guanxi.api.judging import JUDGED
from guanxi.verbs.judging import JudgedError, JudgingEngine
from tests.api.conftest import Api, Serve

#: Verbs that are not judged, and why.
NOT_JUDGED = {
    "analyze": "all but the profile is a word of a list",
    "export": "all is a word of a list",
    "separation": "all but the profile is a word of a list",
    "doctor": "there is nothing to say about it",
}
#: What is wrong, and what the sentence speaks of.
WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("seeds", {"where": "nix = 1"}, 422, "nix"),
    ("seeds", {"where": "price > 1e9"}, 422, "Nobody may be chosen"),
    ("seeds", {"quota": ["city = 'Nowhere': >=5"]}, 422, "no account at all"),
    ("seeds", {"k": 1, "quota": ["each community: >=1"]}, 422, "need"),
    ("seeds", {"quota": ["tea"]}, 422, "colon"),
    ("seeds", {"exclude": [["nobody"]]}, 404, "none of its accounts"),
    ("seeds", {"k": 1, "include": [["tea:head", "art:head"]]}, 422, "included"),
    ("seeds", {"budget": 10, "target": 5}, 422, "target"),
    ("seeds", {"budget": 10, "cost": "nix * 2"}, 422, "nix"),
    ("seeds", {"max_seconds": 1}, 422, "precision"),
    ("seeds", {"model": "magic"}, 422, "weighted-cascade"),
    ("seeds", {"probability": 0.1}, 422, "uniform"),
    ("seeds", {"audience": {"where": "price < 0"}}, 422, "audience is empty"),
    ("seeds", {"won": ["nobody"]}, 404, "none of its accounts"),
    ("seeds", {"activity": "nix"}, 422, "nix"),
    ("seeds", {"memory": "much"}, 422, "much"),
    ("seeds", {"profile": "nix"}, 422, "nix"),
    ("seeds", {"as_of": "soon"}, 422, "soon"),
    ("reach", {"lists": [["nobody"]]}, 404, "none of its accounts"),
    ("reach", {"lists": [["tea:head"]], "model": "magic"}, 422, "magic"),
    ("reach", {"lists": [["tea:head"]], "memory": "much"}, 422, "much"),
    ("top", {"by": "nix"}, 422, "nix"),
    ("top", {"personalize": ["nobody"]}, 404, "none of its accounts"),
    ("top", {"personalize": ["tea:head"], "show": ["nix"]}, 422, "nix"),
    ("top", {"personalize": ["tea:head"], "community": 99}, 422, "99"),
    ("chain", {"source": "tea:head", "target": "tea:head"}, 422, "same account"),
    ("chain", {"source": "tea:heat", "target": "art:head"}, 404, "Did you mean tea:head"),
    ("introduce", {"sources": ["nobody"], "targets": ["art:head"]}, 404, "none of its accounts"),
    ("degrees", {}, 422, "Name a list"),
    ("degrees", {"accounts": ["nobody"]}, 404, "nobody"),
    ("bridges", {"by": "nix"}, 422, "nix"),
    ("bridges", {"where": "nix = 1"}, 422, "nix"),
    ("bridges", {"joins": [1, 99]}, 422, "99"),
    ("separation", {"profile": "nix"}, 422, "nix"),
    ("analyze", {"as_of": "soon"}, 422, "soon"),
]


@pytest.mark.parametrize(("verb", "body", "status", "word"), WRONG)
def test_what_is_wrong_is_said_at_once(
    api: Api, verb: str, body: dict[str, Any], status: int, word: str
) -> None:
    found = api.client.post(f"/v1/{verb}", json=body)
    assert found.status_code == status, found.text
    assert word in found.json()["detail"]
    assert api.service.jobs.newest() == []


def test_loads_are_judged_with_and_without_a_store(api: Api, serve: Serve, tmp_path: Path) -> None:
    empty = serve(path=tmp_path / "none.duckdb")
    for one in (api, empty):
        upload = one.upload("a.csv", "actor,target\na,b\n")
        good = {"upload": upload, "role": "follows"}
        for body, word in (
            ({"files": [good], "timezone": "Nowhere/At all"}, "time zone"),
            ({"files": [good], "max_rejects": "many"}, "many"),
            ({"files": [good], "encoding": "nix"}, "nix"),
            ({"files": [good, good], "replace": True}, "one follows file"),
            ({"files": [], "check": True}, "Choose a file"),
            ({}, "Choose a file"),
        ):
            found = one.client.post("/v1/load", json=body)
            assert found.status_code == 422, found.text
            assert word in found.json()["detail"]
            assert one.service.jobs.newest() == []
        gone = {"files": [{"upload": "0" * 16, "role": "follows"}]}
        assert one.client.post("/v1/load", json=gone).status_code == 404
        assert one.client.post("/v1/load", json={"files": [good]}).status_code == 202
    anew = {"refresh": True}
    found = empty.client.post("/v1/load", json=anew)
    assert found.status_code == 422
    assert "no store none.duckdb yet" in found.json()["detail"]
    assert api.client.post("/v1/load", json=anew).status_code == 202  # it makes the snapshot


def test_a_list_that_was_uploaded_is_judged_as_well(api: Api) -> None:
    upload = api.upload("list.csv", "id\nnobody\n")
    found = api.client.post("/v1/reach", json={"lists": [{"upload": upload}]})
    assert found.status_code == 404
    assert "list.csv" in found.json()["detail"]


def test_what_is_long_or_packed_is_left_to_the_job(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = api.upload("list.csv", gzip.compress(b"id\nnobody\n"))
    assert api.client.post("/v1/reach", json={"lists": [{"upload": packed}]}).status_code == 202
    monkeypatch.setattr(judging, "_MOST", 10)
    assert api.client.post("/v1/reach", json={"lists": [["nobody"]]}).status_code == 202


def test_what_will_be_asked_of_other_data_is_left_to_the_job(api: Api) -> None:
    unknown = {"lists": [["nobody"]]}
    assert api.client.post("/v1/reach", json={**unknown, "refresh": True}).status_code == 202
    assert api.client.post("/v1/reach", json=unknown).status_code == 404
    assert api.client.post("/v1/analyze", json={}).status_code == 202  # it waits: nobody runs it
    assert api.client.post("/v1/reach", json=unknown).status_code == 202


def test_the_same_request_again_is_the_same_job_whatever_has_changed(api: Api) -> None:
    once = {"Idempotency-Key": "spring"}
    body = {"lists": [["nobody"]], "refresh": True}
    first = api.client.post("/v1/reach", json=body, headers=once).json()["id"]
    assert api.client.post("/v1/reach", json=body, headers=once).json()["id"] == first
    other = {"lists": [["nobody"]]}
    assert api.client.post("/v1/reach", json=other, headers=once).status_code == 422


def test_every_verb_is_judged_or_left_out_with_a_reason(api: Api) -> None:
    assert set(VERBS) == JUDGED | NOT_JUDGED.keys()
    assert not JUDGED & NOT_JUDGED.keys()


@pytest.mark.parametrize("verb", sorted(JUDGED - {"load"}))
def test_a_verb_that_is_judged_does_no_long_work(api: Api, verb: str) -> None:
    network = guanxi.open(api.config.settings.store, threads=1)
    engine = JudgingEngine(network.snapshot(), network.settings)
    example = json.dumps(VERBS[verb].body.model_config["json_schema_extra"]["examples"][0])
    for demo, own in (("weibo:71831", "tea:head"), ("weibo:69780", "art:head")):
        example = example.replace(demo, own)
    body = json.loads(example)
    with pytest.raises(JudgedError):
        getattr(engine, verb)(**body)
