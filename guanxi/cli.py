"""The command line. It only translates: the engine has the behaviour.

Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Annotated

import typer

from guanxi import (
    __version__,
    cli_bridges,
    cli_chains,
    cli_load,
    cli_scores,
    cli_seeds,
    cli_serve,
)
from guanxi.cli_completion import (
    SHELLS,
    answer_shell,
    choices,
    install_script,
    show_script,
)
from guanxi.cli_options import (
    EXCEL,
    NETWORK,
    OUTPUT,
    QUIET,
    REFRESH,
    THREADS,
    SettingsOption,
    StoreOption,
)
from guanxi.cli_shared import Call, command, open_engine, tell_compiling
from guanxi.console import print_table, progress_bars, say
from guanxi.errors import GuanxiError

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


@command(app, QUIET | THREADS)
def demo(call: Call) -> None:
    """Try guanxi on a bundled network.

    Loads it into demo.duckdb, analyses it, and shows what comes out. It never touches another
    store, whatever --store or GUANXI_STORE say.
    """
    from guanxi.verbs.demo import STORE, run_demo

    engine = open_engine(call.ctx, STORE, None, threads=call.shared["threads"])
    tell_compiling(call.quiet)
    with progress_bars(call.quiet) as report:
        engine.report = report
        steps = run_demo(engine, _program())
        for title, sentences, result, left_out in steps:
            for sentence in sentences:
                print(sentence)
            if result is not None:
                print_table(result.columns, title, left_out)


for part in (cli_load, cli_scores, cli_seeds, cli_chains, cli_bridges):
    part.register(app)


@command(app, OUTPUT | QUIET | NETWORK)
def status(call: Call) -> None:
    """Show what is loaded and how fresh it is."""
    result = call.engine.status()
    if call.on_screen:
        row = result.rows[0]
        print_table({"status": list(row), "value": list(row.values())})
        for note in result.meta.get("notes", []):
            say(f"Note: {note}")
    else:
        call.emit(result)


@command(app, EXCEL | QUIET | NETWORK | REFRESH)
def export(
    call: Call,
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
) -> None:
    """Write everything as files.

    Accounts with their scores, follows, interactions and communities, a file each.
    """
    with call.working(compiles=False) as engine:
        result = engine.export(folder, format=format, excel=call.output.excel)
    call.emit(result)


@command(app, OUTPUT | QUIET | NETWORK)
def doctor(
    call: Call,
    compile: Annotated[
        bool, typer.Option("--compile", help="Compile all kernels now rather than when needed.")
    ] = False,
) -> None:
    """Check the installation and the store."""
    with call.working(compiles=compile) as engine:
        result = engine.doctor(compile_kernels=compile)
    call.emit(result)
    if not result.meta["healthy"]:
        raise typer.Exit(1)


cli_serve.register(app)


def _discard_output() -> None:
    """What could not be written is not tried again when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Run the command line; errors end in one sentence and an exit code."""
    if sys.stdout is None:  # closed (`>&-`): only writing to it is an error, and told as one
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    answer_shell()
    try:
        try:
            app(prog_name="guanxi")  # whatever it was called by: completion goes by the name
        finally:
            sys.stdout.flush()  # here, where it can still be told that it fails
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
        _discard_output()
        sys.exit(1)
    except OSError as error:
        where = "standard output" if error.filename is None else error.filename
        say(f"guanxi: {where} cannot be written or read: {error.strerror or error}.")
        _discard_output()
        sys.exit(1)
    except MemoryError:
        say("guanxi: out of memory. Use a machine with more, or a smaller network.")
        sys.exit(1)


if __name__ == "__main__":
    main()
