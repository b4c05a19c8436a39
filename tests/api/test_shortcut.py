"""The short way: the same answers to the same people as on the long one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guanxi.api.kept_answers import Asked, Kept, KeptAnswers
from guanxi.graph.account_values import AccountValues
from tests.api.conftest import Api, Serve

PLAIN = "/v1/account?id=tea:head"


def warm(api: Api) -> None:
    """Columns are taken into memory after a few questions."""
    for number in range(1, 9):
        api.client.get(f"/v1/account?id=tea:00{number}&n=3")
    values: AccountValues = api.service.views.now().snapshot.values  # type: ignore[union-attr]
    assert values.has_all()


def same(found: Any, other: Any) -> bool:
    """Whether two answers say the same, but for the time that they took."""
    bodies = [found.json(), other.json()]
    for body in bodies:
        del body["meta"]["seconds"]
    names = ("cache-control", "vary", "content-type", "content-security-policy")
    return bodies[0] == bodies[1] and all(found.headers[n] == other.headers[n] for n in names)


def test_both_ways_say_the_same(api: Api, ways: list[bool]) -> None:
    warm(api)
    ways.clear()
    long = api.client.get(f"{PLAIN}&n=10")
    short = api.client.get(PLAIN)
    assert ways == [False, True]
    assert same(short, long)
    for _ in range(2):
        assert api.client.get("/v1/top?n=3&where=price > 1").status_code == 200
    assert ways[2:] == [False, True]
    again = api.client.get(f"{PLAIN}&n=10")
    assert ways[4:] == [True]
    assert again.content == long.content
    assert again.headers["etag"] == long.headers["etag"]
    assert again.headers["x-request-id"] != long.headers["x-request-id"]


def test_what_is_wrong_takes_the_long_way(api: Api, ways: list[bool]) -> None:
    warm(api)
    ways.clear()
    for address, status in (
        ("/v1/account?id=nobody", 404),
        ("/v1/account?id=", 422),
        ("/v1/account?id=%ff", 404),
        (f"/v1/account?id={'x' * 257}", 422),
        ("/v1/account", 422),
        (f"{PLAIN}&id=tea:001", 200),
        (f"{PLAIN}&nothing=1", 422),
        ("/v1/top?nothing=1", 422),
    ):
        assert api.client.get(address).status_code == status, address
    assert not any(ways)


def test_clients_that_have_it_are_told_so_on_both_ways(api: Api, ways: list[bool]) -> None:
    warm(api)
    for address in (PLAIN, "/v1/top?n=2"):
        tag = api.client.get(address).headers["etag"]
        for value in (tag, f'"x", {tag}'):
            again = api.client.get(address, headers={"If-None-Match": value})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        assert ways[-1]
        other = api.client.get(address, headers={"If-None-Match": '"x"'})
        assert other.status_code == 200


def test_who_asks_is_found_out_first(serve: Serve, ways: list[bool]) -> None:
    api = serve()
    warm(api)
    api.client.get("/v1/top?n=6")
    few, many = api.key("read", rows=5), api.key("read")
    for address in (PLAIN, "/v1/top?n=6"):
        assert api.client.get(address, headers=many).status_code == 200
        assert ways[-1]
        refused = api.client.get(address, headers=few)
        assert refused.status_code == 422
        assert "5 rows" in refused.json()["detail"]
        nobody = api.client.get(address)
        assert nobody.status_code == 401
        assert nobody.headers["www-authenticate"].startswith("Bearer")
        assert nobody.json()["request_id"] == nobody.headers["x-request-id"]
        told = api.client.get(address, headers={"Accept-Language": "zh"})
        assert told.headers["content-language"] == "zh-CN"
        foreign = api.client.get(address, headers={**many, "Host": "a b"})
        assert foreign.status_code == 403


def test_a_request_counts_once_whichever_way_it_goes(api: Api) -> None:
    key = api.key("read", rate=1000)
    for address in ("/v1/top?n=1", "/v1/top?n=1", "/v1/account?id=nobody"):
        api.client.get(address, headers=key)
    id = key["Authorization"].split("_")[1]
    assert api.service.counters.count(f"rate {id}", 60.0) <= 3


def test_other_sites_take_the_long_way(serve: Serve, ways: list[bool]) -> None:
    origin = {"Origin": "https://crm.example"}
    api = serve(origins=("https://crm.example",))
    for _ in range(2):
        found = api.client.get("/v1/top?n=2", headers=origin)
        assert found.headers["access-control-allow-origin"] == "https://crm.example"
    assert not any(ways)


def test_the_log_says_the_same_on_both_ways(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    warm(api)
    capsys.readouterr()
    api.client.get(f"{PLAIN}&n=10")
    api.client.get(PLAIN)
    api.client.get("/v1/account?id=tea:nobody")
    written = capsys.readouterr().err
    assert "tea:" not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/v1/account", 200),
        ("/v1/account", 200),
        ("/v1/account", 404),
    ]
    assert len({frozenset(line) for line in lines}) == 1
    assert len({line["request_id"] for line in lines}) == 3


def test_so_many_answers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.api.kept_answers._MOST", 10_000)
    monkeypatch.setattr("guanxi.api.kept_answers._LONGEST", 5_000)
    answers = KeptAnswers()
    asked = [Asked("s", "/v1/top", f"n={i}".encode(), "*/*") for i in range(10)]
    for each in asked:
        answers.keep(each, Kept(b"x" * 1000, [], 0))
        answers.find(asked[0])
    assert answers.find(asked[0]) is not None
    assert answers.find(asked[1]) is None
    assert answers.find(asked[9]) is not None
    answers.keep(asked[1], Kept(b"x" * 6_000, [], 0))
    assert answers.find(asked[1]) is None
    answers.clear()
    assert answers.find(asked[0]) is None
