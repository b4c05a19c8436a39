"""Who comes in: without any key, with keys, with a session; and from where."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest

from guanxi.api import auth
from guanxi.api.hosts import host_name
from guanxi.api.keys import find_key, list_keys, new_key, parse_expiry, revoke_key, verify_key
from guanxi.api.redact import Redactor
from guanxi.api.sessions import COOKIE, LIFE
from guanxi.api.times import utc
from guanxi.errors import UsageError
from tests.api.conftest import Api, Serve


def test_without_a_key_the_machine_itself_comes_in(api: Api) -> None:
    assert api.client.get("/v1/keys").status_code == 200
    assert api.client.get("/v1/session").json() == {"scope": "admin", "name": "", "csrf": None}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:8000"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "127.0.0.1@evil.example"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Origin": "https://127.0.0.1:8000"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[evil"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
    ],
)
def test_foreign_hosts_and_origins(api: Api, headers: dict[str, str], status: int) -> None:
    assert api.client.get("/v1/status", headers=headers).status_code == status
    if "Host" in headers:  # open routes are guarded as well
        assert api.client.get("/healthz", headers=headers).status_code == status


def test_a_page_from_elsewhere_changes_nothing(api: Api) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert api.client.post("/v1/seeds", json={"k": 1}, headers=headers).status_code == 403
    origin = {"Origin": "http://evil.example"}
    assert api.client.post("/v1/session", json={"key": "x"}, headers=origin).status_code == 403


def test_names_of_the_server(serve: Serve) -> None:
    api = serve(hosts=("guanxi.example",))
    host = {"Host": "guanxi.example"}
    assert api.client.get("/v1/status", headers=host).status_code == 403  # no key yet
    key = api.key("read")
    assert api.client.get("/v1/status", headers=key | host).status_code == 200
    assert api.client.get("/v1/status", headers=key | {"Host": "other"}).status_code == 403


def test_no_other_origin_unless_asked(serve: Serve) -> None:
    origin = {"Origin": "https://crm.example"}
    plain = serve()
    assert "access-control-allow-origin" not in plain.client.get("/healthz", headers=origin).headers
    api = serve(origins=("https://crm.example",))
    preflight = {**origin, "Access-Control-Request-Method": "GET"}
    assert api.client.options("/v1/status", headers=preflight).status_code == 200
    found = api.client.get("/v1/status", headers=origin)
    assert found.headers["access-control-allow-origin"] == "https://crm.example"
    assert api.client.get("/v1/status", headers={"Origin": "https://x.example"}).status_code == 403


def test_the_first_key_closes_the_door(api: Api) -> None:
    key = api.key("read")
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer"}):
        found = api.client.get("/v1/status", headers=headers)
        assert found.status_code == 401
        assert found.headers["www-authenticate"].startswith("Bearer")
    assert api.client.get("/v1/status", headers=key).status_code == 200


def test_a_revoked_key_stays_outside_at_once_and_the_door_closed(serve: Serve) -> None:
    first, second = serve(), serve()  # two workers on one set of records
    headers = first.key("admin")
    id = headers["Authorization"].split("_")[1]
    assert second.client.get("/v1/status", headers=headers).status_code == 200
    assert first.client.delete(f"/v1/keys/{id}", headers=headers).status_code == 204
    assert second.client.get("/v1/status", headers=headers).status_code == 401
    assert second.client.get("/v1/status").status_code == 401  # once keyed, always keyed


def test_a_key_ends(api: Api) -> None:
    headers = api.key("read", expires=time.time() - 1)
    assert api.client.get("/v1/status", headers=headers).status_code == 401


def test_keys_are_kept_as_digests(api: Api) -> None:
    key, text = new_key(api.database, "plan", name="crm")
    assert verify_key(api.database, text) == key == find_key(api.database, key.id)
    secret = text.split("_", 2)[2]
    kept = api.config.folder.joinpath("server.sqlite").read_bytes()
    kept += api.config.folder.joinpath("server.sqlite-wal").read_bytes()
    assert key.id.encode() in kept
    assert secret.encode() not in kept
    assert verify_key(api.database, text[:-1] + ("A" if text[-1] != "A" else "B")) is None
    assert verify_key(api.database, "é" * 40) is None
    revoke_key(api.database, key.id)
    assert verify_key(api.database, text) is None
    assert [each.revoked is not None for each in list_keys(api.database)] == [True]


def test_keys_over_http(api: Api) -> None:
    made = api.client.post("/v1/keys", json={"scope": "admin", "name": "boss", "expires": "2d"})
    assert made.status_code == 201
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    listed = api.client.get("/v1/keys", headers=headers).json()["keys"]
    assert [(each["name"], each["scope"]) for each in listed] == [("boss", "admin")]
    ends = datetime.fromisoformat(listed[0]["expires"]).timestamp()
    assert ends == pytest.approx(time.time() + 2 * 86400, abs=60)
    assert listed[0]["revoked"] is None
    assert made.json()["key"] not in str(listed)
    assert api.client.delete("/v1/keys/none", headers=headers).status_code == 404


def test_times_at_which_keys_end() -> None:
    assert parse_expiry("30m", now=0) == 1800
    assert parse_expiry("1w", now=0) == 7 * 86400
    assert parse_expiry("1970-01-02", now=0) == 2 * 86400 - 1
    assert utc(parse_expiry("9999-12-31")) == "9999-12-31T23:59:59Z"  # the last day there is
    for wrong in ("soon", "0d", "1999-01-01", "5y", ""):
        with pytest.raises(UsageError):
            parse_expiry(wrong)


def test_the_records_are_private(api: Api) -> None:
    folder = api.config.folder
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_requests_of_a_key_are_limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_MINUTE", 3600.0)  # so that no minute ends in the middle
    key, other = api.key("read", rate=3), api.key("read")
    assert [api.client.get("/v1/status", headers=key).status_code for _ in range(5)] == [
        *(200, 200, 200),
        *(429, 429),
    ]
    refused = api.client.get("/v1/status", headers=key)
    assert int(refused.headers["retry-after"]) >= 1
    assert api.client.get("/v1/status", headers=other).status_code == 200


def test_wrong_keys_are_answered_ever_more_slowly(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(auth, "_MINUTE", 3600.0)
    monkeypatch.setattr(auth.asyncio, "sleep", sleep)
    good = api.key("read")
    wrong = {"Authorization": "Bearer gx_wrong"}
    found = [api.client.get("/v1/status", headers=wrong).status_code for _ in range(40)]
    assert set(found[:30]) == {401}
    assert set(found[30:]) == {429}
    assert slept[:3] == [0.1, 0.2, 0.4]
    assert max(slept) == 4.0
    assert api.client.get("/v1/status", headers=good).status_code == 200


def log_in(api: Api, scope: str = "plan") -> dict[str, Any]:
    text = api.key(scope)["Authorization"].split()[1]
    found = api.client.post("/v1/session", json={"key": text})
    assert found.status_code == 201
    cookie = found.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    session: dict[str, Any] = found.json()
    return session


def test_a_session_needs_its_token_for_changes(api: Api) -> None:
    session = log_in(api)
    assert api.client.get("/v1/session").json()["csrf"] == session["csrf"]
    token = {"X-CSRF-Token": session["csrf"]}
    body = {"k": 1}
    assert api.client.post("/v1/seeds", json=body).status_code == 403
    assert (
        api.client.post("/v1/seeds", json=body, headers={"X-CSRF-Token": b"\xe9"}).status_code
        == 403
    )
    foreign = {**token, "Origin": "http://evil.example"}
    assert api.client.post("/v1/seeds", json=body, headers=foreign).status_code == 403
    assert api.client.post("/v1/seeds", json=body, headers=token).status_code == 202
    assert api.client.post("/v1/load", json={}, headers=token).status_code == 403  # scope plan
    assert api.client.delete("/v1/session", headers=token).status_code == 204
    assert api.client.get("/v1/session").status_code == 401


def test_a_session_ends_with_its_key_and_its_time(api: Api) -> None:
    log_in(api)
    (key,) = list_keys(api.database)
    assert api.client.get("/v1/session").status_code == 200
    api.database.write("UPDATE sessions SET expires = expires - ?", LIFE + 1)
    assert api.client.get("/v1/session").status_code == 401
    api.database.write("UPDATE sessions SET expires = expires + ?", LIFE + 1)
    assert api.client.get("/v1/session").status_code == 200
    revoke_key(api.database, key.id)
    assert api.client.get("/v1/session").status_code == 401


def test_a_cookie_is_secure_behind_tls(api: Api) -> None:
    text = api.key("read")["Authorization"].split()[1]
    found = api.client.post("https://127.0.0.1:8000/v1/session", json={"key": text})
    assert "secure" in found.headers["set-cookie"].lower()


def test_names_in_host_headers() -> None:
    assert host_name("a.example:80") == "a.example"
    for wrong in ("", "a b", "a@b", "a/b", "[::1", "a:b"):
        assert host_name(wrong) is None


def test_paths_of_the_server_are_taken_out(api: Api) -> None:
    redactor = Redactor(api.config)
    home = api.config.folder
    assert redactor.text(f"{home}/uploads/ab/粉丝.csv, line 3: no.") == "粉丝.csv, line 3: no."
    assert redactor.text(f"at {api.config.settings.store}.") == "at net.duckdb."
    assert redactor.text("ratio 3/4 of a/b") == "ratio 3/4 of a/b"
    assert redactor.everything("in /etc/ssl/key.pem: no") == "in key.pem: no"
    assert redactor.meta({"store": str(home), "x": [str(home / "a.csv")]}) == {
        "store": "net.duckdb",
        "x": ["a.csv"],
    }
