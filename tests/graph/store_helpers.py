"""Staged files from Python lists, and what a store should hold after them, in plain dicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from guanxi.graph.arrays import MILLIONTHS, NO_DAY, NO_TIME, TextColumn
from guanxi.graph.schema import (
    AccountColumn,
    ColumnType,
    LoadSummary,
    Role,
    StagedAccounts,
    StagedEvents,
    StagedFollows,
    StagedInteractions,
)

DAY = 86_400_000_000


@dataclass
class ListedRejects:
    """Rejects that a test can look at."""

    rows: list[tuple[int, str, str, str]] = field(default_factory=list)
    published: int = 0

    def add(self, line: int, field: str, reason: str, text: str) -> None:
        self.rows.append((line, field, reason, text))

    def publish(self) -> str | None:
        self.published += 1
        return None


def _common(role: Role, name: str, ids: list[str]) -> dict[str, Any]:
    return {
        "role": role,
        "name": name,
        "source": f"{name}.csv",
        "ids": TextColumn.from_strings(ids),
        "summary": LoadSummary(f"{name}.csv", role),
        "rejects": ListedRejects(),
    }


def _sorted_ids(ids: Iterable[str]) -> list[str]:
    return sorted(set(ids), key=str.encode)


def text_column(name: str, values: list[Any], kind: ColumnType) -> AccountColumn:
    """A column from Python values, None where there is nothing; dates as microseconds."""
    present = np.array([value is not None for value in values], dtype=np.bool_)
    if kind == ColumnType.TEXT:
        return AccountColumn(
            name, kind, TextColumn.from_strings([value or "" for value in values]), present
        )
    empty, dtype = {
        ColumnType.NUMBER: (0.0, np.float64),
        ColumnType.BOOLEAN: (False, np.bool_),
        ColumnType.DATE: (NO_TIME, np.int64),
    }[kind]
    array = np.array([empty if value is None else value for value in values], dtype=dtype)
    return AccountColumn(name, kind, array, present)


def accounts(
    rows: dict[str, dict[str, Any]],
    types: dict[str, ColumnType] | None = None,
    name: str = "accounts",
) -> StagedAccounts:
    """`{id: {column: value}}`; columns are text unless `types` says otherwise."""
    ids = _sorted_ids(rows)
    mentioned = sorted({column for row in rows.values() for column in row})
    types = types or dict.fromkeys(mentioned, ColumnType.TEXT)
    columns = [
        text_column(column, [rows[account].get(column) for account in ids], kind)
        for column, kind in types.items()
    ]
    return StagedAccounts(
        **_common(Role.ACCOUNTS, name, ids),
        account=np.arange(len(ids), dtype=np.int32),
        columns=columns,
    )


def follows(
    edges: dict[tuple[str, str], int | None] | Iterable[tuple[str, str]],
    name: str = "follows",
    extra_ids: Iterable[str] = (),
) -> StagedFollows:
    """`{(actor, target): since or None}` or just pairs; self-loops make their account only."""
    pairs = dict(edges) if isinstance(edges, dict) else dict.fromkeys(edges)
    ids = _sorted_ids([*(account for pair in pairs for account in pair), *extra_ids])
    place = {account: number for number, account in enumerate(ids)}
    rows = sorted(
        (place[a], place[t], NO_TIME if since is None else since)
        for (a, t), since in pairs.items()
        if a != t
    )
    return StagedFollows(
        **_common(Role.FOLLOWS, name, ids),
        actor=np.array([row[0] for row in rows], dtype=np.int32),
        target=np.array([row[1] for row in rows], dtype=np.int32),
        since=np.array([row[2] for row in rows], dtype=np.int64),
    )


@dataclass(frozen=True)
class Act:
    """One interaction; `at` in microseconds, `weight` and `value` in units."""

    actor: str
    target: str
    kind: str
    at: int | None = None
    weight: float | None = None
    value: float = 0
    count: int = 1
    event_id: str | None = None

    @property
    def day(self) -> int | None:
        return None if self.at is None else self.at // DAY

    @property
    def millionths(self) -> tuple[int, int]:
        weight = self.count if self.weight is None else self.weight
        return round(weight * MILLIONTHS), round(self.value * MILLIONTHS)


Cell = tuple[int, int, int, int | None, int | None]


def add_cell(cells: dict[Any, Cell], key: Any, act: Act) -> None:
    """Add an interaction to the cell of its actor, target, kind and day."""
    weight, value = act.millionths
    before = cells.get(key, (0, 0, 0, None, None))
    times = [time for time in (before[3], before[4], act.at) if time is not None]
    cells[key] = (
        before[0] + act.count,
        before[1] + weight,
        before[2] + value,
        min(times, default=None),
        max(times, default=None),
    )


def _or(value: int | None, nothing: int) -> int:
    return nothing if value is None else value


def interactions(acts: Iterable[Act], name: str = "interactions") -> StagedInteractions:
    """Interactions in any order; those with an event id become events."""
    acts = list(acts)
    ids = _sorted_ids(account for act in acts for account in (act.actor, act.target))
    place = {account: number for number, account in enumerate(ids)}
    kinds = _sorted_ids(act.kind for act in acts if act.actor != act.target)
    number = {kind: position for position, kind in enumerate(kinds)}
    cells: dict[tuple[int, int, int, int], Cell] = {}
    events: dict[tuple[bytes, int, int, int], tuple[int, Act]] = {}
    for line, act in enumerate(acts, start=2):
        if act.actor == act.target:
            continue
        key = (place[act.actor], place[act.target], number[act.kind])
        if act.event_id is None:
            add_cell(cells, (*key, _or(act.day, NO_DAY)), act)
        else:
            events.setdefault((act.event_id.encode(), *key), (line, act))
    return StagedInteractions(
        **_common(Role.INTERACTIONS, name, ids),
        kinds=kinds,
        **_cell_arrays(cells),
        events=_events(events) if any(act.event_id is not None for act in acts) else None,
    )


def _cell_arrays(cells: dict[tuple[int, int, int, int], Cell]) -> dict[str, Any]:
    keys = sorted(cells)
    rows = [cells[key] for key in keys]
    arrays: dict[str, Any] = {
        column: np.array([key[i] for key in keys], dtype=np.int32)
        for i, column in enumerate(("actor", "target", "kind", "day"))
    }
    for i, column in enumerate(("count", "weight", "value", "first_at", "last_at")):
        arrays[column] = np.array([_or(row[i], NO_TIME) for row in rows], dtype=np.int64)
    return arrays


def _events(events: dict[tuple[bytes, int, int, int], tuple[int, Act]]) -> StagedEvents:
    keys = sorted(events)
    acts = [events[key][1] for key in keys]
    return StagedEvents(
        event_id=TextColumn.from_strings([key[0].decode() for key in keys]),
        actor=np.array([key[1] for key in keys], dtype=np.int32),
        target=np.array([key[2] for key in keys], dtype=np.int32),
        kind=np.array([key[3] for key in keys], dtype=np.int32),
        at=np.array([_or(act.at, NO_TIME) for act in acts], dtype=np.int64),
        count=np.array([act.count for act in acts], dtype=np.int64),
        weight=np.array([act.millionths[0] for act in acts], dtype=np.int64),
        value=np.array([act.millionths[1] for act in acts], dtype=np.int64),
        line=np.array([events[key][0] for key in keys], dtype=np.int64),
    )


@dataclass
class Model:
    """What a store holds, in dicts keyed by ids.

    `accounts[id]` is `(made, {column: value})` with the columns that have a value;
    `cells[(actor, target, kind, day)]` is (count, weight, value, first_at, last_at);
    `events[(event_id, actor, target, kind)]` is (at, count, weight, value).
    """

    accounts: dict[str, tuple[bool, dict[str, Any]]] = field(default_factory=dict)
    follows: dict[tuple[str, str], int | None] = field(default_factory=dict)
    cells: dict[tuple[str, str, str, int | None], Cell] = field(default_factory=dict)
    events: dict[tuple[str, str, str, str], tuple[int | None, int, int, int]] = field(
        default_factory=dict
    )

    def mention(self, *ids: str) -> None:
        for account in ids:
            self.accounts.setdefault(account, (True, {}))

    def load_accounts(self, rows: dict[str, dict[str, Any]]) -> None:
        for account, row in rows.items():
            given = {column: value for column, value in row.items() if value is not None}
            self.accounts[account] = (False, {**self.accounts.get(account, (0, {}))[1], **given})

    def load_follows(self, pairs: dict[tuple[str, str], int | None], replace: bool = False) -> None:
        for (actor, target), since in pairs.items():
            self.mention(actor, target)
            if actor == target:
                continue
            before = self.follows.get((actor, target))
            times = [time for time in (before, since) if time is not None]
            self.follows[actor, target] = min(times, default=None)
        if replace:
            covered = {_platform(account) for pair in pairs for account in pair}
            for pair in list(self.follows):
                if pair not in pairs and {_platform(account) for account in pair} <= covered:
                    del self.follows[pair]

    def load_interactions(self, acts: Iterable[Act]) -> None:
        for act in acts:
            self.mention(act.actor, act.target)
            if act.actor == act.target:
                continue
            if act.event_id is not None:
                key = (act.event_id, act.actor, act.target, act.kind)
                if key in self.events:
                    continue
                self.events[key] = (act.at, act.count, *act.millionths)
            add_cell(self.cells, (act.actor, act.target, act.kind, act.day), act)


def _platform(account: str) -> str:
    head, colon, _ = account.partition(":")
    return head if colon else ""
