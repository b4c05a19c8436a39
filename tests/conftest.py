"""What all tests share: no deadlines, no settings of the user, a loud word on what did not run."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["tests.neo4j_server.plugin"]

# How long an example takes says nothing about guanxi on a machine that is busy with others.
settings.register_profile("guanxi", deadline=None)
settings.load_profile("guanxi")

# A run in the background of a shell has Ctrl-C ignored, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the user's own settings out of the environment; where kernels are cached may stay."""
    for variable in list(os.environ):
        if variable.startswith("GUANXI_") and variable != "GUANXI_CACHE":
            monkeypatch.delenv(variable)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List each part that could not run here, with the reason, where nobody overlooks it."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        where, _, reason = report.longrepr if isinstance(report.longrepr, tuple) else (".", 0, "")
        reason = reason.removeprefix("Skipped: ")
        needs_server = reason.startswith("Neo4j ")  # one line, of however many files
        place = "tests on a real server" if needs_server else os.path.relpath(where)
        reasons[f"{place}: {reason}"] += 1
    if reasons:
        terminalreporter.section("PARTS THAT DID NOT RUN", sep="!", yellow=True, bold=True)
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count:4d} × {reason}", yellow=True)
