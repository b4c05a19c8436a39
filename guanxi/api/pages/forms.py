"""The forms that ask for work: what an address has filled in, and what may be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams

from guanxi.graph.ties import PROFILES

if TYPE_CHECKING:
    from guanxi.api.views import View
    from guanxi.settings import Settings

#: Accounts that an address may carry into a form.
_MOST = 1000
#: Models that need no file.
MODELS = ("weighted-cascade", "uniform", "trivalency", "linear-threshold")


def planner_form(view: View | None, settings: Settings, asked: QueryParams) -> dict[str, Any]:
    """What `planner.html` shows of the form."""
    chosen = "\n".join(asked.getlist("account")[:_MOST])
    include = asked.get("as") == "include"
    own = [name for name in settings.profiles if name not in PROFILES]
    return {
        "include": chosen if include else "",
        "exclude": "" if include else chosen,
        "where": asked.get("where", ""),
        "models": MODELS,
        "profiles": [*PROFILES, *own],
        "priced": view is not None and "price" in view.snapshot.column_types,
    }


def check_form(asked: QueryParams) -> dict[str, Any]:
    """What `check.html` shows of the form."""
    return {"accounts": "\n".join(asked.getlist("account")[:_MOST])}
