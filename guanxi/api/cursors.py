"""Cursors: where a page ended, opaque to who carries them.

A cursor names the snapshot that its page was taken from and the key of the page's last row. It
goes on in that snapshot while it is there, and behind the same key in the newest one after that:
no row comes twice and none is left out that stands behind it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from guanxi.errors import UsageError

_SIGNATURE = 12


@dataclass(frozen=True)
class Cursor:
    """`token`: of the snapshot. `key`: of the last row. `question`: what was asked."""

    token: str
    key: tuple[Any, ...]
    question: str


def question_of(route: str, parameters: dict[str, Any]) -> str:
    """Names a question without its page: a cursor is good for the same question only."""
    text = json.dumps([route, parameters], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def write_cursor(cursor: Cursor, secret: bytes) -> str:
    """A cursor as text."""
    body = json.dumps([cursor.token, list(cursor.key), cursor.question]).encode()
    signed = hmac.digest(secret, body, "sha256")[:_SIGNATURE] + body
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def read_cursor(text: str, question: str, secret: bytes) -> Cursor:
    """The cursor in a text; UsageError where it is none, or belongs to another question."""
    try:
        signed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise _wrong() from None
    body = signed[_SIGNATURE:]
    expected = hmac.digest(secret, body, "sha256")[:_SIGNATURE]
    if not hmac.compare_digest(signed[:_SIGNATURE], expected):
        raise _wrong()
    token, key, asked = json.loads(body)
    if asked != question:
        raise UsageError(
            "This cursor belongs to another question; keep all parameters but the cursor and n."
        )
    return Cursor(token, tuple(key), asked)


def _wrong() -> UsageError:
    return UsageError("This is no cursor of this server; begin again without one.")
