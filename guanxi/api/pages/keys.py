"""Keys as whoever runs the server sees them."""

from __future__ import annotations

import time
from typing import Any

from guanxi.api.auth import Caller
from guanxi.api.i18n import Messages
from guanxi.api.keys import SCOPES, Key, list_keys
from guanxi.api.service import Service
from guanxi.memory import format_size


def keys_page(service: Service, caller: Caller, t: Messages) -> dict[str, Any]:
    """What `keys.html` shows: all keys, those that hold first, the newest of them first."""
    now = time.time()
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "scope": key.scope,
            "created": key.created,
            "expires": key.expires,
            "holds": key.holds(now),
            "state": "revoked" if key.revoked else "holds" if key.holds(now) else "ended",
            "limits": _limits(key, t),
            "own": caller.key is not None and caller.key.id == key.id,
        }
        for key in reversed(list_keys(service.database))
    ]
    return {
        "keys": sorted(rows, key=lambda row: not row["holds"]),
        "scopes": [(scope, t(f"keys.is.{scope}")) for scope in SCOPES],
    }


def _limits(key: Key, t: Messages) -> str:
    """The limits of a key that are not those of all keys, in words."""
    found = []
    if key.rate is not None:
        found.append(t("keys.limit_rate", n=key.rate))
    if key.rows is not None:
        found.append(t("keys.limit_rows", n=key.rows))
    if key.body is not None:
        found.append(t("keys.limit_body", size=format_size(key.body)))
    return ", ".join(found) or t("keys.limits_none")
