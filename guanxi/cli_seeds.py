"""The commands of campaign planners: `seeds` and `reach`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi.cli_options import (
    ANSWER,
    NETWORK,
    RANDOM,
    REFRESH,
    THREADS,
    TIES,
    MemoryOption,
    Options,
    amount,
    whole,
)
from guanxi.cli_shared import Call, command
from guanxi.console import is_terminal, print_table
from guanxi.verbs.seed_sentences import against, comparison_columns

if TYPE_CHECKING:
    from guanxi.results import Result

_REACH = ("reach", "reach_low", "reach_high")
#: Columns of `--why`, which make a table of their own on a screen, and those left out there.
WHY = (
    *("reach_alone", "overlap", "overlap_of_own", "overlap_of_rest", "brings", "strongest_ties"),
    *("lost_without", "instead", "instead_cost", "lost_instead", "lost_low", "lost_high"),
    *("displaced", "displaced_reach"),
)
_TOO_WIDE = ("overlap", "strongest_ties", "lost_low", "lost_high", "displaced_reach")

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="weighted-cascade (default), uniform, trivalency or linear-threshold.",
    ),
]
ProbabilityOption = Annotated[
    float | None,
    typer.Option(
        "--probability",
        metavar="P",
        parser=amount,
        help="Of each tie under --model uniform; 0.01.",
    ),
]
ProbabilitiesOption = Annotated[
    str | None,
    typer.Option(
        "--probabilities",
        metavar="FILE",
        help="Model of your own: rows of source, target, probability; source influences target.",
    ),
]
HopsOption = Annotated[
    int | None,
    typer.Option("--hops", metavar="N", help="Influence goes N steps at most: a short campaign."),
]
AudienceOption = Annotated[
    str | None,
    typer.Option(
        "--audience",
        metavar="WHO",
        help="Whom to reach: a condition, or a file of accounts, also with a weight each.",
    ),
]
WonOption = Annotated[
    str | None,
    typer.Option(
        "--won", metavar="WHO", help="Customers already, worth nothing to reach: condition or file."
    ),
]
ActivityOption = Annotated[
    str | None,
    typer.Option(
        "--activity",
        metavar="RULE",
        help="Discount bought and inactive accounts: auto, or a formula from 0 to 1.",
    ),
]

#: What is reached, and how influence goes: the same for a list to choose and lists to judge.
MODEL: Options = {
    "audience": (AudienceOption, None),
    "won": (WonOption, None),
    "activity": (ActivityOption, None),
    "model": (ModelOption, None),
    "probability": (ProbabilityOption, None),
    "probabilities": (ProbabilitiesOption, None),
    "hops": (HopsOption, None),
}
SAMPLING: Options = {"memory": (MemoryOption, None)} | TIES | RANDOM


def seeds(
    call: Call,
    k: Annotated[
        list[int] | None,
        typer.Option(
            "-k",
            metavar="N",
            parser=whole,
            help="How many accounts; 10. Repeatable: a list for each.",
        ),
    ] = None,
    budget: Annotated[
        list[float] | None,
        typer.Option(
            "--budget",
            metavar="AMOUNT",
            parser=amount,
            help="What they may cost. Repeatable: a list for each.",
        ),
    ] = None,
    cost: Annotated[
        str | None,
        typer.Option(
            "--cost",
            metavar="FORMULA",
            help="What an account costs: a column or a formula; the column price.",
        ),
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(
            "--target",
            metavar="REACH",
            parser=amount,
            help="The cheapest list that reaches so many.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude",
            metavar="WHO",
            help="Must not be chosen: a file of accounts, or a condition. Repeatable.",
        ),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            "--include",
            metavar="WHO",
            help="Signed already: their cost is spent, their reach counts. Repeatable.",
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="CONDITION", help="Who may be chosen: price < 5000."),
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option(
            "--quota",
            metavar="QUOTA",
            help='"city = \'Shanghai\': >=5" or "each community: <=3". Repeatable.',
        ),
    ] = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why", help="Why each is on the list, and who would come instead if it says no."
        ),
    ] = False,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="SHARE",
            parser=amount,
            help="Go on until the certificate is as good: 0.95.",
        ),
    ] = None,
    max_seconds: Annotated[
        float | None,
        typer.Option(
            "--max-seconds",
            metavar="S",
            parser=amount,
            help="With --precision: stop looking then.",
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            "--samples",
            metavar="N",
            min=1024,
            help="Sample sets for the choice; else by the graph.",
        ),
    ] = None,
    looks: Annotated[
        int | None,
        typer.Option(
            "--looks", metavar="N", min=1, help="With --samples, to repeat a run of --precision."
        ),
    ] = None,
) -> None:
    """Choose whom to win, with a proven reach.

    The accounts that together reach the most for a number, a budget or a target, and how sure
    that is. Accounts that opted out are never chosen.
    """
    with call.working() as engine:
        result = engine.seeds(
            k or None,
            budget=budget or None,
            cost=cost,
            target=target,
            exclude=exclude or [],
            include=include or [],
            where=where,
            quota=quota or [],
            why=why,
            precision=precision,
            max_seconds=max_seconds,
            samples=samples,
            looks=looks,
            **call.values(MODEL | SAMPLING),
        )
    left_out = _empty_columns(result)
    call.emit(result, left_out=(*left_out, *WHY) if why else left_out)
    if call.on_screen and why:
        first = ("list", "rank", "id") if "list" in result.columns else ("rank", "id")
        shown = [*first, *(name for name in WHY if name not in _TOO_WIDE)]
        if not any(result.columns["brings"]):  # before analyze there are no communities
            shown.remove("brings")
        if not any(cost is not None for cost in result.columns["instead_cost"]):
            shown.remove("instead_cost")
        _print_titled({name: result.columns[name] for name in shown}, "Why")
    if call.on_screen and not call.quiet:
        _print_lists(result)
        lists = len(result.meta.get("lists", []))
        title = against(result.meta) + (f" (list {lists})" if lists else "")
        _print_titled(comparison_columns(result.meta), title)


def reach(
    call: Call,
    lists: Annotated[list[str], typer.Argument(help="Files of accounts, one list each.")],
    each: Annotated[
        bool, typer.Option("--each", help="A row for each account of the lists too.")
    ] = False,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", min=1024, help="Sample sets; else by the graph."),
    ] = None,
) -> None:
    """Estimate what lists of accounts reach.

    With a 95 % interval; several lists also together, and how much they overlap.
    """
    with call.working() as engine:
        result = engine.reach(
            lists,
            each=each,
            samples=samples,
            **call.values(MODEL | SAMPLING),
        )
    call.emit(result)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for function in (seeds, reach):
        command(app, MODEL | SAMPLING | THREADS | ANSWER | NETWORK | REFRESH)(function)


def _empty_columns(result: Result) -> tuple[str, ...]:
    """Columns of costs in which nothing stands are of no use on a screen."""
    return tuple(
        name
        for name in ("cost", "spent")
        if name in result.columns and not any(value is not None for value in result.columns[name])
    )


def _print_lists(result: Result) -> None:
    lists = result.meta.get("lists", [])
    if lists:
        names = [*("list", "k", "budget", "size", "spent"), *_REACH, "certified_ratio"]
        columns = {name: [entry[name] for entry in lists] for name in names}
        _print_titled({name: column for name, column in columns.items() if any(column)}, "Lists")


def _print_titled(columns: Mapping[str, Any], title: str) -> None:
    """A further table: under its title in a pipe, too, so that it is told from the one before."""
    if not is_terminal():
        print(f"\n{title}:")
    print_table(columns, title)
