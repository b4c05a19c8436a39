"""Errors as problem details (RFC 9457): one table from guanxi's errors to what HTTP says.

The body is `{"type", "title", "status", "detail", "request_id"}`, and `errors` where several
fields of a request are wrong. `type` leads to the list of problems in `/docs`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from guanxi import errors

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: HTTP status, name in the address of its type, and title."""

    status: int
    slug: str
    title: str


#: From the root of the tree to its leaves; a class that is not here is what its parent is.
KINDS: dict[type[errors.GuanxiError], Kind] = {
    errors.GuanxiError: Kind(500, "failed", "The work failed"),
    errors.UsageError: Kind(422, "wrong-request", "The request is wrong"),
    errors.FilterError: Kind(422, "wrong-condition", "The condition cannot be accepted"),
    errors.SettingsError: Kind(422, "wrong-setting", "A setting is wrong"),
    errors.UnknownAccountError: Kind(404, "unknown-account", "There is no such account"),
    errors.InputError: Kind(422, "wrong-file", "The file cannot be read as it stands"),
    errors.TooManyRejectsError: Kind(422, "too-many-rejects", "Too many rows are bad"),
    errors.StoreError: Kind(503, "store", "The store cannot do it"),
    errors.NoStoreError: Kind(409, "nothing-loaded", "Nothing is loaded yet"),
    errors.StoreBusyError: Kind(409, "store-busy", "Somebody else is writing to the store"),
    errors.StoreUnavailableError: Kind(503, "store-away", "The store cannot be reached"),
    errors.StoreAccessError: Kind(503, "store-access", "The store does not let the server in"),
    errors.StoreVersionError: Kind(503, "store-version", "The store is of another version"),
    errors.SnapshotError: Kind(409, "no-snapshot", "There is no usable snapshot"),
    errors.NotAnalyzedError: Kind(409, "not-analysed", "The network is not analysed yet"),
    errors.ConvergenceError: Kind(422, "no-convergence", "An iteration did not converge"),
    errors.ResourceError: Kind(503, "no-room", "It does not fit into memory or onto the disk"),
    errors.ServiceError: Kind(400, "not-taken", "The server does not take the request"),
    errors.UnauthorizedError: Kind(401, "no-key", "A key is needed"),
    errors.ForbiddenError: Kind(403, "no-right", "The key has no right to it"),
    errors.ForeignError: Kind(403, "foreign", "The request comes from elsewhere"),
    errors.MissingError: Kind(404, "missing", "There is nothing of that name"),
    errors.ConflictError: Kind(409, "conflict", "It cannot be done in this state"),
    errors.TooLargeError: Kind(413, "too-large", "The request is too large"),
    errors.OverloadedError: Kind(429, "too-many", "Too many requests or jobs"),
}
INTERNAL = Kind(500, "internal", "A fault in the server")
STOPPING = Kind(503, "stopping", "The server is stopping")
#: What HTTP itself says, where no error of guanxi stands behind it.
OTHER = {
    400: Kind(400, "not-taken", "The server does not take the request"),
    404: Kind(404, "missing", "There is nothing of that name"),
    405: Kind(405, "wrong-method", "The method is not for this address"),
    406: Kind(406, "no-such-format", "The answer is not there in that format"),
    408: Kind(408, "too-slow", "The request did not arrive in time"),
    415: Kind(415, "wrong-type", "The body is of another type"),
    503: Kind(503, "time-up", "The answer took too long"),
}


def kind_of(error: errors.GuanxiError) -> Kind:
    """What HTTP says to an error."""
    return next(KINDS[parent] for parent in type(error).__mro__ if parent in KINDS)


def describe(error: errors.GuanxiError, detail: str) -> dict[str, Any]:
    """The problem that an error is, with `detail` as its sentence."""
    return body_of(kind_of(error), detail)


def body_of(kind: Kind, detail: str) -> dict[str, Any]:
    """A problem as the object that is sent."""
    return {
        "type": f"/docs#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
    }


def response(
    problem: dict[str, Any], request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem as an answer."""
    # What a client sent may be no Unicode (a lone surrogate); it comes back escaped.
    text = json.dumps(problem | {"request_id": request_id}, ensure_ascii=False)
    return Response(
        text.encode("utf-8", "backslashreplace"),
        problem["status"],
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def headers_of(error: errors.GuanxiError) -> dict[str, str]:
    """Headers that belong to an error: how to log in, when to come again."""
    if isinstance(error, errors.UnauthorizedError):
        return {"WWW-Authenticate": 'Bearer realm="guanxi"'}
    if isinstance(error, errors.OverloadedError):
        return {"Retry-After": str(error.retry_after)}
    return {}
