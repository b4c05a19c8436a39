"""One job in a process of its own: it asks the engine, and tells its parent how far it is.

Standard input brings the request; when it closes, the parent is gone and the process ends.
Standard output carries one JSON object a line: `progress`, `say`, and last `end`.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guanxi.api.config import ServeConfig
    from guanxi.results import Result

HEAD = struct.Struct("<q")
#: Seconds between two words on how far it is.
_PAUSE = 0.1
_NICE = 10
ORPHANED = 3


@dataclass(frozen=True)
class Order:
    """What a job process is told: the request, where its files lie and where results go."""

    config: ServeConfig
    verb: str
    body: str
    folder: Path
    uploads: dict[str, Path]


def main() -> None:
    """Do the job that standard input describes."""
    said = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(2, 1)  # whatever a library prints is no part of the conversation
    (size,) = HEAD.unpack(_exactly(HEAD.size))
    order: Order = pickle.loads(_exactly(size))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _step_back()
    os._exit(_Work(order, said).run())  # nothing of it is needed any more


def _exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            os._exit(ORPHANED)
        data += part
    return data


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(ORPHANED)


def _step_back() -> None:
    """Let answers go first, and be the first to go where memory ends."""
    with suppress(OSError, AttributeError):
        os.nice(_NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


class _Work:
    """The job, and what it says to its parent."""

    def __init__(self, order: Order, said: IO[str]) -> None:
        self.order = order
        self._said = said
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def run(self) -> int:
        """Do it; 0 when it went well."""
        from guanxi.api import problems
        from guanxi.api.redact import Redactor
        from guanxi.api.result_files import write_result
        from guanxi.errors import GuanxiError, ResourceError

        redactor = Redactor(self.order.config)
        try:
            result = self._ask(redactor.text)
            write_result(result, self.order.folder, redactor)
        except GuanxiError as error:
            self._end(problems.describe(error, redactor.error(error)))
            return 1
        except MemoryError:
            short = ResourceError("The job ran out of memory; ask for less, or use fewer samples.")
            self._end(problems.describe(short, str(short)))
            return 1
        except Exception as error:
            from guanxi.api.log import log_fault

            log_fault(error)
            detail = "Something went wrong in the job; the server's log says what."
            self._end(problems.body_of(problems.INTERNAL, detail))
            return 1
        self._tell(end="done")
        return 0

    def _ask(self, cleaned: Callable[[str], str]) -> Result:
        from guanxi.api.bodies import SNAPSHOT, VERBS, run_verb
        from guanxi.engine import Engine
        from guanxi.results import Result

        def tell(sentence: str) -> None:
            self._tell(say=cleaned(sentence))

        order = self.order
        engine = Engine(
            settings=order.config.settings,
            report=lambda stage, done, total: self._report(cleaned(stage), done, total),
            tell=tell,
        )
        if order.verb == SNAPSHOT:
            version = engine.snapshot().version
            return Result({"store_version": [version]})
        body = VERBS[order.verb].body.model_validate_json(order.body)
        if order.verb != "load":  # a load reads and stores first; it compiles nothing
            from guanxi.kernels import tell_when_compiling

            tell_when_compiling(tell)
        return run_verb(engine, order.verb, body, order.uploads.__getitem__, order.folder)

    def _report(self, stage: str, done: float, total: float) -> None:
        now = time.monotonic()
        if stage in self._last and now < self._last[stage] + _PAUSE:
            return
        if stage not in self._last:
            self._tell(say=f"{stage} …")
        self._last[stage] = now
        self._tell(progress=[stage, float(done), float(total)])

    def _end(self, problem: dict[str, Any]) -> None:
        self._tell(end="failed", problem=problem)

    def _tell(self, **what: Any) -> None:
        with self._lock:
            self._said.write(json.dumps(what) + "\n")
            self._said.flush()


if __name__ == "__main__":
    main()
