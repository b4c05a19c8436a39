"""Logging in with a key, for the page: a cookie that scripts cannot read stands for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from guanxi.api.answer_schemas import GONE, LOGGED_IN, SESSION
from guanxi.api.auth import OPEN, caller_of, check_key
from guanxi.api.endpoint import Endpoint, service_of
from guanxi.api.sessions import COOKIE, LIFE, Session, begin_session, end_session

_NO_STORE = {"Cache-Control": "no-store"}


class LogIn(BaseModel):
    """The key to log in with."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"key": "gx_…"}]})
    key: Annotated[str, Field(min_length=1, max_length=200)]


async def post_session(request: Request, body: LogIn) -> Response:
    """Log in: sets the cookie; `csrf` goes into the header X-CSRF-Token of each change."""
    session, token = await log_in(request, body.key)
    facts = {"scope": session.key.scope, "name": session.key.name, "csrf": session.csrf}
    answer = JSONResponse(facts, 201, headers=_NO_STORE)
    set_cookie(request, answer, token)
    return answer


async def get_session(request: Request) -> Response:
    """Who one is, what one may do, and the token for changes."""
    caller = caller_of(request)
    facts = {
        "scope": caller.scope,
        "name": caller.key.name if caller.key is not None else "",
        "csrf": caller.session.csrf if caller.session is not None else None,
    }
    return JSONResponse(facts, headers=_NO_STORE)


async def delete_session(request: Request) -> Response:
    """Log out."""
    end_session(service_of(request).database, request.cookies.get(COOKIE, ""))
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


async def log_in(request: Request, key: str) -> tuple[Session, str]:
    """The session of a key and its cookie's text; UnauthorizedError, ever more slowly."""
    service = service_of(request)
    return begin_session(service.database, await check_key(service, request, key.strip()))


def set_cookie(request: Request, answer: Response, token: str) -> None:
    """Let a browser keep a session: out of reach of scripts and of other sites."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=LIFE,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


ENDPOINTS = [
    Endpoint("POST", "/v1/session", OPEN, post_session, LOGGED_IN, status=201),
    Endpoint("GET", "/v1/session", "read", get_session, SESSION),
    Endpoint("DELETE", "/v1/session", "read", delete_session, GONE, status=204),
]
