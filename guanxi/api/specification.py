"""What the OpenAPI specification says of answers: their types, examples and problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from guanxi import __version__
from guanxi.api import problems
from guanxi.api.auth import OPEN
from guanxi.api.negotiation import TYPES

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_EXAMPLE_PROBLEM = problems.body_of(
    problems.OTHER[404], "There is no job '00'; finished ones are removed after a while."
) | {"request_id": "3f2a9c04d1e85b76"}
_ROWS = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "object"},
        "rows": {"type": "array", "items": {"type": "object"}},
    },
}
_EXAMPLE_ROWS = {
    "meta": {"store": "guanxi.duckdb", "store_version": 3, "next": None},
    "rows": [{"rank": 1, "id": "weibo:1234567", "pagerank": 0.021}],
}
_EXAMPLE_JOB = {
    "id": "8f14e45fceea167a",
    "verb": "seeds",
    "state": "queued",
    "created": 1780000000.0,
    "started": None,
    "finished": None,
    "progress": None,
    "seconds_left": None,
    "request": {"k": 10},
    "problem": None,
    "result": None,
}


def _json(example: Any, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    content = {"schema": schema or {"type": "object"}, "example": example}
    return {"description": description, "content": {"application/json": content}}


_BINARY = {"schema": {"type": "string", "format": "binary"}}
ROWS_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Meta and rows, in the form asked for by Accept or ?format=.",
        "content": {
            "application/json": {"schema": _ROWS, "example": _EXAMPLE_ROWS},
            **{kind: _BINARY for name, kind in TYPES.items() if name != "json"},
        },
    },
    304: {"description": "Nothing has changed since the answer with this ETag."},
}
JOB_ACCEPTED: dict[int | str, dict[str, Any]] = {202: _json(_EXAMPLE_JOB, "The job.")}
JOB: dict[int | str, dict[str, Any]] = {200: _json(_EXAMPLE_JOB, "The job.")}
JOBS: dict[int | str, dict[str, Any]] = {200: _json({"jobs": [_EXAMPLE_JOB]}, "Jobs.")}
LOG: dict[int | str, dict[str, Any]] = {
    200: _json({"log": [{"number": 1, "at": 1780000000.0, "text": "Seeds …"}]}, "What was said.")
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
_STATUSES = ("400", "401", "403", "404", "406", "408", "409", "413", "415", "422", "429", "503")


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
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for path in found["paths"].values():
        for operation in path.values():
            _complete(operation)
    return found


def _complete(operation: dict[str, Any]) -> None:
    scope = operation["x-scope"]
    operation["security"] = [] if scope == OPEN else [{"key": []}]
    operation["description"] = f"{operation.get('description', '')}\n\nScope: {scope}.".strip()
    answers = operation["responses"]
    if "304" in answers:
        operation.setdefault("parameters", []).extend(_FORM)
    for status in _STATUSES:
        kinds = [*problems.KINDS.values(), *problems.OTHER.values()]
        title = next(kind.title for kind in kinds if kind.status == int(status))
        answers[status] = {
            "description": title,
            "content": {
                problems.MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": _EXAMPLE_PROBLEM,
                }
            },
        }
