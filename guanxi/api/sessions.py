"""Log-ins of the page: a cookie stands for a key, and a second token guards against forgery."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from guanxi.api.database import Database
from guanxi.api.keys import Key, find_key
from guanxi.errors import MissingError

#: Seconds that a session lasts.
LIFE = 12 * 3600
COOKIE = "guanxi_session"


@dataclass(frozen=True)
class Session:
    """A log-in. `csrf` is what a page sends along with each change that it asks for."""

    key: Key
    csrf: str

    def is_token(self, text: str | None) -> bool:
        """Whether `text` is the token of this session."""
        return text is not None and hmac.compare_digest(self.csrf.encode(), text.encode())


def begin_session(database: Database, key: Key) -> tuple[Session, str]:
    """Log in with a key; the session, and the cookie's text, which is kept as a digest only."""
    now = time.time()
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    ends = now + LIFE if key.expires is None else min(now + LIFE, key.expires)
    with database.writing() as connection:
        connection.execute("DELETE FROM sessions WHERE expires < ?", (now,))
        connection.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)", (_digest(token), key.id, csrf, ends)
        )
    return Session(key, csrf), token


def find_session(database: Database, token: str) -> Session | None:
    """The session of a cookie, if it and its key hold."""
    row = database.one("SELECT * FROM sessions WHERE digest = ?", _digest(token))
    now = time.time()
    if row is None or row["expires"] < now:
        return None
    try:
        key = find_key(database, row["key"])
    except MissingError:
        return None
    return Session(key, row["csrf"]) if key.holds(now) else None


def end_session(database: Database, token: str) -> None:
    """Log out."""
    database.write("DELETE FROM sessions WHERE digest = ?", _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
