"""Parameters of an address: one that its route does not know is an error, not a wish unheard."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

#: Parameters of all routes whose answer is meta and rows.
FORM = ("format", "excel")


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raise RequestValidationError about all parameters of a request that are none of `known`."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise RequestValidationError(
            [{"loc": ("query", name[:40]), "msg": _message(name[:40], known)} for name in unknown]
        )


def _message(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name.lower(), known, n=2)
    if near:
        return f"There is no such parameter. Did you mean {' or '.join(near)}?"
    if known:
        return f"There is no such parameter; there are {', '.join(sorted(known))}."
    return "There is no such parameter; this address takes none."
