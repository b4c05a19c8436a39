"""What is wrong with a job is said when it is posted, as far as that takes little time.

The engine's verbs judge a question before their long work; here they are asked for no more than
that, on the snapshot that is shown. What is long to judge (large lists), or will be judged on
other data (after a load that is queued), is left to the job.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from guanxi.api.bodies import VERBS, Body, Load, Profiled, run_verb, uploads_of
from guanxi.errors import SnapshotError, StoreError, UsageError
from guanxi.verbs.judging import JudgedError, JudgingEngine

if TYPE_CHECKING:
    from guanxi.api.service import Service
    from guanxi.api.views import View

#: Verbs that judge before their long work; of others only the profile is looked at.
JUDGED = frozenset(("top", "seeds", "reach", "chain", "introduce", "degrees", "bridges", "load"))
#: How files begin that may hold far more than they are large.
_PACKED = (b"PK", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"PAR1")
#: Bytes of a request and of the lists that it names, up to which it is judged.
_MOST = 256 << 10


class Judge:
    """Judges one request at a time: each may take a second of a processor."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._turn = asyncio.Lock()

    async def judge(self, verb: str, body: Body, text: str) -> None:
        """Raise what the job would end with, where that can be said now. `text`: the request."""
        uploads = self._service.uploads
        if isinstance(body, Load) and not body.files and not body.refresh:
            raise UsageError("Choose a file: a load needs at least one.")
        if verb == "load":  # its files are not lists, and it needs no snapshot
            await run_in_threadpool(self._judge, None, verb, body)
            return
        lists = [uploads.path(id) for id in uploads_of(body)]
        size = len(text) + sum(path.stat().st_size for path in lists)
        if size > _MOST or body.refresh or self._writes_come_first():
            return
        if not all(map(_is_plain, lists)):
            return
        view = await self._view()
        if view is None:
            return
        async with self._turn:
            await run_in_threadpool(self._judge, view, verb, body)

    def _writes_come_first(self) -> bool:
        """Whether what is asked will be asked of other data than that which is shown."""
        active = self._service.jobs.newest(("queued", "running"), n=1000)
        return any(job.verb not in VERBS or VERBS[job.verb].writes for job in active)

    async def _view(self) -> View | None:
        try:
            view = await self._service.views.current()
        except (SnapshotError, StoreError):  # the job reads the store, and says what it finds
            return None
        return view if self._service.views.is_newest else None

    def _judge(self, view: View | None, verb: str, body: Body) -> None:
        snapshot = None if view is None else view.engine.snapshot()
        engine = JudgingEngine(snapshot, self._service.config.settings)
        if verb in JUDGED:
            try:
                run_verb(engine, verb, body, self._service.uploads.path, Path())
            except JudgedError:
                return
        elif isinstance(body, Profiled):
            engine.profile(body.profile, body.as_of)


def _is_plain(path: Path) -> bool:
    """Whether a file is no more than it looks like: a server unpacks nothing itself."""
    with path.open("rb") as file:
        return not file.read(8).startswith(_PACKED)
