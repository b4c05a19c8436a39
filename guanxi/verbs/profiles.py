"""Tie profiles by name: the built-in ones, and those of the settings."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from guanxi.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from guanxi.graph.ties import TieProfile
    from guanxi.settings import Settings

_EPOCH = datetime.date(1970, 1, 1)


def find_profile(settings: Settings, name: str, as_of: str | None) -> TieProfile:
    """The profile `name`, aged to the day `as_of` (ISO date) where one is given."""
    from guanxi.graph.schema import Direction
    from guanxi.graph.ties import PROFILES, TieProfile

    profiles = dict(PROFILES)
    for own, values in settings.profiles.items():
        profiles[own] = TieProfile(name=own, **values)
    if name not in profiles:
        raise SettingsError(
            f"There is no tie profile {name!r}; there are {', '.join(sorted(profiles))}."
        )
    directions = {kind: Direction(who) for kind, who in settings.kinds.items()}
    profile = replace(profiles[name], directions=directions)
    return profile if as_of is None else replace(profile, as_of=_day(as_of))


def _day(text: str) -> int:
    try:
        return (datetime.date.fromisoformat(text) - _EPOCH).days
    except ValueError:
        raise UsageError(f"--as-of {text!r} is no date; write it as 2026-05-31.") from None


def profile_parameters(profile: TieProfile) -> dict[str, Any]:
    """What a result says about the tie strengths that it used."""
    parameters: dict[str, Any] = {
        "profile": profile.name,
        "follow_weight": profile.follow_weight,
        "default_weight": profile.default_weight,
        "half_life_days": profile.half_life_days,
        "as_of": None if profile.as_of is None else _text(profile.as_of),
    }
    if profile.kind_weights:
        parameters["kind_weights"] = dict(profile.kind_weights)
    if profile.directions:
        parameters["kinds"] = {kind: who.value for kind, who in profile.directions.items()}
    return parameters


def _text(day: int) -> str:
    return (_EPOCH + datetime.timedelta(days=day)).isoformat()
