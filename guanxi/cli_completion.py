"""Completion in the shell: which values options take, and the script that asks for them.

typer guesses which shell runs; here the shell is named, so that the script of one can be
written while another runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import typer

from guanxi.errors import GuanxiError, UsageError

#: What completes the commands in each shell.
SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")

#: Scores that `top --by` takes; those of `analyze --with hits` are the last two.
SCORES: tuple[str, ...] = ("pagerank", "in_degree", "out_degree", "weighted_in_degree", "k_core")
SCORES += ("hub", "authority")

_ANSWER = "_GUANXI_COMPLETE"  # set where a shell asks for what could come next

Values = Callable[[str], list[str]]


def choices(*values: str) -> Values:
    """A completion that offers `values`.

    >>> choices("csv", "json")("c")
    ['csv']
    """
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


def profile_names(incomplete: str) -> list[str]:
    """The tie profiles: the built-in ones, and those of the settings where these can be read."""
    from guanxi.settings import load_settings

    names = {"default", "followers-only", "engagement"}
    with suppress(GuanxiError):  # a shell that completes has no place for errors
        names |= load_settings().profiles.keys()
    return choices(*sorted(names))(incomplete)


def answer_shell() -> None:
    """Make ready to answer, where it is a shell that asks for completion."""
    if _ANSWER in os.environ:
        from typer._completion_classes import completion_init

        completion_init()


def show_script(shell: str | None) -> None:
    """Print the script that completes the commands in `shell`."""
    if shell is not None:
        from typer._completion_shared import get_completion_script

        print(get_completion_script(prog_name="guanxi", complete_var=_ANSWER, shell=_known(shell)))
        raise typer.Exit


def install_script(shell: str | None) -> None:
    """Write that script to where `shell` looks for it."""
    if shell is not None:
        from typer._completion_shared import install

        try:
            _, path = install(_known(shell), prog_name="guanxi", complete_var=_ANSWER)
        except OSError as error:
            raise UsageError(
                f"Completion for {shell} cannot be installed: {error}. "
                f"guanxi --show-completion {shell} prints the script."
            ) from error
        print(f"Completion for {shell} is in {path}; it works in the next shell that you open.")
        raise typer.Exit


def _known(shell: str) -> str:
    if shell not in SHELLS:
        raise UsageError(f"There is no completion for {shell!r}; there is for {', '.join(SHELLS)}.")
    return shell
