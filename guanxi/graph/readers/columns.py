"""Which column of a file means what: usual names recognised, others mapped with `--columns`."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field

from guanxi.errors import UsageError
from guanxi.graph.readers.names import NAMES, REQUIRED, WEAK, account_column, meaning_of, plain
from guanxi.graph.schema import Role
from guanxi.wording import counted

_SKIP = frozenset({"_", "-", ""})


@dataclass
class ColumnPlan:
    """What the columns of a file are taken as.

    `index`: meaning → column of the file (from 0); for accounts also each further column of the
    account. `shown`: how messages call each column of the file. `role`: what the rows are.
    """

    shown: list[str]
    role: Role
    index: dict[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Meaning → name of the column in the file, in the order of the file."""
        order = sorted(self.index.items(), key=lambda item: item[1])
        return {meaning: self.shown[column] for meaning, column in order}

    @property
    def single(self) -> set[int]:
        """Columns that hold one value a row: all that have a meaning.

        A further column of the accounts may hold arrays and objects, kept as the text of their
        JSON.
        """
        return {column for meaning, column in self.index.items() if meaning in NAMES[self.role]}

    @property
    def unused(self) -> list[str]:
        """Columns of the file that are left out."""
        used = set(self.index.values())
        return [name for column, name in enumerate(self.shown) if column not in used]

    def put(self, meaning: str, column: int) -> None:
        """Take `column` as `meaning`; UsageError where another one is taken so already."""
        if meaning in self.index:
            raise UsageError(
                f"Both '{self.shown[self.index[meaning]]}' and '{self.shown[column]}' could be "
                f"the {meaning} of a row. Say which by --columns {meaning}=…, and leave the "
                "other out by _=…."
            )
        self.index[meaning] = column


@dataclass(frozen=True)
class ColumnsOption:
    """A parsed `--columns`: names by position or (meaning, column) pairs; None where not given."""

    names: list[str] | None = None
    pairs: list[tuple[str, str]] | None = None

    @property
    def by_position(self) -> bool:
        """Whether it says what the columns are without a name that the file gives them."""
        numbers = [right.isascii() and right.isdigit() for _, right in self.pairs or []]
        return self.names is not None or (bool(numbers) and all(numbers))


def parse_columns(text: str | None) -> ColumnsOption:
    """Read `actor,target,time` or `actor=uid,target=关注的人` (an entry with a comma in `"…"`)."""
    if text is None:
        return ColumnsOption()
    parts = [part.strip() for part in next(csv.reader([text], skipinitialspace=True), [])]
    with_sign = [part for part in parts if "=" in part]
    if not parts or 0 < len(with_sign) < len(parts):
        raise UsageError(
            f"--columns '{text}' is neither a list of names in the order of the file "
            "(actor,target,time) nor a list of pairs (actor=uid,target=followed_uid)."
        )
    if not with_sign:
        return ColumnsOption(names=parts)
    pairs = [part.partition("=") for part in parts]
    return ColumnsOption(pairs=[(left.strip(), right.strip()) for left, _, right in pairs])


def header_test(role: Role, option: ColumnsOption) -> Callable[[list[str]], bool]:
    """A function that says whether the fields of a first row look like names of columns.

    They do where one of them is a usual name of what the role needs, or one that `--columns`
    asks for.
    """
    wanted = {plain(right) for _, right in option.pairs or [] if not right.isdigit()}
    for meaning in REQUIRED[role]:
        wanted |= NAMES[role][meaning]

    def known(fields: list[str]) -> bool:
        return any(plain(name) in wanted for name in fields)

    return known


def plan_columns(
    role: Role, header: list[str] | None, width: int, option: ColumnsOption
) -> ColumnPlan:
    """Decide what each column of a file means.

    `header`: its names, or None for a file without; `width`: its number of columns. Names by
    position count from the first column; columns beyond them are left out. Pairs come first,
    and recognised names apply to the columns that no pair mentions. A file without header and
    without `--columns` must have exactly the columns that the role needs. Raises UsageError
    where something needed has no column, or where two could be the same.
    """
    names = [name.strip() for name in header or []]
    plan = ColumnPlan(
        [names[i] if i < len(names) and names[i] else f"column {i + 1}" for i in range(width)],
        role,
    )
    if option.names is not None:
        _by_position(role, option.names, plan)
    else:
        left_out = _by_pairs(role, option.pairs or [], names, plan)
        free = [
            column
            for column, name in enumerate(names)
            if name and column not in left_out and column not in plan.index.values()
        ]
        _recognise(role, free, plan)
        if role is Role.ACCOUNTS:
            for column in free:
                if column not in plan.index.values():
                    plan.put(account_column(plan.shown[column]), column)
        if header is None and option.pairs is None and width == len(REQUIRED[role]):
            plan.index = {meaning: column for column, meaning in enumerate(REQUIRED[role])}
    _refuse_missing(role, plan, header is not None)
    return plan


def _asked(role: Role, name: str) -> str | None:
    """What `name`, given in `--columns`, stands for; None for a column to leave out."""
    if name in _SKIP:
        return None
    meaning = meaning_of(role, name)
    if meaning is None and role is Role.ACCOUNTS:
        return account_column(name)
    if meaning is None:
        raise UsageError(
            f"--columns names '{name}', which rows of {role} do not have. They have: "
            f"{', '.join(NAMES[role])}; and _ leaves a column out."
        )
    return meaning


def _by_position(role: Role, names: list[str], plan: ColumnPlan) -> None:
    if len(names) > len(plan.shown):
        raise UsageError(
            f"--columns names {counted(len(names), 'column')}, but the file has {len(plan.shown)}: "
            f"{_listed(plan.shown)}."
        )
    for column, name in enumerate(names):
        meaning = _asked(role, name)
        if meaning is not None:
            plan.put(meaning, column)


def _by_pairs(
    role: Role, pairs: list[tuple[str, str]], names: list[str], plan: ColumnPlan
) -> set[int]:
    """Take the columns that pairs name; returns those that they leave out."""
    left_out = set()
    for left, right in pairs:
        meaning = _asked(role, left)
        column = _find(right, names, plan.shown)
        if meaning is None:
            left_out.add(column)
        elif column in plan.index.values():
            raise UsageError(f"--columns takes '{plan.shown[column]}' as two things.")
        else:
            plan.put(meaning, column)
    return left_out


def _find(name: str, names: list[str], shown: list[str]) -> int:
    """The column called `name`, or the one with that number, counted from 1."""
    exact = [column for column, other in enumerate(names) if other == name]
    found = exact or [column for column, other in enumerate(names) if plain(other) == plain(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"--columns: the file has {len(found)} columns called '{name}'. Say which by its "
            f"number, counted from 1: {', '.join(str(column + 1) for column in found)}."
        )
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(shown):
        return int(name) - 1
    raise UsageError(f"--columns: the file has no column '{name}'. It has: {_listed(shown)}.")


def _recognise(role: Role, free: list[int], plan: ColumnPlan) -> None:
    """Take columns by their usual names; one called just as the meaning comes before others."""
    for meaning, usual in NAMES[role].items():
        if meaning in plan.index:
            continue
        found = [column for column in free if plain(plan.shown[column]) in usual]
        exact = [column for column in found if plain(plan.shown[column]) == plain(meaning)]
        for column in exact if len(exact) == 1 else found:
            plan.put(meaning, column)
    ends = [meaning for meaning in ("actor", "target") if meaning in NAMES[role]]
    missing = [meaning for meaning in ends if meaning not in plan.index]
    if len(ends) == 2 and len(missing) == 1:
        for column in free:
            if plain(plan.shown[column]) in WEAK:
                plan.put(missing[0], column)


def _refuse_missing(role: Role, plan: ColumnPlan, has_header: bool) -> None:
    missing = [meaning for meaning in REQUIRED[role] if meaning not in plan.index]
    if not missing:
        return
    found = (
        f"it has: {_listed(plan.shown)}"
        if has_header
        else f"it has {counted(len(plan.shown), 'column')} and no header that guanxi knows"
    )
    example = {
        Role.ACCOUNTS: "--columns id,name or --columns id=1",
        Role.FOLLOWS: "--columns actor,target,since or --columns actor=1,target=2",
        Role.INTERACTIONS: "--columns actor,target,time or --columns actor=1,target=2",
    }[role]
    pairs = ",".join(f"{meaning}=…" for meaning in REQUIRED[role])
    raise UsageError(
        f"No column for {' and '.join(missing)} was found in the file of {role}; {found}. "
        f"Say what the columns are: {f'--columns {pairs}' if has_header else example}."
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:30])
    return shown if len(names) <= 30 else f"{shown} and {len(names) - 30} more"
