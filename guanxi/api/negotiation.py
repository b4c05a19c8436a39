"""In which form an answer goes out: JSON, CSV, JSON Lines, Parquet or XLSX; large ones in parts."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from guanxi.errors import UsageError
from guanxi.formats.json_file import json_bytes

if TYPE_CHECKING:
    from guanxi.results import Result

TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Rows up to which an answer is made in memory.
_SMALL = 5_000
_PART = 1 << 16


class NoSuchFormatError(Exception):
    """None of the types that a client accepts is there."""


def format_of(request: Request) -> str:
    """The format that a request asks for: `?format=`, else the best of its Accept header."""
    asked = request.query_params.get("format")
    if asked is not None:
        if asked not in TYPES:
            raise UsageError(f"format is one of {', '.join(TYPES)}, not {asked[:40]!r}.")
        return asked
    return accepted(request.headers.get("accept", "*/*"))


def accepted(header: str) -> str:
    """The format that an Accept header prefers.

    >>> accepted("text/csv;q=0.5, application/x-ndjson"), accepted("*/*")
    ('jsonl', 'json')
    """
    best, weight = "", 0.0
    known = {kind.split(";")[0]: name for name, kind in TYPES.items()}
    known |= {"application/*": "json", "text/*": "csv", "*/*": "json", "": "json"}
    known |= {"application/jsonl": "jsonl", "application/jsonlines": "jsonl"}
    for part in header.lower().split(","):
        kind, _, more = part.partition(";")
        name = known.get(kind.strip())
        if name is not None and (found := _weight(more)) > weight:
            best, weight = name, found
    if not best:
        raise NoSuchFormatError
    return best


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def render(result: Result, format: str, *, excel: bool) -> bytes | IO[bytes]:
    """A result as bytes, or as a temporary file where it is large."""
    if len(result) <= _SMALL:
        if format == "json" and not excel:
            return json_bytes(result)
        target = io.BytesIO()
        result.write(target, format, excel=excel)
        return target.getvalue()
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever sends it closes it
    result.write(file, format, excel=excel)
    file.seek(0)
    return file


def answer(body: bytes | IO[bytes], headers: dict[str, str]) -> Response:
    """What `render` made, as an answer; a file is sent part by part, and goes away after it."""
    if isinstance(body, bytes):
        return Response(body, headers=headers)
    size = body.seek(0, io.SEEK_END)
    body.seek(0)
    return StreamingResponse(_parts(body), headers={**headers, "Content-Length": str(size)})


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART):
            yield part


def content_headers(format: str, name: str) -> dict[str, str]:
    """Type of an answer; what is no JSON has a name under which a browser keeps it."""
    headers: dict[str, Any] = {"Content-Type": TYPES[format]}
    if format not in ("json", "jsonl"):
        headers["Content-Disposition"] = f'attachment; filename="{Path(name).stem}.{format}"'
    return headers
