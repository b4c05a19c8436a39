"""How each command opens the network that its options name, and hands out its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from guanxi.cli_options import Output
from guanxi.console import ask_secret, print_table, say
from guanxi.wording import counted

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.results import Result


def open_engine(
    ctx: typer.Context,
    store: str | None,
    settings: str | None,
    graph: str | None = None,
    *,
    threads: int | None = None,
    refresh: bool = False,
) -> Engine:
    """The network that the options name; those given before the command hold where none follow."""
    from guanxi.engine import Engine
    from guanxi.settings import load_settings

    before = ctx.obj or {}
    chosen = load_settings(
        settings or before.get("settings"),
        store=store or before.get("store"),
        neo4j_graph=graph,
        threads=threads,
    )
    engine = Engine(settings=chosen)
    if graph is not None:
        engine.access.require_server("--graph")
    engine.access.login.ask = ask_secret
    if refresh:
        engine.refresh()
    return engine


def tell_compiling(quiet: bool) -> None:
    """Let people know when kernels are compiled, which takes a while."""
    if not quiet:
        from guanxi.kernels import tell_when_compiling

        tell_when_compiling(say)


def emit(
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
    emit_notes(result, output)


def emit_notes(result: Result, output: Output) -> None:
    """What a result says besides its rows, on standard error."""
    if not output.quiet:
        for sentence in result.meta.get("summary", []):
            say(sentence)
        for note in result.meta.get("notes", []):
            say(f"Note: {note}")
        if output.path not in (None, "-"):
            say(f"Wrote {counted(len(result), 'row')} to {output.path}.")
