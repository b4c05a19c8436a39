"""Follows: actor → target, at most one per pair, with the earliest time."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import NO_TIME, Int32, Int64
from guanxi.graph.readers.roles.stager import Context, Parts, Stager
from guanxi.graph.readers.rows import Rows
from guanxi.graph.readers.sorting import lexicographic_order
from guanxi.graph.schema import Role, StagedFollows
from guanxi.kernels import kernel


@kernel
def _distinct(
    order: Int32, actor: Int32, target: Int32, since: Int64, out: tuple[Int32, Int32, Int64]
) -> int:
    """Fill `out` with the distinct pairs in `order` and their earliest `since`; returns how many.

    `since` is empty where no row has one. NO_TIME is no time, and later than any.
    """
    actors, targets, sinces = out
    count = 0
    for row in order:
        time = since[row] if len(since) > 0 else NO_TIME
        last = count - 1
        if count == 0 or actors[last] != actor[row] or targets[last] != target[row]:
            actors[count] = actor[row]
            targets[count] = target[row]
            sinces[count] = time
            count += 1
        elif time != NO_TIME and (sinces[last] == NO_TIME or time < sinces[last]):
            sinces[last] = time
    return count


class FollowsStager(Stager):
    """Stages a file of follows."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._actor = Parts(np.int32)
        self._target = Parts(np.int32)
        self._since = Parts(np.int64)

    def add(self, rows: Rows) -> None:
        """Take the rows of a batch."""
        actor = rows.ids("actor", self.interner)
        target = rows.ids("target", self.interner)
        since = rows.times("since", self.context.local) if rows.has("since") else None
        keep = rows.accepted(self.context.rejects)
        everything = bool(keep.all())
        self._actor.add(actor if everything else actor[keep])
        self._target.add(target if everything else target[keep])
        if since is not None:
            self._since.add(since if everything else since[keep])

    def finish(self, name: str) -> StagedFollows:
        """The staged file."""
        actor, target, since = self._actor.join(), self._target.join(), self._since.join()
        summary = self.context.summary
        summary.accepted = len(actor)
        ids, numbers = self.sorted_ids(actor, target)
        loops = actor == target
        summary.self_loops = int(np.count_nonzero(loops))
        if summary.self_loops:
            actor, target = actor[~loops], target[~loops]
            since = since[~loops] if len(since) else since
        actor, target = numbers[actor], numbers[target]
        if self.context.options.undirected:
            actor, target = np.minimum(actor, target), np.maximum(actor, target)
        rows = len(actor)
        actor, target, since = distinct_follows(actor, target, since, len(ids))
        summary.duplicates = rows - len(actor)
        if self.context.options.undirected:
            actor, target = np.concatenate([actor, target]), np.concatenate([target, actor])
            since = np.concatenate([since, since])
            actor, target, since = distinct_follows(actor, target, since, len(ids))
        return StagedFollows(
            role=Role.FOLLOWS,
            name=name,
            source=summary.source,
            ids=ids,
            summary=summary,
            rejects=self.context.rejects,
            actor=actor,
            target=target,
            since=since,
        )


def distinct_follows(
    actor: Int32, target: Int32, since: Int64, n: int
) -> tuple[Int32, Int32, Int64]:
    """The distinct pairs of `actor` and `target` (int32 below `n`), sorted, with earliest times.

    `since`: int64, NO_TIME where there is none, or empty where there is none at all.
    """
    order = lexicographic_order([actor, target], [n, n])
    out = (np.empty_like(actor), np.empty_like(target), np.empty(len(actor), dtype=np.int64))
    count = _distinct(order, actor, target, since, out)
    return out[0][:count].copy(), out[1][:count].copy(), out[2][:count].copy()
