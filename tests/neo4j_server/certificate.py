"""A certificate that no authority has signed, made anew for each server."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.neo4j_server.tools import MissingError


def make_certificate(folder: Path) -> None:
    """Write `private.key` and `public.crt` for localhost and 127.0.0.1, where there are none."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise MissingError("The program openssl is needed to make a certificate; install it.")
    if (folder / "public.crt").exists():
        return
    folder.mkdir(exist_ok=True)
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", names),
            *("-keyout", folder / "private.key", "-out", folder / "public.crt"),
        ],
        check=True,
        capture_output=True,
    )
