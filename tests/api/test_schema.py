"""Requests made from the specification itself, with a key of each scope: all is as it says."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guanxi.api.keys import SCOPES
from tests.api.conftest import ADDRESS, Api, Serve
from tests.threads import in_own_thread

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
#: Requests to each operation.
EXAMPLES = 5


def send(api: Api, case: schemathesis.Case, key: dict[str, str]) -> Any:
    sent = case.as_transport_kwargs(base_url=ADDRESS)
    body = {"json": sent["json"]} if "json" in sent else {}
    if sent.get("data") is not None:
        body["content"] = sent["data"]
    headers = {**dict(sent.get("headers") or {}), **key}
    return api.client.request(
        sent["method"], sent["url"], params=sent.get("params"), headers=headers, **body
    )


@in_own_thread
def test_whatever_the_specification_allows(serve: Serve) -> None:
    """Each request is sent with a key of each scope."""
    api = serve(queue=100_000)
    api.key("admin")
    keys = [api.key(scope, rate=1_000_000) for scope in SCOPES]
    schema = schemathesis.openapi.from_dict(api.client.get("/openapi.json").json())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in MODES))

        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def ask(case: schemathesis.Case) -> None:
            for key in keys:
                case.validate_response(send(api, case, key), checks=CHECKS)

        ask()


@in_own_thread
def test_answers_that_take_a_job_or_a_file_are_as_the_specification_says(serve: Serve) -> None:
    """What chance hardly ever makes: ids of things that are there."""
    api = serve(jobs=True)
    key = api.key("admin", rate=1_000_000)
    schema = schemathesis.openapi.from_dict(api.client.get("/openapi.json").json())
    upload = api.upload("list.csv", "id\ntea:head\n", headers=key)
    asked = api.client.post("/v1/export", json={"format": "jsonl"}, headers=key)
    api.client.headers.update(key)
    job = api.wait(asked.headers["location"])["id"]
    waiting = api.client.post("/v1/top", json={"personalize": ["tea:head"]}).json()["id"]
    for method, path, parameters in (
        ("GET", "/v1/jobs", {}),
        ("GET", "/v1/jobs/{job}", {"job": job}),
        ("GET", "/v1/jobs/{job}/result", {"job": job}),
        ("GET", "/v1/jobs/{job}/log", {"job": job}),
        ("GET", "/v1/jobs/{job}/events", {"job": job}),
        ("GET", "/v1/jobs/{job}/files", {"job": job}),
        ("GET", "/v1/jobs/{job}/files/{number}", {"job": job, "number": 0}),
        ("POST", "/v1/jobs/{job}/cancel", {"job": waiting}),
        ("POST", "/v1/jobs/{job}/cancel", {"job": job}),
        ("DELETE", "/v1/jobs/{job}", {"job": job}),
        ("GET", "/v1/uploads", {}),
        ("GET", "/v1/uploads/{upload}", {"upload": upload}),
        ("DELETE", "/v1/uploads/{upload}", {"upload": upload}),
        ("GET", "/v1/keys", {}),
        ("GET", "/v1/session", {}),
        ("GET", "/healthz", {}),
        ("GET", "/readyz", {}),
    ):
        case = schema[path][method].Case(path_parameters=parameters)
        found = send(api, case, key)
        case.validate_response(found, checks=CHECKS)
        assert found.status_code in (200, 202, 204, 409), (method, path, found.text)
