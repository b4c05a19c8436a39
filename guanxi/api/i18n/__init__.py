"""The page's messages in every language it speaks: one TOML file each, `key = "text"`.

A text may have places for values, `{n}`. A message that depends on a number is a table with
a text for each plural form of the language, chosen by its value `n`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Set
from functools import cache
from pathlib import Path
from typing import Any

#: Language tag → how it calls itself. The first one is what those get who ask for none of them.
LANGUAGES = {"en": "English", "zh": "中文"}

_FOLDER = Path(__file__).parent
#: Language → plural form of a number (CLDR's names of the forms).
_PLURALS: dict[str, Callable[[float], str]] = {
    "en": lambda n: "one" if n == 1 else "other",
    "zh": lambda n: "other",
}

Message = str | Mapping[str, str]


def plural_forms(language: str) -> set[str]:
    """The plural forms that a message of that language has."""
    return {_PLURALS[language](n) for n in range(200)}


@cache
def catalogue(language: str) -> Mapping[str, Message]:
    """All messages of a language, by their dotted keys.

    >>> catalogue("en")["nav.influencers"]
    'Influencers'
    """
    found: dict[str, Message] = {}
    _flatten(tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8")), "", found)
    return found


def _flatten(table: Mapping[str, Any], prefix: str, into: dict[str, Message]) -> None:
    for name, value in table.items():
        if isinstance(value, str) or "other" in value:
            into[prefix + name] = value
        else:
            _flatten(value, f"{prefix}{name}.", into)


class Messages:
    """The catalogue of one language: call it with a key and the values of its places.

    Whole numbers are written with separators. KeyError for a key that there is not.

    >>> Messages("en")("count.found", n=1200)
    '1,200 accounts found'
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._found = catalogue(language)

    def __call__(self, key: str, **values: Any) -> str:
        """The message of a key, with its values."""
        message = self._found[key]
        if not isinstance(message, str):
            message = message[_PLURALS[self.language](values["n"])]
        if not values:
            return message
        return message.format(**{name: _shown(value) for name, value in values.items()})

    @property
    def keys(self) -> Set[str]:
        """The keys of all messages."""
        return self._found.keys()

    def get(self, key: str, default: str) -> str:
        """The message of a key that may not be there (a score or a step that others named)."""
        message = self._found.get(key)
        return message if isinstance(message, str) else default


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def choose_language(chosen: str | None, accepted: str | None) -> str:
    """The language that was chosen, or the best that a browser accepts (`Accept-Language`).

    >>> choose_language(None, "de, zh-CN;q=0.8, en;q=0.5")
    'zh'
    >>> choose_language("en", "zh")
    'en'
    """
    if chosen in LANGUAGES:
        return chosen
    wanted = []
    for place, part in enumerate((accepted or "").split(",")):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((p for p in parameters if p.startswith("q=")), "q=1")
        known = re.fullmatch(r"q=(0(\.\d{0,3})?|1(\.0{0,3})?)", quality)
        language = tag.lower().split("-")[0]
        if known and language in LANGUAGES and float(known[1]) > 0:
            wanted.append((-float(known[1]), place, language))
    return min(wanted)[2] if wanted else next(iter(LANGUAGES))
