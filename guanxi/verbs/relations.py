"""Why one account influences another, in words: the follow, and what was done between them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from guanxi.graph.arrays import NO_DAY, NO_TIME, Int64
from guanxi.wording import counted

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile, TieTerms

_EPOCH = datetime.date(1970, 1, 1)
_DAY_MICROSECONDS = 86_400_000_000
#: What the influenced account did; any other kind stands for itself.
_DID = {
    **dict.fromkeys(("repost", "转发"), "reposted"),
    **dict.fromkeys(("mention", "提及"), "mentioned"),
    **dict.fromkeys(("reply", "回复"), "replied"),
    **dict.fromkeys(("like", "点赞"), "liked"),
    **dict.fromkeys(("comment", "评论"), "commented"),
    **dict.fromkeys(("message", "私信"), "messaged"),
    **dict.fromkeys(("mail", "email", "邮件"), "mailed"),
    **dict.fromkeys(("call", "通话"), "called"),
    **dict.fromkeys(("purchase", "购买"), "purchased"),
    **dict.fromkeys(("share", "分享"), "shared"),
    **dict.fromkeys(("invite", "邀请"), "invited"),
    **dict.fromkeys(("gift", "赠送", "送礼"), "gave a gift"),
}
#: What was done to it, where the actor is who influences.
_WAS = {
    **dict.fromkeys(("share", "分享"), "was shared with"),
    **dict.fromkeys(("invite", "邀请"), "was invited"),
    **dict.fromkeys(("gift", "赠送", "送礼"), "was given a gift"),
}
#: Kinds that are named; the others are added up.
_NAMED = 3


@dataclass(frozen=True)
class Relation:
    """`text` in words; `since` when the one follows the other, `last` the last interaction (ISO
    dates, None where unknown), `times` how many interactions count.
    """

    text: str
    since: str | None
    times: int
    last: str | None


@dataclass(frozen=True)
class _Deed:
    done: str
    times: int
    last: int


@dataclass(frozen=True)
class _Doings:
    """Whether one account follows another (since when), and what was done between the two."""

    follow: int | None
    deeds: list[_Deed]


class Relations:
    """Finds what the ties of one snapshot come from, as far as it counts in a profile."""

    def __init__(self, snapshot: Snapshot, profile: TieProfile) -> None:
        self._snapshot = snapshot
        self._terms: TieTerms = profile.terms(snapshot.kinds, snapshot.newest_day)
        self._as_of = snapshot.newest_day if profile.as_of is None else profile.as_of

    def between(self, u: int, v: int, *, mutual: bool = False) -> Relation:
        """Why u influences v: what v does and did; with `mutual` also why v influences u."""
        both = [self._doings(v, u)]
        if mutual:
            both.append(self._doings(u, v))
        texts = [self._words(doings) for doings in both]
        deeds = [deed for doings in both for deed in doings.deeds]
        times = [d.follow for d in both if d.follow is not None and d.follow != NO_TIME]
        days = [deed.last for deed in deeds if deed.last != NO_DAY]
        return Relation(
            text="; the other way: ".join(texts),
            since=_iso(max(times) // _DAY_MICROSECONDS) if times else None,
            times=sum(deed.times for deed in deeds),
            last=_iso(max(days)) if days else None,
        )

    def _doings(self, one: int, other: int) -> _Doings:
        """What lets `other` influence `one`, as far as it counts."""
        follow = self._follow(one, other) if self._terms.follow_weight > 0 else None
        deeds = self._deeds(one, other, by_actor=False) + self._deeds(other, one, by_actor=True)
        return _Doings(follow, sorted(deeds, key=lambda deed: (-deed.times, deed.done)))

    def _words(self, doings: _Doings) -> str:
        parts = []
        if doings.follow is not None:
            known = doings.follow != NO_TIME
            since = f" since {_iso(doings.follow // _DAY_MICROSECONDS)}" if known else ""
            parts.append(f"follows{since}")
        done = [f"{deed.done} {counted(deed.times, 'time')}" for deed in doings.deeds[:_NAMED]]
        others = sum(deed.times for deed in doings.deeds[_NAMED:])
        done += [f"{counted(others, 'other interaction')}"] if others else []
        last = max((deed.last for deed in doings.deeds), default=NO_DAY)
        done += [f"last on {_iso(last)}"] if last != NO_DAY else []
        parts += [", ".join(done)] if done else []
        return "; ".join(parts) or "a tie whose strength was given"

    def _follow(self, actor: int, target: int) -> int | None:
        follows = self._snapshot.follows
        start, end = follows.indptr[actor : actor + 2].tolist()
        row = follows.indices[start:end]
        place = int(np.searchsorted(row, np.int32(target)))
        if place == len(row) or row[place] != target:
            return None
        since: Int64 | None = self._snapshot.follows_since
        return NO_TIME if since is None else int(since[start + place])

    def _deeds(self, actor: int, target: int, *, by_actor: bool) -> list[_Deed]:
        rows = self._snapshot.interactions
        low, high = _range(rows.actor, actor)
        first, last = _range(rows.target[low:high], target)
        chosen = slice(low + first, low + last)
        deeds = []
        for number, kind in enumerate(rows.kinds):
            if self._terms.weights[number] == 0 or self._terms.actor_influences[number] != by_actor:
                continue
            day = rows.day[chosen]
            counts = (rows.kind[chosen] == number) & (rows.weight[chosen] > 0)
            if self._as_of is not None:
                counts &= day <= self._as_of
            if counts.any():
                times = int(rows.count[chosen][counts].sum())
                known = _WAS if by_actor else _DID
                done = known.get(kind, f"received {kind}" if by_actor else kind)
                deeds.append(_Deed(done, times, int(day[counts].max())))
        return deeds


def _range(values: np.ndarray[tuple[int], np.dtype[np.int32]], wanted: int) -> tuple[int, int]:
    one = np.int32(wanted)
    return int(np.searchsorted(values, one)), int(np.searchsorted(values, one, side="right"))


def _iso(day: int) -> str:
    return (_EPOCH + datetime.timedelta(days=day)).isoformat()
