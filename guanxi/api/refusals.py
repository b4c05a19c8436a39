"""A problem as whoever asked can read it: a page for a person, problem details for a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from guanxi.api import problems
from guanxi.api.pages import frame


def refusal(
    request: Request,
    problem: dict[str, Any],
    error: Exception | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a request that a problem ended.

    A browser that wants a page gets one, in the language that it is read in. A program gets JSON,
    in English unless it asks for another language (`Accept-Language`). `error`: what raised it.
    """
    if frame.is_page(request):
        shown = frame.error_page(request, problem, error)
        if shown.status_code == problem["status"]:  # else it leads elsewhere: to the log-in
            shown.headers.update(headers or {})
        return shown
    spoken, language = frame.spoken(request, problem)
    id: str = request.state.request_id
    return problems.response(spoken, id, {**(headers or {}), **language})
