"""Where the server's files lie is nobody's business: paths become the names of files."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi.errors import GuanxiError, UsageError

if TYPE_CHECKING:
    from guanxi.api.config import ServeConfig

_REST = r"(?:[/\\][^\s'\":,;()]+)*"
_ANY_PATH = re.compile(r"(?<![\w.:/<])/(?:[^\s/'\":,;()]+/)+[^\s'\":,;()]*")


class Redactor:
    """Takes the paths of one server out of what it says."""

    def __init__(self, config: ServeConfig) -> None:
        access = config.access
        self.store = "neo4j" if access.is_server else Path(access.url).name
        roots = [access.home.root, *([] if access.is_server else [Path(access.url)])]
        roots += [Path.cwd(), Path(tempfile.gettempdir()), Path(sys.prefix), Path(__file__).parent]
        found = {str(root) for root in roots} | {os.path.abspath(root) for root in roots}
        found |= {os.path.realpath(root) for root in roots}
        wanted = sorted((root for root in found if len(root) > 1), key=len, reverse=True)
        self._roots = re.compile("|".join(f"{re.escape(root)}{_REST}" for root in wanted))
        self._address = re.compile(re.escape(access.url)) if access.is_server else None

    def text(self, text: str) -> str:
        """A text without the server's own paths and without the address of its store."""
        if "/" not in text and "\\" not in text:  # most have none
            return text
        if self._address is not None:
            text = self._address.sub(self.store, text)
        return self._roots.sub(_name, text)

    def everything(self, text: str) -> str:
        """A text without anything that looks like a path."""
        return _ANY_PATH.sub(_name, self.text(text))

    def error(self, error: GuanxiError) -> str:
        """The sentence of an error. What a caller wrote himself (an id, say) stays as it is."""
        sentence = str(error)
        return self.text(sentence) if isinstance(error, UsageError) else self.everything(sentence)

    def meta(self, meta: dict[str, Any]) -> dict[str, Any]:
        """The meta of a result; its store is called by its name.

        What is known of an account is data of the user's own, and stays as it is.
        """
        cleaned: dict[str, Any] = {
            key: item if key == "account" else self._value(item) for key, item in meta.items()
        }
        return cleaned | ({"store": self.store} if "store" in meta else {})

    def own_meta(self, meta: dict[str, Any]) -> dict[str, Any]:
        """`meta` of an answer in which only the store and the notes can speak of paths."""
        return meta | {"store": self.store, "notes": self._value(meta["notes"])}

    def columns(self, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """The columns that speak of files, as names of files."""
        return {
            name: [self._value(value) for value in values]
            if name in ("file", "rejects_file", "store", "detail", "found")
            else values
            for name, values in columns.items()
        }

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def _name(found: re.Match[str]) -> str:
    return re.split(r"[/\\]", found[0].rstrip("/\\."))[-1] + ("." if found[0].endswith(".") else "")
