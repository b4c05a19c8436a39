"""Writes docs/reference-settings.md from the table in guanxi/settings.py.

`python docs/reference_settings.py` after a change there; a test fails until that is done.
"""

from __future__ import annotations

from pathlib import Path

from guanxi.settings import OTHER_VARIABLES, SETTINGS

PAGE = Path(__file__).with_name("reference-settings.md")

HEAD = """\
# Settings

<!-- Made by docs/reference_settings.py from guanxi/settings.py; do not edit by hand. -->

What you would otherwise say each time. An option of the command line or an argument in Python
weighs most, then the environment, then the settings file, then the default. The settings file is
`guanxi.toml` in the working directory, or the one that `--settings` or `GUANXI_SETTINGS` names; it
is TOML. A setting that does not exist is an error, and so is a value that cannot be.

| setting | is a | default | in the environment | what it does |
|---|---|---|---|---|
"""

TAIL = """\

Variables of the environment that are no settings:

| variable | what it does |
|---|---|
{variables}

## A settings file

```toml
store = "network.duckdb"
threads = 2
timezone = "Asia/Shanghai"
max_rejects = "0.5%"

# Who influences the other: the target of the interaction, or the actor.
[kinds]
tip = "actor"
vote = "target"

# A tie profile of your own, for --profile loyal
[profiles.loyal]
follow_weight = 0.5
default_weight = 0            # kinds that are not listed below
half_life_days = 30           # inf: nothing fades
kind_weights = {repost = 2, comment = 1, tip = 5}
```
"""


def settings_page() -> str:
    """The page as Markdown."""
    lines = []
    for setting in SETTINGS:
        variable = f"`{setting.variable}`" if setting.variable else ""
        cells = [f"`{setting.name}`", setting.type, setting.default, variable, setting.help]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    variables = "\n".join(f"| `{name}` | {help} |" for name, help in OTHER_VARIABLES.items())
    return HEAD + "".join(lines) + TAIL.replace("{variables}", variables)


if __name__ == "__main__":
    PAGE.write_text(settings_page(), "utf-8")
