"""The commands about scores: `analyze`, `top`, `communities` and `account`."""

from __future__ import annotations

from typing import Annotated

import typer

from guanxi.cli_completion import SCORES, choices
from guanxi.cli_options import (
    ANSWER,
    NETWORK,
    RANDOM,
    REFRESH,
    THREADS,
    TIES,
    AnalysedProfileOption,
    AsOfOption,
    WhereOption,
    amount,
)
from guanxi.cli_shared import Call, command
from guanxi.console import print_table


def register(app: typer.Typer) -> None:
    """Add the commands of this file, in the order in which --help shows them."""
    query = ANSWER | NETWORK | REFRESH
    command(app, TIES | RANDOM | THREADS | query)(analyze)
    command(app, THREADS | query)(top)
    command(app, query)(communities)
    command(app, query)(account)


def analyze(
    call: Call,
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
            "--resolution",
            metavar="NUMBER",
            parser=amount,
            help="Above 1 more and smaller communities.",
        ),
    ] = 1.0,
    fast: Annotated[
        bool, typer.Option("--fast", help="One iteration of Leiden instead of two.")
    ] = False,
    write_back: Annotated[
        bool,
        typer.Option(
            "--write-back", help="Write scores even into a graph that guanxi did not load."
        ),
    ] = False,
) -> None:
    """Compute scores and communities.

    Degrees, PageRank, k-core, communities and their core users; written back to the store.
    """
    with call.working() as engine:
        result = engine.analyze(
            with_=with_ or [],
            communities=communities,
            resolution=resolution,
            fast=fast,
            write_back=write_back,
            **call.values(TIES | RANDOM),
        )
    call.emit(result)


def top(
    call: Call,
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
) -> None:
    """Rank the influencers.

    The network must have been analysed.
    """
    with call.working(compiles=personalize is not None) as engine:
        result = engine.top(
            by=by,
            n=n,
            community=community,
            where=where,
            personalize=personalize,
            show=[name.strip() for name in show.split(",")] if show else [],
        )
    call.emit(result)


def communities(
    call: Call,
    members: Annotated[
        bool, typer.Option("--members", help="A row for each account: id and community.")
    ] = False,
    n: Annotated[
        int | None, typer.Option("-n", metavar="N", min=1, help="Only the n largest.")
    ] = None,
) -> None:
    """Show communities and their core users.

    Size, share of the network, density, how closed each is, and what its core users reach.
    """
    on_screen = call.on_screen and not members
    result = call.engine.communities(members=members, n=n or (20 if on_screen else None))
    call.emit(result)


def account(
    call: Call,
    id: Annotated[str, typer.Argument(help="The account's id.")],
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Strongest ties each way.")] = 10,
    neighbourhood: Annotated[
        int | None,
        typer.Option(
            "--neighbourhood", metavar="STEPS", help="Instead, the ties within so many steps."
        ),
    ] = None,
    ties: Annotated[
        int | None,
        typer.Option("--ties", metavar="N", help="Ties of a neighbourhood, the strongest; 150."),
    ] = None,
    profile: AnalysedProfileOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Show one account and its strongest ties.

    Its columns, scores and community, and whom it influences and is influenced by.
    """
    result = call.engine.account(
        id, n=n, neighbourhood=neighbourhood, ties=ties, profile=profile, as_of=as_of
    )
    if call.on_screen:
        facts = result.meta["account"]
        print_table({"": list(facts), "account": list(facts.values())})
    call.emit(result, title="Strongest ties")
