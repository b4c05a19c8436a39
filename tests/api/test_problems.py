"""Errors as problem details, whatever a caller does; and what stands around every answer."""

from __future__ import annotations

import inspect
import json
import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from guanxi import errors
from guanxi.api import problems
from guanxi.api.app import create_app
from guanxi.api.guard import CSP
from guanxi.api.i18n.sentences import plain_text
from guanxi.engine import Engine
from tests.api.conftest import ADDRESS, Api, Serve

ERRORS = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.GuanxiError)
]


def test_every_error_has_its_place_in_the_table(api: Api) -> None:
    assert set(problems.KINDS) == set(ERRORS)
    for error in ERRORS:
        wrong_request = issubclass(error, errors.UsageError | errors.ServiceError)
        assert not wrong_request or 400 <= problems.KINDS[error].status < 500
    page = api.client.get("/docs").text
    for kind in [*problems.KINDS.values(), *problems.OTHER.values(), problems.INTERNAL]:
        assert f'id="{kind.slug}"' in page


def problem(found: Any, status: int) -> dict[str, Any]:
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = found.json()
    assert body["status"] == status
    assert body["request_id"] == found.headers["x-request-id"]
    assert {"type", "title", "detail"} <= set(body)
    return body


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/top", 405),
        ("GET", "/v1/top?n=x", 422),
        ("GET", "/v1/top?n=0", 422),
        ("GET", "/v1/top?n=99999999999999999999", 422),
        ("GET", "/v1/top?by=nix", 422),
        ("GET", "/v1/top?by=community", 422),
        ("GET", "/v1/top?community=99", 422),
        ("GET", "/v1/top?where=1; drop table x", 422),
        ("GET", "/v1/top?where=nix = 1", 422),
        ("GET", "/v1/top?show=nix", 422),
        ("GET", "/v1/account", 422),
        ("GET", "/v1/account?id=", 422),
        ("GET", "/v1/account?id=nobody", 404),
        ("GET", "/v1/account?id=%00", 404),
        ("GET", "/v1/account?id=%ed%a0%80", 404),
        ("GET", "/v1/account?id=tea:head&profile=nix", 422),
        ("GET", "/v1/account?id=tea:head&as_of=soon", 422),
        ("GET", "/v1/jobs/x", 404),
        ("GET", "/v1/jobs/x/result", 404),
        ("GET", "/v1/jobs?state=%00", 422),
        ("GET", "/v1/uploads/../../etc/passwd", 404),
        ("DELETE", "/v1/keys/x", 404),
    ],
)
def test_what_a_caller_can_cause(api: Api, method: str, address: str, status: int) -> None:
    problem(api.client.request(method, address), status)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"k": 0}',
        b'{"k": "x"}',
        b'{"budget": NaN}',
        b'{"nothing": 1}',
        b'{"exclude": ["a"]}',
        b'{"exclude": [{"upload": "../../../../etc/passwd"}]}',
        b'{"exclude": [[]]}',
        b'{"exclude": [{"where": ""}]}',
        b"\xff\xfe",
        b"[" * 5000,
    ],
)
def test_wrong_bodies(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    found = api.client.post("/v1/seeds", content=body, headers=headers)
    assert found.status_code in (400, 422)
    problem(found, found.status_code)


def test_fields_are_named_and_not_repeated(api: Api) -> None:
    found = problem(api.client.post("/v1/seeds", json={"k": "secret!", "x": 1}), 422)
    places = {each["place"] for each in found["errors"]}
    assert "body.x" in places
    assert any(place.startswith("body.k") for place in places)
    assert "secret!" not in json.dumps(found)


@pytest.mark.parametrize(
    ("address", "place", "words"),
    [
        ("/v1/top?min=3", "query.min", "there are by, community, cursor, excel, format, n, show"),
        ("/v1/top?wher=1", "query.wher", "Did you mean where?"),
        ("/v1/status?N=1", "query.N", "there are excel, format."),
        ("/v1/account?id=tea:head&neighborhood=2", "query.neighborhood", "neighbourhood?"),
        ("/v1/jobs?stat=done", "query.stat", "Did you mean state?"),
        ("/v1/jobs?format=csv", "query.format", "there are n, state."),
        ("/v1/jobs?state=bogus", "query.state", "'queued', 'running'"),
        ("/v1/session?x=1", "query.x", "takes none."),
    ],
)
def test_parameters_that_there_are_not(api: Api, address: str, place: str, words: str) -> None:
    (wrong,) = problem(api.client.get(address), 422)["errors"]
    assert wrong["place"] == place
    assert words in wrong["message"]


def test_unknown_parameters_of_changes_and_who_asks_first(api: Api) -> None:
    found = problem(api.client.post("/v1/seeds?k=3", json={}), 422)
    assert "takes none" in found["detail"]
    assert api.service.jobs.newest() == []
    key = api.key("read")
    assert api.client.get("/v1/top?min=3").status_code == 401
    assert api.client.get("/v1/jobs?min=3", headers=key).status_code == 403


def test_ties_belong_to_a_neighbourhood(api: Api) -> None:
    alone = problem(api.client.get("/v1/account?id=tea:head&ties=5"), 422)
    assert "neighbourhood" in alone["detail"]
    assert alone["errors"][0]["place"] == "query.ties"
    with_it = "/v1/account?id=tea:head&neighbourhood=1"
    assert len(api.client.get(f"{with_it}&ties=2").json()["rows"]) == 2
    assert len(api.client.get(with_it).json()["rows"]) > 2


WHO = "a list of ids, an upload or a condition is expected"
A_TEXT = "a text is expected."
NUMBER = "This is a number; a text is expected: put it in quotes."


@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        ({"budget": -1}, "body.budget", "Input should be greater than or equal to 0."),
        ({"budget": "a"}, "body.budget", "Input should be a valid number."),
        ({"k": [3, 0]}, "body.k.1", "Input should be greater than or equal to 1."),
        ({"k": [3, "a"]}, "body.k.1", "Input should be a valid integer."),
        ({"exclude": ["a"]}, "body.exclude.0", f"This is a text; {WHO}."),
        ({"exclude": [None]}, "body.exclude.0", f"This is null; {WHO}."),
        ({"exclude": [["a", 5]]}, "body.exclude.0.1", NUMBER),
        ({"include": [["a"], ["b", 7.5]]}, "body.include.1.1", NUMBER),
        ({"exclude": [["a", True]]}, "body.exclude.0.1", "This is true or false; " + A_TEXT),
        ({"audience": ["a", 5]}, "body.audience.1", NUMBER),
        ({"audience": [["a"]]}, "body.audience.0", "This is a list; " + A_TEXT),
        ({"audience": 5}, "body.audience", f"This is a number; {WHO}."),
        ({"audience": {"where": 5}}, "body.audience.where", NUMBER),
        ({"won": {"upload": {}}}, "body.won.upload", "This is an object; " + A_TEXT),
        ({"quota": [1]}, "body.quota.0", NUMBER),
        (
            {"exclude": [{"where": ""}]},
            "body.exclude.0.where",
            "String should have at least 1 character.",
        ),
        ({"exclude": [{}]}, "body.exclude.0.upload", "Field required."),
        ({"seed": [1]}, "body.seed", "Input should be a valid integer."),
        ([], "body", "Input should be an object of JSON."),
    ],
)
def test_a_field_of_several_kinds_is_wrong_once(
    api: Api, body: Any, place: str, message: str
) -> None:
    found = problem(api.client.post("/v1/seeds", json=body), 422)
    assert found["errors"] == [{"place": place, "message": message}]
    assert found["detail"] == f"{place}: {message}"


def test_a_member_of_another_kind_is_named_in_chinese_too(api: Api) -> None:
    body = {"lists": [["a"], 5, ["b", 6]]}
    found = problem(api.client.post("/v1/reach", json=body, headers={"Accept-Language": "zh"}), 422)
    assert found["errors"] == [
        {"place": "body.lists.1", "message": "这里是数值，应为 ID 列表或上传的文件。"},
        {"place": "body.lists.2.1", "message": "这里是数值，应为文本：请加上引号。"},
    ]


def test_bodies_that_are_no_json(api: Api) -> None:
    cut = api.client.post(
        "/v1/seeds", content=b'{"k": 3', headers={"Content-Type": "application/json"}
    )
    assert problem(cut, 422)["detail"] == "body: This is not valid JSON."
    for headers in ({}, {"Content-Type": "text/plain"}):
        found = problem(api.client.post("/v1/seeds", content=b'{"k": 3}', headers=headers), 415)
        assert "Content-Type: application/json" in found["detail"]


def test_titles_come_in_the_language_asked_for(api: Api) -> None:
    chinese = {"Accept-Language": "zh"}
    found = problem(api.client.get("/v1/account?id=nobody", headers=chinese), 404)
    assert found["title"] == "没有这个账号"
    for kind in [*problems.KINDS.values(), *problems.OTHER.values(), problems.INTERNAL]:
        assert plain_text(kind.title, "zh")[1] == "zh", kind.title


def test_a_request_from_elsewhere_says_so(api: Api) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        found = problem(api.client.get("/v1/status", headers=headers), 403)
        assert (found["type"], found["title"]) == (
            "/docs#foreign",
            "The request comes from elsewhere",
        )


def test_a_fault_shows_nothing_of_itself(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = serve()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("/etc/secret of tea:head")

    monkeypatch.setattr(Engine, "account", broken)
    client = TestClient(create_app(api.config), base_url=ADDRESS, raise_server_exceptions=False)
    found = problem(client.get("/v1/account?id=tea:head"), 500)
    assert "secret" not in json.dumps(found)
    written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (fault,) = [line for line in written if line["event"] == "fault"]
    assert fault["request_id"] == found["request_id"]
    assert "RuntimeError" in fault["error"]


def test_an_error_of_the_store_names_no_path(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise errors.StoreUnavailableError(f"no answer of {api.config.folder}/x and /etc/y/z")

    monkeypatch.setattr(Engine, "account", broken)
    found = problem(api.client.get("/v1/account?id=tea:head"), 503)
    assert found["detail"] == "no answer of x and z"


def test_the_log_has_no_ids_of_accounts(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"X-Request-ID": "my-id.1"}
    found = api.client.get("/v1/account?id=tea:head", headers=given)
    assert found.headers["x-request-id"] == "my-id.1"
    bad = api.client.get("/v1/account?id=tea:nobody", headers={"X-Request-ID": "a b\n"})
    assert bad.headers["x-request-id"] != "a b\n"
    written = capsys.readouterr().err
    assert "tea:" not in written
    line = json.loads(written.splitlines()[0])
    assert line["request_id"] == "my-id.1"
    assert line["route"] == "/v1/account"
    assert (line["method"], line["status"], line["caller"]) == ("GET", 200, "local")


def test_safe_headers_on_every_answer(api: Api) -> None:
    for address in ("/healthz", "/docs", "/v1/top", "/nothing", "/v1/account?id=nobody"):
        headers = api.client.get(address).headers
        assert headers["content-security-policy"] == CSP
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in CSP


def test_bodies_have_a_limit(serve: Serve) -> None:
    api = serve(body=1000, upload=2000)
    large = {"lists": [["x" * 200] * 10]}
    assert "1,000 bytes" in problem(api.client.post("/v1/reach", json=large), 413)["detail"]

    def parts() -> Any:
        yield from [b"x" * 500] * 5

    name = {"name": "a.csv"}
    declared = {"Content-Length": str(10**10)}
    refused = api.client.post("/v1/uploads", params=name, content=b"x", headers=declared)
    problem(refused, 413)
    problem(api.client.post("/v1/uploads", params=name, content=parts()), 413)
    assert api.client.post("/v1/uploads", params=name, content=b"x" * 2000).status_code == 201
    key = api.key("plan", body=10)
    refused = api.client.post("/v1/uploads", params=name, content=b"x" * 11, headers=key)
    problem(refused, 413)
    assert [each.name for each in api.service.uploads.folder.iterdir()] == [
        api.service.uploads.newest()[0]["id"]
    ]


def test_requests_have_a_time_limit(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    api = serve(request_seconds=0.2)
    ended = threading.Event()
    monkeypatch.setattr(Engine, "account", lambda *_, **__: ended.wait(20))
    try:
        found = api.client.get("/v1/account?id=tea:head")
    finally:
        ended.set()
    assert "0.2 seconds" in problem(found, 503)["detail"]


def test_the_specification_knows_every_route_with_an_example(api: Api) -> None:
    found = api.client.get("/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            assert operation["x-scope"], path
            assert operation["summary"], path
            content = operation.get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref")
            if method == "post" and reference:
                schema = found["components"]["schemas"][reference.rsplit("/", 1)[1]]
                assert schema["examples"], path
            assert operation["responses"]["403"]["content"][problems.MEDIA_TYPE]["example"]
    assert "/v1/seeds" in found["paths"]


def test_the_documentation_needs_nothing_from_elsewhere(api: Api) -> None:
    page = api.client.get("/docs").text
    assert "<script" not in page
    assert "style=" not in page
    assert 'href="http' not in page
    assert "src=" not in page
    assert api.client.get("/docs.css").headers["content-type"].startswith("text/css")
    assert "<code>POST /v1/seeds</code>" in page
    assert "`" not in page
    assert "With <code>neighbourhood</code> the rows" in page


TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "city = 'x'",
        "1=1",
        "price > 1e999",
        "id like '%'",
        "read_csv('/etc/passwd')",
        "../..",
        "\x00",
    ]
)


@settings(
    max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(
    path=st.sampled_from(
        ["/v1/top", "/v1/account", "/v1/chain", "/v1/communities/members", "/v1/jobs", "/v1/status"]
    ),
    parameters=st.dictionaries(
        st.sampled_from(
            [
                *("by", "n", "community", "where", "show", "cursor", "format", "excel", "id"),
                *("profile", "as_of", "neighbourhood", "source", "target", "state"),
            ]
        ),
        TEXT,
        max_size=4,
    ),
    header=st.sampled_from(["accept", "if-none-match", "x-request-id", "authorization"]),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
def test_nothing_that_is_sent_is_a_fault(
    api: Api, path: str, parameters: dict[str, str], header: str, value: str
) -> None:
    found = api.client.get(path, params=parameters, headers={header: value})
    assert found.status_code < 500, found.text
    if found.status_code >= 400:
        problem(found, found.status_code)


def test_records_that_cannot_be_reached(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk is full: /secret/path")

    monkeypatch.setattr(api.service.jobs, "add", full)
    found = problem(api.client.post("/v1/seeds", json={"k": 1}), 503)
    assert "secret" not in found["detail"]
    monkeypatch.setattr(api.service, "has_keys", full)
    for address in ("/v1/top", "/v1/status"):
        assert "records" in problem(api.client.get(address), 503)["detail"]
