"""What the commands share: options, and where a result goes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from guanxi.cli_completion import choices, profile_names
from guanxi.errors import UsageError
from guanxi.wording import comma_hint

FORMATS = ("table", "csv", "json", "jsonl", "parquet", "xlsx")


def amount(text: str | float) -> float:
    """What an option takes as a number that need not be whole; says what to do about a comma."""
    try:
        return float(text)
    except ValueError:
        hint = comma_hint(str(text))
        raise typer.BadParameter(f"{text!r} is not a number.{hint and ' ' + hint}") from None


def whole(text: str | int) -> int:
    """The same for a whole number."""
    try:
        return int(text)
    except ValueError:
        hint = comma_hint(str(text), whole=True)
        sentence = f"{text!r} is not a whole number.{hint and ' ' + hint}"
        raise typer.BadParameter(sentence) from None


StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="STORE", help="The store; else GUANXI_STORE, else guanxi.duckdb."
    ),
]
SettingsOption = Annotated[
    str | None,
    typer.Option(
        "--settings", metavar="FILE", help="Settings (TOML); else GUANXI_SETTINGS, guanxi.toml."
    ),
]
GraphOption = Annotated[
    str | None,
    typer.Option(
        "--graph",
        metavar="MAPPING",
        help="What labels and types mean in a Neo4j graph that guanxi did not load; "
        "guanxi doctor proposes one.",
    ),
]
RefreshOption = Annotated[
    bool,
    typer.Option("--refresh", help="Read the store anew, even where its version is the same."),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help=f"One of {', '.join(FORMATS)}; by default as -o says, else table.",
        autocompletion=choices(*FORMATS),
    ),
]
OutputOption = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="File to write; - is standard output."),
]
ExcelOption = Annotated[
    bool,
    typer.Option(
        "--excel", help="CSV for Excel: byte order mark, a tab before texts it would change."
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no notes, errors only.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", min=1, help="Threads to use; never changes the answer."),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", metavar="N", min=0, help="Fixes every random choice; 0.")
]
_PROFILE: Any = typer.Option(
    "--profile",
    metavar="NAME",
    help="Tie strengths: default, followers-only, engagement, or one in settings.",
    autocompletion=profile_names,
)
ProfileOption = Annotated[str, _PROFILE]
#: Where none is asked for, that of the last analysis.
AnalysedProfileOption = Annotated[str | None, _PROFILE]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DAY",
        help="Count interactions up to this day (2026-05-31), and age to it.",
    ),
]
MemoryOption = Annotated[
    str | None,
    typer.Option("--memory", metavar="SIZE", help="Most memory to use for samples, such as 2GB."),
]
WhereOption = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Condition over account columns, such as \"city = 'Shanghai'\".",
    ),
]

#: Options that commands share: parameter → what it is, and its default. In the order of --help.
Options = dict[str, tuple[Any, Any]]
TIES: Options = {"profile": (ProfileOption, "default"), "as_of": (AsOfOption, None)}
RANDOM: Options = {"seed": (SeedOption, None)}
THREADS: Options = {"threads": (ThreadsOption, None)}
QUIET: Options = {"quiet": (QuietOption, False)}
OUTPUT: Options = {"format": (FormatOption, None), "output": (OutputOption, None)}
EXCEL: Options = {"excel": (ExcelOption, False)}
ANSWER = OUTPUT | EXCEL | QUIET
NETWORK: Options = {
    "store": (StoreOption, None),
    "settings": (SettingsOption, None),
    "graph": (GraphOption, None),
}
REFRESH: Options = {"refresh": (RefreshOption, False)}


@dataclass(frozen=True)
class Output:
    """Where a result goes, and how."""

    format: str | None
    path: str | None
    excel: bool
    quiet: bool

    def __post_init__(self) -> None:
        self.resolved()  # a wrong format is said before the work, not after it

    def resolved(self) -> str:
        """The format asked for, or the one that the file's ending says."""
        if self.path is not None and not self.path.strip():
            raise UsageError("-o is empty: name a file.")
        if self.path is not None and os.path.isdir(self.path):
            raise UsageError(f"-o {self.path} is a folder: name a file in it.")
        if self.format is not None:
            if self.format not in FORMATS:
                raise UsageError(f"Unknown format {self.format!r}; one of {', '.join(FORMATS)}.")
            if self.format == "table" and self.path not in (None, "-"):
                raise UsageError("A table goes to the screen; a file is csv, xlsx, json or so.")
            return self.format
        if self.path in (None, "-"):
            return "table"
        ending = os.path.splitext(self.path or "")[1].lstrip(".").lower()
        if ending in FORMATS:
            return ending
        raise UsageError(f"{self.path}: say which format with --format ({', '.join(FORMATS[1:])}).")
