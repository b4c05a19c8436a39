"""Questions that are answered at once: from the snapshot, in the form asked for, with an ETag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from guanxi.api.auth import caller_of
from guanxi.api.cursors import Cursor, question_of, read_cursor, write_cursor
from guanxi.api.endpoint import service_of
from guanxi.api.kept_answers import Asked, Kept, asked_of
from guanxi.api.negotiation import answer, content_headers, format_of, render
from guanxi.api.service import Service
from guanxi.api.views import View, read
from guanxi.errors import UsageError

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.results import Result

#: Says how a page of a result ends: the key of its last row.
Last = Callable[["Result"], tuple[Any, ...]]
_VARY = "Accept, Authorization, Cookie"
_CACHE = "private, no-cache"


@dataclass(frozen=True)
class Page:
    """How many rows of a question, behind which key (None: from the first)."""

    n: int
    after: tuple[Any, ...] | None


@dataclass(frozen=True)
class Question:
    """A question of a route: its name and parameters, and whose pages it may be cut into."""

    name: str
    parameters: dict[str, Any]
    last: Last | None = None


async def answer_from_snapshot(
    request: Request,
    question: Question,
    work: Callable[[Engine, Page], Result],
    *,
    n: int | None = None,
    cursor: str | None = None,
    rows: int = 0,
) -> Response:
    """Ask the engine, or repeat what it said before; 304 where the client has it already.

    `n` and `cursor` cut the answer into pages; without pages it has up to `rows` rows. Raises
    UsageError for a wrong cursor, or more rows than the key may ask for.
    """
    service = service_of(request)
    format, excel = format_of(request), _excel(request)
    page = _page(service, request, question, n, cursor, rows)
    view = await service.views.current()
    notes: list[str] = []
    if cursor is not None:
        view = _view_of_cursor(service, view, page[1], notes)
    asked = asked_of(request, view.stamp())
    unchanged = not_modified(request, asked)
    if unchanged is not None:
        return unchanged
    kept = None if notes else view.answers.find(asked)
    if kept is not None:
        return kept.response()
    result = await read(view, lambda engine: work(engine, page[0]))
    more = content_headers(format, question.name)
    result = _finished(service, request, view, question, page[0], result, notes, more)
    body = await run_in_threadpool(render, result, format, excel=excel)
    response = answer(body, headers_of(asked) | more)
    if isinstance(body, bytes) and not notes:
        view.answers.keep(asked, Kept(body, response.raw_headers, rows if n is None else n))
    return response


def headers_of(asked: Asked) -> dict[str, str]:
    """What lets a client keep the answer to a question, and ask whether it is still the same."""
    return {"ETag": asked.tag(), "Cache-Control": _CACHE, "Vary": _VARY}


def not_modified(request: Request, asked: Asked) -> Response | None:
    """304 where the client says that it has the answer already."""
    given = request.headers.get("if-none-match")
    if given is None or asked.tag() not in [each.strip() for each in given.split(",")]:
        return None
    return Response(status_code=304, headers=headers_of(asked))


def _excel(request: Request) -> bool:
    given = request.query_params.get("excel", "false").lower()
    if given not in ("true", "false", "1", "0"):
        raise UsageError("excel is true or false.")
    return given in ("true", "1")


def _page(
    service: Service,
    request: Request,
    question: Question,
    n: int | None,
    cursor: str | None,
    rows: int,
) -> tuple[Page, str]:
    """The page asked for, and the token of the snapshot that it goes on in (empty: none)."""
    limit = caller_of(request).rows
    if n is not None and n > limit:
        raise UsageError(f"Your key may ask for {limit:,} rows at a time; go on with the cursor.")
    if rows > limit:
        raise UsageError(f"Your key may ask for {limit:,} rows at a time.")
    size = limit if n is None else n
    if cursor is None:
        return Page(size, None), ""
    asked = question_of(question.name, question.parameters)
    found = read_cursor(cursor, asked, service.secret)
    return Page(size, found.key), found.token


def _view_of_cursor(service: Service, newest: View, token: str, notes: list[str]) -> View:
    view = service.views.of_token(token)
    if view is None:
        notes.append("The data has changed since the page before; this goes on behind its end.")
        return newest
    return view


def _finished(
    service: Service,
    request: Request,
    view: View,
    question: Question,
    page: Page,
    result: Result,
    notes: list[str],
    headers: dict[str, str],
) -> Result:
    """The result as it goes out: no paths of the server, and where the next page begins."""
    meta = service.redactor.meta(result.meta)
    if notes:
        meta["notes"] = [*meta.get("notes", []), *notes]
    if question.last is not None:
        meta["next"] = None
        if len(result) == page.n and page.n:
            asked = question_of(question.name, question.parameters)
            cursor = Cursor(view.token, question.last(result), asked)
            meta["next"] = write_cursor(cursor, service.secret)
            address = request.url.include_query_params(cursor=meta["next"])
            headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    return replace(result, meta=meta)


def answer_result(request: Request, result: Result, name: str) -> Response:
    """A result that is no question to a snapshot, in the form that the request asks for."""
    format, excel = format_of(request), _excel(request)
    service = service_of(request)
    columns = {key: list(values) for key, values in result.columns.items()}
    cleaned = replace(
        result,
        columns=service.redactor.columns(columns),
        meta=service.redactor.meta(result.meta),
    )
    headers = {"Cache-Control": "private, no-store", "Vary": _VARY}
    return answer(
        render(cleaned, format, excel=excel), {**headers, **content_headers(format, name)}
    )
