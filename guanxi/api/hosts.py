"""Whether a request is meant for this server and comes from where it may (DNS rebinding, CSRF)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from guanxi.api.config import ServeConfig, is_loopback
from guanxi.errors import ForeignError

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:/@\s]+)(?::\d{1,5})?")
#: Methods that change nothing.
SAFE = ("GET", "HEAD", "OPTIONS")


def host_name(host: str) -> str | None:
    """The name in a Host header, without the port; None if it is none.

    >>> host_name("LOCALHOST:8000"), host_name("[::1]:80"), host_name("a b")
    ('localhost', '[::1]', None)
    """
    found = _HOST.fullmatch(host)
    return found[1].lower() if found else None


def refuse_foreign_host(config: ServeConfig, host: str | None, *, open_to_all: bool) -> None:
    """Raise ForeignError for a request that was sent to another name.

    A page of a stranger whose name leads to this machine is told so. Without any key only
    names of this machine are taken, with keys any name unless some are set.
    """
    name = host_name(host or "")
    if open_to_all:
        foreign = name is None or not is_loopback(name)
    else:
        foreign = name is None or (bool(config.hosts) and name not in config.hosts)
    if foreign:
        raise ForeignError(
            "This server is not meant by that Host. Call it by its own name, or let its "
            "operator name this one with --allow-host."
        )


def refuse_foreign_origin(config: ServeConfig, request: HTTPConnection) -> None:
    """Raise ForeignError for a request that a page from elsewhere makes a browser send."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if origin is None:
        foreign = site not in (None, "same-origin", "none")
        # A link from elsewhere to a page may be followed; it only reads, and is not read itself.
        follows_link = request.headers.get("sec-fetch-mode") == "navigate"
        if foreign and not (follows_link and request.scope.get("method") in SAFE):
            raise ForeignError("This request comes from a page of another site.")
    elif not is_own_origin(config, origin, request):
        raise ForeignError("This request comes from a page of another origin.")


def is_own_origin(config: ServeConfig, origin: str, request: HTTPConnection) -> bool:
    """Whether an Origin is this server itself, or one that its operator allows."""
    if origin in config.origins:
        return True
    host = request.headers.get("host", "")
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme == request.url.scheme and parts.netloc.lower() == host.lower()
