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
#: What somebody did who did one of these; any other kind stands for itself.
_DONE = dict(
    kind.split("=")
    for kind in (
        "repost=reposted 转发=reposted mention=mentioned 提及=mentioned reply=replied 回复=replied "
        "like=liked 点赞=liked comment=commented 评论=commented purchase=purchased 购买=purchased "
        "invite=invited 邀请=invited gift=gave 赠送=gave 送礼=gave share=shared 分享=shared"
    ).split()
)


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
    kind: str
    times: int
    last: int


class Relations:
    """Finds what the ties of one snapshot come from, as far as it counts in a profile."""

    def __init__(self, snapshot: Snapshot, profile: TieProfile) -> None:
        self._snapshot = snapshot
        self._terms: TieTerms = profile.terms(snapshot.kinds, snapshot.newest_day)
        self._as_of = snapshot.newest_day if profile.as_of is None else profile.as_of

    def between(self, u: int, v: int, names: tuple[str, str], *, mutual: bool = False) -> Relation:
        """Why u influences v; with `mutual` also why v influences u. `names`: of u and v."""
        found = {(v, u): self._doings(v, u, by_actor=False)}
        found[u, v] = self._doings(u, v, by_actor=True)
        if mutual:
            back = self._doings(u, v, by_actor=False), self._doings(v, u, by_actor=True)
            for pair, more in zip(((u, v), (v, u)), back, strict=True):
                follow, deeds = found[pair]
                found[pair] = (follow if more[0] is None else more[0], [*deeds, *more[1]])
        called = dict(zip((u, v), names, strict=True))
        clauses = [
            self._clause(called[actor], called[target], *doings)
            for (actor, target), doings in found.items()
            if doings != (None, [])
        ]
        deeds = [deed for _, more in found.values() for deed in more]
        times = [follow for follow, _ in found.values() if follow not in (None, NO_TIME)]
        days = [deed.last for deed in deeds if deed.last != NO_DAY]
        return Relation(
            text="; ".join(clauses) or "a tie whose strength was given",
            since=_iso(max(times) // _DAY_MICROSECONDS) if times else None,
            times=sum(deed.times for deed in deeds),
            last=_iso(max(days)) if days else None,
        )

    def _doings(self, actor: int, target: int, *, by_actor: bool) -> tuple[int | None, list[_Deed]]:
        """The follow (its time) and the deeds of `actor` towards `target` which let the target
        influence the actor, or with `by_actor` the actor the target.
        """
        follow = None
        if not by_actor and self._terms.follow_weight > 0:
            follow = self._follow(actor, target)
        return follow, self._deeds(actor, target, by_actor)

    def _follow(self, actor: int, target: int) -> int | None:
        follows = self._snapshot.follows
        start, end = follows.indptr[actor : actor + 2].tolist()
        row = follows.indices[start:end]
        place = int(np.searchsorted(row, np.int32(target)))
        if place == len(row) or row[place] != target:
            return None
        since: Int64 | None = self._snapshot.follows_since
        return NO_TIME if since is None else int(since[start + place])

    def _deeds(self, actor: int, target: int, by_actor: bool) -> list[_Deed]:
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
                deeds.append(_Deed(kind, times, int(day[counts].max())))
        return sorted(deeds, key=lambda deed: (-deed.times, deed.kind))

    def _clause(self, actor: str, target: str, follow: int | None, deeds: list[_Deed]) -> str:
        parts = []
        if follow is not None:
            since = "" if follow == NO_TIME else f" since {_iso(follow // _DAY_MICROSECONDS)}"
            parts.append(f"{actor} follows {target}{since}")
        for number, deed in enumerate(deeds):
            done = f"{_DONE.get(deed.kind, deed.kind)} {counted(deed.times, 'time')}"
            if not parts:
                done = f"{actor} to {target}: {done}"
            last = f", last {self._age(deed.last)}" if deed.last != NO_DAY else ""
            parts.append(done + (last if number == 0 or len(deeds) < 3 else ""))
        return ", ".join(parts)

    def _age(self, day: int) -> str:
        assert self._as_of is not None
        age = self._as_of - day
        if age == 0:
            return "on the newest day of the data"
        return f"{counted(age, 'day')} before the newest data"


def _range(values: np.ndarray[tuple[int], np.dtype[np.int32]], wanted: int) -> tuple[int, int]:
    one = np.int32(wanted)
    return int(np.searchsorted(values, one)), int(np.searchsorted(values, one, side="right"))


def _iso(day: int) -> str:
    return (_EPOCH + datetime.timedelta(days=day)).isoformat()
