"""The command line. It only translates: the engine has the behaviour.

Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from guanxi import __version__, cli_bridges, cli_chains, cli_seeds, cli_serve
from guanxi.cli_completion import (
    SCORES,
    SHELLS,
    answer_shell,
    choices,
    install_script,
    show_script,
)
from guanxi.cli_options import (
    AnalysedProfileOption,
    AsOfOption,
    ExcelOption,
    FormatOption,
    GraphOption,
    OrderedCommand,
    Output,
    OutputOption,
    ProfileOption,
    QuietOption,
    RefreshOption,
    SeedOption,
    SettingsOption,
    StoreOption,
    ThreadsOption,
    WhereOption,
    load_files,
)
from guanxi.cli_shared import emit, emit_notes, open_engine, tell_compiling
from guanxi.console import print_table, progress_bars, say
from guanxi.errors import GuanxiError

if TYPE_CHECKING:
    from guanxi.results import Result

#: Exit code of Ctrl-C, which Typer turns into an exit.
STOPPED = 130

app = typer.Typer(
    name="guanxi",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _for_the_screen(result: Result) -> Result:
    """Files by their names alone, and no columns in which nothing stands."""
    columns = {
        name: values
        for name, values in result.columns.items()
        if name in ("accepted", "rejected", "added") or any(values)
    }
    columns["file"] = [os.path.basename(file) for file in columns.get("file", [])]
    return replace(result, columns=columns)


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
    install_completion: Annotated[
        str | None,
        typer.Option(
            "--install-completion",
            metavar="SHELL",
            callback=install_script,
            is_eager=True,
            help=f"Set up completion in a shell: {', '.join(SHELLS)}.",
            autocompletion=choices(*SHELLS),
        ),
    ] = None,
    show_completion: Annotated[
        str | None,
        typer.Option(
            "--show-completion",
            metavar="SHELL",
            callback=show_script,
            is_eager=True,
            help="Print the script that does so.",
            autocompletion=choices(*SHELLS),
        ),
    ] = None,
) -> None:
    """Find the core users of a social network: win them, and others come along.

    Start with `guanxi demo`. Then load your own exports with `guanxi load`, compute
    scores and communities with `guanxi analyze`, and ask: `guanxi top`, `guanxi
    communities`, `guanxi seeds -k 50`.
    """
    ctx.obj = {"store": store, "settings": settings}


def _program() -> str:
    """How the user can call this program again: by name, or by where it lies."""
    name = os.path.basename(sys.argv[0])
    return name if shutil.which(name) else os.path.relpath(sys.argv[0])


@app.command()
def demo(
    ctx: typer.Context,
    quiet: QuietOption = False,
    threads: ThreadsOption = None,
) -> None:
    """Try guanxi on a bundled network.

    Loads it into demo.duckdb, analyses it, and shows what comes out. It never touches another
    store, whatever --store or GUANXI_STORE say.
    """
    from guanxi.verbs.demo import STORE, run_demo

    engine = open_engine(ctx, STORE, None, threads=threads)
    tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        steps = run_demo(engine, _program())
        for title, sentences, result, left_out in steps:
            for sentence in sentences:
                print(sentence)
            if result is not None:
                print_table(result.columns, title, left_out)


@app.command(cls=OrderedCommand)
def load(
    ctx: typer.Context,
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
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
    graph: GraphOption = None,
) -> None:
    """Load accounts, follows and interactions.

    Loading the same file twice changes nothing; a load that was cut off goes on
    with the same command. Bad rows land in a rejects file, with line and reason.
    """
    chosen = Output(format, output, excel, quiet)
    engine = open_engine(ctx, store, settings, graph)
    files = load_files(ctx)
    tell_compiling(quiet)
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
            sheet=sheet,
        )
    if chosen.resolved() == "table" and not len(result):
        emit_notes(result, chosen)
        return
    if chosen.resolved() == "table":
        result = _for_the_screen(result)
    emit(result, chosen, left_out=("rejects_file",))


@app.command()
def analyze(
    ctx: typer.Context,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="SCORES",
            help="Further scores: hits. May be repeated.",
            autocompletion=choices("hits"),
        ),
    ] = None,
    communities: Annotated[
        str,
        typer.Option(
            "--communities",
            metavar="METHOD",
            help="leiden, louvain or label-propagation.",
            autocompletion=choices("leiden", "louvain", "label-propagation"),
        ),
    ] = "leiden",
    resolution: Annotated[
        float,
        typer.Option(
            "--resolution", metavar="NUMBER", help="Above 1 more and smaller communities."
        ),
    ] = 1.0,
    fast: Annotated[
        bool, typer.Option("--fast", help="One iteration of Leiden instead of two.")
    ] = False,
    profile: ProfileOption = "default",
    as_of: AsOfOption = None,
    seed: SeedOption = None,
    write_back: Annotated[
        bool,
        typer.Option(
            "--write-back", help="Write scores even into a graph that guanxi did not load."
        ),
    ] = False,
    threads: ThreadsOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
    graph: GraphOption = None,
    refresh: RefreshOption = False,
) -> None:
    """Compute scores and communities.

    Degrees, PageRank, k-core, communities and their core users; written back to the store.
    """
    chosen = Output(format, output, excel, quiet)
    engine = open_engine(ctx, store, settings, graph, threads=threads, refresh=refresh)
    tell_compiling(quiet)
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
            write_back=write_back,
        )
    emit(result, chosen)


@app.command()
def top(
    ctx: typer.Context,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="SCORE",
            help="Score to rank by: pagerank, in_degree, k_core, …",
            autocompletion=choices(*SCORES),
        ),
    ] = "pagerank",
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many accounts.")] = 20,
    community: Annotated[
        int | None, typer.Option("--community", metavar="N", min=1, help="Only this community.")
    ] = None,
    where: WhereOption = None,
    personalize: Annotated[
        str | None,
        typer.Option(
            "--personalize", metavar="FILE", help="File of accounts: PageRank as seen from them."
        ),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option("--show", metavar="NAMES", help="Further account columns: city,price."),
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    threads: ThreadsOption = None,
    store: StoreOption = None,
    settings: SettingsOption = None,
    graph: GraphOption = None,
    refresh: RefreshOption = False,
) -> None:
    """Rank the influencers.

    The network must have been analysed.
    """
    chosen = Output(format, output, excel, quiet)
    engine = open_engine(ctx, store, settings, graph, threads=threads, refresh=refresh)
    if personalize is not None:
        tell_compiling(quiet)
    with progress_bars(quiet) as report:
        engine.report = report
        result = engine.top(
            by=by,
            n=n,
            community=community,
            where=where,
            personalize=personalize,
            show=[name.strip() for name in show.split(",")] if show else [],
        )
    emit(result, chosen)


@app.command()
def communities(
    ctx: typer.Context,
    members: Annotated[
        bool, typer.Option("--members", help="A row for each account: id and community.")
    ] = False,
    n: Annotated[
        int | None, typer.Option("-n", metavar="N", min=1, help="Only the n largest.")
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
    graph: GraphOption = None,
    refresh: RefreshOption = False,
) -> None:
    """Show communities and their core users.

    Size, share of the network, density, how closed each is, and what its core users reach.
    """
    chosen = Output(format, output, excel, quiet)
    engine = open_engine(ctx, store, settings, graph, refresh=refresh)
    on_screen = chosen.resolved() == "table" and not members
    result = engine.communities(members=members, n=n or (20 if on_screen else None))
    emit(result, chosen)


cli_seeds.register(app)
cli_chains.register(app)
cli_bridges.register(app)


@app.command()
def account(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="The account's id.")],
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Strongest ties each way.")] = 10,
    neighbourhood: Annotated[
        int | None,
        typer.Option(
            "--neighbourhood", metavar="STEPS", help="Instead, the ties within so many steps."
        ),
    ] = None,
    ties: Annotated[
        int,
        typer.Option("--ties", metavar="N", help="Ties of a neighbourhood, the strongest."),
    ] = 150,
    profile: AnalysedProfileOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
    graph: GraphOption = None,
    refresh: RefreshOption = False,
) -> None:
    """Show one account and its strongest ties.

    Its columns, scores and community, and whom it influences and is influenced by.
    """
    chosen = Output(format, output, excel, quiet)
    engine = open_engine(ctx, store, settings, graph, refresh=refresh)
    result = engine.account(
        id, n=n, neighbourhood=neighbourhood, ties=ties, profile=profile, as_of=as_of
    )
    if chosen.resolved() == "table":
        facts = result.meta["account"]
        print_table({"": list(facts), "account": list(facts.values())})
    emit(result, chosen, title="Strongest ties")


@app.command()
def status(
    ctx: typer.Context,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
    graph: GraphOption = None,
) -> None:
    """Show what is loaded and how fresh it is."""
    chosen = Output(format, output, False, quiet)
    engine = open_engine(ctx, store, settings, graph)
    result = engine.status()
    if chosen.resolved() == "table":
        row = result.rows[0]
        print_table({"status": list(row), "value": list(row.values())})
        for note in result.meta.get("notes", []):
            say(f"Note: {note}")
    else:
        emit(result, chosen)


@app.command()
def export(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(help="Folder to write into; made if missing.")],
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="csv, jsonl or parquet; neo4j-admin writes bulk files for a new Neo4j database.",
            autocompletion=choices("csv", "jsonl", "parquet", "neo4j-admin"),
        ),
    ] = "csv",
    excel: ExcelOption = False,
    quiet: QuietOption = False,
    store: StoreOption = None,
    settings: SettingsOption = None,
    graph: GraphOption = None,
    refresh: RefreshOption = False,
) -> None:
    """Write everything as files.

    Accounts with their scores, follows, interactions and communities, a file each.
    """
    engine = open_engine(ctx, store, settings, graph, refresh=refresh)
    with progress_bars(quiet) as report:
        engine.report = report
        result = engine.export(folder, format=format, excel=excel)
    emit(result, Output(None, None, False, quiet))


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
    graph: GraphOption = None,
) -> None:
    """Check the installation and the store."""
    chosen = Output(format, output, False, quiet)
    engine = open_engine(ctx, store, settings, graph)
    if compile:
        tell_compiling(quiet)
    result = engine.doctor(compile_kernels=compile)
    emit(result, chosen)
    if not result.meta["healthy"]:
        raise typer.Exit(1)


cli_serve.register(app)


def main() -> None:
    """Run the command line; errors end in one sentence and an exit code."""
    answer_shell()
    try:
        app(prog_name="guanxi")  # whatever it was called by: the completion script goes by the name
    except GuanxiError as error:
        say(f"guanxi: {error}")
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == STOPPED:
            say("guanxi: stopped.")
        raise
    except KeyboardInterrupt:  # before Typer has begun to look out for it
        say("guanxi: stopped.")
        sys.exit(STOPPED)
    except BrokenPipeError:  # the reader of our pipe has gone: `guanxi top | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        say("guanxi: out of memory. Use a machine with more, or a smaller network.")
        sys.exit(1)


if __name__ == "__main__":
    main()
