"""Accounts by id: binary search in the sorted ids, and what might have been meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from guanxi.graph.arrays import Int32, TextColumn
from guanxi.graph.text import strings

#: From this share of all accounts on, a dictionary of all ids is faster than searching.
_MANY = 1 / 50
_AROUND = 40
_CONTAINING = 100
_WORK = 200_000


def find(ids: TextColumn, account: str) -> int:
    """Number of the account with this id, -1 if there is none."""
    wanted = account.encode("utf-8", "surrogatepass")
    place = _first_not_below(ids, wanted)
    return place if place < len(ids) and _bytes(ids, place) == wanted else -1


def find_all(ids: TextColumn, accounts: Sequence[str]) -> Int32:
    """Number of each account, -1 where there is none; int32[len(accounts)]."""
    if len(accounts) > max(1000, len(ids) * _MANY):
        numbers = {text: number for number, text in enumerate(strings(ids))}
        found = [numbers.get(account, -1) for account in accounts]
    else:
        found = [find(ids, account) for account in accounts]
    return np.array(found, dtype=np.int32)


def near_matches(ids: TextColumn, account: str, limit: int = 5) -> list[str]:
    """Up to `limit` ids that `account` may have been meant for, the likeliest first.

    Looked at are the neighbours in sorted order (the same beginning), the ids that contain
    the text in any case (a platform left out), and those that contain one half of it (a
    single slip leaves the other half as it was); they are ranked by edit distance, where
    what stands around the text counts little.
    """
    if not account or not len(ids):
        return []
    half = len(account) // 2
    place = _first_not_below(ids, account.encode("utf-8", "surrogatepass"))
    around = sorted(range(place - _AROUND, place + _AROUND), key=lambda number: abs(number - place))
    numbers = [
        *_containing(ids, account),
        *(number for number in around if 0 <= number < len(ids)),
        *_containing(ids, account[half:]),
        *_containing(ids, account[:half]),
    ]
    most = max(20, _WORK // len(account) ** 2)
    texts = [_bytes(ids, number).decode() for number in list(dict.fromkeys(numbers))[:most]]
    scored = sorted((_distance(account, text), text.encode(), text) for text in texts)
    return [text for distance, _, text in scored if distance <= 1 + len(account) / 3][:limit]


def _bytes(ids: TextColumn, number: int) -> bytes:
    return ids.data[ids.starts[number] : ids.ends[number]].tobytes()


def _first_not_below(ids: TextColumn, wanted: bytes) -> int:
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if _bytes(ids, middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def _containing(ids: TextColumn, part: str) -> list[int]:
    """The first accounts whose ids contain `part`, in upper or lower case."""
    if len(part) < 2:
        return []
    wanted = re.compile(re.escape(part.encode("utf-8", "surrogatepass")), re.IGNORECASE)
    found: list[int] = []
    for match in wanted.finditer(ids.data.data):
        number = int(np.searchsorted(ids.starts, match.start(), side="right")) - 1
        if match.end() <= ids.ends[number] and (not found or found[-1] != number):
            found.append(number)
            if len(found) == _CONTAINING:
                break
    return found


def _distance(wanted: str, text: str) -> float:
    """Edit distance from `wanted` to the most similar part of `text`; the rest counts a 20th."""
    wanted, text = wanted.casefold(), text.casefold()
    row = [0.0] * (len(text) + 1)
    for number, letter in enumerate(wanted, start=1):
        before, row[0] = row[0], float(number)
        for place, other in enumerate(text, start=1):
            changed = before + (letter != other)
            before = row[place]
            row[place] = min(changed, row[place] + 1, row[place - 1] + 1)
    return min(row) + abs(len(text) - len(wanted)) / 20
