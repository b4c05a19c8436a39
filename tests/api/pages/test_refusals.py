"""What is refused before a route has a say is told in the language of the page, too."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from starlette.testclient import TestClient

from guanxi.api.app import create_app
from guanxi.api.pages import frame, overview
from guanxi.engine import Engine
from tests.api.conftest import ADDRESS, Api, Serve

PAGE = {"Accept": "text/html", "Accept-Language": "zh-CN"}
CHINESE = {"Accept-Language": "zh-CN"}


def refused(found: Any, status: int, sentence: str) -> str:
    """The page of a refusal, in Chinese from its first word to its last."""
    assert found.status_code == status, found.text
    assert found.headers["content-type"].startswith("text/html")
    page = str(found.text)
    assert '<html lang="zh-CN"' in page
    assert sentence in page
    assert 'lang="en"' not in page.split("<main")[1]
    assert found.headers["x-request-id"] in page
    return page


def test_a_foreign_host_and_a_foreign_page(api: Api) -> None:
    elsewhere = {"Host": "evil.example"}
    refused(api.client.get("/", headers=PAGE | elsewhere), 403, "服务器不接受该 Host")
    foreign = {"Origin": "https://evil.example"}
    refused(api.client.get("/planner", headers=PAGE | foreign), 403, "来自其他网站的页面")
    assert "is not meant by that Host" in api.client.get("/v1/top", headers=elsewhere).text


def test_the_token_of_a_session(serve: Serve) -> None:
    api = serve()
    key = api.key("write")["Authorization"].removeprefix("Bearer ")
    own = {"Origin": ADDRESS}
    assert api.client.post("/v1/session", json={"key": key}, headers=own).status_code == 201
    for language, word in ((CHINESE, "会话令牌"), ({}, "token of the session")):
        found = api.client.post("/v1/analyze", json={}, headers=own | language)
        assert found.status_code == 403
        assert word in found.json()["detail"]


def test_too_many_requests_of_a_key(serve: Serve) -> None:
    api = serve()
    key = api.key("read", rate=1)
    assert api.client.get("/planner", headers=PAGE | key).status_code == 200
    found = api.client.get("/planner", headers=PAGE | key)
    refused(found, 429, "此密钥每分钟可提交 1 次请求")
    assert found.headers["retry-after"] == "60"


def test_a_body_that_is_too_large_or_breaks_off(serve: Serve) -> None:
    api = serve(body=100)
    large = {"lists": [["x" * 200]]}
    chinese = api.client.post("/v1/reach", json=large, headers=CHINESE)
    assert chinese.json()["detail"].startswith("请求大于 100 字节")
    assert chinese.headers["content-language"] == "zh-CN"
    english = api.client.post("/v1/reach", json=large)
    assert "larger than 100 bytes" in english.json()["detail"]
    assert english.headers["content-language"] == "en"


def test_an_answer_that_takes_too_long(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    api = serve(request_seconds=0.2)
    ended = threading.Event()
    monkeypatch.setattr(Engine, "status", lambda *_, **__: ended.wait(20))
    try:
        found = api.client.get("/", headers=PAGE)
    finally:
        ended.set()
    refused(found, 503, "应答超过 0.2 秒")


def test_a_fault_is_a_page_and_a_faulty_page_is_no_silence(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("/etc/secret")

    monkeypatch.setattr(overview, "overview", broken)
    client = TestClient(create_app(api.config), base_url=ADDRESS, raise_server_exceptions=False)
    page = refused(client.get("/", headers=PAGE), 500, "服务器中出了故障")
    assert "secret" not in page
    monkeypatch.setattr(frame, "render", broken)
    last = client.get("/", headers=PAGE)
    assert last.status_code == 500
    assert last.json()["detail"].startswith("Something went wrong in the server")


def test_addresses_and_methods_that_there_are_not(api: Api) -> None:
    refused(api.client.get("/nowhere", headers=PAGE), 404, "此地址没有内容")
    found = api.client.post("/planner", headers=CHINESE)
    assert found.status_code == 405
    assert found.json()["detail"].startswith("此地址不接受该方法")
