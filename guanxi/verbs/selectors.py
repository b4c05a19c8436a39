"""Who is meant: the accounts of a file, of a condition over their columns, or of a list of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from guanxi.errors import FilterError, InputError
from guanxi.graph.arrays import Int32
from guanxi.verbs.accounts import matching
from guanxi.verbs.lists import AccountList, read_or_find, require_accounts, say_unknown

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.verbs.analysis import Analysis

#: A file, a condition, or ids.
Who = str | Path | Sequence[str]

_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl", ".parquet", ".gz", ".zst", ".list")


class Condition(str):
    """A condition even where there is a file of that name: from callers who have no files here."""

    __slots__ = ()


@dataclass
class Selector:
    """Finds accounts in one snapshot, and keeps what people should know of it in `notes`."""

    engine: Engine
    snapshot: Snapshot
    analysis: Analysis | None
    notes: list[str] = field(default_factory=list)

    def find(self, who: Who, what: str) -> tuple[str, Int32]:
        """Name and accounts (int32, distinct) of a file, a condition or ids (called `what` then).

        A text is a file where there is one of that name, and a condition otherwise. Raises
        UnknownAccountError where not one account of a list is in the store, and FilterError or
        InputError where a text is neither a file nor a condition. A condition that nobody meets
        is noted and gives nobody.
        """
        if isinstance(who, str) and not is_file(who):
            return who, self.meeting(who, what)
        entry: AccountList = read_or_find(self.snapshot, who, what)
        accounts = require_accounts(entry, self.snapshot)
        self.notes += say_unknown([entry], self.snapshot)
        return entry.name, accounts

    def meeting(self, condition: str, what: str) -> Int32:
        """The accounts that meet a condition, ascending."""
        try:
            mask = matching(self.engine, self.snapshot, condition, self.analysis)
        except FilterError as error:
            if looks_like_a_file(condition):
                raise InputError(f"There is no file {condition} for {what}.") from None
            nor = ""
            if condition.isidentifier() and not isinstance(condition, Condition):
                nor = f" There is no file {condition} either."
            raise FilterError(f"{what[:1].upper()}{what[1:]}: {error}{nor}") from None
        found = np.flatnonzero(mask).astype(np.int32)
        if not len(found):
            self.notes.append(f"No account meets the condition of {what}: {condition}.")
        return found

    def all_of(self, entries: Sequence[Who], what: str) -> tuple[dict[str, int], Int32]:
        """How many accounts each entry names, and all of them together, ascending."""
        found = [self.find(entry, what) for entry in entries]
        counts = {name: len(accounts) for name, accounts in found}
        everyone = [accounts for _, accounts in found]
        return counts, np.unique(np.concatenate([np.empty(0, dtype=np.int32), *everyone]))


def is_file(text: str) -> bool:
    """Whether there is a file of that name; `-` is standard input."""
    if isinstance(text, Condition):
        return False
    try:
        return text == "-" or Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def looks_like_a_file(text: str) -> bool:
    """Whether who wrote this meant a file."""
    bare = not any(character in text for character in "'\"=<>")
    return bare and (text.lower().endswith(_ENDINGS) or "/" in text or "\\" in text)
