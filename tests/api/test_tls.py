"""A server that speaks TLS itself, with a certificate made for the test."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx2
import pytest

from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.keys import new_key
from guanxi.settings import Settings
from tests.api.test_server import server
from tests.verbs.conftest import Run, run

__all__ = ["run"]
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=guanxi"),
        *("-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(certificate)),
    )
    return certificate, key


def test_answers_and_sessions_over_tls(store: Path, pair: tuple[Path, Path]) -> None:
    certificate, key = pair
    database = Database(ServeConfig(Settings(store=str(store))).folder)
    _, text = new_key(database, "plan")
    database.close()
    options = ("--tls-certificate", str(certificate), "--tls-key", str(key))
    with server(store, *options) as found:
        assert found.address.startswith("https://")
        trusted = ssl.create_default_context(cafile=str(certificate))
        with httpx2.Client(base_url=found.address, verify=trusted, timeout=30) as client:
            assert client.get("/readyz").json() == {"status": "ok", "loaded": True}
            logged_in = client.post("/v1/session", json={"key": text})
            cookie = logged_in.headers["set-cookie"].lower()
            assert "secure" in cookie
            assert "httponly" in cookie
            own = {"Origin": found.address, "X-CSRF-Token": logged_in.json()["csrf"]}
            assert client.get("/v1/session").json()["scope"] == "plan"  # the cookie comes back
            plain = {**own, "Origin": found.address.replace("https", "http")}
            assert client.delete("/v1/session", headers=plain).status_code == 403
            assert client.delete("/v1/session", headers=own).status_code == 204
            long = client.get(
                "/v1/communities/members", headers={"Authorization": f"Bearer {text}"}
            )
            assert len(long.json()["rows"]) == 22
            with pytest.raises(httpx2.TransportError):
                httpx2.get(found.address, timeout=30)  # the certificate is nobody's
            host, port = found.address.removeprefix("https://").split(":")
            with socket.create_connection((host, int(port))) as bare:
                bare.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                bare.settimeout(30)
                assert not bare.recv(4096).startswith(b"HTTP")
            assert client.get("/healthz").status_code == 200


def test_a_certificate_that_is_none(
    store: Path, pair: tuple[Path, Path], tmp_path: Path, run: Run
) -> None:
    certificate, key = pair
    other, locked = tmp_path / "other.pem", tmp_path / "locked.pem"
    openssl("genpkey", "-algorithm", "RSA", "-out", str(other))
    openssl("pkey", "-in", str(key), "-aes256", "-passout", "pass:x", "-out", str(locked))
    for wrong_certificate, wrong_key, word in (
        (tmp_path / "none.pem", key, "none.pem"),
        (certificate, tmp_path / "none.pem", "none.pem"),
        (key, key, "no certificate"),
        (certificate, other, "no certificate and its key"),
        (certificate, locked, "password"),
    ):
        options = ("--tls-certificate", wrong_certificate, "--tls-key", wrong_key)
        found = run("--store", store, "serve", "--port", "0", *options)
        assert found.code == 1, found.err
        assert word in found.err
        assert "Traceback" not in found.err
