"""The terminal: tables on standard output, progress and messages on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from guanxi.formats.values import plain_values

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: Work shorter than this shows no progress bar.
PATIENCE_SECONDS = 1.0

#: Called with (stage, done, total); `total` 0 means that it is not known.
Report = Callable[[str, float, float], None]


def say(message: str) -> None:
    """One line for people, on standard error."""
    print(message, file=sys.stderr, flush=True)


def is_terminal() -> bool:
    """Whether standard output is a terminal that tables may be drawn on."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def format_cell(value: Any) -> str:
    """A value for people: thousands separated, floats short, lists by blanks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _format_float(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        shown = " ".join(_printable(str(part)) for part in value[:_SHOWN_IDS])
        return f"{shown} +{len(value) - _SHOWN_IDS}" if len(value) > _SHOWN_IDS else shown
    return _printable(str(value))


def _format_float(value: float) -> str:
    if value != value:
        return ""
    if value.is_integer():
        return f"{value:,.0f}"
    size = abs(value)
    if size < 0.001:
        return f"{value:.3g}"
    if size < 1:
        return f"{value:.4f}"
    if size < 1000:
        return f"{value:,.2f}"
    return f"{value:,.0f}"


def _printable(text: str) -> str:
    """`text` without characters that steer a terminal or reverse the writing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


#: On a terminal that is too narrow, these go first, in this order.
DISPENSABLE = (
    *("seconds", "made_accounts", "removed", "unchanged", "updated", "self_loops", "duplicates"),
    *("betweenness_error", "harmonic", "constraint", "bridge_score"),
    *("platform", "reach_low", "reach_high", "weighted_in_degree", "density", "strength", "share"),
    *("core_reach", "in_degree", "cost", "internal_share", "name", "community"),
)
#: Ids of a list that are shown in a cell.
_SHOWN_IDS = 3


def print_table(
    columns: Mapping[str, Any],
    title: str | None = None,
    left_out: Sequence[str] = (),
) -> None:
    """Columns as a table: drawn on a terminal, aligned plain text in a pipe."""
    names = [name for name in columns if name not in left_out]
    values = {name: plain_values(columns[name]) for name in names}
    numeric = {name: _is_numeric(values[name]) for name in names}
    cells = {name: _format_column(name, values[name]) for name in names}
    if is_terminal():
        _print_rich(names, numeric, cells, title)
    else:
        _print_plain(names, numeric, cells)


def _format_column(name: str, values: Sequence[Any]) -> list[str]:
    if name == "community":  # a number that is a name: no thousands separator
        return ["" if value is None else str(value) for value in values]
    sizes = [abs(value) for value in values if isinstance(value, float) and value == value]
    if sizes and all(value is None or isinstance(value, float) for value in values):
        return _format_floats(values, sizes)
    return [format_cell(value) for value in values]


def _format_floats(values: Sequence[Any], sizes: list[float]) -> list[str]:
    """Floats of one column, all with as many decimals as the largest of them deserves.

    Each with its own where the smallest ones would all look like 0; `sizes`: absolute values.
    """
    largest = max(sizes)
    if all(size.is_integer() for size in sizes) or largest >= 1000:
        decimals = 0
    else:
        decimals = 1 if largest >= 100 else 2 if largest > 1 else 4
        if decimals == 4 and (largest < 0.001 or min(filter(None, sizes)) < 0.00005):
            return [format_cell(value) for value in values]
    return ["" if v is None or v != v else f"{v:,.{decimals}f}" for v in values]


def _is_numeric(values: Sequence[Any]) -> bool:
    found = next((value for value in values if value is not None), None)
    return isinstance(found, int | float) and not isinstance(found, bool)


def _print_rich(
    names: list[str], numeric: dict[str, bool], cells: dict[str, list[str]], title: str | None
) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    names, missing = _fitting(names, cells, console.width)
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for name in names:
        table.add_column(
            name.replace("_", " "),
            justify="right" if numeric[name] else "left",
            no_wrap=numeric[name] or name in ("id", "set"),
            overflow="fold",
        )
    for row in zip(*(cells[name] for name in names), strict=True):
        table.add_row(*map(escape, row))
    console.print(table)
    if missing:
        say(f"Too narrow for {', '.join(missing)}; a wider window or --format csv shows them.")


def _fitting(
    names: list[str], cells: dict[str, list[str]], width: int
) -> tuple[list[str], list[str]]:
    """The columns that fit into `width`, and those that had to go."""
    from rich.cells import cell_len

    widths = {
        name: max([len(name), *(cell_len(cell) for cell in cells[name])]) + 3 for name in names
    }
    missing: list[str] = []
    for name in DISPENSABLE:
        if sum(widths[kept] for kept in names if kept not in missing) <= width:
            break
        if name in names:
            missing.append(name)
    return [name for name in names if name not in missing], [n for n in names if n in missing]


def _print_plain(names: list[str], numeric: dict[str, bool], cells: dict[str, list[str]]) -> None:
    from rich.cells import cell_len

    widths = {
        name: max([cell_len(name), *(cell_len(cell) for cell in cells[name])]) for name in names
    }

    def line(row: Sequence[str]) -> str:
        parts = []
        for name, cell in zip(names, row, strict=True):
            padding = " " * (widths[name] - cell_len(cell))
            parts.append(padding + cell if numeric[name] else cell + padding)
        return "  ".join(parts).rstrip()

    print(line(names))
    for row in zip(*(cells[name] for name in names), strict=True):
        print(line(row))


class _Bars:
    """Progress bars that appear only once the work has taken a while."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def report(self, stage: str, done: float, total: float) -> None:
        """Move the bar of `stage`; the first call for a stage starts it."""
        if self._progress is None:
            if time.monotonic() - self._started < PATIENCE_SECONDS:
                return
            self._progress = self._start()
        if stage not in self._tasks:
            for task in self._tasks.values():
                self._progress.stop_task(task)
            self._tasks[stage] = self._progress.add_task(stage, total=total or None)
        self._progress.update(self._tasks[stage], completed=done, total=total or None)

    @staticmethod
    def _start() -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            Elapsed(),
            console=Console(stderr=True),
            transient=True,
        )
        progress.start()
        return progress

    def stop(self) -> None:
        """Take the bars off the screen."""
        if self._progress is not None:
            self._progress.stop()


def ask_secret(question: str) -> str | None:
    """What a person types, unseen, as an answer; None where nobody is at a terminal."""
    if not sys.stdin.isatty():
        return None
    import getpass

    return getpass.getpass(question, sys.stderr)


@contextmanager
def progress_bars(quiet: bool = False) -> Iterator[Report | None]:
    """A report function that draws bars on standard error, or None where none are wanted."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    bars = _Bars()
    try:
        yield bars.report
    finally:
        bars.stop()
