"""The addresses of the page. All of them only read; the API does what changes anything."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from guanxi.api.answers import answer_result
from guanxi.api.auth import OPEN, caller_of
from guanxi.api.endpoint import Endpoint, service_of
from guanxi.api.jobs import ACTIVE
from guanxi.api.negotiation import answer, content_headers, format_of, render
from guanxi.api.pages import account as account_page
from guanxi.api.pages import chains as chains_page
from guanxi.api.pages import communities as communities_page
from guanxi.api.pages import forms, frame, influencers, jobs, keys, overview
from guanxi.api.pages.examples import examples_of
from guanxi.api.pages.filled import Filled, filled_from
from guanxi.api.pages.render import STATIC
from guanxi.api.sessions import COOKIE, find_session
from guanxi.api.views import View, read
from guanxi.engine import Engine
from guanxi.errors import MissingError, SnapshotError
from guanxi.fixtures import demo_files
from guanxi.verbs.analysis import find_analysis

if TYPE_CHECKING:
    from guanxi.results import Result

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
#: Verb → the part of the page that its jobs belong to; the others belong to the data.
_PARTS = {
    "seeds": "planner",
    "reach": "check",
    "bridges": "bridges",
    "degrees": "degrees",
    "separation": "degrees",
    "chain": "chains",
    "introduce": "chains",
}


async def get_overview(request: Request) -> Response:
    """What is loaded, who matters, what to do next."""
    view = await _view(request)
    if view is None:
        return frame.page(request, "overview.html", "overview", {"empty": True, "demo": _demo()})
    return await _shown(request, view, "overview", overview.overview, frame.messages_of(request))


async def get_influencers(request: Request) -> Response:
    """The ranking, filtered, a page at a time."""
    view = await _needed(request)
    return await _shown(request, view, "influencers", influencers.influencers, request.query_params)


async def get_selection(request: Request) -> Response:
    """The accounts that were selected in the ranking, as a workbook or as CSV for Excel. A reader
    who selected none comes back to the ranking, which says so.
    """
    view, asked = await _needed(request), request.query_params
    if not asked.getlist("account") and frame.is_page(request):
        back = frame.telling("/influencers", asked.get("back", ""), influencers.NOBODY)
        return RedirectResponse(back, 303, frame.HEADERS)
    format = format_of(request)
    show = [name for name in asked.get("show", "").split(",") if name]

    def ask(engine: Engine) -> Result:
        accounts = asked.getlist("account")
        return influencers.selection(engine, accounts, asked.get("by", "pagerank"), show)

    found = await read(view, ask)
    found = replace(found, meta=service_of(request).redactor.meta(found.meta))
    content = await run_in_threadpool(render, found, format, excel=format == "csv")
    return answer(content, {**frame.HEADERS, **content_headers(format, "influencers")})


async def get_communities(request: Request) -> Response:
    """The communities as a picture and a table."""
    view = await _needed(request)
    t = frame.messages_of(request)
    show = communities_page.communities
    return await _shown(request, view, "communities", show, request.query_params, t)


async def get_community(request: Request, number: int) -> Response:
    """One community."""
    view = await _needed(request)
    found = await read(view, lambda engine: communities_page.community(view, engine, number))
    return frame.page(request, "community.html", "communities", found)


async def get_account(request: Request) -> Response:
    """One account."""
    view, t = await _needed(request), frame.messages_of(request)
    id = request.query_params.get("id", "")
    found = await read(view, lambda engine: account_page.account(view, engine, id, t))
    return frame.page(request, "account.html", "influencers", found)


async def get_chains(request: Request) -> Response:
    """Chains between two accounts."""
    view = await _needed(request)
    t = frame.messages_of(request)
    return await _shown(request, view, "chains", chains_page.chains, request.query_params, t)


async def get_chains_file(request: Request) -> Response:
    """The same chains as a file."""
    view = await _needed(request)

    def ask(engine: Engine) -> Result:
        return chains_page.find(engine, chains_page.question_of(request.query_params))

    found = await read(view, ask)
    return await run_in_threadpool(answer_result, request, found, "chains")


async def get_planner(request: Request) -> Response:
    """The form of the planner, and the lists that were planned before."""
    service, view = service_of(request), await _needed(request)
    filled = await _filled(request, "seeds")
    found = forms.planner_form(view, service.config.settings, request.query_params, filled)
    found["examples"] = await run_in_threadpool(examples_of, view)
    return await _with_jobs(request, "planner", found, "seeds")


async def get_check(request: Request) -> Response:
    """The form that checks lists, and the checks that were made before."""
    view = await _needed(request)
    found = forms.check_form(request.query_params, await _filled(request, "reach"))
    found["examples"] = await run_in_threadpool(examples_of, view)
    return await _with_jobs(request, "check", found, "reach")


async def get_bridges(request: Request) -> Response:
    """The form that looks for accounts between communities, and what it found before."""
    view = await _needed(request)
    found = forms.form("bridges", await _filled(request, "bridges")) | {
        "by": forms.BRIDGES,
        "several": forms.SEVERAL,
        "examples": await run_in_threadpool(examples_of, view),
        "analysed": find_analysis(view.snapshot) is not None,
        "analysing": await _analysing(request),
    }
    return await _with_jobs(request, "bridges", found, "bridges")


async def get_degrees(request: Request) -> Response:
    """The forms that count steps, from lists or between all accounts."""
    view = await _needed(request)
    filled, network = await _filled(request, "degrees"), await _filled(request, "separation")
    found = forms.degrees_form(request.query_params, filled, network)
    found["analysed"] = find_analysis(view.snapshot) is not None
    return await _with_jobs(request, "degrees", found, "degrees", "separation")


async def get_introduce(request: Request) -> Response:
    """The form that plans introductions from a team to those it wants to meet."""
    await _needed(request)
    found = forms.form("introduce", await _filled(request, "introduce"))
    return await _with_jobs(request, "introduce", found, "introduce", here="chains")


async def get_keys(request: Request) -> Response:
    """All keys, and the form that makes one."""
    service, caller, t = service_of(request), caller_of(request), frame.messages_of(request)
    found = await run_in_threadpool(keys.keys_page, service, caller, t)
    return frame.page(request, "keys.html", "data", found | forms.form("keys", Filled()))


async def get_data(request: Request) -> Response:
    """What was loaded, the forms that load more, and all jobs."""
    view = await _view(request)
    context: dict[str, Any] = {"status": None, "notes": []}
    context |= forms.load_form(await _filled(request, "load"))
    if view is not None:
        status = await read(view, lambda engine: engine.status())
        notes = service_of(request).redactor.meta(status.meta).get("notes", [])
        context |= {"status": status.rows[0], "notes": notes}
    return await _with_jobs(request, "data", context)


async def get_job(request: Request, job: str) -> Response:
    """A job: how far it is, or what came out of it."""
    service, caller, view = service_of(request), caller_of(request), await _view(request)
    t = frame.messages_of(request)
    found = await run_in_threadpool(
        jobs.job_page, service, caller, view, job, request.query_params, t
    )
    following = found["following"]
    if "on" in request.query_params and following and not found["worth_reading"]:
        return RedirectResponse(f"/jobs/{following.id}", 303, headers=frame.HEADERS)
    return frame.page(request, "job.html", _PARTS.get(found["job"]["verb"], "data"), found)


async def get_login(request: Request) -> Response:
    """Where one logs in."""
    service = service_of(request)
    to = frame.own_path(request.query_params.get("next"))
    session = find_session(service.database, request.cookies.get(COOKIE, ""))
    if not service.has_keys() or session is not None:
        return RedirectResponse(to, 303)
    return frame.page(request, "login.html", "", {"next": to})


async def get_static(request: Request, name: str) -> Response:
    """Style, scripts and sign of the page; what they show is no secret."""
    path = STATIC / name
    if path.parent != STATIC or path.suffix not in _TYPES or not path.is_file():
        raise MissingError("There is no such file.")
    headers = {**_FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(_compressed(name), media_type=_TYPES[path.suffix], headers=headers)


@cache
def _compressed(name: str) -> bytes:
    """A file of the page, compressed. Pages are not: they hold the token of a session beside what
    addresses put into them, and their length would tell of both (BREACH).
    """
    return gzip.compress((STATIC / name).read_bytes(), mtime=0)


async def get_demo_file(request: Request, name: str) -> Response:
    """A file of the demo network, to be loaded as any other."""
    if name not in _demo():
        raise MissingError("There is no such file.")
    return FileResponse(_demo()[name], media_type="application/octet-stream")


def _demo() -> dict[str, Path]:
    """The files of the demo network by what they hold."""
    files = demo_files()
    return {role: getattr(files, role) for role in ("accounts", "follows", "interactions")}


async def _view(request: Request) -> View | None:
    """What is loaded, or None where nothing is."""
    try:
        return await service_of(request).views.current()
    except SnapshotError:
        return None


async def _needed(request: Request) -> View:
    return await service_of(request).views.current()


async def _shown(
    request: Request, view: View, name: str, make: Callable[..., dict[str, Any]], *more: Any
) -> Response:
    found = await read(view, lambda engine: make(view, engine, *more))
    if found.get("analysed") is False:
        found["analysing"] = await _analysing(request)
    if "notes" in found:
        found["notes"] = service_of(request).redactor.meta(found)["notes"]
    return await run_in_threadpool(frame.page, request, f"{name}.html", name, found)


async def _analysing(request: Request) -> str | None:
    """The id of the analysis that waits or runs, if one does."""
    jobs = service_of(request).jobs
    found = await run_in_threadpool(jobs.newest, ACTIVE)
    return next((job.id for job in found if job.verb == "analyze"), None)


async def _filled(request: Request, verb: str) -> Filled:
    """The request of the job that the address names, if it is one of that verb."""
    service, caller, job = service_of(request), caller_of(request), request.query_params.get("job")
    return await run_in_threadpool(filled_from, service, caller, job, verb)


async def _with_jobs(
    request: Request, name: str, context: dict[str, Any], *verbs: str, here: str | None = None
) -> Response:
    """A page with the jobs of some verbs (or all) below; they are called by the first verb."""
    service, caller, t = service_of(request), caller_of(request), frame.messages_of(request)
    found = await run_in_threadpool(jobs.jobs_table, service, caller, t, verbs)
    context |= {"jobs": found, "jobs_kind": verbs[0] if verbs else "all"}
    return await run_in_threadpool(frame.page, request, f"{name}.html", here or name, context)


ENDPOINTS = [
    Endpoint("GET", path, scope, handler, hidden=True)
    for path, scope, handler in (
        ("/", "read", get_overview),
        ("/influencers", "read", get_influencers),
        ("/influencers/file", "read", get_selection),
        ("/communities", "read", get_communities),
        ("/communities/{number}", "read", get_community),
        ("/account", "read", get_account),
        ("/chains", "read", get_chains),
        ("/chains/file", "read", get_chains_file),
        ("/planner", "read", get_planner),
        ("/check", "read", get_check),
        ("/bridges", "read", get_bridges),
        ("/degrees", "read", get_degrees),
        ("/introduce", "read", get_introduce),
        ("/data", "read", get_data),
        ("/keys", "admin", get_keys),
        ("/jobs/{job}", "plan", get_job),
        ("/demo/{name}", "read", get_demo_file),
        ("/login", OPEN, get_login),
        ("/static/{name}", OPEN, get_static),
    )
]
