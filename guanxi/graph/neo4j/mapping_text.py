"""The words of a mapping: names, perhaps between backticks, and the marks `;` `=` `<` `>` `<>`."""

from __future__ import annotations

import re

from guanxi.errors import UsageError

_TOKEN = re.compile(
    r"(?P<mark><>|<|>)|(?P<sign>[;=])|`(?P<quoted>(?:[^`]|``)+)`|(?P<word>[^\s;=<>`]+)"
)
_PLAIN = re.compile(r"[^\s;=<>`]+")


class Tokens:
    """The words of a text, taken one after the other. UsageError where it has none to take."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = list(_tokens(text))
        self._place = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._place == len(self._found)

    @property
    def at_end_of_part(self) -> bool:
        """Whether nothing is left before the next `;`."""
        return self.at_end or self._is("sign", ";")

    def skip(self, sign: str) -> bool:
        """Take `sign` if it comes next."""
        found = self._is("sign", sign)
        self._place += found
        return found

    def mark(self) -> str | None:
        """Take a mark of direction if one comes next."""
        if self.at_end or self._found[self._place][0] != "mark":
            return None
        self._place += 1
        return self._found[self._place - 1][1]

    def name(self, wanted: str) -> str:
        """Take a name; `wanted` says what it should be."""
        if self.at_end or self._found[self._place][0] != "name":
            raise self._wrong(f"{wanted} is missing")
        self._place += 1
        return self._found[self._place - 1][1]

    def expect(self, sign: str, where: str) -> None:
        """Take `sign`, which must come next."""
        if not self.skip(sign):
            raise self._wrong(f"{sign} is missing {where}")

    def end_of_part(self, key: str) -> None:
        """Raise unless the part of `key` ends here."""
        if not self.at_end_of_part:
            raise self._wrong(f"{key} is one name (between backticks if it has a space)")

    def end(self) -> None:
        """Raise unless nothing is left."""
        if not self.at_end:
            raise self._wrong("there is one too many")

    def _is(self, kind: str, text: str) -> bool:
        return not self.at_end and self._found[self._place] == (kind, text)

    def _wrong(self, what: str) -> UsageError:
        where = "at its end" if self.at_end else f"at {self._found[self._place][1]!r}"
        return UsageError(f"In the mapping of the graph {self._text!r} {what} {where}.")


def as_word(name: str) -> str:
    """A name as it is written in a mapping.

    >>> as_word("FOLLOWS"), as_word("is a fan of")
    ('FOLLOWS', '`is a fan of`')
    """
    if _PLAIN.fullmatch(name):
        return name
    return "`" + name.replace("`", "``") + "`"


def toml_text(text: str) -> str:
    """A text in TOML."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in plain) + '"'


def toml_list(texts: list[str]) -> str:
    """A list of texts in TOML."""
    return "[" + ", ".join(map(toml_text, texts)) + "]"


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = _TOKEN.match(text, place)
        if match is None:
            raise UsageError(
                f"In the mapping of the graph {text!r} the name that begins at "
                f"{text[place : place + 20]!r} lacks its second backtick."
            )
        kind = match.lastgroup or ""
        word = match[kind].replace("``", "`") if kind == "quoted" else match[kind]
        found.append((kind if kind in ("mark", "sign") else "name", word))
        place = match.end()
    return found
