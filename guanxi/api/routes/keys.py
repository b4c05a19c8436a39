"""Keys over HTTP, for those who have the scope admin."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from guanxi.api.answer_schemas import GONE, KEYS, NEW_KEY
from guanxi.api.endpoint import Endpoint, service_of
from guanxi.api.keys import Key, list_keys, new_key, parse_expiry, revoke_key
from guanxi.api.times import utc

_NO_STORE = {"Cache-Control": "no-store"}
Limit = Annotated[int | None, Field(ge=1, lt=2**53)]


class NewKey(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"scope": "read", "expires": "30d"}]}
    )
    scope: Literal["read", "plan", "write", "admin"]
    name: Annotated[str, Field(max_length=200)] = ""
    expires: Annotated[str, Field(min_length=2, max_length=40)] | None = Field(
        None, description="30d, 12h, or a day."
    )
    rate: Limit = Field(None, description="Requests a minute.")
    rows: Limit = Field(None, description="Rows of one answer.")
    body: Limit = Field(None, description="Bytes of one upload.")


async def post_key(request: Request, body: NewKey) -> Response:
    """Make a key. Its text is in this answer and nowhere else."""
    ends = None if body.expires is None else parse_expiry(body.expires)
    key, text = new_key(
        service_of(request).database,
        body.scope,
        name=body.name,
        expires=ends,
        rate=body.rate,
        rows=body.rows,
        body=body.body,
    )
    return JSONResponse({**shown(key), "key": text}, 201, headers=_NO_STORE)


async def get_keys(request: Request) -> Response:
    """All keys that were ever made, without their texts."""
    found = [shown(key) for key in list_keys(service_of(request).database)]
    return JSONResponse({"keys": found}, headers=_NO_STORE)


async def delete_key(request: Request, key: str) -> Response:
    """Take a key back: from this moment on nobody comes in with it."""
    revoke_key(service_of(request).database, key)
    return Response(status_code=204)


def shown(key: Key) -> dict[str, Any]:
    """A key as it may be seen."""
    found = {name: getattr(key, name) for name in Key.__dataclass_fields__ if name != "number"}
    return found | {name: utc(found[name]) for name in ("created", "expires", "revoked")}


ENDPOINTS = [
    Endpoint("POST", "/v1/keys", "admin", post_key, NEW_KEY, status=201),
    Endpoint("GET", "/v1/keys", "admin", get_keys, KEYS),
    Endpoint("DELETE", "/v1/keys/{key}", "admin", delete_key, GONE, status=204),
]
