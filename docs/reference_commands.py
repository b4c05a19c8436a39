"""Writes docs/reference.md from the command line itself and the table of output columns.

`python docs/reference_commands.py` after a change there; a test fails until that is done.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer.main

from guanxi.cli import app
from guanxi.verbs.columns import COLUMNS

PAGE = Path(__file__).with_name("reference.md")

HEAD = Path(__file__).with_name("reference_head.txt")


def reference_page() -> str:
    """The page as Markdown."""
    root: Any = typer.main.get_command(app)
    parts = [HEAD.read_text("utf-8"), "\n## Commands\n"]
    for name, command in root.commands.items():
        if hasattr(command, "commands"):  # a group: guanxi key new, …
            parts.extend(
                _command(f"{name} {part}", each) for part, each in command.commands.items()
            )
        else:
            parts.append(_command(name, command))
    return "".join(parts)


def _command(name: str, command: Any) -> str:
    arguments = " ".join(_metavar(p) for p in command.params if _is_argument(p))
    lines = [f"\n### guanxi {name}\n\n", f"`guanxi {name} {arguments}".rstrip() + "`\n\n"]
    lines.append("\n".join(line.strip() for line in (command.help or "").splitlines()) + "\n\n")
    lines.append("| option | what it does | default |\n|---|---|---|\n")
    lines.extend(map(_option, command.params))
    for key in COLUMNS:
        if key == name or key.startswith((f"{name} --", f"{name}, ")):
            lines.append(f"\nColumns of `guanxi {key}`:\n\n| column | what it is |\n|---|---|\n")
            lines.extend(f"| `{column}` | {text} |\n" for column, text in COLUMNS[key].items())
    return "".join(lines)


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def _metavar(param: Any) -> str:
    return f"{param.name.upper()}{'…' if param.nargs == -1 else ''}"


def _option(param: Any) -> str:
    names = [_metavar(param)] if _is_argument(param) else [*param.opts]
    names += getattr(param, "secondary_opts", [])
    shown = ", ".join(f"`{name}`" for name in names)
    default = "" if param.default in (None, False, []) or _is_argument(param) else param.default
    text = (getattr(param, "help", None) or "").replace("|", "\\|")
    return f"| {shown} | {text} | {f'`{default}`' if default != '' else ''} |\n"


if __name__ == "__main__":
    PAGE.write_text(reference_page(), "utf-8")
