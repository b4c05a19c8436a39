"""Who calls, and what he may do.

While no key was ever made, whoever can reach the server may do everything: that is this
machine alone, and requests that a browser sends for others are refused. From the first key on
nobody comes in without one: as `Authorization: Bearer gx_…`, or as the cookie of a session.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from guanxi.api.hosts import SAFE, is_own_origin, refuse_foreign_host, refuse_foreign_origin
from guanxi.api.keys import SCOPES, Key, verify_key
from guanxi.api.sessions import COOKIE, Session, find_session
from guanxi.errors import ForbiddenError, OverloadedError, UnauthorizedError

if TYPE_CHECKING:
    from guanxi.api.service import Service

#: The scope of routes that need no key: what they show is no secret.
OPEN = "open"
#: Header in which a page sends the token of its session.
CSRF_HEADER = "x-csrf-token"
_MINUTE = 60.0
#: Requests a minute and rows an answer, where the key says nothing else.
RATE = 1200
ROWS = 1_000_000
#: Wrong keys in a minute from one address: from here on slower, and from there on not at all.
_SLOW_FROM = 5
_STOP_FROM = 30


@dataclass(frozen=True)
class Caller:
    """Who makes a request. `key` is None while the server is open to its own machine."""

    key: Key | None = None
    session: Session | None = None

    @property
    def name(self) -> str:
        """What jobs and logs call the caller."""
        return self.key.id if self.key is not None else "local"

    @property
    def scope(self) -> str:
        """What the caller may do."""
        return self.key.scope if self.key is not None else SCOPES[-1]

    @property
    def rows(self) -> int:
        """The most rows of one answer."""
        return ROWS if self.key is None or self.key.rows is None else self.key.rows

    def allows(self, scope: str) -> bool:
        """Whether the caller may do what needs `scope`."""
        return self.key is None or self.key.allows(scope)

    def require(self, scope: str) -> None:
        """Raise ForbiddenError where the caller may not do what needs `scope`."""
        if not self.allows(scope):
            raise ForbiddenError(
                f"This needs a key of scope {scope}, and yours has scope {self.scope}."
            )


def caller_of(request: Request) -> Caller:
    """Who makes the request, as `authorise` found out."""
    caller: Caller = request.state.caller
    return caller


async def authorise(service: Service, request: Request, scope: str) -> None:
    """Let a request through to a route that needs `scope`, or raise.

    Raises UnauthorizedError without a good key, ForbiddenError for a foreign Host or Origin, a
    missing token, or too small a scope, OverloadedError when there are too many requests.
    """
    keyed = service.has_keys()
    refuse_foreign_host(service.config, request.headers.get("host"), open_to_all=not keyed)
    if scope == OPEN:
        if request.method not in SAFE:
            refuse_foreign_origin(service.config, request)
        request.state.caller = Caller() if not keyed else None
        return
    caller = await identify(service, request, keyed=keyed)
    request.state.caller = caller
    _limit_rate(service, caller)
    caller.require(scope)


async def identify(service: Service, request: Request, *, keyed: bool) -> Caller:
    """Who makes the request; UnauthorizedError where nobody known does."""
    given = request.headers.get("authorization")
    if not keyed:
        if not service.config.is_private:  # its records were taken away while it ran
            raise UnauthorizedError("There is no key yet: make one with `guanxi key new`.")
        refuse_foreign_origin(service.config, request)
        return Caller()
    if given is not None:
        kind, _, text = given.partition(" ")
        if kind.lower() != "bearer":
            raise UnauthorizedError("Send the key as `Authorization: Bearer gx_…`.")
        return Caller(await check_key(service, request, text.strip()))
    session = find_session(service.database, request.cookies.get(COOKIE, ""))
    if session is None:
        raise UnauthorizedError("Send a key as `Authorization: Bearer gx_…`, or log in.")
    if request.method not in SAFE:
        require_token(service, request, session, request.headers.get(CSRF_HEADER))
    return Caller(session.key, session)


def require_token(service: Service, request: Request, session: Session, token: str | None) -> None:
    """Raise ForbiddenError unless a change comes from a page of ours: its Origin and its token."""
    origin = request.headers.get("origin")
    if origin is not None and not is_own_origin(service.config, origin, request):
        raise ForbiddenError("This request comes from a page of another origin.")
    if not session.is_token(token):
        raise ForbiddenError("The token of the session is missing or wrong; load the page again.")


async def check_key(service: Service, request: Request, text: str) -> Key:
    """The key that `text` is; UnauthorizedError, ever more slowly, where it is none."""
    key = verify_key(service.database, text)
    if key is not None:
        return key
    address = request.client.host if request.client else "?"
    failures = service.counters.add(f"failed {address}", _MINUTE)
    if failures > _STOP_FROM:
        raise OverloadedError("Too many wrong keys from this address; wait a minute.", 60)
    if failures > _SLOW_FROM:
        await asyncio.sleep(min(0.1 * 2 ** (failures - _SLOW_FROM - 1), 4.0))
    raise UnauthorizedError("This key is not known, has ended, or was revoked.")


def _limit_rate(service: Service, caller: Caller) -> None:
    if caller.key is None:
        return
    rate = RATE if caller.key.rate is None else caller.key.rate
    if service.counters.add(f"rate {caller.key.id}", _MINUTE) > rate:
        raise OverloadedError(f"This key may make {rate:,} requests a minute.", 60)
