"""A route with the scope that it needs; one without a scope cannot be written down."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from guanxi.api.auth import OPEN, Caller, authorise
from guanxi.api.keys import SCOPES
from guanxi.api.negotiation import TYPES
from guanxi.api.parameters import FORM, refuse_unknown
from guanxi.api.service import Service


@dataclass(frozen=True)
class Endpoint:
    """A method of a path: who may ask, what answers, and what the specification says of it."""

    method: str
    path: str
    scope: str
    handler: Callable[..., Any]
    responses: dict[int | str, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    hidden: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.scope not in (OPEN, *SCOPES):
            raise ValueError(f"{self.method} {self.path} has no scope that there is")


def service_of(request: Request) -> Service:
    """What the routes of this worker share."""
    service: Service = request.app.state.service
    return service


class _ScopedRoute(APIRoute):
    """Asks for the right before anything of the request is read; refuses unknown parameters.

    On the short way (see `guanxi.api.shortcut`) it may be known already who asks.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the check in front of it."""
        handle = super().get_route_handler()
        scope = str((self.openapi_extra or {})["x-scope"])
        known = {field.alias for field in self.dependant.query_params}
        if gives_rows(self.responses):
            known.update(FORM)

        async def checked(request: Request) -> Response:
            caller: Caller | None = getattr(request.state, "caller", None)
            refused: Exception | None = getattr(request.state, "refused", None)
            if refused is not None:
                raise refused
            if caller is None:
                await authorise(service_of(request), request, scope)
            else:
                caller.require(scope)
            if self.path.startswith("/v1/"):  # pages have more of them: what a form held, say
                refuse_unknown(request, known)
            return await handle(request)

        return checked


def gives_rows(answers: Mapping[Any, Any]) -> bool:
    """Whether an answer is meta and rows, in the form that is asked for."""
    good = answers.get(200) or answers.get("200") or {}
    return TYPES["parquet"] in good.get("content", {})


def add_endpoints(app: FastAPI, endpoints: list[Endpoint]) -> None:
    """Make the routes of an app."""
    for endpoint in endpoints:
        app.router.add_api_route(
            endpoint.path,
            endpoint.handler,
            methods=[endpoint.method],
            status_code=endpoint.status,
            response_model=None,
            response_class=Response,  # its type is written in `responses`
            responses=endpoint.responses,
            include_in_schema=not endpoint.hidden,
            route_class_override=_ScopedRoute,
            openapi_extra={"x-scope": endpoint.scope, **endpoint.more},
        )
