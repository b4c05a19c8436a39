"""How a benchmark measures: several subjects in turns, medians, ratios to the fastest peer.

A benchmark is a module `bench_NAME.py` here with `run(scale: Scale) -> list[Row]`;
`python -m benchmarks` finds it by its name. A typical one:

    def run(scale: Scale) -> list[Row]:
        graph = graphs.power_law(scale.accounts, scale.edges)
        return compare(
            "Degree of every account",
            {"guanxi": lambda: guanxi_way(graph), "numpy": lambda: numpy_way(graph)},
            scale,
            goal="≤ 0.75",
            note=lambda answer: f"largest {answer.max()}",
        )

The subjects of one comparison run in turns (round 1 of all, then round 2 of all, …),
so that a busy moment of the machine hits them alike, and ratios are medians of the
ratios within a round. Names that begin with "guanxi" are ours, all others peers.
"""

from __future__ import annotations

import gc
import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Scale:
    """How large and how often: `accounts` and `edges` of the big graph, turns, threads."""

    accounts: int = 1_000_000
    edges: int = 10_000_000
    rounds: int = 5
    threads: int = 2
    quick: bool = False


QUICK = Scale(accounts=50_000, edges=500_000, rounds=3, quick=True)


@dataclass(frozen=True)
class Row:
    """One subject of one comparison. `memory` is the peak in MB of a process of its own."""

    group: str
    subject: str
    seconds: float
    cpu: float | None = None
    ratio: float | None = None
    memory: float | None = None
    goal: str = ""
    note: str = ""


@dataclass
class _Turns:
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class ProcessRun:
    """What one child process cost; `memory` in MB."""

    seconds: float
    cpu: float
    memory: float


#: A small process starts what is measured: on Linux a child counts the peak memory of the
#: process that started it as its own.
_MEASURE = """
import os, sys, time
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - started
figures = os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime
with open(sys.argv[1], "w") as report:
    print(*figures, usage.ru_maxrss, file=report)
"""


def run_process(
    argv: Sequence[str], env: Mapping[str, str] | None = None, cwd: str | None = None
) -> ProcessRun:
    """Run a whole process to its end and measure it; RuntimeError with its words if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        ran = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MEASURE, str(report), *argv],
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"{argv[0]} did not run: {ran.stdout.decode()[-2000:]}")
        status, seconds, cpu, peak = report.read_text().split()
    if int(status):
        raise RuntimeError(f"{argv[0]} ended with {status}: {ran.stdout.decode()[-2000:]}")
    memory = float(peak) / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return ProcessRun(float(seconds), float(cpu), memory)


def run_benchmark(name: str, scale: Scale) -> tuple[str, list[Row]]:
    """What `bench_NAME.py` says about itself, and its rows."""
    module = importlib.import_module(f"benchmarks.bench_{name}")
    return module.__doc__ or name, module.run(scale)


def compare(
    group: str,
    subjects: Mapping[str, Callable[[], Any]],
    scale: Scale,
    *,
    goal: str | Mapping[str, str] = "",
    note: Callable[[Any], str] | None = None,
    warm: bool = True,
    rounds: int | None = None,
    before: Mapping[str, Callable[[], Any]] | None = None,
) -> list[Row]:
    """Run the subjects in turns; one Row each, with the ratio to the fastest peer.

    A subject that returns a :class:`ProcessRun` is measured by that instead of by
    the clock around it. `warm` runs ours once before the first turn, so that
    kernels are compiled. `goal` is that of the first subject, or one for each name.
    `note` makes a remark (a quality, a check) of the last answer. `before` is done
    before each turn of a subject, and not measured.
    """
    ready = before or {}
    if warm:
        for name, work in subjects.items():
            if name.startswith("guanxi"):
                ready.get(name, _nothing)()
                work()
    turns = {name: _Turns() for name in subjects}
    for _ in range(rounds or scale.rounds):
        for name, work in subjects.items():
            ready.get(name, _nothing)()
            _one_turn(work, turns[name], note)
        print(".", end="", file=sys.stderr, flush=True)
    rows = _rows(group, turns, {next(iter(turns)): goal} if isinstance(goal, str) else goal)
    print(f" {group}", file=sys.stderr)
    print(text_table(rows), file=sys.stderr)
    return rows


def _nothing() -> None:
    """What is done before a turn unless something is said."""


def _one_turn(work: Callable[[], Any], turn: _Turns, note: Callable[[Any], str] | None) -> None:
    gc.collect()
    clock, cpu = time.perf_counter(), time.process_time()
    answer = work()
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    if isinstance(answer, ProcessRun):
        clock, cpu = answer.seconds, answer.cpu
        turn.memory.append(answer.memory)
    elif note is not None:
        turn.note = note(answer)
    turn.seconds.append(clock)
    turn.cpu.append(cpu)


def _rows(group: str, turns: dict[str, _Turns], goals: Mapping[str, str]) -> list[Row]:
    medians = {name: statistics.median(turn.seconds) for name, turn in turns.items()}
    peers = [name for name in turns if not name.startswith("guanxi")]
    reference = min(peers, key=medians.__getitem__, default=None)
    rows = []
    for name, turn in turns.items():
        ratio = None
        if reference is not None:
            pairs = zip(turn.seconds, turns[reference].seconds, strict=True)
            ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        rows.append(
            Row(
                group,
                name,
                medians[name],
                statistics.median(turn.cpu),
                ratio,
                max(turn.memory, default=None),
                goals.get(name, ""),
                turn.note,
            )
        )
    return rows


def ratio_text(row: Row) -> str:
    """The ratio as tables show it; nothing where there is none."""
    if row.ratio is None:
        return ""
    return f"{row.ratio:.2f}" if row.ratio >= 0.005 else f"{row.ratio:.1g}"


def _cells(row: Row) -> list[str]:
    return [
        row.subject,
        f"{row.seconds:.3g} s",
        "" if row.cpu is None else f"{row.cpu:.3g} s",
        "" if row.memory is None else f"{row.memory:,.0f} MB",
        ratio_text(row),
        row.goal,
        row.note,
    ]


_HEADINGS = ["", "time", "CPU", "memory", "ratio", "goal", ""]


def _filled_columns(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    cells = [_cells(row) for row in rows]
    kept = [i for i in range(len(_HEADINGS)) if any(line[i] for line in cells)]
    return [_HEADINGS[i] for i in kept], [[line[i] for i in kept] for line in cells]


def text_table(rows: list[Row]) -> str:
    """The rows as aligned text for a terminal."""
    headings, lines = _filled_columns(rows)
    widths = [max(len(line[i]) for line in [headings, *lines]) for i in range(len(headings))]
    return "\n".join(
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [headings, *lines]
    )


def markdown_table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    headings, lines = _filled_columns(rows)
    rule = ["---" if i == 0 else "---:" for i in range(len(headings))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [headings, rule, *lines])
