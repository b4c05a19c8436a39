"""Lists of accounts that users hand over: a file with a column of ids, or the ids themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from guanxi.errors import InputError, UnknownAccountError
from guanxi.graph.account_lookup import near_matches
from guanxi.graph.arrays import Int32
from guanxi.graph.readers.rejects import Reason
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.graph.readers.raw import RawBatch
    from guanxi.graph.readers.sources import Source
    from guanxi.graph.snapshot import Snapshot

ID_NAMES: tuple[str, ...] = ("id", "account", "account_id", "user_id", "uid", "user", "handle")
ID_NAMES += ("用户id", "账号", "账号id", "用户", "用户编号", "微博id")


@dataclass(frozen=True)
class AccountList:
    """The accounts of one list: distinct, in the order of the list, and what was not found."""

    name: str
    accounts: Int32
    unknown: list[str]
    repeated: int


def find_accounts(snapshot: Snapshot, name: str, ids: Iterable[str]) -> AccountList:
    """Look `ids` up; unknown and repeated ones are kept apart."""
    distinct = list(dict.fromkeys(ids_list := list(ids)))
    indexes = snapshot.find(distinct)
    unknown = [text for text, index in zip(distinct, indexes.tolist(), strict=True) if index < 0]
    return AccountList(name, indexes[indexes >= 0], unknown, len(ids_list) - len(distinct))


def read_account_list(snapshot: Snapshot, path: str | Path) -> AccountList:
    """The accounts of a file: its column of ids (`id`, `user_id`, …), or its first column."""
    return find_accounts(snapshot, _name_of(path), read_ids(path))


def read_or_find(snapshot: Snapshot, entry: str | Path | Sequence[str], name: str) -> AccountList:
    """A list given as a file, or as the ids themselves (called `name` then)."""
    if isinstance(entry, str | Path):
        return read_account_list(snapshot, entry)
    return find_accounts(snapshot, name, entry)


def _name_of(path: str | Path) -> str:
    return "standard input" if str(path) == "-" else Path(path).name


def read_ids(path: str | Path) -> list[str]:
    """The texts in a file's column of ids, in the order of the file; empty ones are skipped."""
    from guanxi.graph.readers.raw import SourceOptions
    from guanxi.graph.readers.sources import open_source

    ids: list[str] = []
    with open_source(path, SourceOptions(), known_names=_has_id_name) as source:
        column = _id_column(source)
        for batch in source.batches():
            refuse_broken(source, batch, column)
            ids.extend(text.strip(" \t") for text in batch.columns[column].to_strings())
    found = [text for text in ids if text]
    if not found:
        raise InputError(f"{source.name}: the list is empty; one account id a line is expected.")
    return found


def _has_id_name(fields: list[str]) -> bool:
    return any(field.strip().lower() in ID_NAMES for field in fields)


def _id_column(source: Source) -> int:
    names = [name.strip().lower() for name in source.header or []]
    return next((names.index(name) for name in ID_NAMES if name in names), 0)


def refuse_broken(source: Source, batch: RawBatch, column: int) -> None:
    """Raise InputError for the first row that the format itself refuses, or a field in `column`
    that is no plain value.
    """
    faults = [(reject.line, reject.reason) for reject in batch.rejects[:1]]
    if column in batch.nested:
        line = int(batch.lines[np.argmax(batch.nested[column])])
        faults.append((line, Reason.NESTED))
    if faults:
        line, reason = min(faults)
        raise InputError(f"{source.name}, line {line}: {reason}. Mend the list.")


def say_unknown(lists: Sequence[AccountList], snapshot: Snapshot) -> list[str]:
    """A sentence for each list that names accounts which the store does not have."""
    sentences = []
    for entry in lists:
        if entry.unknown:
            shown = ", ".join(repr(text) for text in entry.unknown[:3])
            shown += ", …" if len(entry.unknown) > 3 else ""
            near = near_matches(snapshot.ids, entry.unknown[0])
            hint = f" Near {entry.unknown[0]!r}: {', '.join(near)}." if near else ""
            sentences.append(
                f"{entry.name}: {len(entry.unknown):,} of its entries "
                f"{agree(len(entry.unknown), 'names', 'name')} no account of the store and "
                f"{agree(len(entry.unknown), 'counts', 'count')} for nothing ({shown}).{hint}"
            )
        if entry.repeated:
            entries = counted(entry.repeated, "repeated entry", "repeated entries")
            sentences.append(f"{entry.name}: {entries} counted once.")
    return sentences


def count_unknown(lists: Sequence[AccountList]) -> list[str]:
    """A sentence for each list of which some accounts are not in the store: how many of all."""
    sentences = []
    for entry in lists:
        unknown = len(entry.unknown)
        if unknown:
            ids = counted(unknown + len(entry.accounts), "id")
            verb = agree(unknown, "is", "are")
            sentences.append(f"{entry.name}: {unknown:,} of {ids} {verb} not in the store.")
    return sentences


def require_accounts(entry: AccountList, snapshot: Snapshot) -> Int32:
    """The accounts of `entry`, or an error when not one of them is in the store."""
    if len(entry.accounts) == 0:
        near = near_matches(snapshot.ids, entry.unknown[0]) if entry.unknown else []
        hint = f" Near {entry.unknown[0]!r}: {', '.join(near)}." if near else ""
        raise UnknownAccountError(
            f"{entry.name}: none of its accounts is in the store. Its column of ids must be called "
            f"id, or be the first.{hint}"
        )
    return entry.accounts


def mask_of(accounts: Int32, n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """A bool[n] that is true at `accounts`."""
    mask = np.zeros(n, dtype=np.bool_)
    mask[accounts] = True
    return mask
