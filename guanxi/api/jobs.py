"""Jobs as they are recorded: what was asked, how far it is, what came out.

A job is queued, running, then done, failed, cancelled or lost (the server went away in the
middle too many times). What a call confirms is on the disk when it returns.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.times import utc
from guanxi.errors import ConflictError, MissingError, OverloadedError, UsageError

ACTIVE = ("queued", "running")
FINISHED = ("done", "failed", "cancelled", "lost")
RESULT = "result.json"
FILES = "files"
#: Times that a job is begun, where the server itself goes away in the middle.
ATTEMPTS = 3
#: Seconds after which a full queue may be tried again.
_RETRY = 10


@dataclass(frozen=True)
class Job:
    """A job; times are Unix seconds, ISO 8601 in UTC where it is shown.

    `problem` is a problem as in an answer.
    """

    number: int
    id: str
    verb: str
    body: str
    scope: str
    key: str
    state: str
    created: float
    started: float | None
    finished: float | None
    attempts: int
    cancel: bool
    stage: str | None
    done: float | None
    total: float | None
    remaining: float | None
    problem: dict[str, Any] | None

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE

    def shown(self) -> dict[str, Any]:
        """The job as callers see it."""
        progress = None
        if self.stage is not None and self.state == "running":
            progress = {"stage": self.stage, "done": self.done, "total": self.total}
        state = "cancelling" if self.cancel and self.is_active else self.state
        return {
            "id": self.id,
            "verb": self.verb,
            "state": state,
            "created": utc(self.created),
            "started": utc(self.started),
            "finished": utc(self.finished),
            "progress": progress,
            "seconds_left": self.remaining if self.state == "running" else None,
            "request": json.loads(self.body),
            "problem": self.problem,
            "result": f"/v1/jobs/{self.id}/result" if self.state == "done" else None,
        }


def after(id: str) -> str:
    """The `idempotency` of what follows a job: a text that no request can send (it has a blank)."""
    return f"after {id}"


class Jobs:
    """The records of jobs, shared by all workers and the dispatcher."""

    def __init__(self, database: Database, config: ServeConfig) -> None:
        self.database = database
        self.config = config
        self.folder = config.folder / "jobs"

    def place(self, id: str) -> Path:
        """The folder of a job: its result and its files."""
        return self.folder / id

    def add(
        self, verb: str, body: str, *, scope: str, key: str, idempotency: str | None = None
    ) -> Job:
        """Queue a job; the one that was queued before under the same `idempotency` of this key.

        Raises OverloadedError when the queue is full, UsageError where the same `idempotency`
        came with another request.
        """
        digest = hashlib.sha256(f"{verb} {body}".encode("utf-8", "replace")).hexdigest()
        id = secrets.token_hex(8)
        try:
            with self.database.writing() as connection:
                before = connection.execute(
                    "SELECT id, digest FROM jobs WHERE key = ? AND idempotency = ?",
                    (key, idempotency),
                ).fetchone()
                if before is None:
                    self._refuse_more(connection)
                    connection.execute(
                        "INSERT INTO jobs (id, verb, body, scope, key, idempotency, digest, state,"
                        " created) VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?)",
                        (id, verb, body, scope, key, idempotency, digest, time.time()),
                    )
        except sqlite3.OperationalError as error:
            raise OverloadedError("The server's records are busy; try again.", 1) from error
        if before is None:
            return self.find(id)
        if before["digest"] != digest:
            raise UsageError("This Idempotency-Key came with another request before.")
        return self.find(before["id"])

    def knows(self, key: str, idempotency: str | None) -> bool:
        """Whether a job was queued before under this `idempotency` of this key."""
        asked = "SELECT 1 FROM jobs WHERE key = ? AND idempotency = ?"
        return idempotency is not None and self.database.one(asked, key, idempotency) is not None

    def _refuse_more(self, connection: sqlite3.Connection) -> None:
        (waiting,) = connection.execute(
            "SELECT count(*) FROM jobs WHERE state = 'queued'"
        ).fetchone()
        if waiting >= self.config.queue:
            raise OverloadedError(f"{waiting:,} jobs are waiting; come again later.", _RETRY)

    def find(self, id: str) -> Job:
        """The job of that id; MissingError where there is none."""
        row = self.database.one("SELECT * FROM jobs WHERE id = ?", id)
        if row is None:
            raise MissingError(
                f"There is no job {id[:40]!r}; finished ones are removed after a while."
            )
        return _job(row)

    def follower(self, job: Job) -> Job | None:
        """The job that was begun because that one was done, if there is one."""
        asked = "SELECT * FROM jobs WHERE key = ? AND idempotency = ?"
        row = self.database.one(asked, job.key, after(job.id))
        return None if row is None else _job(row)

    def newest(
        self, states: tuple[str, ...] = (), before: int | None = None, n: int = 100
    ) -> list[Job]:
        """Jobs, newest first; those with a number below `before`."""
        marks = ", ".join("?" * len(states)) or "NULL"
        condition = f"(state IN ({marks}) OR ?) AND number < ?"
        rows = self.database.all(
            f"SELECT * FROM jobs WHERE {condition} ORDER BY number DESC LIMIT ?",
            *(*states, not states, before if before is not None else 2**62, n),
        )
        return [_job(row) for row in rows]

    def waiting(self) -> list[Job]:
        """Those that wait, the first one first."""
        rows = self.database.all("SELECT * FROM jobs WHERE state = 'queued' ORDER BY number")
        return [_job(row) for row in rows]

    def cancel(self, id: str) -> Job:
        """Ask for the end of a job; one that waits ends at once. ConflictError after its end."""
        now = time.time()
        with self.database.writing() as connection:
            changed = connection.execute(
                "UPDATE jobs SET cancel = 1, finished = CASE state WHEN 'queued' THEN ? END, "
                "state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END "
                "WHERE id = ? AND state IN ('queued', 'running')",
                (now, id),
            ).rowcount
        job = self.find(id)
        if not changed:
            raise ConflictError(f"This job has ended already: it is {job.state}.")
        return job

    def begin(self, id: str) -> bool:
        """Take a job out of the queue to run it; False where it is no longer there."""
        changed = self.database.write(
            "UPDATE jobs SET state = 'running', started = ?, attempts = attempts + 1 "
            "WHERE id = ? AND state = 'queued'",
            *(time.time(), id),
        )
        return changed == 1

    def progress(
        self, id: str, stage: str, done: float, total: float, remaining: float | None
    ) -> None:
        """Note how far a job is."""
        self.database.write(
            "UPDATE jobs SET stage = ?, done = ?, total = ?, remaining = ? WHERE id = ?",
            *(stage, done, total, remaining, id),
        )

    def end(self, id: str, state: str, problem: dict[str, Any] | None = None) -> None:
        """Note how a job ended."""
        self.database.write(
            "UPDATE jobs SET state = ?, finished = ?, problem = ?, remaining = NULL WHERE id = ?",
            *(state, time.time(), None if problem is None else json.dumps(problem), id),
        )

    def say(self, id: str, text: str) -> None:
        """Add a sentence to the log of a job."""
        self.database.write(
            "INSERT INTO job_log (job, at, text) VALUES (?, ?, ?)",
            *(id, time.time(), text.encode("utf-8", "replace").decode()[:2000]),
        )

    def log(self, id: str, after: int = 0) -> list[dict[str, Any]]:
        """What was said in a job, after the entry of that number."""
        rows = self.database.all(
            "SELECT number, at, text FROM job_log WHERE job = ? AND number > ? ORDER BY number "
            "LIMIT 10000",
            *(id, after),
        )
        return [{**row, "at": utc(row["at"])} for row in rows]

    def take_up(self) -> None:
        """After a start: what ran when the server went away is queued again, or lost."""
        for row in self.database.all("SELECT * FROM jobs WHERE state = 'running'"):
            job = _job(row)
            if job.cancel:
                self.end(job.id, "cancelled")
            elif job.attempts >= ATTEMPTS:
                self.end(job.id, "lost")
                self.say(job.id, "The server went away in the middle, again and again: lost.")
            else:
                self.put_back(job.id)
                self.say(job.id, "The server went away in the middle; the job begins again.")

    def put_back(self, id: str) -> None:
        """Queue a job again that was begun."""
        self.database.write(
            "UPDATE jobs SET state = 'queued', started = NULL, stage = NULL WHERE id = ?", id
        )

    def remove(self, id: str) -> None:
        """Forget a job that has ended, with its result. ConflictError while it is active."""
        if self.find(id).is_active:
            raise ConflictError("This job has not ended yet; cancel it first.")
        with self.database.writing() as connection:
            connection.execute("DELETE FROM job_log WHERE job = ?", (id,))
            connection.execute("DELETE FROM jobs WHERE id = ?", (id,))
        shutil.rmtree(self.place(id), ignore_errors=True)

    def clear(self, before: float) -> None:
        """Forget the jobs that ended before that time."""
        for row in self.database.all("SELECT id FROM jobs WHERE finished < ?", before):
            self.remove(row["id"])

    def files(self, id: str) -> list[Path]:
        """The files that came out of a job."""
        folder = self.place(id) / FILES
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.rglob("*") if path.is_file())


def _job(row: sqlite3.Row) -> Job:
    values = {name: row[name] for name in Job.__dataclass_fields__}
    values["cancel"] = bool(values["cancel"])
    values["problem"] = None if values["problem"] is None else json.loads(values["problem"])
    return Job(**values)
