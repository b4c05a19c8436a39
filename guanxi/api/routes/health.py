"""Whether the server lives, and whether it can answer; its specification and its documentation."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from guanxi.api import problems
from guanxi.api.answer_schemas import HEALTH, READY
from guanxi.api.auth import OPEN
from guanxi.api.docs_page import STYLE, docs_page
from guanxi.api.endpoint import Endpoint, service_of
from guanxi.errors import GuanxiError

_NO_STORE = {"Cache-Control": "no-store"}
_FRESH = {"Cache-Control": "no-cache"}


async def get_health(request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def get_ready(request: Request) -> Response:
    """The server can answer questions: its records are there, and it does not take leave.

    `loaded` says whether there is a network to ask about.
    """
    service = service_of(request)
    if service.is_stopping():
        problem = problems.body_of(problems.STOPPING, "The server is stopping; come again soon.")
        return problems.response(problem, request.state.request_id)
    service.database.one("SELECT 1")
    try:
        await service.views.current()
        loaded = True
    except GuanxiError:
        loaded = False
    return JSONResponse({"status": "ok", "loaded": loaded}, headers=_NO_STORE)


async def get_specification(request: Request) -> Response:
    """The OpenAPI specification."""
    return JSONResponse(request.app.openapi(), headers=_FRESH)


async def get_docs(request: Request) -> Response:
    """The specification, to be read by people; it loads nothing from elsewhere."""
    return HTMLResponse(docs_page(request.app.openapi()), headers=_FRESH)


async def get_style(request: Request) -> Response:
    """How the documentation looks."""
    return Response(STYLE, media_type="text/css", headers=_FRESH)


ENDPOINTS = [
    Endpoint("GET", "/healthz", OPEN, get_health, HEALTH),
    Endpoint("GET", "/readyz", OPEN, get_ready, READY),
    Endpoint("GET", "/openapi.json", OPEN, get_specification, hidden=True),
    Endpoint("GET", "/docs", OPEN, get_docs, hidden=True),
    Endpoint("GET", "/docs.css", OPEN, get_style, hidden=True),
]
