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
        int, typer.Option("--max-steps", metavar="N", help="How many steps to go.")
    ] = 6,
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
    _refuse_mixed(network, bool(lists or account or each or communities), exact, mutual, along)
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
                max_steps=max_steps,
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
    with call.working() as engine:
        result = engine.bridges(by=by, n=n, where=where, samples=samples, **call.values(RANDOM))
    call.emit(result)
