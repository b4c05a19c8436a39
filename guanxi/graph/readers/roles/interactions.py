"""Interactions: actor → target of a kind, added up by day, or one by one where they have an id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from guanxi.errors import InputError, UsageError
from guanxi.graph.arrays import MILLIONTHS, Int32, Int64, TextColumn
from guanxi.graph.readers.interning import EMPTY, Interner
from guanxi.graph.readers.rejects import Reason
from guanxi.graph.readers.roles.cells import Interactions, add_up
from guanxi.graph.readers.roles.events import find_repeats, staged_events
from guanxi.graph.readers.roles.stager import Context, Parts, Stager, sorted_texts
from guanxi.graph.readers.rows import Rows
from guanxi.graph.readers.text import ready, take
from guanxi.graph.schema import (
    MAX_ID_BYTES,
    MAX_KIND_BYTES,
    Role,
    StagedEvents,
    StagedInteractions,
)

_MOST_KINDS = 1000


class InteractionsStager(Stager):
    """Stages a file of interactions."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._kinds = Interner(MAX_KIND_BYTES)
        self._event_ids = Interner(MAX_ID_BYTES)
        self._default_kind = self._code_of(context.options.kind)
        columns: dict[str, Any] = {"actor": np.int32, "target": np.int32, "kind": np.int32}
        optional = {"at": "time", "count": "count", "weight": "weight", "value": "value"}
        columns |= {n: np.int64 for n, meaning in optional.items() if meaning in context.plan.index}
        if "event_id" in context.plan.index:
            columns |= {"event": np.int32, "line": np.int64}
        self._parts = {name: Parts(dtype) for name, dtype in columns.items()}

    def _code_of(self, kind: str | None) -> int:
        """The number of the kind of rows that have none, or EMPTY."""
        if kind is None:
            if "kind" not in self.context.plan.index:
                raise UsageError(
                    f"{self.context.summary.source} has no column for the kind of interaction. "
                    "Say what its rows are by --kind (such as --kind repost), or which column "
                    "says it by --columns kind=…."
                )
            return EMPTY
        code = int(self._kinds.codes(ready(TextColumn.from_strings([kind.strip(" \t")])))[0])
        if code < 0:
            raise UsageError(
                f"--kind '{kind}' is no kind of interaction: it is a word of at most "
                f"{MAX_KIND_BYTES} bytes without control characters."
            )
        return code

    def add(self, rows: Rows) -> None:
        """Take the rows of a batch."""
        found: dict[str, Any] = {
            "actor": rows.ids("actor", self.interner),
            "target": rows.ids("target", self.interner),
            "kind": self._kind(rows),
        }
        if rows.has("time"):
            found["at"] = rows.times("time", self.context.local)
        count = self._count(rows)
        weight = self._weight(rows, count)
        if rows.has("value"):
            found["value"] = rows.millionths("value")[0]
        if rows.has("event_id"):
            found["event"] = rows.codes("event_id", self._event_ids, Reason.LONG_ID)
            found["line"] = rows.batch.lines
        found |= {"count": count} if rows.has("count") else {}
        found |= {"weight": weight} if rows.has("weight") else {}
        keep = rows.accepted(self.context.rejects)
        for name, values in found.items():
            self._parts[name].add(values if keep.all() else values[keep])

    def _kind(self, rows: Rows) -> Int32:
        if not rows.has("kind"):
            return np.full(len(rows), self._default_kind, dtype=np.int32)
        codes = rows.codes("kind", self._kinds, Reason.LONG_KIND)
        codes[codes == EMPTY] = self._default_kind
        rows.fail(codes == EMPTY, Reason.EMPTY_KIND, "kind")
        if len(self._kinds) > _MOST_KINDS:
            raise InputError(
                f"{self.context.summary.source} has more than {_MOST_KINDS:,} kinds of "
                f"interaction in '{self.context.plan.columns['kind']}'; that column is hardly "
                "the kind. Say which is by --columns kind=…."
            )
        return codes

    @staticmethod
    def _count(rows: Rows) -> Int64:
        """How many interactions a row stands for: 1 where it does not say."""
        if not rows.has("count"):
            return np.ones(len(rows), dtype=np.int64)
        millionths, there = rows.millionths("count")
        whole = (millionths >= 0) & (millionths % MILLIONTHS == 0)
        rows.fail(~whole, Reason.NOT_A_COUNT, "count")
        return np.where(there, millionths // MILLIONTHS, 1)

    @staticmethod
    def _weight(rows: Rows, count: Int64) -> Int64:
        """The weight of a row in millionths: its count where it does not say."""
        if not rows.has("weight"):
            return count * MILLIONTHS
        weight, there = rows.millionths("weight")
        rows.fail(weight < 0, Reason.NEGATIVE_WEIGHT, "weight")
        return np.where(there, weight, count * MILLIONTHS)

    def finish(self, name: str) -> StagedInteractions:
        """The staged file."""
        summary, undirected = self.context.summary, self.context.options.undirected
        rows = Interactions(**{name: part.join() for name, part in self._parts.items()})
        summary.accepted = len(rows)
        loops = rows.actor == rows.target
        summary.self_loops = int(np.count_nonzero(loops))
        alone = rows.actor[loops]
        if summary.self_loops:
            rows = rows.where(~loops)
        rows.kind, kinds = self._merged_kinds(rows.kind)
        events = None
        if rows.event is not None:
            events = self._distinct(rows.where(rows.event >= 0).filled(), len(kinds))
            rows = rows.where(rows.event < 0)
        both = [rows] if events is None else [rows, events]
        ids, numbers = self.sorted_ids(alone, *(e for p in both for e in (p.actor, p.target)))
        kinds = _renumber_kinds(kinds, both)
        for part in both:
            part.actor, part.target = numbers[part.actor], numbers[part.target]
        if undirected:
            both = [part.both_ways() for part in both]
        return StagedInteractions(
            role=Role.INTERACTIONS,
            name=name,
            source=summary.source,
            ids=ids,
            summary=summary,
            rejects=self.context.rejects,
            kinds=kinds,
            events=None if events is None else self._staged(both[1], len(ids), len(kinds)),
            **vars(add_up(both[0], len(ids), len(kinds), summary.source)),
        )

    def _merged_kinds(self, codes: Int32) -> tuple[Int32, list[str]]:
        """Kinds in lower case: their new numbers, and all that there are, sorted by bytes."""
        words = [word.lower() for word in self._kinds.texts().to_strings()]
        kinds = sorted(set(words))
        places = {word: place for place, word in enumerate(kinds)}
        return np.array([places[word] for word in words], dtype=np.int32)[codes], kinds

    def _distinct(self, rows: Interactions, kinds: int) -> Interactions:
        """The events among `rows`; those that repeat with a difference go to the rejects."""
        context = self.context
        if context.options.undirected:
            rows = rows.turned(rows.actor > rows.target)
        sizes = (len(self._event_ids), len(self.interner), kinds)
        repeats = find_repeats(rows, sizes)
        context.summary.duplicates += repeats.duplicates
        context.summary.accepted -= len(repeats.differing)
        wrong = rows.where(repeats.differing)
        if len(wrong) and wrong.event is not None and wrong.line is not None:
            texts = take(self._event_ids.texts(), wrong.event).to_strings()
            field = context.plan.columns["event_id"]
            for line, text in zip(wrong.line.tolist(), texts, strict=True):
                context.rejects.add(line, field, Reason.EVENT_DIFFERS, text)
        return rows.where(repeats.kept)

    def _staged(self, rows: Interactions, accounts: int, kinds: int) -> StagedEvents:
        used = np.zeros(len(self._event_ids), dtype=np.bool_)
        used[rows.event] = True
        ids, numbers = sorted_texts(self._event_ids.texts(), used)
        return staged_events(replace(rows, event=numbers[rows.event]), ids, accounts, kinds)


def _renumber_kinds(kinds: list[str], parts: list[Interactions]) -> list[str]:
    """Leave out the kinds that no row has, and renumber those of `parts`; the kinds that stay."""
    used = np.zeros(len(kinds), dtype=np.bool_)
    for part in parts:
        used[part.kind] = True
    numbers = (np.cumsum(used) - 1).astype(np.int32)
    for part in parts:
        part.kind = numbers[part.kind]
    return [kind for kind, there in zip(kinds, used.tolist(), strict=True) if there]
