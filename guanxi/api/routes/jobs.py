"""Long work: asked for by POST, answered with the address of a job."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Body, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from guanxi.api.answer_schemas import (
    EVENTS,
    FILE,
    FILES,
    GONE,
    JOB,
    JOB_ACCEPTED,
    JOB_CANCELLED,
    JOBS,
    LOG,
    ROWS,
)
from guanxi.api.answers import answer_result
from guanxi.api.auth import Caller, caller_of
from guanxi.api.bodies import VERBS, Verb
from guanxi.api.endpoint import Endpoint, service_of
from guanxi.api.jobs import FINISHED, RESULT, Job
from guanxi.api.negotiation import format_of
from guanxi.api.result_files import read_result
from guanxi.api.service import Service
from guanxi.errors import ConflictError, MissingError, UsageError

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="The same key again gives the same job."),
]
#: A state of a job in the records; one that is being cancelled is still queued or running.
State = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
_KEY = re.compile(r"[\x21-\x7e]+")
#: Seconds between two looks at a job that somebody follows, and between signs of life.
_LOOK = 0.2
_SIGN = 10.0
_NO_STORE = {"Cache-Control": "private, no-store"}


def _poster(name: str, verb: Verb) -> Callable[..., Coroutine[Any, Any, Response]]:
    """The handler that queues a job of one verb."""

    async def post(request: Request, body: Any, idempotency_key: str | None = None) -> Response:
        service, caller = service_of(request), caller_of(request)
        if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
            raise UsageError("An Idempotency-Key is of printable ASCII, without blanks.")
        text = body.model_dump_json(by_alias=True, exclude_unset=True)
        if not service.jobs.knows(caller.name, idempotency_key):
            await service.judge.judge(name, body, text)
        job = await run_in_threadpool(
            lambda: service.jobs.add(
                name, text, scope=verb.scope, key=caller.name, idempotency=idempotency_key
            )
        )
        return JSONResponse(
            job.shown(), 202, headers={"Location": f"/v1/jobs/{job.id}", **_NO_STORE}
        )

    parameters = [
        inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request),
        inspect.Parameter(
            "body",
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            annotation=Annotated[verb.body, Body()],
        ),
        inspect.Parameter(
            "idempotency_key",
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            annotation=IdempotencyKey,
            default=None,
        ),
    ]
    post.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # FastAPI's way
    post.__name__ = f"post_{name}"
    post.__doc__ = f"{verb.body.__doc__} The answer is a job, or what is wrong with the request."
    return post


async def get_jobs(
    request: Request,
    state: Annotated[State | None, Query(description="Only jobs in this state.")] = None,
    n: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """The jobs that the key may see, newest first."""
    service, caller = service_of(request), caller_of(request)
    found = service.jobs.newest((state,) if state else (), n=n)
    shown = [job.shown() for job in found if caller.allows(job.scope)]
    return JSONResponse({"jobs": shown}, headers=_NO_STORE)


async def get_job(request: Request, job: str) -> Response:
    """One job: its state, how far it is, how long it may still take."""
    return JSONResponse(_job(request, job).shown(), headers=_NO_STORE)


async def get_result(request: Request, job: str) -> Response:
    """What came out of a job, in the form asked for."""
    service, found = service_of(request), _job(request, job)
    if found.state != "done":
        raise ConflictError(_why_no_result(found))
    path = service.jobs.place(found.id) / RESULT
    if not path.is_file():
        raise MissingError("The result of this job is gone; ask for it anew.")
    if format_of(request) == "json":
        return FileResponse(path, media_type="application/json", headers=_NO_STORE)

    def ask() -> Response:
        return answer_result(request, read_result(path.parent), found.verb)

    return await run_in_threadpool(ask)


async def get_log(
    request: Request, job: str, after: Annotated[int, Query(ge=0, lt=2**62)] = 0
) -> Response:
    """What was said in a job, in words; `after` is the number of the last entry one has."""
    found = _job(request, job)
    return JSONResponse({"log": service_of(request).jobs.log(found.id, after)}, headers=_NO_STORE)


async def get_events(
    request: Request, job: str, last_event_id: Annotated[str | None, Header(max_length=40)] = None
) -> Response:
    """The job as server-sent events: `state` when it changes, `log` for each sentence.

    The stream ends with the job. `Last-Event-ID` goes on behind a sentence.
    """
    found = _job(request, job)
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() else 0
    events = _events(service_of(request), found.id, after)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(service: Service, id: str, after: int) -> AsyncIterator[str]:
    before, silent = "", 0.0
    while not service.is_stopping():
        try:
            job = service.jobs.find(id)
        except MissingError:  # it was forgotten in the meantime
            return
        parts = []
        for entry in service.jobs.log(id, after):
            after = entry["number"]
            parts.append(f"id: {after}\nevent: log\ndata: {json.dumps(entry)}\n\n")
        state = json.dumps(job.shown())
        if state != before:
            before = state
            parts.append(f"event: state\ndata: {state}\n\n")
        silent = 0.0 if parts else silent + _LOOK
        if silent > _SIGN:
            silent = 0.0
            parts.append(": still here\n\n")
        if parts:
            yield "".join(parts)
        if job.state in FINISHED:
            return
        await asyncio.sleep(_LOOK)


async def cancel_job(request: Request, job: str) -> Response:
    """Stop a job; its process ends within a second."""
    found = _job(request, job)
    return JSONResponse(service_of(request).jobs.cancel(found.id).shown(), 202, headers=_NO_STORE)


async def delete_job(request: Request, job: str) -> Response:
    """Forget a job that has ended, with its result and its files."""
    found = _job(request, job)
    await run_in_threadpool(service_of(request).jobs.remove, found.id)
    return Response(status_code=204)


async def get_files(request: Request, job: str) -> Response:
    """The files that came out of a job: an export, or the rows that a load rejected."""
    found = _job(request, job)
    files = await run_in_threadpool(service_of(request).jobs.files, found.id)
    shown = [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "address": f"/v1/jobs/{found.id}/files/{number}",
        }
        for number, path in enumerate(files)
    ]
    return JSONResponse({"files": shown}, headers=_NO_STORE)


async def get_file(request: Request, job: str, number: int) -> Response:
    """One file that came out of a job."""
    found = _job(request, job)
    files: list[Path] = await run_in_threadpool(service_of(request).jobs.files, found.id)
    if found.is_active or not 0 <= number < len(files):
        raise MissingError(f"This job has no file {number}, or none yet.")
    path = files[number]
    return FileResponse(
        path, filename=path.name, media_type="application/octet-stream", headers=_NO_STORE
    )


def _job(request: Request, id: str) -> Job:
    """A job that the caller may see: whoever has the scope that it needs."""
    job = service_of(request).jobs.find(id)
    caller: Caller = caller_of(request)
    caller.require(job.scope)
    return job


def _why_no_result(job: Job) -> str:
    if job.is_active:
        return f"This job is {job.state}; its result comes when it is done."
    if job.problem is not None:
        return f"This job failed: {job.problem['detail']}"
    return f"This job is {job.state}; there is no result."


ENDPOINTS = [
    *(
        Endpoint("POST", f"/v1/{name}", verb.scope, _poster(name, verb), JOB_ACCEPTED, status=202)
        for name, verb in VERBS.items()
    ),
    Endpoint("GET", "/v1/jobs", "plan", get_jobs, JOBS),
    Endpoint("GET", "/v1/jobs/{job}", "plan", get_job, JOB),
    Endpoint("GET", "/v1/jobs/{job}/result", "plan", get_result, ROWS),
    Endpoint("GET", "/v1/jobs/{job}/log", "plan", get_log, LOG),
    Endpoint("GET", "/v1/jobs/{job}/events", "plan", get_events, EVENTS),
    Endpoint("POST", "/v1/jobs/{job}/cancel", "plan", cancel_job, JOB_CANCELLED, status=202),
    Endpoint("DELETE", "/v1/jobs/{job}", "plan", delete_job, GONE, status=204),
    Endpoint("GET", "/v1/jobs/{job}/files", "plan", get_files, FILES),
    Endpoint("GET", "/v1/jobs/{job}/files/{number}", "plan", get_file, FILE),
]
