"""Settings, read at the edges only: by the command line, the server and `guanxi.open`.

In order of weight: what is given in the call or as an option; the environment
(`GUANXI_STORE`, …); the settings file (`--settings`, else `GUANXI_SETTINGS`, else
`guanxi.toml` in the working directory); the default. `SETTINGS` says in one place what
each of them is; the reference in the docs is made from it.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi import setting_checks as checks
from guanxi.errors import SettingsError

if TYPE_CHECKING:
    from guanxi.graph.neo4j.mapping import GraphMapping

FILE_NAME = "guanxi.toml"
_PREFIX = "GUANXI_"
#: Variables of the environment that are no settings, with what they do.
OTHER_VARIABLES = {
    "GUANXI_SETTINGS": "The settings file, in place of `guanxi.toml` in the working directory.",
    "GUANXI_CACHE": "The folder for compiled kernels, in place of the user's cache folder.",
}


@dataclass(frozen=True)
class Settings:
    """What a user may set once instead of saying it each time (see `SETTINGS`)."""

    store: str = "guanxi.duckdb"
    neo4j_user: str = "neo4j"
    neo4j_password: str | None = field(default=None, repr=False)  # shown nowhere
    neo4j_database: str | None = None
    neo4j_graph: GraphMapping | None = None
    threads: int | None = None
    memory: str | None = None
    seed: int = 0
    timezone: str = "UTC"
    max_rejects: str | None = None
    kinds: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """One setting: its name, type and default for people, what it does, and its check."""

    name: str
    type: str
    default: str
    help: str
    check: Callable[[Any], Any]
    in_environment: bool = True

    @property
    def variable(self) -> str | None:
        """The variable of the environment that sets it, if one can."""
        return _PREFIX + self.name.upper() if self.in_environment else None


SETTINGS = (
    Setting(
        "store",
        "text",
        "guanxi.duckdb",
        "The store: a path (DuckDB), or a neo4j:// or bolt:// address. A password never stands "
        "in it.",
        checks.store,
    ),
    Setting(
        "neo4j_user",
        "text",
        "neo4j",
        "Who logs in to a Neo4j server.",
        checks.text,
    ),
    Setting(
        "neo4j_password",
        "text",
        "asked for at a terminal",
        "The password for a Neo4j server that wants one. A settings file that holds it should be "
        "readable by you alone.",
        checks.secret,
    ),
    Setting(
        "neo4j_database",
        "text",
        "the server's default",
        "The database of a Neo4j server, where the address (neo4j://host/database) names none.",
        checks.database,
    ),
    Setting(
        "neo4j_graph",
        "table or text",
        "a graph that guanxi loaded",
        "What labels, relationship types and properties mean in a Neo4j graph that guanxi did not "
        "load; `guanxi doctor` proposes it.",
        checks.graph,
    ),
    Setting(
        "threads",
        "whole number",
        "as many as the process may use",
        "Threads to work with. No result depends on it.",
        checks.whole_number(1),
    ),
    Setting(
        "memory",
        "amount of memory",
        "no limit",
        "The most memory that the samples for seed lists and reach may take, such as 4GB.",
        checks.size,
    ),
    Setting(
        "seed",
        "whole number",
        "0",
        "Fixes every random choice.",
        checks.whole_number(0),
    ),
    Setting(
        "timezone",
        "name of a time zone",
        "UTC",
        "What times without a zone mean in files that are loaded, such as Asia/Shanghai.",
        checks.timezone,
    ),
    Setting(
        "max_rejects",
        "number or share",
        "1% once 1,000 rows are read",
        "How many rows of a file may be bad before nothing of it is loaded, such as 100 or 0.5%.",
        checks.limit,
    ),
    Setting(
        "kinds",
        "table",
        "the built-in kinds",
        "Who influences the other in an interaction of a kind, target or actor. "
        "Adds to the built-in kinds, and overrules them.",
        checks.kinds,
        in_environment=False,
    ),
    Setting(
        "profiles",
        "table of tables",
        "default, followers-only, engagement",
        "Own tie profiles by name, each with follow_weight, default_weight (for kinds that are "
        "not listed), half_life_days, and kind_weights (a table, kind = weight).",
        checks.profiles,
        in_environment=False,
    ),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}
_BY_VARIABLE = {setting.variable: setting for setting in SETTINGS if setting.variable}


def load_settings(
    path: str | Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    **given: Any,
) -> Settings:
    """The settings from file, environment and `given` values, each over the one before.

    `path`: the settings file, which must exist; by default `GUANXI_SETTINGS`, or
    `guanxi.toml` in the working directory if there is one. `environ` stands in for the
    environment. Raises `SettingsError`, which names the place and the setting.

    >>> load_settings(environ={"GUANXI_THREADS": "2"}, seed=7).threads
    2
    """
    environ = os.environ if environ is None else environ
    chosen = path or environ.get("GUANXI_SETTINGS")
    values: dict[str, Any] = {}
    if chosen or Path(FILE_NAME).is_file():
        values |= _from_file(Path(chosen or FILE_NAME))
    values |= _from_environment(environ)
    values |= _checked({k: v for k, v in given.items() if v is not None}, "the call")
    return Settings(**values)


def _from_file(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return _checked(tomllib.loads(path.read_text("utf-8-sig")), str(path))
    except FileNotFoundError:
        raise SettingsError(f"There is no settings file {path}.") from None
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"The settings file {path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path} is no valid TOML: {error}.") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Settings from our variables. Others may own variables that begin like ours, so only a
    name that looks like a slip of one of ours is an error.
    """
    known = [*_BY_VARIABLE, *OTHER_VARIABLES]
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(_PREFIX) or variable in OTHER_VARIABLES or not value:
            continue
        if variable in _BY_VARIABLE:
            name = _BY_VARIABLE[variable].name
            found |= _checked({name: value}, f"the variable {variable}")
        elif near := difflib.get_close_matches(variable, known, n=1, cutoff=0.85):
            raise SettingsError(f"There is no variable {variable}; did you mean {near[0]}?")
    return found


def _checked(values: Mapping[str, Any], place: str) -> dict[str, Any]:
    checked = {}
    for name, value in values.items():
        if name not in _BY_NAME:
            known = checks.near(name, _BY_NAME)
            raise SettingsError(f"There is no setting {name!r} (in {place}); {known}")
        try:
            checked[name] = _BY_NAME[name].check(value)
        except ValueError as error:
            raise SettingsError(f"The setting {name} (in {place}) {error}") from None
    return checked
