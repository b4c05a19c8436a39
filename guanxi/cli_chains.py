"""Commands about relationship chains; `register` adds them to the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi.cli_options import ANSWER, NETWORK, REFRESH, THREADS, TIES
from guanxi.cli_shared import Call, command
from guanxi.console import format_cell, is_terminal

if TYPE_CHECKING:
    from guanxi.results import Result

MutualOption = Annotated[
    bool,
    typer.Option("--mutual", help="Only ties that run both ways, at the weaker of the two."),
]
AvoidOption = Annotated[
    list[str] | None,
    typer.Option(
        "--avoid",
        metavar="ID|FILE",
        help="Account, or file of accounts, that must not be inside. Repeatable.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file, in the order in which --help shows them."""
    for function in (chain, introduce):
        command(app, TIES | THREADS | ANSWER | NETWORK | REFRESH)(function)


def chain(
    call: Call,
    source: Annotated[str, typer.Argument(metavar="FROM", help="Id of the account to start at.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Id of the account to come to.")],
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="ORDER", help="strength (largest probability) or hops (fewest steps)."
        ),
    ] = "strength",
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many chains, best first.")] = 1,
    diverse: Annotated[
        bool,
        typer.Option("--diverse", help="Chains that share as few accounts as possible."),
    ] = False,
    mutual: MutualOption = False,
    max_hops: Annotated[
        int | None, typer.Option("--max-hops", metavar="N", help="At most so many steps.")
    ] = None,
    through: Annotated[
        list[str] | None,
        typer.Option(
            "--through", metavar="ID", help="Account to pass. Repeatable, in the order given."
        ),
    ] = None,
    avoid: AvoidOption = None,
) -> None:
    """Show who leads from one account to another.

    The strongest chain along influence, step by step, and why each step holds. Accounts that
    opted out are never inside. On a terminal the chain is drawn.
    """
    with call.working() as engine:
        result = engine.chain(
            source,
            target,
            by=by,
            n=n,
            diverse=diverse,
            mutual=mutual,
            max_hops=max_hops,
            through=through or [],
            avoid=avoid or [],
            **call.values(TIES),
        )
    if call.output.format is None and call.on_screen and is_terminal():
        print(drawn(result), end="")
        call.emit_notes(result)
    elif call.on_screen and not len(result):
        call.emit_notes(result)
    else:
        call.emit(result, left_out=("from_name", "to_name", "since", "times", "last"))


def drawn(result: Result) -> str:
    """The chains as text: a line for each account, and between two of them why it holds."""
    lines: list[str] = []
    for row in result:
        if row["step"] == 1:
            if lines:
                lines.append("")
            lines.append(
                f"Chain {row['chain']}, probability {format_cell(row['chain_probability'])}"
            )
            lines.append("  " + _called(row, "from"))
        follower = format_cell(row["to_name"] or row["to"])
        lines.append(f"  │  {follower} {format_cell(row['relation'])}")
        lines.append(
            f"  ▼  strength {format_cell(row['strength'])}, "
            f"probability {format_cell(row['probability'])}"
        )
        lines.append("  " + _called(row, "to"))
    return "".join(line + "\n" for line in lines)


def _called(row: dict[str, Any], end: str) -> str:
    """An account by its name and id, or by its id alone."""
    name = row[f"{end}_name"]
    id = format_cell(row[end])
    return id if name in (None, row[end]) else f"{format_cell(name)} ({id})"


def introduce(
    call: Call,
    from_: Annotated[
        str,
        typer.Option("--from", metavar="FILE|ID", help="Your team: a file of accounts, or one id."),
    ],
    to: Annotated[
        str,
        typer.Option("--to", metavar="FILE|ID", help="Prospects: a file of accounts, or one id."),
    ],
    capacity: Annotated[
        int | None,
        typer.Option("--capacity", metavar="N", help="Ask no account more often; else no limit."),
    ] = None,
    alternatives: Annotated[
        int,
        typer.Option("--alternatives", metavar="N", help="Up to so many ways to each prospect."),
    ] = 1,
    mutual: MutualOption = False,
    max_hops: Annotated[
        int, typer.Option("--max-hops", metavar="N", help="At most so many steps to a prospect.")
    ] = 4,
    avoid: AvoidOption = None,
) -> None:
    """Plan introductions from a team to prospects.

    For each prospect the chain to take and whom to ask first, so that as many introductions as
    possible are expected to succeed and nobody is asked too often.
    """
    with call.working() as engine:
        result = engine.introduce(
            from_,
            to,
            capacity=capacity,
            alternatives=alternatives,
            mutual=mutual,
            max_hops=max_hops,
            avoid=avoid or [],
            **call.values(TIES),
        )
    call.emit(result, left_out=("to_name", "from_name", "ask_name"))
