"""Runs jobs: each in a process of its own, so that a cancel is real and a crash harms nobody.

One thread looks at the queue, the processes and the store; one more for each job listens to it.
Jobs that write to the store run one at a time.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from guanxi.api.bodies import SNAPSHOT, VERBS, follower_of, uploads_of
from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.jobs import Job, Jobs, after
from guanxi.api.log import log_event, log_fault
from guanxi.api.running import Running
from guanxi.api.uploads import Uploads
from guanxi.errors import GuanxiError, MissingError, OverloadedError
from guanxi.graph.snapshot_manifest import candidates
from guanxi.graph.store_state import file_stamp, read_state, writer_is_active

_PAUSE = 0.1
_LOOK = 1.0
_TIDY = 60.0
#: Seconds before a snapshot that could not be made is tried again, at first and at last.
_PATIENCE = 10.0
_LONGEST_PATIENCE = 3600.0


class Dispatcher:
    """Runs the jobs of one server. `start` takes up what an earlier one left."""

    def __init__(self, config: ServeConfig) -> None:
        self.config = config
        self.database = Database(config.folder)
        self.jobs = Jobs(self.database, config)
        self.uploads = Uploads(self.database, config)
        self.access = config.access
        self._running: dict[str, Running] = {}
        self._stop = threading.Event()
        self._drain = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._looked = self._tidied = self._asked_snapshot = -float("inf")
        self._patience = _PATIENCE

    def start(self) -> None:
        """Begin to run jobs, and remove what uploads of a killed server left."""
        self.jobs.take_up()
        self.uploads.clear_abandoned()
        self._thread.start()

    def stop(self, grace: float = 0.0) -> None:
        """Begin no more jobs, let those that run end within `grace` seconds, put others back."""
        self._drain.set()
        deadline = time.monotonic() + grace
        while self._running and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except Exception as error:  # the disk is full, say: the next turn may go well
                log_fault(error)
                self._stop.wait(1.0)
            self._stop.wait(_PAUSE)
        for job, running in self._running.items():
            running.kill()
            self.jobs.put_back(job)
            self.jobs.say(job, "The server was stopped; the job begins again with it.")
        self.database.close()

    def _turn(self) -> None:
        for id, running in list(self._running.items()):
            self._look_at(id, running)
        if self._drain.is_set():
            return
        now = time.monotonic()
        if now > self._looked + _LOOK:
            self._looked = now
            self._watch_store(now)
        if now > self._tidied + _TIDY:
            self._tidied = now
            self._tidy()
        for job in self.jobs.waiting():
            if len(self._running) >= self.config.jobs:
                break
            if not (_writes(job) and any(_writes(other.job) for other in self._running.values())):
                self._begin(job)

    def _begin(self, job: Job) -> None:
        if not self.jobs.begin(job.id):
            return
        try:
            uploads = self._uploads(job)
        except MissingError as error:
            from guanxi.api import problems

            self.jobs.end(job.id, "failed", problems.describe(error, str(error)))
            return
        self._running[job.id] = Running(job, self.config, self.jobs, uploads)
        log_event("job begins", job=job.id, verb=job.verb, caller=job.key)

    def _uploads(self, job: Job) -> dict[str, Path]:
        if job.verb == SNAPSHOT:
            return {}
        body = VERBS[job.verb].body.model_validate_json(job.body)
        return {id: self.uploads.path(id) for id in uploads_of(body)}

    def _look_at(self, id: str, running: Running) -> None:
        row = self.database.one("SELECT cancel FROM jobs WHERE id = ?", id)
        if row is not None and row["cancel"]:
            running.cancel()
        running.watch_memory()
        if running.has_ended():
            state, problem = running.outcome()
            if state == "done":
                self._follow(running.job)
            self.jobs.end(id, state, problem)
            del self._running[id]  # not before: where its end cannot be noted, the next turn tries
            log_event("job ends", job=id, state=state, seconds=round(running.seconds(), 3))

    def _follow(self, job: Job) -> None:
        """Queue what was wanted after a job. It comes before the job's own end is noted: a server
        that goes away in between does the job again, and finds this one there already.
        """
        verb = follower_of(job.verb, job.body)
        if verb is None:
            return
        try:
            self.jobs.add(
                verb, "{}", scope=VERBS[verb].scope, key=job.key, idempotency=after(job.id)
            )
        except OverloadedError:  # the queue is full: whoever looks at the job can ask for it
            self.jobs.say(job.id, "Too many jobs are waiting: the analysis was not begun.")

    def _watch_store(self, now: float) -> None:
        """Have the snapshot made where what the store holds has none; ask a server for changes."""
        try:
            if self.access.is_server:
                self.access.state()
            elif not self.access.exists():
                return
        except GuanxiError:
            return  # whoever asks something of it is told so
        if not self._needs_snapshot():
            self._patience = _PATIENCE
        elif not self._running and now > self._asked_snapshot + self._patience:
            if self._asked_snapshot > 0:
                self._patience = min(2 * self._patience, _LONGEST_PATIENCE)
            self._asked_snapshot = now
            with suppress(OverloadedError):  # its turn comes
                self.jobs.add(SNAPSHOT, "{}", scope="admin", key="server")

    def _needs_snapshot(self) -> bool:
        """Whether what the store holds is in no snapshot, and nobody is making one."""
        home = self.access.home
        state = read_state(home)
        if writer_is_active(home):
            return False
        if not self.access.is_server and (
            state is None or state.file != file_stamp(Path(self.access.url))
        ):
            return True
        if state is None or not state.accounts:
            return False
        newest = next((manifest for _, manifest in candidates(home, state)), None)
        return newest is None or newest.token != state.token

    def _tidy(self) -> None:
        before = time.time() - self.config.keep
        self.jobs.clear(before)
        needed: set[str] = set()
        for job in self.jobs.newest(("queued", "running"), n=10_000):
            if job.verb != SNAPSHOT:
                needed |= uploads_of(VERBS[job.verb].body.model_validate_json(job.body))
        self.uploads.clear(before, needed)
        self.database.write("DELETE FROM sessions WHERE expires < ?", time.time())


def _writes(job: Job) -> bool:
    return job.verb == SNAPSHOT or VERBS[job.verb].writes
