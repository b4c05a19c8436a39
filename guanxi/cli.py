"""The command line. It only translates: the engine has the behaviour.

Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from guanxi import __version__
from guanxi.console import print_table, progress_bars, say
from guanxi.errors import GuanxiError, UsageError

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.results import Result
    from guanxi.verbs.load import LoadFile

#: Exit code of Ctrl-C, which Typer turns into an exit.
STOPPED = 130
FORMATS = ("table", "csv", "json", "jsonl", "parquet", "xlsx")

app = typer.Typer(
    name="guanxi",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="Path of the store (DuckDB).", envvar="GUANXI_STORE"),
]
SettingsOption = Annotated[
    str | None,
    typer.Option("--settings", help="Settings file (TOML).", envvar="GUANXI_SETTINGS"),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", "-f", help=f"One of {', '.join(FORMATS)}; by default as -o says, else table."
    ),
]
OutputOption = Annotated[
    str | None, typer.Option("--output", "-o", help="File to write; - is standard output.")
]
ExcelOption = Annotated[
    bool, typer.Option("--excel", help="CSV for Excel: byte order mark, guarded texts.")
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no notes, errors only.")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads to use; never changes the answer.")
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="Fixes every random choice; 0.")
]
ProfileOption = Annotated[
    str,
    typer.Option(
        "--profile", help="Tie strengths: default, followers-only, engagement, or one in settings."
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Count interactions up to this day (2026-05-31), and age to it."),
]
MemoryOption = Annotated[
    str | None, typer.Option("--memory", help="Most memory to use for samples, such as 2GB.")
]
WhereOption = Annotated[
    str | None,
    typer.Option("--where", help="Condition over account columns, such as \"city = 'Shanghai'\"."),
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


def _open(store: str | None, settings: str | None, threads: int | None = None) -> Engine:
    from guanxi.engine import Engine
    from guanxi.settings import load_settings

    overrides: dict[str, Any] = {}
    if store is not None:
        overrides["store"] = store
    if threads is not None:
        overrides["threads"] = threads
    return Engine(settings=load_settings(settings, **overrides))


def _tell_compiling(quiet: bool) -> None:
    if not quiet:
        from guanxi.kernels import tell_when_compiling

        tell_when_compiling(say)


def _emit(
    result: Result, output: Output, title: str | None = None, left_out: tuple[str, ...] = ()
) -> None:
    """Write a result where it was asked for; notes go to standard error."""
    chosen = output.resolved()
    if chosen == "table":
        print_table(result.columns, title, left_out)
    else:
        notes = result.write(output.path or "-", chosen, excel=output.excel)
        if not output.quiet:
            for note in notes:
                say(note)
    if not output.quiet:
        for sentence in result.meta.get("summary", []):
            say(sentence)
        for note in result.meta.get("notes", []):
            say(f"Note: {note}")
        if output.path not in (None, "-"):
            say(f"Wrote {len(result):,} rows to {output.path}.")


def _version(show: bool) -> None:
    if show:
        print(f"guanxi {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    store: StoreOption = None,
    settings: SettingsOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Find the core users of a social network: win them, and others come along.

    Start with `guanxi demo`. Then load your own exports with `guanxi load`, compute
    scores and communities with `guanxi analyze`, and ask: `guanxi top`, `guanxi
    communities`, `guanxi seeds -k 50`.
    """
    ctx.obj = {"store": store, "settings": settings}


def _root(ctx: typer.Context, name: str, value: str | None) -> str | None:
    """An option given after the command, or else before it."""
    before = (ctx.obj or {}).get(name)
    return value if value is not None else before


@app.command()
def demo(
    quiet: QuietOption = False,
    threads: ThreadsOption = None,
) -> None:
    """Load the bundled network into demo.duckdb, analyse it, and show what comes out.

    It never touches another store, whatever --store or GUANXI_STORE say.
    """
    from guanxi.verbs.demo import STORE, run_demo

    engine = _open(STORE, None, threads)
    _tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        steps = run_demo(engine)
        for title, sentences, result, left_out in steps:
            for sentence in sentences:
                print(sentence)
            if result is not None:
                print_table(result.columns, title, left_out)


class _OrderedCommand(TyperCommand):
    """Keeps the order in which repeated options came: --columns speaks of files after it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        opts, _, order = self.make_parser(ctx).parse_args(args=list(args))
        values = {name: iter(_as_list(value)) for name, value in opts.items()}
        ctx.meta["guanxi.order"] = [
            (param.name, next(values[param.name], None)) for param in order if param.name in values
        ]
        return super().parse_args(ctx, args)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _load_files(ctx: typer.Context) -> list[LoadFile]:
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


@app.command(cls=_OrderedCommand)
def load(
    ctx: typer.Context,
    accounts: Annotated[
        list[str] | None,
        typer.Option("--accounts", help="File or pattern of accounts; - is stdin."),
    ] = None,
    follows: Annotated[
        list[str] | None, typer.Option("--follows", help="File or pattern of follows.")
    ] = None,
    interactions: Annotated[
        list[str] | None, typer.Option("--interactions", help="File or pattern of interactions.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            help="Columns of the files after it: names (actor,target,time) or a "
            "mapping (actor=uid,target=关注的人).",
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Kind of the interactions in the files after it."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="What times without a zone mean; UTC.")
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
        typer.Option("--max-rejects", help="Bad rows allowed: a count, or a share such as 1%."),
    ] = None,
    rejects: Annotated[
        str | None, typer.Option("--rejects", help="Folder for the files of rejected rows.")
    ] = None,
    input_format: Annotated[
        str | None,
        typer.Option(
            "--input-format", help="csv, tsv, edges, jsonl, parquet or xlsx; else guessed."
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Such as gb18030 or utf-16; else guessed.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="Separator of CSV files; else guessed.")
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="Whether the first row names the columns."),
    ] = None,
    skip_lines: Annotated[
        int, typer.Option("--skip-lines", min=0, help="Leading lines to leave out.")
    ] = 0,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Load accounts, follows and interactions from files.

    Loading the same file twice changes nothing; a load that was cut off goes on
    with the same command. Bad rows land in a rejects file, with line and reason.
    """
    chosen = Output(format, output, excel, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings))
    files = _load_files(ctx)
    _tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        engine.tell = None if quiet else say
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
        )
    _emit(result, chosen, left_out=("rejects_file", "columns"))


@app.command()
def analyze(
    ctx: typer.Context,
    with_: Annotated[
        list[str] | None, typer.Option("--with", help="Further scores: hits. May be repeated.")
    ] = None,
    communities: Annotated[
        str, typer.Option("--communities", help="leiden, louvain or label-propagation.")
    ] = "leiden",
    resolution: Annotated[
        float, typer.Option("--resolution", help="Above 1 more and smaller communities.")
    ] = 1.0,
    fast: Annotated[
        bool, typer.Option("--fast", help="One iteration of Leiden instead of two.")
    ] = False,
    profile: ProfileOption = "default",
    as_of: AsOfOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Compute degrees, PageRank, k-core and communities, and write them back."""
    chosen = Output(format, output, excel, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings), threads)
    _tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        result = engine.analyze(
            with_=with_ or [],
            communities=communities,
            resolution=resolution,
            fast=fast,
            profile=profile,
            as_of=as_of,
            seed=seed,
        )
    _emit(result, chosen)


@app.command()
def top(
    ctx: typer.Context,
    by: Annotated[
        str, typer.Option("--by", help="Score to rank by: pagerank, in_degree, k_core, …")
    ] = "pagerank",
    n: Annotated[int, typer.Option("-n", min=1, help="How many accounts.")] = 20,
    community: Annotated[
        int | None, typer.Option("--community", min=1, help="Only this community.")
    ] = None,
    where: WhereOption = None,
    personalize: Annotated[
        str | None,
        typer.Option("--personalize", help="File of accounts: PageRank as seen from them."),
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    threads: ThreadsOption = None,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Rank the influencers of an analysed network."""
    chosen = Output(format, output, excel, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings), threads)
    if personalize is not None:
        _tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        result = engine.top(by=by, n=n, community=community, where=where, personalize=personalize)
    _emit(result, chosen)


@app.command()
def communities(
    ctx: typer.Context,
    members: Annotated[
        bool, typer.Option("--members", help="A row for each account: id and community.")
    ] = False,
    n: Annotated[int | None, typer.Option("-n", min=1, help="Only the n largest.")] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Show the communities: size, density, how closed they are, and their core users."""
    chosen = Output(format, output, excel, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings))
    on_screen = chosen.resolved() == "table" and not members
    result = engine.communities(members=members, n=n or (20 if on_screen else None))
    _emit(result, chosen)


@app.command()
def seeds(
    ctx: typer.Context,
    k: Annotated[int, typer.Option("-k", help="How many accounts to win.")] = 10,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", help="File of accounts that must not be chosen. Repeatable."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", min=1024, help="Sample sets for the choice; else by the graph."),
    ] = None,
    memory: MemoryOption = None,
    profile: ProfileOption = "default",
    as_of: AsOfOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Choose the accounts that together reach the most, with a proven reach.

    Accounts that opted out are never chosen.
    """
    chosen = Output(format, output, excel, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings), threads)
    _tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        result = engine.seeds(
            k,
            exclude=exclude or [],
            samples=samples,
            memory=memory,
            profile=profile,
            as_of=as_of,
            seed=seed,
        )
    _emit(result, chosen)


@app.command()
def reach(
    ctx: typer.Context,
    lists: Annotated[list[str], typer.Argument(help="Files of accounts, one list each.")],
    each: Annotated[
        bool, typer.Option("--each", help="A row for each account of the lists too.")
    ] = False,
    samples: Annotated[
        int | None, typer.Option("--samples", min=1024, help="Sample sets; else by the graph.")
    ] = None,
    memory: MemoryOption = None,
    profile: ProfileOption = "default",
    as_of: AsOfOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Estimate how many accounts a list reaches, with an interval; several lists: overlap too."""
    chosen = Output(format, output, excel, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings), threads)
    _tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        result = engine.reach(
            lists,
            each=each,
            samples=samples,
            memory=memory,
            profile=profile,
            as_of=as_of,
            seed=seed,
        )
    _emit(result, chosen)


@app.command()
def account(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="The account's id.")],
    n: Annotated[int, typer.Option("-n", min=1, help="Strongest ties each way.")] = 10,
    profile: ProfileOption = "default",
    as_of: AsOfOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Show one account: columns, scores, community, and its strongest ties both ways."""
    chosen = Output(format, output, excel, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings))
    result = engine.account(id, n=n, profile=profile, as_of=as_of)
    if chosen.resolved() == "table":
        facts = result.meta["account"]
        print_table({"": list(facts), "account": list(facts.values())})
    _emit(result, chosen, title="Strongest ties")


@app.command()
def status(
    ctx: typer.Context,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Show what is loaded, how fresh it is, and whether it is analysed."""
    chosen = Output(format, output, False, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings))
    result = engine.status()
    if chosen.resolved() == "table":
        row = result.rows[0]
        print_table({"status": list(row), "value": list(row.values())})
        for note in result.meta.get("notes", []):
            say(f"Note: {note}")
    else:
        _emit(result, chosen)


@app.command()
def export(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(help="Folder to write into; made if missing.")],
    format: Annotated[str, typer.Option("--format", "-f", help="csv, jsonl or parquet.")] = "csv",
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Write accounts with their scores, follows, interactions and communities as files."""
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings))
    with progress_bars(quiet) as report:
        engine.report = report
        result = engine.export(folder, format=format, excel=excel)
    _emit(result, Output(None, None, False, quiet))


@app.command()
def doctor(
    ctx: typer.Context,
    compile: Annotated[
        bool, typer.Option("--compile", help="Compile all kernels now rather than when needed.")
    ] = False,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Check what is installed and reachable, and whether the store is sound."""
    chosen = Output(format, output, False, quiet)
    engine = _open(_root(ctx, "store", store), _root(ctx, "settings", settings))
    if compile:
        _tell_compiling(quiet)
    result = engine.doctor(compile_kernels=compile)
    _emit(result, chosen)
    if not result.meta["healthy"]:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; errors end in one sentence and an exit code."""
    try:
        app()
    except GuanxiError as error:
        say(f"guanxi: {error}")
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == STOPPED:
            say("guanxi: stopped.")
        raise
    except BrokenPipeError:  # the reader of our pipe has gone: `guanxi top | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        say("guanxi: out of memory. Use a machine with more, or a smaller network.")
        sys.exit(1)


if __name__ == "__main__":
    main()
