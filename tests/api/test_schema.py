"""Requests made from the specification itself, with a key of each scope: no fault, no surprise."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from guanxi.api.keys import SCOPES
from tests.api.conftest import Serve

#: What a request may be answered; anything else is a fault.
FINE = {200, 201, 202, 204, 303, 304, 400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429}


@pytest.mark.parametrize("scope", SCOPES)
def test_whatever_the_specification_allows(serve: Serve, scope: str) -> None:
    api = serve(queue=100_000)
    api.key("admin")
    headers = api.key(scope, rate=1_000_000)
    schema = schemathesis.openapi.from_dict(api.client.get("/openapi.json").json())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

        @settings(
            max_examples=4,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def ask(case: schemathesis.Case) -> None:
            sent = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
            found = api.client.request(
                sent["method"],
                sent["url"],
                params=sent.get("params"),
                headers={**dict(sent.get("headers") or {}), **headers},
                **({"json": sent["json"]} if "json" in sent else {}),
                **({"content": sent["data"]} if sent.get("data") is not None else {}),
            )
            assert found.status_code in FINE, (case.method, sent["url"], found.text[:300])
            if found.status_code >= 400:
                assert found.headers["content-type"] == "application/problem+json"
                assert found.json()["status"] == found.status_code

        ask()
