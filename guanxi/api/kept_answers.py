"""Answers that were given and hold as long as the snapshot and its analysis do."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

#: Bytes of answers that are kept ready, with what they were asked by.
_MOST = 48 << 20
_LONGEST = 1 << 20
#: What an answer takes beside its body and its question.
_AROUND = 1000


class Asked(NamedTuple):
    """All that an answer depends on: `stamp` names snapshot, analysis and software."""

    stamp: str
    path: str
    query: bytes
    accept: str

    def tag(self) -> str:
        """The ETag of the answer: another one whenever one of these is another."""
        return f'W/"{hashlib.blake2b(repr(self).encode(), digest_size=12).hexdigest()}"'


def asked_of(request: Request, stamp: str) -> Asked:
    """What a request asks."""
    scope = request.scope
    accept = request.headers.get("accept", "*/*")
    return Asked(stamp, scope["path"], scope["query_string"], accept)


@dataclass(frozen=True)
class Kept:
    """An answer; it was given to a key that may ask for `rows` rows."""

    body: bytes
    headers: list[tuple[bytes, bytes]]
    rows: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, past all that a response does."""
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    def response(self) -> Response:
        """The answer, once more, as routes give it."""
        found = Response(self.body)
        found.raw_headers = self.headers
        return found


class KeptAnswers:
    """As many answers as there is room for; the one least asked for goes first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Asked, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, asked: Asked) -> Kept | None:
        """The answer to a question that was asked before, or None."""
        with self._lock:
            found = self._answers.get(asked)
            if found is not None:
                self._answers.move_to_end(asked)
            return found

    def keep(self, asked: Asked, kept: Kept) -> None:
        """Keep an answer ready, unless it is long."""
        if len(kept.body) > _LONGEST:
            return
        with self._lock:
            if asked not in self._answers:
                self._answers[asked] = kept
                self._bytes += _size(asked, kept)
            while self._bytes > _MOST:
                gone, answer = self._answers.popitem(last=False)
                self._bytes -= _size(gone, answer)

    def clear(self) -> None:
        """Keep none any more."""
        with self._lock:
            self._answers.clear()
            self._bytes = 0


def _size(asked: Asked, kept: Kept) -> int:
    return len(kept.body) + len(asked.path) + len(asked.query) + len(asked.accept) + _AROUND
