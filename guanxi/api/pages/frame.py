"""What stands around every page: who looks, in which language, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from guanxi import __version__
from guanxi.api.auth import Caller
from guanxi.api.i18n import LANGUAGES, Messages, choose_language
from guanxi.api.i18n.sentences import field_of, plain_text
from guanxi.api.pages.render import THEMES, Address, Look, link, render
from guanxi.errors import SnapshotError

_LANGUAGE, _THEME = "guanxi_language", "guanxi_theme"
_YEAR = 365 * 86400
#: What a page tells whoever is led to it; links of the page leave it out.
TOLD = "told"
HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}
#: Addresses that speak JSON even to a browser.
_NOT_PAGES = ("/v1/", "/healthz", "/readyz", "/openapi.json", "/docs", "/static/", "/demo/")


def look_of(request: Request) -> Look:
    """The language and the colours that were chosen, or that the browser asks for."""
    theme = request.cookies.get(_THEME)
    return Look(
        choose_language(request.cookies.get(_LANGUAGE), request.headers.get("accept-language")),
        theme if theme in THEMES else None,
    )


def messages_of(request: Request) -> Messages:
    """The words of the language that the page is read in."""
    return Messages(look_of(request).language)


def address_of(request: Request) -> Address:
    """The address of the page that was asked for, without what it tells once."""
    asked = request.query_params.multi_items()
    return Address(request.url.path, tuple(pair for pair in asked if pair[0] != TOLD))


def telling(path: str, back: str, what: str) -> str:
    """The page at `path`, asked as in the address `back`, that tells something at the place of
    that name, once.

    >>> telling("/influencers", "/influencers?by=hub", "nobody")
    '/influencers?by=hub&told=nobody#nobody'
    """
    address = Address(path, tuple(parse_qsl(urlsplit(own_path(back)).query)))
    return f"{address.changed(**{TOLD: what})}#{what}"


def page(
    request: Request, template: str, here: str, context: Mapping[str, Any], status: int = 200
) -> Response:
    """A page, for whoever asks; `here` is the part of guanxi that it belongs to."""
    chosen = remember(request)
    if chosen is not None:
        return chosen
    caller: Caller | None = getattr(request.state, "caller", None)
    session = None if caller is None else caller.session
    html = render(
        template,
        look_of(request),
        address_of(request),
        {
            "here": here,
            "show_nav": caller is not None,
            "can": (lambda scope: False) if caller is None else caller.allows,
            "session": session is not None,
            "csrf": None if session is None else session.csrf,
            "software": f"guanxi {__version__}" if caller is not None else None,
            **context,
        },
    )
    return HTMLResponse(html.encode("utf-8", "replace"), status, headers=HEADERS)


def remember(request: Request) -> Response | None:
    """Keep a choice of language or colours, and lead back to the address without it."""
    chosen = {
        _LANGUAGE: request.query_params.get("language"),
        _THEME: request.query_params.get("theme"),
    }
    if all(value is None for value in chosen.values()):
        return None
    left = address_of(request).changed(language=None, theme=None)
    answer = RedirectResponse(own_path(left), 303, headers=HEADERS)
    for name, value in chosen.items():
        if value in (*LANGUAGES, *THEMES, "auto"):
            answer.set_cookie(name, value, max_age=_YEAR, path="/", httponly=True, samesite="lax")
    return answer


def own_path(text: str | None) -> str:
    """An address of this server to lead to, or its first page: never another server.

    >>> own_path("/jobs/1?a=b"), own_path("//elsewhere.example/"), own_path("https://a.example")
    ('/jobs/1?a=b', '/', '/')
    """
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(text)
    plain = all(character.isprintable() and character != "\\" for character in text)
    return text if plain and not parts.scheme and not parts.netloc else "/"


def is_page(request: Request) -> bool:
    """Whether a person waits for the answer: a browser that wants a page of ours."""
    wanted = "text/html" in request.headers.get("accept", "")
    path = request.url.path
    return wanted and request.method == "GET" and not path.startswith(_NOT_PAGES)


def error_page(
    request: Request, problem: Mapping[str, Any], error: Exception | None = None
) -> Response:
    """A problem as a page; who is not logged in is led to where one logs in."""
    slug, status = str(problem["type"]).removeprefix("/docs#"), int(problem["status"])
    if status == 401:
        return _to_login(request)
    if isinstance(error, SnapshotError) and request.url.path != "/":
        return RedirectResponse("/", 303, headers=HEADERS)
    known = f"problem.{slug}" in Messages("en").keys
    context = {
        "slug": slug if known else "unknown",
        "status": status,
        "detail": problem["detail"],
        "request_id": getattr(request.state, "request_id", None),
        "analysing": None,
    }
    return page(request, "error.html", "", context, status)


def spoken(request: Request, problem: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A problem in the language that was asked for, as far as its sentences are known, and the
    headers that say so. A sentence about one field of a request stands in `errors`, too.

    Who names no language, as programs do, gets the words of the engine; who does gets those of
    the page.
    """
    named = _LANGUAGE in request.cookies or "accept-language" in request.headers
    language, detail = look_of(request).language, str(problem["detail"])
    fields = list(problem.get("errors", []))
    field = field_of(detail) if request.method == "POST" and not fields else None
    if field is not None:
        fields = [{"place": f"body.{field}", "message": detail}]
    if fields:
        problem = problem | {"errors": fields}
    if not named:
        return problem, {"Content-Language": language}
    said, found = plain_text(detail, language)
    known = problem | {"detail": said, "title": plain_text(str(problem["title"]), language)[0]}
    if fields:
        known["errors"] = [
            each | {"message": plain_text(each["message"], language)[0]} for each in fields
        ]
    return known, {"Content-Language": "zh-CN" if found == "zh" else found}


def _to_login(request: Request) -> Response:
    if request.headers.get("sec-fetch-site") == "cross-site":
        # A link from elsewhere comes without the cookie (SameSite=Strict); asked for again from
        # our own page, it comes with it.
        again = escape(address_of(request).changed())
        refresh = f'<meta http-equiv="refresh" content="0;url={again}">'
        html = f"<!doctype html><title>guanxi</title>{refresh}"
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})
    to = link("/login", next=address_of(request).changed())
    return RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})
