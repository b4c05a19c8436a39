"""What is answered at once: status, the ranking, communities, one account."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from guanxi.api.answer_schemas import ROWS, ROWS_ANSWER
from guanxi.api.answers import Page, Question, answer_from_snapshot, answer_result
from guanxi.api.endpoint import Endpoint, service_of
from guanxi.engine import Engine
from guanxi.errors import NoStoreError, SnapshotError, UsageError
from guanxi.results import Result
from guanxi.verbs.neighbourhood import ties_of

Many = Annotated[int, Query(ge=1, le=10_000_000, description="Rows of a page.")]
CursorText = Annotated[
    str | None, Query(max_length=2000, description="`meta.next` of the page before.")
]
Score = Annotated[str, Query(min_length=1, max_length=200, description="Score to rank by.")]
Community = Annotated[int | None, Query(ge=1, lt=2**31, description="Only this community.")]
Where = Annotated[
    str | None,
    Query(min_length=1, max_length=10_000, description="Condition: city = 'Shanghai'."),
]
Show = Annotated[str | None, Query(max_length=2000, description="Further columns: city,price.")]
Profile = Annotated[str | None, Query(min_length=1, max_length=200, description="Tie strengths.")]
Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=256)]], Query(max_length=100)]
AsOf = Annotated[str | None, Query(max_length=40, description="Count up to this day.")]
AccountId = Annotated[str, Query(min_length=1, max_length=256, description="The account's id.")]


async def get_status(request: Request) -> Response:
    """What is loaded, how fresh it is, and whether it is analysed."""
    service = service_of(request)

    def ask() -> Result:
        try:
            return Engine(settings=service.config.settings).status()
        except (NoStoreError, SnapshotError):
            notes = ["Nothing is loaded yet: upload files and load them."]
            return Result({"store": ["-"], "accounts": [0]}, {"notes": notes})

    return answer_result(request, await run_in_threadpool(ask), "status")


async def get_top(
    request: Request,
    by: Score = "pagerank",
    n: Many = 20,
    community: Community = None,
    where: Where = None,
    show: Show = None,
    cursor: CursorText = None,
) -> Response:
    """The accounts with the highest score, page by page; `meta.next` leads to the next one."""
    shown = [name.strip() for name in show.split(",")] if show else []
    parameters = {"by": by, "community": community, "where": where, "show": shown}

    def ask(engine: Engine, page: Page) -> Result:
        after = None if page.after is None else (float(page.after[0]), str(page.after[1]))
        return engine.top(
            by=by, n=page.n, community=community, where=where, show=shown, after=after
        )

    def last(result: Result) -> tuple[Any, ...]:
        (row,) = _cut(result, len(result) - 1, len(result))
        return row[by], row["id"]

    question = Question("top", parameters, last)
    return await answer_from_snapshot(request, question, ask, n=n, cursor=cursor)


async def get_communities(request: Request, n: Many = 100, cursor: CursorText = None) -> Response:
    """Size, share, density, closedness and core users of each community, largest first."""

    def ask(engine: Engine, page: Page) -> Result:
        before = 0 if page.after is None else int(page.after[0])
        found = engine.communities(n=before + page.n)
        return _cut(found, before, before + page.n)

    question = Question("communities", {}, lambda found: (int(found.columns["community"][-1]),))
    return await answer_from_snapshot(request, question, ask, n=n, cursor=cursor)


async def get_members(request: Request, n: Many = 1000, cursor: CursorText = None) -> Response:
    """A row for each account: its id and the number of its community, in the order of the ids."""

    def ask(engine: Engine, page: Page) -> Result:
        found = engine.communities(members=True)
        start = 0
        if page.after is not None:
            ids = list(found.columns["id"])
            start = bisect_right(ids, str(page.after[0]).encode(), key=str.encode)
        return _cut(found, start, start + page.n)

    question = Question("members", {}, lambda found: (found.columns["id"][-1],))
    return await answer_from_snapshot(request, question, ask, n=n, cursor=cursor)


async def get_account(
    request: Request,
    id: AccountId,
    n: Annotated[int, Query(ge=1, le=10_000, description="Strongest ties each way.")] = 10,
    neighbourhood: Annotated[
        int | None, Query(ge=1, le=6, description="Instead, ties within so many steps.")
    ] = None,
    ties: Annotated[
        int | None, Query(ge=1, le=10_000, description="Ties of the neighbourhood; 150.")
    ] = None,
    profile: Profile = None,
    as_of: AsOf = None,
) -> Response:
    """One account: `meta.account` has its columns and scores, the rows its strongest ties.

    With `neighbourhood` the rows are the strongest ties among the accounts around it.
    """
    try:
        drawn = ties_of(neighbourhood, ties)
    except UsageError:  # all else is told by the bounds of the parameters
        sentence = "This is about a neighbourhood; give neighbourhood too, or n instead."
        raise RequestValidationError([{"loc": ("query", "ties"), "msg": sentence}]) from None
    options: dict[str, Any] = {
        "n": n,
        "neighbourhood": neighbourhood,
        "ties": None if neighbourhood is None else drawn,
        "profile": profile,
        "as_of": as_of,
    }
    question = Question("account", {"id": id, **options})
    return await answer_from_snapshot(
        request,
        question,
        lambda engine, page: engine.account(id, **options),
        rows=2 * n if neighbourhood is None else drawn,
    )


async def get_chain(
    request: Request,
    source: AccountId,
    target: AccountId,
    by: Annotated[Literal["strength", "hops"], Query()] = "strength",
    n: Annotated[int, Query(ge=1, le=100, description="Up to so many chains.")] = 1,
    diverse: Annotated[bool, Query(description="Such as share few accounts.")] = False,
    mutual: Annotated[bool, Query(description="Only ties that run both ways.")] = False,
    max_hops: Annotated[int | None, Query(ge=1, le=1000, description="Steps of a chain.")] = None,
    through: Ids = [],  # noqa: B006  # FastAPI copies it
    avoid: Ids = [],  # noqa: B006
    profile: Profile = None,
    as_of: AsOf = None,
) -> Response:
    """The strongest relationship chains from one account to another; a row for each step."""
    options: dict[str, Any] = {
        "by": by,
        "n": n,
        "diverse": diverse,
        "mutual": mutual,
        "max_hops": max_hops,
        "through": through,
        "avoid": [avoid] if avoid else [],
        "profile": profile or "default",
        "as_of": as_of,
    }
    question = Question("chain", {"source": source, "target": target, **options})
    return await answer_from_snapshot(
        request, question, lambda engine, page: engine.chain(source, target, **options)
    )


def _cut(result: Result, start: int, end: int) -> Result:
    columns = {name: values[start:end] for name, values in result.columns.items()}
    return Result(columns, result.meta)


ENDPOINTS = [
    Endpoint("GET", "/v1/status", "read", get_status, ROWS),
    Endpoint("GET", "/v1/top", "read", get_top, ROWS_ANSWER),
    Endpoint("GET", "/v1/communities", "read", get_communities, ROWS_ANSWER),
    Endpoint("GET", "/v1/communities/members", "read", get_members, ROWS_ANSWER),
    Endpoint("GET", "/v1/account", "read", get_account, ROWS_ANSWER),
    Endpoint("GET", "/v1/chain", "read", get_chain, ROWS_ANSWER),
]
