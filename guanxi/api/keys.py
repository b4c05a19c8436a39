"""Keys: who may do what. A key is shown once and kept as a digest.

A key is `gx_<id>_<secret>`; its secret has 256 bits of chance, so a plain SHA-256 of it can be
kept: nobody can guess his way back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from guanxi.api.database import Database
from guanxi.errors import MissingError, UsageError

#: What a key may do; each scope includes those before it.
SCOPES = ("read", "plan", "write", "admin")
_FORM = re.compile(r"gx_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_NOBODY = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Key:
    """A key as it is kept. `rate` is requests a minute; None stands for the server's own limit."""

    number: int
    id: str
    name: str
    scope: str
    created: float
    expires: float | None = None
    revoked: float | None = None
    rate: int | None = None
    rows: int | None = None
    body: int | None = None

    def holds(self, now: float) -> bool:
        """Whether the key is good at that time."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def allows(self, scope: str) -> bool:
        """Whether its scope includes `scope`."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


def new_key(
    database: Database,
    scope: str,
    *,
    name: str = "",
    expires: float | None = None,
    rate: int | None = None,
    rows: int | None = None,
    body: int | None = None,
) -> tuple[Key, str]:
    """Make a key; it and its text, which is nowhere else. `expires` is a time (Unix)."""
    if scope not in SCOPES:
        raise UsageError(f"A scope is one of {', '.join(SCOPES)}, not {scope!r}.")
    for what, limit in (("rate", rate), ("rows", rows), ("body", body)):
        if limit is not None and not 0 < limit < 2**53:
            raise UsageError(f"The limit {what} must be at least 1, not {limit}.")
    id = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(10))
    secret = secrets.token_urlsafe(32)
    database.write(
        "INSERT INTO keys (id, name, digest, scope, created, expires, rate, rows, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, name[:200], _digest(secret), scope, time.time(), expires, rate, rows, body),
    )
    return find_key(database, id), f"gx_{id}_{secret}"


def list_keys(database: Database) -> list[Key]:
    """All keys that were ever made, oldest first."""
    return [_key(row) for row in database.all("SELECT * FROM keys ORDER BY number")]


def find_key(database: Database, id: str) -> Key:
    """The key with that id; MissingError where there is none."""
    row = database.one("SELECT * FROM keys WHERE id = ?", id)
    if row is None:
        raise MissingError(f"There is no key {id[:40]!r}; `guanxi key list` shows those there are.")
    return _key(row)


def revoke_key(database: Database, id: str) -> Key:
    """Take a key back, from this moment on and in every worker; its sessions end too."""
    find_key(database, id)
    with database.writing() as connection:
        connection.execute(
            "UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ?", (time.time(), id)
        )
        connection.execute("DELETE FROM sessions WHERE key = ?", (id,))
    return find_key(database, id)


def any_keys(database: Database) -> bool:
    """Whether a key was ever made; from then on nobody comes in without one."""
    return database.one("SELECT 1 FROM keys LIMIT 1") is not None


def good_keys(database: Database) -> int:
    """How many keys hold at this moment."""
    return sum(key.holds(time.time()) for key in list_keys(database))


def verify_key(database: Database, text: str) -> Key | None:
    """The key that `text` is, if it holds. Takes as long for a wrong secret as for a right one."""
    form = _FORM.fullmatch(text)
    row = database.one("SELECT * FROM keys WHERE id = ?", form[1]) if form else None
    expected = bytes(row["digest"]) if row is not None else _NOBODY
    same = hmac.compare_digest(expected, _digest(form[2] if form else "-"))
    key = _key(row) if row is not None else None
    return key if key is not None and same and key.holds(time.time()) else None


def parse_expiry(text: str, now: float | None = None) -> float:
    """A time: after a while (`30d`, `12h`), or at the end of a day (`2027-01-31`, UTC).

    >>> parse_expiry("2h", now=0.0)
    7200.0
    """
    import datetime

    now = time.time() if now is None else now
    after = re.fullmatch(r"(\d{1,5})([mhdw])", text.strip().lower(), re.ASCII)
    if after:
        found = now + int(after[1]) * _UNITS[after[2]]
    else:
        try:
            day = datetime.date.fromisoformat(text.strip())
            end = datetime.datetime.combine(day, datetime.time(23, 59, 59), datetime.UTC)
        except ValueError:
            raise UsageError(
                f"{text!r} is no time for a key to end; write 30d, 12h, or a day (2027-01-31)."
            ) from None
        found = end.timestamp()
    if found <= now:
        raise UsageError(f"A key that ends at {text} would never hold; name a time to come.")
    return found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _key(row: Row) -> Key:
    values: dict[str, Any] = {name: row[name] for name in Key.__dataclass_fields__}
    return Key(**values)
