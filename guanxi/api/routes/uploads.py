"""Files that callers send: to be loaded, or as lists of accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from guanxi.api.answer_schemas import GONE, UPLOAD, UPLOADED, UPLOADS
from guanxi.api.auth import caller_of
from guanxi.api.endpoint import Endpoint, service_of
from guanxi.errors import UsageError

_NO_STORE = {"Cache-Control": "private, no-store"}
_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def post_upload(
    request: Request,
    name: Annotated[
        str, Query(min_length=1, max_length=500, description="What the file is called.")
    ],
) -> Response:
    """Send a file as the body of the request: CSV, TSV, JSON Lines, Parquet or XLSX."""
    service, caller = service_of(request), caller_of(request)
    most = service.config.upload
    if caller.key is not None and caller.key.body is not None:
        most = min(most, caller.key.body)
    request.state.body_limit = most
    try:
        found = await service.uploads.take(name, _parts(request), caller.name)
    except ClientDisconnect:
        raise UsageError("The upload broke off; send the file again.") from None
    headers = {"Location": f"/v1/uploads/{found['id']}", **_NO_STORE}
    return JSONResponse(found, 201, headers=headers)


async def _parts(request: Request) -> AsyncIterator[bytes]:
    async for part in request.stream():
        if part:
            yield part


async def get_uploads(request: Request) -> Response:
    """The files that were sent and are still there, newest first."""
    return JSONResponse({"uploads": service_of(request).uploads.newest()}, headers=_NO_STORE)


async def get_upload(request: Request, upload: str) -> Response:
    """What is known of one file."""
    return JSONResponse(service_of(request).uploads.find(upload), headers=_NO_STORE)


async def delete_upload(request: Request, upload: str) -> Response:
    """Remove a file that was sent."""
    await run_in_threadpool(service_of(request).uploads.remove, upload)
    return Response(status_code=204)


ENDPOINTS = [
    Endpoint("POST", "/v1/uploads", "plan", post_upload, UPLOADED, status=201, more=_FILE),
    Endpoint("GET", "/v1/uploads", "plan", get_uploads, UPLOADS),
    Endpoint("GET", "/v1/uploads/{upload}", "plan", get_upload, UPLOAD),
    Endpoint("DELETE", "/v1/uploads/{upload}", "plan", delete_upload, GONE, status=204),
]
