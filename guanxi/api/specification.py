"""What the OpenAPI specification says of answers: their types, examples and problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from guanxi import __version__
from guanxi.api import problems
from guanxi.api.answer_schemas import SCHEMAS, header
from guanxi.api.auth import OPEN
from guanxi.api.endpoint import gives_rows
from guanxi.api.negotiation import TYPES

_EXAMPLE_PROBLEM = problems.body_of(
    problems.OTHER[404], "There is no job '00'; finished ones are removed after a while."
) | {"request_id": "3f2a9c04d1e85b76"}
_REQUEST_ID = {"X-Request-ID": header("Names the request in the log of the server.")}
#: Headers of problems.
_HEADERS = {
    401: {"WWW-Authenticate": header("How to come in.")},
    429: {"Retry-After": header("Seconds after which to come again.")},
}
#: Parameters of all routes whose answer is meta and rows.
_FORM = [
    {
        "name": "format",
        "in": "query",
        "required": False,
        "description": "Form of the answer; weighs more than Accept.",
        "schema": {"type": "string", "enum": list(TYPES)},
    },
    {
        "name": "excel",
        "in": "query",
        "required": False,
        "description": "CSV for Excel: byte order mark, guarded texts.",
        "schema": {"type": "boolean", "default": False},
    },
]


def specification(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The function that makes the specification of an app, once."""

    def make() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(
                get_openapi(
                    title="guanxi",
                    version=__version__,
                    description="Core users of a social network: rankings, communities, seed "
                    "lists with a proven reach. Long work is a job: POST answers 202 with its "
                    "address.",
                    routes=app.routes,
                )
            )
        return app.openapi_schema

    return make


def _completed(found: dict[str, Any]) -> dict[str, Any]:
    components = found.setdefault("components", {})
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    schemas = components.setdefault("schemas", {})
    schemas |= SCHEMAS
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return found


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    scope = operation["x-scope"]
    operation["security"] = [] if scope == OPEN else [{"key": []}]
    operation["description"] = f"{operation.get('description', '')}\n\nScope: {scope}.".strip()
    answers = operation["responses"]
    if gives_rows(answers):
        operation.setdefault("parameters", []).extend(_FORM)
    answers.pop("422", None)  # FastAPI's own is of another form
    for status in sorted(_statuses(path, method, operation)):
        answers[str(status)] = _problem(status)
    for answer in answers.values():
        answer["headers"] = {**_REQUEST_ID, **answer.get("headers", {})}


def _statuses(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    """What may go wrong with an operation, as far as a caller can cause or meet it."""
    found = {403, 503}  # a foreign Host; records or store that are away
    is_job = method == "post" and operation["responses"].get("202") is not None
    if operation["x-scope"] != OPEN or path == "/v1/session":
        found |= {401, 429}
    if path.startswith("/v1/"):
        found.add(422)  # unknown parameters, at least
    if "requestBody" in operation:
        found |= {400, 408, 413, 415}
    if gives_rows(operation["responses"]):
        found.add(406)
    if "{" in path or is_job or path in ("/v1/account", "/v1/chain"):
        found.add(404)
    # Nothing is loaded or analysed yet, or a job has not ended or has ended.
    if (
        gives_rows(operation["responses"])
        or is_job
        or (method == "delete" and path == "/v1/jobs/{job}")
    ):
        found.add(409)
    return found


def _problem(status: int) -> dict[str, Any]:
    kinds = [*problems.KINDS.values(), *problems.OTHER.values()]
    return {
        "description": next(kind.title for kind in kinds if kind.status == status),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": _EXAMPLE_PROBLEM,
            }
        },
        "headers": _HEADERS.get(status, {}),
    }
