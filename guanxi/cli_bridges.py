"""The commands `degrees` and `bridges`; `register` adds them to the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from guanxi.cli_completion import choices
from guanxi.cli_options import ANSWER, NETWORK, RANDOM, REFRESH, THREADS, TIES, WhereOption
from guanxi.cli_shared import Call, command
from guanxi.errors import UsageError

#: Communities that a table on the screen shows; files have all.
_SHOWN_COMMUNITIES = 10
#: Steps that are gone from a list where --max-steps does not say so.
_STEPS = 6


def register(app: typer.Typer) -> None:
    """Add the commands of this file, in the order in which --help shows them."""
    query = RANDOM | THREADS | ANSWER | NETWORK | REFRESH
    command(app, TIES | query)(degrees)
    command(app, query)(bridges)


def degrees(
    call: Call,
    lists: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="LIST", help="Files of accounts, or conditions such as \"city = 'Shanghai'\"."
        ),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="ID", help="An account to start from. Repeatable."),
    ] = None,
    network: Annotated[
        bool, typer.Option("--network", help="How far apart all accounts are, instead of a list.")
    ] = False,
    each: Annotated[
        bool, typer.Option("--each", help="Also from each account of the lists alone.")
    ] = False,
    communities: Annotated[
        bool, typer.Option("--communities", help="A row for each community and step.")
    ] = False,
    n: Annotated[
        int | None,
        typer.Option("-n", metavar="N", help="With --communities, only the n largest."),
    ] = None,
    along: Annotated[
        str,
        typer.Option(
            "--along",
            metavar="WAY",
            help="influence, against (to those who influence), either, or mutual.",
            autocompletion=choices("influence", "against", "either", "mutual"),
        ),
    ] = "influence",
    mutual: Annotated[bool, typer.Option("--mutual", help="The same as --along mutual.")] = False,
    max_steps: Annotated[
        int | None, typer.Option("--max-steps", metavar="N", help="How many steps to go; else 6.")
    ] = None,
    exact: Annotated[
        bool | None,
        typer.Option(
            "--exact/--sketch", help="With --network: search from all, or estimate; else by size."
        ),
    ] = None,
) -> None:
    """Count who is how many steps away.

    Accounts within 1 to 6 steps of a list, also by community; or with --network the average
    separation and the effective diameter of everybody.
    """
    of_lists = bool(lists or account or each or communities or n is not None)
    _refuse_mixed(network, of_lists, exact, mutual, along)
    if network and max_steps is not None:
        raise UsageError("--network follows all pairs to their end; leave --max-steps away.")
    along = "mutual" if mutual else along
    with call.working() as engine:
        if network:
            result = engine.separation(along=along, exact=exact, **call.values(TIES | RANDOM))
        else:
            on_screen = communities and call.on_screen
            result = engine.degrees(
                lists or [],
                accounts=account or [],
                each=each,
                communities=communities,
                n=_SHOWN_COMMUNITIES if n is None and on_screen else n,
                along=along,
                max_steps=_STEPS if max_steps is None else max_steps,
                **call.values(TIES),
            )
    call.emit(result)


def _refuse_mixed(
    network: bool, of_lists: bool, exact: bool | None, mutual: bool, along: str
) -> None:
    if network and of_lists:
        raise UsageError("--network speaks of all accounts; leave lists and their options away.")
    if not network and exact is not None:
        raise UsageError("--exact and --sketch go with --network; counts from lists are exact.")
    if mutual and along not in ("influence", "mutual"):
        raise UsageError(f"--mutual and --along {along} exclude each other.")


def bridges(
    call: Call,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="SCORE",
            help="bridge_score, betweenness, participation, constraint or harmonic.",
            autocompletion=choices(
                "bridge_score", "betweenness", "participation", "constraint", "harmonic"
            ),
        ),
    ] = "bridge_score",
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many accounts.")] = 20,
    where: WhereOption = None,
    joins: Annotated[
        list[str] | None,
        typer.Option(
            "--joins",
            metavar="A,B",
            help="Only accounts that join all of these communities, by number. Repeatable.",
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            "--samples", metavar="N", help="Sources for betweenness; else all, or by the size."
        ),
    ] = None,
) -> None:
    """Find the accounts that join communities.

    Without them a message stays in its bubble. Betweenness, participation, Burt's constraint and
    harmonic centrality in one ranking. The network must have been analysed.
    """
    wanted = [_community(part) for text in joins or [] for part in text.split(",")]
    with call.working() as engine:
        result = engine.bridges(
            by=by, n=n, where=where, joins=wanted, samples=samples, **call.values(RANDOM)
        )
    call.emit(result)


def _community(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(
            f"--joins takes the numbers of communities, such as 4,7, not {text!r}."
        ) from None
