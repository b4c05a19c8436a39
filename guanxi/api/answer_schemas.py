"""What each route answers where all is well: schemas, headers and examples of the specification."""

from __future__ import annotations

from typing import Any

from guanxi.api.jobs import ACTIVE, FINISHED
from guanxi.api.keys import SCOPES
from guanxi.api.negotiation import TYPES

#: By status, as FastAPI takes them.
Answers = dict[int | str, dict[str, Any]]

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_COUNT = {"type": "integer", "minimum": 0}
_NAMES = {"type": ["string", "null"]}
_TIME = {"type": "string", "format": "date-time", "description": "ISO 8601, UTC"}
_TIME_OR_NONE = {**_TIME, "type": ["string", "null"]}


def _object(optional: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
        "additionalProperties": False,
    }


def _of(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _of(name)}


_PROBLEM = _object(
    ("errors",),
    type=_TEXT,
    title=_TEXT,
    status={"type": "integer"},
    detail=_TEXT,
    request_id=_TEXT,
    errors={"type": "array", "items": _object(place=_TEXT, message=_TEXT)},
)
_LIMIT = {"type": ["integer", "null"], "minimum": 1}
_KEY: dict[str, Any] = {
    "id": _TEXT,
    "name": _TEXT,
    "scope": {"enum": list(SCOPES)},
    "created": _TIME,
    "expires": _TIME_OR_NONE,
    "revoked": _TIME_OR_NONE,
    "rate": _LIMIT,
    "rows": _LIMIT,
    "body": _LIMIT,
}
#: Schemas that answers name.
SCHEMAS: dict[str, Any] = {
    "Problem": _PROBLEM,
    "Rows": _object(
        meta={"type": "object", "description": "What made the rows, and what they cannot say."},
        rows={"type": "array", "items": {"type": "object"}},
    ),
    "Job": _object(
        id=_TEXT,
        verb=_TEXT,
        state={"enum": [*ACTIVE, "cancelling", *FINISHED]},
        created=_TIME,
        started=_TIME_OR_NONE,
        finished=_TIME_OR_NONE,
        progress={"anyOf": [_object(stage=_TEXT, done=_NUMBER, total=_NUMBER), {"type": "null"}]},
        seconds_left={"type": ["number", "null"]},
        request={"type": "object"},
        problem={"type": ["object", "null"]},
        result={"type": ["string", "null"], "description": "Address of the result, once done."},
    ),
    "Sentence": _object(number=_COUNT, at=_TIME, text=_TEXT),
    "JobFile": _object(name=_TEXT, bytes=_COUNT, address=_TEXT),
    "Upload": _object(id=_TEXT, name=_TEXT, bytes=_COUNT, sha256=_TEXT, created=_TIME),
    "Key": _object(**_KEY),
    "ShownKey": _object(**_KEY, key={**_TEXT, "description": "The key, shown this once."}),
    "Session": _object(scope={"enum": list(SCOPES)}, name=_TEXT, csrf=_NAMES),
}

_ROWS = {
    "meta": {"store": "guanxi.duckdb", "store_version": 3, "next": None},
    "rows": [{"rank": 1, "id": "weibo:1234567", "pagerank": 0.021}],
}
_JOB = {
    "id": "8f14e45fceea167a",
    "verb": "seeds",
    "state": "queued",
    "created": "2026-05-28T20:26:40Z",
    "started": None,
    "finished": None,
    "progress": None,
    "seconds_left": None,
    "request": {"k": 10},
    "problem": None,
    "result": None,
}
_UPLOAD = {
    "id": "0f3ab1c2d4e5f607",
    "name": "follows.csv",
    "bytes": 48_211,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created": "2026-05-28T20:26:40Z",
}
_ONE_KEY = {
    "id": "b7w2kq9xzm",
    "name": "campaign team",
    "scope": "plan",
    "created": "2026-05-28T20:26:40Z",
    "expires": None,
    "revoked": None,
    "rate": None,
    "rows": None,
    "body": None,
}
_SESSION = {"scope": "plan", "name": "campaign team", "csrf": "Yk3…"}


def header(description: str) -> dict[str, Any]:
    """A header that an answer always has."""
    return {"description": description, "required": True, "schema": _TEXT}


def _json(
    status: int, description: str, schema: dict[str, Any], example: Any, **headers: str
) -> Answers:
    content = {"application/json": {"schema": schema, "example": example}}
    named = {name.replace("_", "-"): header(text) for name, text in headers.items()}
    return {status: {"description": description, "content": content, "headers": named}}


_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORMS = {
    "application/json": {"schema": _of("Rows"), "example": _ROWS},
    **{kind.split(";")[0]: _BINARY for name, kind in TYPES.items() if name != "json"},
}
_IN_FORM = "Meta and rows, in the form asked for by Accept or ?format=."
#: Rows of something that may have changed at any moment.
ROWS: Answers = {200: {"description": _IN_FORM, "content": _FORMS}}
#: Rows of a snapshot, which a client may keep.
ROWS_ANSWER: Answers = {
    200: {
        "description": _IN_FORM,
        "content": _FORMS,
        "headers": {
            "ETag": header("Changes with the data, the analysis and the software."),
            "Link": {"description": 'rel="next": the next page, if any.', "schema": _TEXT},
        },
    },
    304: {
        "description": "Nothing has changed since the answer with this ETag.",
        "headers": {"ETag": header("That of the answer.")},
    },
}
JOB_ACCEPTED = _json(202, "The job.", _of("Job"), _JOB, Location="Address of the job.")
JOB_CANCELLED = _json(202, "The job.", _of("Job"), _JOB)
JOB = _json(200, "The job.", _of("Job"), _JOB)
JOBS = _json(200, "Jobs.", _object(jobs=_list_of("Job")), {"jobs": [_JOB]})
LOG = _json(
    200,
    "What was said.",
    _object(log=_list_of("Sentence")),
    {"log": [{"number": 1, "at": "2026-05-28T20:26:40Z", "text": "Seeds …"}]},
)
_EVENT = _object(("id",), event={"enum": ["state", "log"]}, data=_TEXT, id=_TEXT)
EVENTS: Answers = {
    200: {
        "description": "Events, each with a job or a sentence as JSON; they end with the job.",
        "content": {"text/event-stream": {"schema": _EVENT}},
    }
}
FILES = _json(
    200,
    "Files.",
    _object(files=_list_of("JobFile")),
    {"files": [{"name": "accounts.csv", "bytes": 1024, "address": "/v1/jobs/8f14…/files/0"}]},
)
FILE: Answers = {
    200: {"description": "The file.", "content": {"application/octet-stream": _BINARY}}
}
UPLOADED = _json(201, "The file.", _of("Upload"), _UPLOAD, Location="Address of the file.")
UPLOAD = _json(200, "The file.", _of("Upload"), _UPLOAD)
UPLOADS = _json(200, "Files.", _object(uploads=_list_of("Upload")), {"uploads": [_UPLOAD]})
NEW_KEY = _json(201, "The key.", _of("ShownKey"), {**_ONE_KEY, "key": "gx_b7w2kq9xzm_…"})
KEYS = _json(200, "Keys.", _object(keys=_list_of("Key")), {"keys": [_ONE_KEY]})
LOGGED_IN = _json(
    201, "Logged in.", _of("Session"), _SESSION, Set_Cookie="The session, for a browser."
)
SESSION = _json(200, "Who one is.", _of("Session"), _SESSION)
HEALTH = _json(200, "It lives.", _object(status={"const": "ok"}), {"status": "ok"})
READY = _json(
    200,
    "It answers.",
    _object(status={"const": "ok"}, loaded={"type": "boolean"}),
    {"status": "ok", "loaded": True},
)
GONE: Answers = {204: {"description": "It is gone."}}
