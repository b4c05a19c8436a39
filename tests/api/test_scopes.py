"""Each route with a key of each scope; no route without a scope."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute

from guanxi.api.app import ENDPOINTS
from guanxi.api.auth import OPEN
from guanxi.api.bodies import VERBS
from guanxi.api.endpoint import Endpoint
from guanxi.api.keys import SCOPES
from tests.api.conftest import Api, Serve

#: What each route is asked, where it needs more than its path.
ASKED: dict[str, dict[str, Any]] = {
    "GET /v1/account": {"params": {"id": "tea:head"}},
    "POST /v1/uploads": {"params": {"name": "a.csv"}, "content": b"id\n"},
    "POST /v1/keys": {"json": {"scope": "read"}},
    "GET /v1/chain": {"params": {"source": "tea:head", "target": "art:head"}},
    **{
        f"POST /v1/{name}": {"json": verb.body.model_config["json_schema_extra"]["examples"][0]}
        for name, verb in VERBS.items()
    },
}
#: What answers that all is well but nothing is there.
FINE = (200, 201, 202, 204, 303, 304, 404, 409)


def test_every_route_has_a_scope(api: Api) -> None:
    routes = [route for route in api.client.app.routes if getattr(route, "path", "")]
    shown = {
        (method, route.path): (getattr(route, "openapi_extra", None) or {}).get("x-scope")
        for route in routes
        for method in route.methods
    }
    assert all(isinstance(route, APIRoute) for route in routes)
    assert set(shown.values()) <= {OPEN, *SCOPES}
    wanted = {(endpoint.method, endpoint.path): endpoint.scope for endpoint in ENDPOINTS}
    assert wanted.items() <= shown.items()


def test_what_is_open_is_no_secret() -> None:
    found = {endpoint.path for endpoint in ENDPOINTS if endpoint.scope == OPEN}
    assert {path for path in found if path.startswith("/v1")} == {"/v1/session"}


def test_a_scope_must_be_one() -> None:
    with pytest.raises(ValueError, match="no scope"):
        Endpoint("GET", "/x", "", lambda: None)


def ask(api: Api, endpoint: Endpoint, headers: dict[str, str]) -> Any:
    path = endpoint.path.format(job="0" * 16, number=0, upload="0" * 16, key="nobody")
    more = dict(ASKED.get(f"{endpoint.method} {endpoint.path}", {}))
    if endpoint.method == "POST" and not more and "{" not in endpoint.path:
        more = {"json": {}}
    return api.client.request(endpoint.method, path, headers=headers, **more)


def test_each_scope_on_each_route(serve: Serve) -> None:
    api = serve(queue=1000)
    headers = {scope: api.key(scope) for scope in SCOPES}
    for endpoint in ENDPOINTS:
        if endpoint.scope == OPEN or not endpoint.path.startswith("/v1"):
            continue
        for scope in SCOPES:
            found = ask(api, endpoint, headers[scope])
            allowed = SCOPES.index(scope) >= SCOPES.index(endpoint.scope)
            where = f"{endpoint.method} {endpoint.path} with {scope}: {found.text[:200]}"
            if allowed:
                assert found.status_code in FINE, where
            else:
                assert found.status_code == 403, where
                assert endpoint.scope in found.json()["detail"]
        assert ask(api, endpoint, {}).status_code == 401


def test_the_right_is_asked_for_before_the_body_is_read(api: Api) -> None:
    key = api.key("read")
    broken = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    assert api.client.post("/v1/load", **broken).status_code == 401
    broken["headers"] |= key  # type: ignore[operator]
    assert api.client.post("/v1/load", **broken).status_code == 403
