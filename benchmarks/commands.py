"""guanxi as a whole process, as its users run it."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.graphs import FOLDER
from benchmarks.harness import ProcessRun, run_process


def guanxi(*arguments: str, store: Path | None = None, threads: int) -> ProcessRun:
    """Run `guanxi ARGUMENTS`; the kernels are those that are already compiled."""
    script = Path(sys.executable).with_name("guanxi")
    environment = {
        "GUANXI_THREADS": str(threads),
        # As where guanxi is installed: its modules are compiled to bytecode once.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(FOLDER.resolve() / "bytecode"),
    }
    if store is not None:
        environment["GUANXI_STORE"] = str(store)
    return run_process([str(script), *arguments], environment)
