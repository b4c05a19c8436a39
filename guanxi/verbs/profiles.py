"""Tie profiles by name: the built-in ones, and those of the settings."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

from guanxi.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from guanxi.graph.ties import TieProfile
    from guanxi.settings import Settings

_EPOCH = datetime.date(1970, 1, 1)


def find_profile(settings: Settings, name: str, as_of: str | None) -> TieProfile:
    """The profile `name`, aged to the day `as_of` (ISO date) where one is given."""
    from guanxi.graph.ties import PROFILES, TieProfile

    profiles = dict(PROFILES)
    for own, values in settings.profiles.items():
        profiles[own] = TieProfile(name=own, **values)
    if name not in profiles:
        raise SettingsError(
            f"There is no tie profile {name!r}; there are {', '.join(sorted(profiles))}."
        )
    profile = replace(profiles[name], directions=dict(settings.kinds))
    return profile if as_of is None else replace(profile, as_of=_day(as_of))


def _day(text: str) -> int:
    try:
        return (datetime.date.fromisoformat(text) - _EPOCH).days
    except ValueError:
        raise UsageError(f"--as-of {text!r} is no date; write it as 2026-05-31.") from None
