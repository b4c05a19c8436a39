"""A job that runs: its process, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from guanxi import memory
from guanxi.api import problems
from guanxi.api.config import ServeConfig
from guanxi.api.job_process import HEAD, Order
from guanxi.api.jobs import RESULT, Job, Jobs
from guanxi.api.log import log_fault
from guanxi.errors import ResourceError, StoreError
from guanxi.graph.store_home import disk_errors, make_folder

#: Seconds between two notes on how far a job is.
_NOTES = 0.2
_COMMAND = (sys.executable, "-P", "-m", "guanxi.api.job_process")


class Running:
    """The process of one job; made means started."""

    def __init__(self, job: Job, config: ServeConfig, jobs: Jobs, uploads: dict[str, Path]) -> None:
        self.job = job
        self._jobs = jobs
        self._began = time.monotonic()
        self._end: dict[str, Any] | None = None
        self._cancelled = False
        self._too_large: int | None = None
        self._noted = -float("inf")
        self._stage: tuple[str, float] | None = None
        self._limit = config.job_memory
        if self._limit is None and (there := memory.available()) is not None:
            self._limit = there * 3 // 4
        place = jobs.place(job.id)
        with disk_errors("making the folder of the job"):
            make_folder(jobs.folder)
            make_folder(place)
        self._result = place / RESULT
        self._result.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        order = pickle.dumps(Order(config, job.verb, job.body, place, uploads))
        assert self._process.stdin is not None
        with suppress(OSError):  # it has ended already: its exit code says so
            self._process.stdin.write(HEAD.pack(len(order)) + order)
            self._process.stdin.flush()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def seconds(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._began

    def cancel(self) -> None:
        """End it because somebody wants so."""
        self._cancelled = True
        self.kill()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self._process.poll() is None:  # else its number may be somebody else's by now
            with suppress(ProcessLookupError, PermissionError):
                if hasattr(os, "killpg"):
                    os.killpg(self._process.pid, signal.SIGKILL)
                else:
                    self._process.kill()
            self._process.wait()
        self._close()

    def watch_memory(self) -> None:
        """End it when it has taken more memory than a job may."""
        used = private_memory(self._process.pid)
        if used is not None and self._limit is not None and used > self._limit:
            self._too_large = used
            self.kill()

    def has_ended(self) -> bool:
        """Whether the process is gone."""
        if self._process.poll() is None:
            return False
        self._close()
        return True

    def outcome(self) -> tuple[str, dict[str, Any] | None]:
        """The state that it ended in, and the problem that ended it."""
        if self._end is not None and self._end["end"] == "done" and self._result.is_file():
            return "done", None
        if self._cancelled:
            return "cancelled", None
        if self._end is not None and "problem" in self._end:
            return "failed", self._end["problem"]
        return "failed", self._crash()

    def _crash(self) -> dict[str, Any]:
        if self._too_large is not None:
            assert self._limit is not None
            short = ResourceError(
                f"The job took {memory.format_size(self._too_large)} of memory, and a job may take "
                f"{memory.format_size(self._limit)}; ask for less, or for fewer samples."
            )
            return problems.describe(short, str(short))
        code = self._process.returncode
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        lost = StoreError(
            f"The process of the job {how} before it was done; perhaps memory ran out."
        )
        return problems.body_of(problems.INTERNAL, str(lost))

    def _close(self) -> None:
        self._listener.join(timeout=5.0)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _listen(self) -> None:
        stream: IO[bytes] | None = self._process.stdout
        assert stream is not None
        try:
            for line in stream:
                self._heard(json.loads(line))
        except (OSError, ValueError):  # it was killed in the middle of a word
            pass
        except Exception as error:
            log_fault(error)
        finally:
            self._jobs.database.close()

    def _heard(self, what: dict[str, Any]) -> None:
        if "end" in what:
            self._end = what
        elif "say" in what:
            self._jobs.say(self.job.id, what["say"])
        elif "progress" in what:
            self._note(*what["progress"])

    def _note(self, stage: str, done: float, total: float) -> None:
        now = time.monotonic()
        if self._stage is None or self._stage[0] != stage:
            self._stage = (stage, now)
        elif now < self._noted + _NOTES:
            return
        self._noted = now
        spent = now - self._stage[1]
        left = spent * (total - done) / done if 0 < done <= total and spent > 0.5 else None
        self._jobs.progress(self.job.id, stage, done, total, left)


def private_memory(pid: int) -> int | None:
    """Bytes that a process has for itself, without what it maps from files; None if unknown."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return None
    return None
