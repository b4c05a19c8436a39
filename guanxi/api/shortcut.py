"""The short way: questions that this worker answers at once, past what FastAPI does for others.

Two kinds of questions come again and again: what was asked before, whose answer is kept, and
plain accounts, all of which lies in memory. Who asks is found out first, as on any route. What is
not answered here goes on to the routes, which say whatever is wrong with it.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from guanxi.api.answers import not_modified
from guanxi.api.auth import authorise, caller_of
from guanxi.api.kept_answers import Asked, Kept, asked_of
from guanxi.api.plain_answers import PlainAnswers
from guanxi.errors import GuanxiError, NotAnalyzedError
from guanxi.graph.account_lookup import find

if TYPE_CHECKING:
    from starlette.types import Scope

    from guanxi.api.service import Service
    from guanxi.api.views import View
    from guanxi.graph.snapshot import Snapshot

_ACCOUNT = "/v1/account"
#: Routes whose answers are kept; they need the scope `read`.
_PATHS = frozenset(("/v1/top", _ACCOUNT, "/v1/chain", "/v1/communities", "/v1/communities/members"))
#: Ties of an account that are looked through in less time than it takes to ask a thread.
_FEW_TIES = 2000
_LONGEST_ID = 256


async def answer_at_once(service: Service, scope: Scope) -> Kept | Response | None:
    """The answer to a request, or None where it has to go the long way.

    On the long way it is known who asks (`caller` of the state of the request), or why nobody may
    (`refused`).
    """
    if scope["method"] != "GET" or scope["path"] not in _PATHS:
        return None
    request = Request(scope)
    if "origin" in request.headers:  # it may come from a page of another site: CORS has a say
        return None
    try:
        await authorise(service, request, "read")
    except (GuanxiError, sqlite3.OperationalError) as error:
        request.state.refused = error
        return None
    view = service.views.now()
    return None if view is None else _answer(service, request, view)


def _answer(service: Service, request: Request, view: View) -> Kept | Response | None:
    asked, rows = asked_of(request, view.stamp()), caller_of(request).rows
    kept = view.answers.find(asked) or _account(service, view, asked)
    if kept is None or kept.rows > rows:
        return None
    return not_modified(request, asked) or kept


def _account(service: Service, view: View, asked: Asked) -> Kept | None:
    """The answer about a plain account, where all of it lies in memory."""
    if asked.path != _ACCOUNT or asked.accept not in ("*/*", "application/json"):
        return None
    name, _, text = asked.query.partition(b"=")
    if name != b"id" or b"&" in text:
        return None
    id = unquote_plus(text.decode("latin-1"))
    number = find(view.snapshot.ids, id) if 0 < len(id) <= _LONGEST_ID else -1
    if number < 0 or not _is_at_hand(view.snapshot, number):
        return None
    if view.plain is None:
        view.plain = PlainAnswers(view.engine, service.redactor)
    try:
        kept = view.plain.answer(asked, number)
    except (NotAnalyzedError, OSError):  # the analysis was replaced in the middle
        return None
    view.answers.keep(asked, kept)
    return kept


def _is_at_hand(snapshot: Snapshot, number: int) -> bool:
    """Whether all of an account lies in memory, and its ties are few."""
    if snapshot.opted_out_is_watched or not snapshot.values.has_all():
        return False
    graph = snapshot.graph()
    out, into = graph.out.indptr.data, graph.into.indptr.data  # items of them cost little
    ties = out[number + 1] - out[number] + into[number + 1] - into[number]
    return bool(ties <= _FEW_TIES)
