"""What stands around every request: its id, its limits, safe headers, the log, the last resort."""

from __future__ import annotations

import asyncio
import random
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from guanxi.api import problems
from guanxi.api.log import log_event, log_fault
from guanxi.api.refusals import refusal
from guanxi.api.shortcut import answer_at_once
from guanxi.errors import GuanxiError, TooLargeError

if TYPE_CHECKING:
    from guanxi.api.service import Service

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
#: No script, style or picture but the server's own; no frame around it; no exception.
CSP = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
_HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await _Passage(self, scope, receive, send).run()


class _TooSlowError(Exception):
    """The client stopped sending in the middle of a body."""


class _Passage:
    """One request on its way through the guard."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self.guard = guard
        self.config = guard.service.config
        self.scope = scope
        self._receive = receive
        self._send = send
        self.status = 0
        self.sent = 0
        self.taken = 0
        self.route: str | None = None
        #: Why no more of the body is read, whatever the app makes of it.
        self.breach: Exception | None = None
        self.started = time.perf_counter()
        given = next((text for name, text in scope["headers"] if name == b"x-request-id"), b"")
        self.id = given.decode() if _ID.fullmatch(given) else f"{random.getrandbits(64):016x}"
        scope.setdefault("state", {})["request_id"] = self.id
        # Routes that take files raise it once they know who sends them.
        scope["state"]["body_limit"] = self.config.body

    async def run(self) -> None:
        """Answer it, whatever happens."""
        try:
            answer = await answer_at_once(self.guard.service, self.scope)
            if answer is not None:
                self.route = self.scope["path"]  # one of a few, each of them a route
                await answer(self.scope, self._receive, self._pass_on)
                return
            await self._by_the_app()
            if self.breach is not None and not self.status:
                raise self.breach
        except GuanxiError as error:
            sentence = self.guard.service.redactor.error(error)
            problem = problems.describe(error, sentence)
            await self._refuse(problem, problems.headers_of(error), error)
        except _TooSlowError:
            detail = "The body of the request stopped in the middle; send it again."
            await self._refuse(problems.body_of(problems.OTHER[408], detail))
        except TimeoutError:
            detail = (
                f"The answer took more than {self.config.request_seconds:g} seconds; ask for "
                "less, or let a job do it."
            )
            await self._refuse(problems.body_of(problems.OTHER[503], detail))
        except Exception as error:
            log_fault(error, self.id)
            detail = "Something went wrong in the server; its log says what, under request_id."
            await self._refuse(problems.body_of(problems.INTERNAL, detail))
        finally:
            self._log()

    async def _by_the_app(self) -> None:
        """Let the app answer; only until its answer begins is its time limited."""
        work = asyncio.ensure_future(self.guard.app(self.scope, self.receive, self.send))
        try:
            await self._in_time(work)
        except asyncio.CancelledError:
            work.cancel()
            raise

    async def _in_time(self, work: asyncio.Future[None]) -> None:
        while not work.done():
            # An upload takes as long as it takes; `receive` watches that it goes on.
            limit = None if self.status else self.config.request_seconds
            sofar = self.taken
            await asyncio.wait({work}, timeout=limit)
            if not work.done() and not self.status and self.taken == sofar:
                work.cancel()
                await asyncio.wait({work}, timeout=1.0)
                raise TimeoutError
        work.result()

    async def receive(self) -> Message:
        """The next part of the request; not too many bytes, and not too slowly."""
        try:
            return await self._next_part(self.scope["state"]["body_limit"])
        except (GuanxiError, _TooSlowError) as error:
            self.breach = error
            raise

    async def _next_part(self, limit: int) -> Message:
        declared = Headers(scope=self.scope).get("content-length", "0")
        if not self.taken and (not declared.isdecimal() or int(declared) > limit):
            raise _too_large(limit)
        try:
            wait = None if self.status else self.config.request_seconds
            message = await asyncio.wait_for(self._receive(), wait)
        except TimeoutError:
            raise _TooSlowError from None
        self.taken += len(message.get("body", b""))
        if self.taken > limit:
            raise _too_large(limit)
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer, with the headers that all answers carry."""
        if self.breach is not None and not self.status:
            return  # what the app makes of half a body is no answer
        await self._pass_on(message)

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))  # an answer that is kept stays as it is
            there = {name for name, _ in headers}
            headers += [each for each in _HEADERS if each[0] not in there]
            headers.append((b"x-request-id", self.id.encode()))
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
        await self._send(message)

    async def _refuse(
        self,
        problem: dict[str, Any],
        headers: dict[str, str] | None = None,
        error: Exception | None = None,
    ) -> None:
        if self.status:  # the answer has begun: it can only break off
            return
        closing = {**(headers or {}), "Connection": "close"}
        try:
            answer = refusal(Request(self.scope), problem, error, closing)
        except Exception as fault:  # the page itself is broken, say: this is the last resort
            log_fault(fault, self.id)
            answer = problems.response(problem, self.id, closing)
        await answer(self.scope, self._receive, self._pass_on)

    def _log(self) -> None:
        route = self.scope.get("route")
        caller = self.scope["state"].get("caller")
        # The path as it is written in the routes: ids of accounts stay out of the log.
        log_event(
            "request",
            request_id=self.id,
            method=self.scope["method"],
            route=getattr(route, "path", self.route),
            status=self.status or None,
            milliseconds=round((time.perf_counter() - self.started) * 1000, 1),
            received=self.taken,
            sent=self.sent,
            caller=None if caller is None else caller.name,
        )


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(
        f"The body of the request is larger than {limit:,} bytes. Send a file as an upload, or "
        "let the server's operator raise the limit."
    )
