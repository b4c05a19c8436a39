"""A command: its own options and the shared ones, its network, and where its answer goes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer

from guanxi.cli_options import Options, Output
from guanxi.console import ask_secret, print_table, progress_bars, say
from guanxi.wording import counted

if TYPE_CHECKING:
    from typer.core import TyperCommand

    from guanxi.engine import Engine
    from guanxi.results import Result


class Call:
    """One run of a command: the shared options as they were given, and what follows from them.

    Raises UsageError where the options say no possible output.
    """

    def __init__(self, ctx: typer.Context, shared: dict[str, Any]) -> None:
        self.ctx = ctx
        self.shared = shared
        self.quiet = bool(shared.get("quiet"))
        self.output = Output(
            shared.get("format"), shared.get("output"), bool(shared.get("excel")), self.quiet
        )

    def values(self, options: Options) -> dict[str, Any]:
        """What was given for these of the shared options, by parameter."""
        return {name: self.shared[name] for name in options}

    @property
    def on_screen(self) -> bool:
        """Whether the answer is a table for people."""
        return self.output.resolved() == "table"

    @cached_property
    def engine(self) -> Engine:
        """The network that the options name; opened when first asked for."""
        return open_engine(
            self.ctx,
            self.shared.get("store"),
            self.shared.get("settings"),
            self.shared.get("graph"),
            threads=self.shared.get("threads"),
            refresh=bool(self.shared.get("refresh")),
        )

    @contextmanager
    def working(self, *, compiles: bool = True) -> Iterator[Engine]:
        """The network, with progress on the screen, and a word when kernels are compiled."""
        engine = self.engine
        if compiles:
            tell_compiling(self.quiet)
        with progress_bars(self.quiet) as report:
            engine.report = report
            yield engine

    def emit(
        self, result: Result, title: str | None = None, left_out: tuple[str, ...] = ()
    ) -> None:
        """Write a result where it was asked for; notes go to standard error."""
        chosen = self.output.resolved()
        if chosen == "table":
            print_table(result.columns, title, left_out)
        else:
            notes = result.write(self.output.path or "-", chosen, excel=self.output.excel)
            if not self.quiet:
                for note in notes:
                    say(note)
        self.emit_notes(result)

    def emit_notes(self, result: Result) -> None:
        """What a result says besides its rows, on standard error."""
        if not self.quiet:
            for sentence in result.meta.get("summary", []):
                say(sentence)
            for note in result.meta.get("notes", []):
                say(f"Note: {note}")
            if self.output.path not in (None, "-"):
                say(f"Wrote {counted(len(result), 'row')} to {self.output.path}.")


#: A command: the call, then its own options by name.
Command = Callable[..., None]


def command(
    app: typer.Typer,
    shared: Options,
    *,
    name: str | None = None,
    cls: type[TyperCommand] | None = None,
) -> Callable[[Command], Command]:
    """Add a function to the command line, with its own options and then the shared ones.

    The function takes a `Call` and its own options; its name and docstring are the command's.
    """

    def register(function: Command) -> Command:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        added = [
            inspect.Parameter(
                option, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default
            )
            for option, (kind, default) in shared.items()
        ]

        def run(ctx: typer.Context, **values: Any) -> None:
            function(Call(ctx, {option: values.pop(option) for option in shared}), **values)

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        # Typer reads the options of a command from the signature of its function.
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                context,
                *(option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in own),
                *added,
            ]
        )
        app.command(name, cls=cls)(run)
        return function

    return register


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
