"""Accounts by id: binary search in the sorted ids, and what might have been meant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from guanxi.graph.arrays import Int32, TextColumn
from guanxi.graph.text import strings

#: So few accounts are searched for one by one.
_FEW = 1000
#: Of accounts that lie close together, a dictionary of so many times as many ids is made ...
_NEAR = 4
#: ... and of others one of all ids, unless these are so many times as many.
_MANY = 50
_AROUND = 40
_CONTAINING = 100
_ENOUGH = 20
_WORK = 200_000


def find(ids: TextColumn, account: str) -> int:
    """Number of the account with this id, -1 if there is none."""
    wanted = account.encode("utf-8", "surrogatepass")
    place = _first_not_below(ids, wanted)
    return place if place < len(ids) and _bytes(ids, place) == wanted else -1


def find_all(ids: TextColumn, accounts: Sequence[str]) -> Int32:
    """Number of each account, -1 where there is none; int32[len(accounts)]."""
    return Finder(ids).find_all(accounts)


class Finder:
    """Looks many accounts up, part by part; what one part needs may serve the next."""

    def __init__(self, ids: TextColumn) -> None:
        self._ids = ids
        self._numbers: dict[str, int] | None = None

    def find_all(self, accounts: Sequence[str]) -> Int32:
        """Number of each account, -1 where there is none; int32[len(accounts)]."""
        numbers = self._numbers
        if numbers is None and len(accounts) > _FEW:
            numbers = self._numbers_around(accounts)
        if numbers is None:
            found = [find(self._ids, account) for account in accounts]
        else:
            found = [numbers.get(account, -1) for account in accounts]
        return np.array(found, dtype=np.int32)

    def _numbers_around(self, accounts: Sequence[str]) -> dict[str, int] | None:
        """A dictionary of the ids that may be among `accounts`; None where there are too many."""
        least = min(filter(None, accounts), default="")  # nothing is no account's id
        low = _first_not_below(self._ids, least.encode("utf-8", "surrogatepass"))
        high = first_behind(self._ids, max(accounts))
        if high - low <= _NEAR * len(accounts):
            texts = strings(self._ids, low, high)
            return {text: number for number, text in enumerate(texts, start=low)}
        if len(self._ids) > _MANY * len(accounts):
            return None
        self._numbers = {text: number for number, text in enumerate(strings(self._ids))}
        return self._numbers


def near_matches(ids: TextColumn, account: str, limit: int = 5) -> list[str]:
    """Up to `limit` ids that `account` may have been meant for, the likeliest first.

    Looked at are the neighbours in sorted order (the same beginning) and the ids that contain
    the text in any case (a platform left out) or else a long part of it (a single slip leaves
    the part before or after it as it was); they are ranked by edit distance, where what
    stands around the text counts little.
    """
    if not account or not len(ids):
        return []
    place = _first_not_below(ids, account.encode("utf-8", "surrogatepass"))
    around = sorted(range(place - _AROUND, place + _AROUND), key=lambda number: abs(number - place))
    lowered = ids.data.tobytes().lower()  # only A to Z, so that places stay the same
    numbers: list[int] = []
    for part in _parts(account):
        if len(numbers) < _ENOUGH:
            numbers += _containing(ids, lowered, part)
    numbers += [number for number in around if 0 <= number < len(ids)]
    most = max(20, _WORK // len(account) ** 2)
    texts = [_bytes(ids, number).decode() for number in list(dict.fromkeys(numbers))[:most]]
    scored = sorted((_distance(account, text), text.encode(), text) for text in texts)
    return [text for distance, _, text in scored if distance <= 1 + len(account) / 3][:limit]


def _parts(text: str) -> list[str]:
    """The text, and ever shorter beginnings and ends of it, down to one half."""
    cuts = sorted({0, 1, 2, len(text) // 4, len(text) // 2})
    parts = [part for cut in cuts for part in (text[: len(text) - cut], text[cut:])]
    return [part for part in dict.fromkeys(parts) if len(part) >= max(2, len(text) // 2)]


def _bytes(ids: TextColumn, number: int) -> bytes:
    return ids.data[ids.starts[number] : ids.ends[number]].tobytes()


def first_behind(ids: TextColumn, account: str) -> int:
    """The first account whose id comes after `account` (by its bytes), be that there or not."""
    wanted = account.encode("utf-8", "surrogatepass")
    number = _first_not_below(ids, wanted)
    return number + (number < len(ids) and _bytes(ids, number) == wanted)


def _first_not_below(ids: TextColumn, wanted: bytes) -> int:
    # An item of a memoryview costs a fraction of one of an array, and one of a list still less.
    data, starts, ends = ids.data.data, ids.starts.data, ids.ends.data
    step, guide = ids.guide
    place = bisect_left(guide, wanted)
    low, high = max(0, (place - 1) * step), min(len(ids), place * step + 1)
    numbers = range(low, high)
    return low + bisect_left(
        numbers, wanted, key=lambda number: bytes(data[starts[number] : ends[number]])
    )


def _containing(ids: TextColumn, lowered: bytes, part: str) -> list[int]:
    """The first accounts whose ids contain `part`; `lowered` are all ids in lower case."""
    wanted = part.encode("utf-8", "surrogatepass").lower()
    found: list[int] = []
    place = lowered.find(wanted)
    while place >= 0 and len(found) < _CONTAINING:
        number = int(np.searchsorted(ids.starts, place, side="right")) - 1
        end = int(ids.ends[number])
        if place + len(wanted) <= end:
            found.append(number)
            place = lowered.find(wanted, end)
        else:
            place = lowered.find(wanted, place + 1)
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
