"""The parent process of one server: ends it, and removes its folder, when its own parent is gone.

    python -I supervisor.py FOLDER

takes one command a line from standard input and answers each with a line:

    start LOG PROGRAM…   (as a JSON list) starts the program, its output added to the file LOG
    state                "running", "ended CODE" or "none"
    stop                 SIGTERM, and SIGKILL where that takes more than three minutes
    kill                 SIGKILL

When standard input ends, be it because the test run was killed with -9, or on a signal, the
program is killed and FOLDER removed. On Linux the program dies even when this process is
killed with -9. It runs in a session of its own, so that nobody's Ctrl-C reaches it.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from typing import NoReturn

PR_SET_PDEATHSIG = 1
PATIENCE = 180
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def die_with_parent() -> None:
    """Ask the kernel to kill the calling process when its parent ends (Linux only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Supervisor:
    """One program at a time."""

    def __init__(self) -> None:
        self.program: subprocess.Popen[bytes] | None = None

    def obey(self, line: str) -> str:
        """Carry out a command; what there is to answer."""
        command, *arguments = json.loads(line)
        if command == "start":
            self.start(*arguments)
        elif command == "stop":
            self.end(signal.SIGTERM)
        elif command == "kill":
            self.end(signal.SIGKILL)
        return self.state()

    def start(self, log: str, *program: str) -> None:
        """Start the program."""
        with open(log, "ab") as output:
            self.program = subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent,
            )

    def end(self, how: signal.Signals) -> None:
        """Send a signal and wait for the end."""
        if self.program is None:
            return
        self.program.send_signal(how)
        try:
            self.program.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.program.wait()

    def state(self) -> str:
        """What became of the program."""
        if self.program is None:
            return "none"
        code = self.program.poll()
        return "running" if code is None else f"ended {code}"


def leave(*_: object) -> NoReturn:
    """End by way of `finally`."""
    raise SystemExit


def main(folder: str) -> None:
    """Obey until standard input ends, then clean up."""
    for number in SIGNALS:
        signal.signal(number, leave)
    supervisor = Supervisor()
    try:
        for line in sys.stdin:
            print(supervisor.obey(line), flush=True)
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        supervisor.end(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
