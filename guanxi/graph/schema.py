"""What an account, a follow and an interaction are made of, and what a file looks like once staged.

The readers turn a file into one of :class:`StagedAccounts`, :class:`StagedFollows` and
:class:`StagedInteractions`: validated as a whole, duplicates removed, amounts added up, in an
order that does not depend on the order of the rows. The stores take nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from guanxi.graph.arrays import Bool, Float64, Int32, Int64, TextColumn

#: Longest id of an account or an event, in bytes of UTF-8.
MAX_ID_BYTES = 256
#: Longest kind of interaction, in bytes of UTF-8.
MAX_KIND_BYTES = 64


class Role(StrEnum):
    """What the rows of a file are."""

    ACCOUNTS = "accounts"
    FOLLOWS = "follows"
    INTERACTIONS = "interactions"


class ColumnType(StrEnum):
    """Type of a column of the accounts, fixed when the column is first loaded."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


class Direction(StrEnum):
    """Who influences whom when an actor interacts with a target."""

    TARGET_INFLUENCES = "target"
    ACTOR_INFLUENCES = "actor"


#: Direction of the kinds that guanxi knows; for a kind that is not listed the target influences
#: the actor. Kinds are compared in lower case.
DEFAULT_KINDS: dict[str, Direction] = {
    "repost": Direction.TARGET_INFLUENCES,
    "mention": Direction.TARGET_INFLUENCES,
    "reply": Direction.TARGET_INFLUENCES,
    "like": Direction.TARGET_INFLUENCES,
    "comment": Direction.TARGET_INFLUENCES,
    "purchase": Direction.TARGET_INFLUENCES,
    "invite": Direction.ACTOR_INFLUENCES,
    "gift": Direction.ACTOR_INFLUENCES,
    "share": Direction.ACTOR_INFLUENCES,
    "转发": Direction.TARGET_INFLUENCES,
    "提及": Direction.TARGET_INFLUENCES,
    "回复": Direction.TARGET_INFLUENCES,
    "点赞": Direction.TARGET_INFLUENCES,
    "评论": Direction.TARGET_INFLUENCES,
    "购买": Direction.TARGET_INFLUENCES,
    "邀请": Direction.ACTOR_INFLUENCES,
    "赠送": Direction.ACTOR_INFLUENCES,
    "送礼": Direction.ACTOR_INFLUENCES,
    "分享": Direction.ACTOR_INFLUENCES,
}

#: Columns of the accounts that mean something to guanxi, with their fixed types.
MEANINGFUL_COLUMNS: dict[str, ColumnType] = {
    "name": ColumnType.TEXT,
    "platform": ColumnType.TEXT,
    "stage": ColumnType.TEXT,
    "price": ColumnType.NUMBER,
    "followers_reported": ColumnType.NUMBER,
    "opted_out": ColumnType.BOOLEAN,
}

#: Names that no column of an accounts file may have: what guanxi computes or means itself.
RESERVED_COLUMNS: frozenset[str] = frozenset(
    {
        "person",
        "rank",
        "community",
        "in_degree",
        "out_degree",
        "weighted_in_degree",
        "weighted_out_degree",
        "pagerank",
        "personalized_pagerank",
        "hub",
        "authority",
        "k_core",
        "core",
        "cost",
        "reach",
        "reach_low",
        "reach_high",
        "marginal_reach",
    }
)


class Rejects(Protocol):
    """Takes rejected rows, and can take more after staging (a store may refuse rows as well)."""

    def add(self, line: int, field: str, reason: str, text: str) -> None:
        """Write one rejected row."""

    def publish(self) -> str | None:
        """Put what was written so far in its place, atomically; its path, None if none is kept."""


@dataclass
class LoadSummary:
    """What was read from one file.

    `rows` counts the rows of data that the file holds (no header, comment or empty lines), and
    `rows == accepted + rejected` always. Both `duplicates` and `self_loops` are among the
    accepted: a duplicate repeats another row and changes nothing but, for follows, perhaps an
    earlier `since`; a self-loop makes its account and no edge (and is no duplicate however
    often it comes).

    - follows: `accepted == self_loops + duplicates + distinct follows` (with `undirected`,
      distinct pairs without direction).
    - interactions: a duplicate repeats an event exactly (same event id, actor, target, kind and
      all else); rows without an event id are never duplicates.
    - accounts: a duplicate repeats the id of another row that it does not contradict.

    `reject_reasons` counts the rejected rows by reason, `examples` shows the first few
    (line, field, reason, text). `columns` says what each meaning was taken from
    (`{"actor": "follower", "target": "followee"}`), `unused` which columns were left out.
    `recognised` holds what the source found out about the file: format, encoding, and so on.
    """

    source: str
    role: Role
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    reject_reasons: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    self_loops: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    recognised: dict[str, object] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    examples: list[tuple[int, str, str, str]] = field(default_factory=list)
    rejects_path: str | None = None


@dataclass
class AccountColumn:
    """A column of the accounts: values and where there are any.

    `values` is a TextColumn (TEXT), float64[r] (NUMBER), bool[r] (BOOLEAN) or int64[r]
    microseconds UTC (DATE). Where `present` is False the value means nothing (and is empty, 0.0,
    False or NO_TIME).
    """

    name: str
    type: ColumnType
    values: TextColumn | Float64 | Bool | Int64
    present: Bool


@dataclass(kw_only=True)
class StagedFile:
    """A whole file, ready to be committed.

    `name` names the load: a hash of the content, role, columns, kind and the options that
    change the meaning, and not of the path. `ids` are the distinct ids that accepted rows
    mention (self-loops too), sorted by bytes.
    """

    role: Role
    name: str
    source: str
    ids: TextColumn
    summary: LoadSummary
    rejects: Rejects


@dataclass(kw_only=True)
class StagedAccounts(StagedFile):
    """One row per id: `account` is int32[r] into `ids`, and equal to arange(r)."""

    account: Int32
    columns: list[AccountColumn]


@dataclass(kw_only=True)
class StagedFollows(StagedFile):
    """Distinct follows actor → target without self-loops, sorted by (actor, target).

    `actor`, `target`: int32[r] into `ids`. `since`: int64[r], the earliest, NO_TIME where none.
    """

    actor: Int32
    target: Int32
    since: Int64


@dataclass(kw_only=True)
class StagedEvents:
    """Interactions that carry an event id, one by one, distinct and sorted.

    Distinct by, and sorted by, (event id, actor, target, kind). `at` is NO_TIME where there is
    no time. `line` is where the event stands in the file (the first of equal ones).
    `weight` and `value` are in millionths.
    """

    event_id: TextColumn
    actor: Int32
    target: Int32
    kind: Int32
    at: Int64
    count: Int64
    weight: Int64
    value: Int64
    line: Int64


@dataclass(kw_only=True)
class StagedInteractions(StagedFile):
    """Interactions actor → target, without self-loops, in two parts that share nothing.

    The arrays here hold the rows *without* an event id, added up per (actor, target, kind, day)
    and sorted by that: `actor`, `target` int32 into `ids`, `kind` int32 into `kinds`, `day`
    int32 (NO_DAY for rows without a time), `count` int64, `weight` and `value` int64 in
    millionths, `first_at` and `last_at` int64 microseconds UTC (NO_TIME where day is NO_DAY).

    `events` holds the rows *with* an event id, one by one; they are not in the arrays above.
    None where the file has no event ids. `kinds` are the distinct kinds, in lower case, sorted
    by bytes.
    """

    kinds: list[str]
    actor: Int32
    target: Int32
    kind: Int32
    day: Int32
    count: Int64
    weight: Int64
    value: Int64
    first_at: Int64
    last_at: Int64
    events: StagedEvents | None
