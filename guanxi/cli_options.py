"""What the commands share: options, where a result goes, and the order of files to load."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from guanxi.cli_completion import choices, profile_names
from guanxi.errors import UsageError

if TYPE_CHECKING:
    from guanxi.verbs.load import LoadFile

FORMATS = ("table", "csv", "json", "jsonl", "parquet", "xlsx")

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


class OrderedCommand(TyperCommand):
    """Keeps the order in which repeated options came: --columns speaks of files after it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as usual; `ctx.meta["guanxi.order"]` keeps (option, value) as they came."""
        opts, rest, order = self.make_parser(ctx).parse_args(args=list(args))
        if rest and not ctx.resilient_parsing:
            raise UsageError(
                f"What is {rest[0]}? Write --accounts, --follows or --interactions before each "
                "file, and a pattern in quotes."
            )
        values = {name: iter(_as_list(value)) for name, value in opts.items()}
        ctx.meta["guanxi.order"] = [
            (param.name, next(values[param.name], None)) for param in order if param.name in values
        ]
        return super().parse_args(ctx, args)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def load_files(ctx: typer.Context) -> list[LoadFile]:
    """The files in the order given, each with the --columns and --kind that stood before it."""
    from guanxi.verbs.load import LoadFile

    files: list[LoadFile] = []
    columns: str | None = None
    kind: str | None = None
    used = True
    for name, value in ctx.meta["guanxi.order"]:
        if name == "columns":
            columns, used = value, False
        elif name == "kind":
            kind = value
        elif name in ("accounts", "follows", "interactions"):
            files.append(
                LoadFile(
                    value, name, columns=columns, kind=kind if name == "interactions" else None
                )
            )
            used = True
    if columns is not None and not used:
        raise UsageError(
            f"--columns {columns} stands after the last file; it speaks of files after it."
        )
    return files
