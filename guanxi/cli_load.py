"""The command `load`, and the order of its files."""

from __future__ import annotations

import os
from dataclasses import replace as replaced
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from guanxi.cli_completion import choices
from guanxi.cli_options import ANSWER, NETWORK
from guanxi.cli_shared import Call, command
from guanxi.console import say
from guanxi.errors import UsageError

if TYPE_CHECKING:
    from guanxi.results import Result
    from guanxi.verbs.load import LoadFile


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, ANSWER | NETWORK, cls=OrderedCommand)(load)


def load(
    call: Call,
    accounts: Annotated[
        list[str] | None,
        typer.Option("--accounts", metavar="FILE", help="File or pattern of accounts; - is stdin."),
    ] = None,
    follows: Annotated[
        list[str] | None,
        typer.Option("--follows", metavar="FILE", help="File or pattern of follows."),
    ] = None,
    interactions: Annotated[
        list[str] | None,
        typer.Option("--interactions", metavar="FILE", help="File or pattern of interactions."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            metavar="NAMES",
            help="Columns of the files after it: names (actor,target,time) or a "
            "mapping (actor=uid,target=关注的人).",
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", metavar="KIND", help="Kind of the interactions in the files after it."
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="What times without a zone mean; UTC."),
    ] = None,
    undirected: Annotated[
        bool, typer.Option("--undirected", help="Take each row both ways (friends).")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="The follows file is the whole truth of its platforms."),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Load even what was loaded before.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Read and report, write nothing.")] = False,
    max_rejects: Annotated[
        str | None,
        typer.Option(
            "--max-rejects",
            metavar="LIMIT",
            help="Bad rows allowed: a count, or a share such as 1%.",
        ),
    ] = None,
    rejects: Annotated[
        str | None,
        typer.Option("--rejects", metavar="FOLDER", help="Folder for the files of rejected rows."),
    ] = None,
    input_format: Annotated[
        str | None,
        typer.Option(
            "--input-format",
            metavar="FORMAT",
            help="csv, tsv, edges, jsonl, parquet or xlsx; else guessed.",
            autocompletion=choices("csv", "tsv", "edges", "jsonl", "parquet", "xlsx"),
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", metavar="NAME", help="Such as gb18030 or utf-16; else guessed."),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option("--delimiter", metavar="CHAR", help="Separator of CSV files; else guessed."),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="Whether the first row names the columns."),
    ] = None,
    skip_lines: Annotated[
        int, typer.Option("--skip-lines", metavar="N", min=0, help="Leading lines to leave out.")
    ] = 0,
    sheet: Annotated[
        str | None,
        typer.Option(
            "--sheet", metavar="NAME", help="Sheet of a workbook, or its number; the first."
        ),
    ] = None,
) -> None:
    """Load accounts, follows and interactions.

    Loading the same file twice changes nothing; a load that was cut off goes on
    with the same command. Bad rows land in a rejects file, with line and reason.
    """
    files = load_files(call.ctx)
    with call.working() as engine:
        engine.tell = None if call.quiet else say
        result = engine.load(
            files,
            timezone=timezone,
            undirected=undirected,
            replace=replace,
            again=again,
            check=check,
            max_rejects=max_rejects,
            rejects=rejects,
            input_format=input_format,
            encoding=encoding,
            delimiter=delimiter,
            header=header,
            skip_lines=skip_lines,
            sheet=sheet,
        )
    if call.on_screen and not len(result):
        call.emit_notes(result)
        return
    if call.on_screen:
        result = _for_the_screen(result)
    call.emit(result, left_out=("rejects_file",))


def _for_the_screen(result: Result) -> Result:
    """Files by their names alone, and no columns in which nothing stands."""
    columns = {
        name: values
        for name, values in result.columns.items()
        if name in ("accepted", "rejected", "added") or any(values)
    }
    columns["file"] = [os.path.basename(file) for file in columns.get("file", [])]
    return replaced(result, columns=columns)


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
