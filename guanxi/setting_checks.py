"""What a setting may be. A check returns the value, or raises ValueError("must be … .")."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from guanxi.errors import UsageError

if TYPE_CHECKING:
    from guanxi.graph.neo4j.address import Address
    from guanxi.graph.neo4j.mapping import GraphMapping

_PROFILE_KEYS = ("follow_weight", "default_weight", "half_life_days", "kind_weights")
_DIRECTIONS = ("target", "actor")


def near(name: str, known: Iterable[str]) -> str:
    """Which known names are like `name`, or all of them, as the end of a sentence."""
    names = list(known)
    found = difflib.get_close_matches(name.lower(), names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(found)}?" if found else f"there are {', '.join(names)}."


def text(value: Any) -> str:
    """A text with something in it."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text that is not empty, and is {value!r}.")
    return value


def store(value: Any) -> str:
    """A path, or the address of a server."""
    given = text(value)
    if "://" in given:
        _address(given)
    return given


def secret(value: Any) -> str:
    """A password, which no message repeats."""
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text that is not empty.")
    return value


def database(value: Any) -> str:
    """The name of a Neo4j database."""
    return _address("neo4j://host", text(value)).database or ""


def graph(value: Any) -> GraphMapping:
    """How to read a graph that guanxi did not load."""
    from guanxi.graph.neo4j.mapping import parse_mapping

    try:
        return parse_mapping(value if isinstance(value, Mapping) else text(value))
    except UsageError as error:
        raise ValueError(f"is wrong. {error}") from None


def _address(url: str, database: str | None = None) -> Address:
    from guanxi.graph.neo4j.address import parse_address

    try:
        return parse_address(url, database)
    except UsageError as error:
        raise ValueError(f"is wrong. {error}") from None


def whole_number(least: int) -> Callable[[Any], int]:
    """A whole number of at least `least`."""

    def check(value: Any) -> int:
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**63:
            raise ValueError(f"must be a whole number of at least {least}, and is {value!r}.")
        return value

    return check


def size(value: Any) -> str:
    """An amount of memory, as its text."""
    from guanxi.memory import parse_size

    try:
        if isinstance(value, bool) or parse_size(str(value)) <= 0:
            raise ValueError
    except (UsageError, ValueError, OverflowError):
        raise ValueError(
            f"must be an amount of memory such as 512M or 4GB, and is {value!r}."
        ) from None
    return str(value)


def timezone(value: Any) -> str:
    """The name of a time zone."""
    name = text(value)
    if name != "UTC":
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"must be the name of a time zone such as Asia/Shanghai, and is {value!r}."
            ) from None
    return name


def limit(value: Any) -> str:
    """A number of rows or a share of them, as its text."""
    given = "" if isinstance(value, bool) else str(value).strip()
    share = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", given, re.ASCII)
    if not (float(share[1]) <= 100 if share else re.fullmatch(r"\d+", given, re.ASCII)):
        raise ValueError(f'must be a number of rows or a share such as "1%", and is {value!r}.')
    return given


def kinds(value: Any) -> dict[str, str]:
    """Kind of interaction (in lower case) → who influences the other."""
    for kind, direction in _table(value).items():
        if direction not in _DIRECTIONS:
            raise ValueError(f'must say for {kind} who influences the other: "target" or "actor".')
    return {kind.lower(): direction for kind, direction in value.items()}


def profiles(value: Any) -> dict[str, dict[str, Any]]:
    """Name → what makes the tie profile of that name."""
    return {name: _profile(name, profile) for name, profile in _table(value).items()}


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"must be a table, and is {value!r}.")
    return value


def _profile(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"must hold a table for each profile, [profiles.{name}].")
    profile: dict[str, Any] = {}
    for key, item in value.items():
        if key not in _PROFILE_KEYS:
            raise ValueError(f"has an unknown key {key!r} in {name}: {near(key, _PROFILE_KEYS)}")
        if key == "kind_weights":
            if not isinstance(item, dict):
                raise ValueError(f"must hold a table of weights as kind_weights of {name}.")
            profile[key] = {kind.lower(): _weight(name, kind, each) for kind, each in item.items()}
        elif key == "half_life_days" and item == math.inf:  # nothing fades
            profile[key] = math.inf
        else:
            profile[key] = _weight(name, key, item)
    if profile.get("half_life_days") == 0:
        raise ValueError(f"must hold a half_life_days above 0 for {name}.")
    return profile


def _weight(profile: str, key: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1e9:
        raise ValueError(f"must hold a number from 0 to 1e9 as {key} of {profile}, not {value!r}.")
    return float(value)
