"""The app of one worker: routes, errors as problems, and the guard around all of it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from guanxi.api import problems
from guanxi.api.config import ServeConfig
from guanxi.api.endpoint import Endpoint, add_endpoints
from guanxi.api.guard import Guard
from guanxi.api.log import log_fault
from guanxi.api.negotiation import TYPES, NoSuchFormatError
from guanxi.api.pages import routes as pages
from guanxi.api.refusals import refusal
from guanxi.api.routes import health, jobs, keys, read, session, uploads
from guanxi.api.service import Service
from guanxi.api.specification import specification
from guanxi.api.wrong_fields import wrong_fields
from guanxi.errors import GuanxiError, ResourceError, UsageError

ENDPOINTS: list[Endpoint] = [
    endpoint
    for module in (health, read, jobs, uploads, session, keys, pages)
    for endpoint in module.ENDPOINTS
]


def create_app(config: ServeConfig) -> FastAPI:
    """The ASGI app of one worker; it opens the server's records, and no store."""
    service = Service(config)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.service = service
    add_endpoints(app, ENDPOINTS)
    app.openapi = specification(app)  # type: ignore[method-assign]  # FastAPI's documented way
    app.add_exception_handler(GuanxiError, _guanxi_error)
    app.add_exception_handler(RequestValidationError, _wrong_fields)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(NoSuchFormatError, _no_such_format)
    app.add_exception_handler(sqlite3.OperationalError, _records_away)
    if config.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(config.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
            expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(Guard, service=service)
    return app


def _id(request: Request) -> str:
    found: str = request.state.request_id
    return found


def _guanxi_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GuanxiError)
    service: Service = request.app.state.service
    problem = problems.describe(error, service.redactor.error(error))
    return refusal(request, problem, error, problems.headers_of(error))


def _wrong_fields(request: Request, error: Exception) -> Response:
    """Fields that are no good, each with its place; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    found = wrong_fields(error.errors(), error.body)
    if found and found[0]["place"] == "body" and _is_of_another_type(request):
        detail = "Send the body of the request as Content-Type: application/json."
        return refusal(request, problems.body_of(problems.OTHER[415], detail), error)
    first = f"{found[0]['place']}: {found[0]['message']}" if found else "It cannot be read."
    problem: dict[str, Any] = problems.body_of(problems.KINDS[UsageError], first)
    return refusal(request, problem | {"errors": found}, error)


def _is_of_another_type(request: Request) -> bool:
    """Whether a request has a body that does not say that it is JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (kind[:12] == "application/" and kind[-5:] == "+json")
    return not is_json and request.headers.get("content-length", "0") != "0"


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentences = {
        404: "There is nothing at this address; /docs shows what there is.",
        405: "This address does not take this method; /docs shows which one.",
    }
    kind = problems.OTHER.get(error.status_code, problems.OTHER[400])
    detail = sentences.get(error.status_code, "The body of the request cannot be read.")
    return refusal(request, problems.body_of(kind, detail), error, error.headers)


def _records_away(request: Request, error: Exception) -> Response:
    """The disk is full, say: what was asked is not confirmed."""
    log_fault(error, _id(request))
    detail = "The server's own records cannot be reached at this moment; nothing was done."
    kind = problems.KINDS[ResourceError]
    return refusal(request, problems.body_of(kind, detail), error, {"Retry-After": "5"})


def _no_such_format(request: Request, error: Exception) -> Response:
    detail = f"An answer is there as {', '.join(TYPES.values())}; or say it by ?format=."
    return refusal(request, problems.body_of(problems.OTHER[406], detail), error)
