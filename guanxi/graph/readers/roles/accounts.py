"""Accounts: one row per id, with typed columns; rows of the same id are merged."""

from __future__ import annotations

from typing import Any

import numpy as np

from guanxi.graph.arrays import NO_TIME, Int32, Int64, TextColumn
from guanxi.graph.readers.faults import Faults
from guanxi.graph.readers.interning import EMPTY, Interner
from guanxi.graph.readers.rejects import Reason
from guanxi.graph.readers.roles.stager import Context, Parts, Stager
from guanxi.graph.readers.roles.values import Values, infer_type, typed
from guanxi.graph.readers.rows import Rows
from guanxi.graph.readers.sorting import group_starts, lexicographic_order
from guanxi.graph.readers.text import take, text_at
from guanxi.graph.readers.zones import LocalTimes
from guanxi.graph.schema import (
    MEANINGFUL_COLUMNS,
    AccountColumn,
    ColumnType,
    Role,
    StagedAccounts,
)

_ANY_LENGTH = np.iinfo(np.int64).max
_HIGHEST = np.iinfo(np.int32).max


class _Column:
    """A column while it is read: `codes[row]` is the number of the row's text, or EMPTY.

    Once its type is known, `values[numbers[code]]` is the value of a text; equal values have
    equal numbers. `numbers` ends with EMPTY, so that EMPTY stays what it is.
    """

    def __init__(self, name: str, place: int, known: ColumnType | None) -> None:
        self.name = name
        self.place = place
        self.type = MEANINGFUL_COLUMNS.get(name, known)
        self.interner = Interner(_ANY_LENGTH, lines_allowed=True)
        self.parts = Parts(np.int32)
        self.codes: Int32 = np.empty(0, dtype=np.int32)
        self.numbers: Int32 = np.empty(0, dtype=np.int32)
        self.values: Values = np.empty(0)

    def used(self) -> Int32:
        """The numbers of the texts that rows have, ascending."""
        there = np.zeros(len(self.interner), dtype=np.bool_)
        there[self.codes[self.codes != EMPTY]] = True
        return np.flatnonzero(there).astype(np.int32)

    def set_values(self, kind: ColumnType, local: LocalTimes) -> None:
        """Set `type`, `values` and `numbers`."""
        self.type = kind
        used = self.used()
        values = typed(self.name, kind, take(self.interner.texts(), used), local)[0]
        same = np.arange(len(used), dtype=np.int32)
        if not isinstance(values, TextColumn):
            # Adding zero makes -0.0 and 0.0 one.
            values, same = np.unique(values + values.dtype.type(0), return_inverse=True)
        self.values = values
        self.numbers = np.full(len(self.interner) + 1, EMPTY, dtype=np.int32)
        self.numbers[used] = same

    def text(self, row: int) -> str:
        """The text of a row, as the file has it."""
        code = int(self.codes[row])
        return "" if code == EMPTY else text_at(self.interner.texts(), code)


class AccountsStager(Stager):
    """Stages a file of accounts."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        known = context.options.known_columns
        self._columns = [
            _Column(name, place, known.get(name))
            for name, place in context.plan.index.items()
            if name != "id"
        ]
        self._id = Parts(np.int32)
        self._line = Parts(np.int64)

    def add(self, rows: Rows) -> None:
        """Take the rows of a batch."""
        ids = rows.ids("id", self.interner)
        codes = [
            rows.codes(column.name, column.interner, Reason.CONTROL) for column in self._columns
        ]
        keep = rows.accepted(self.context.rejects)
        self._id.add(ids[keep])
        self._line.add(rows.batch.lines[keep])
        for column, found in zip(self._columns, codes, strict=True):
            column.parts.add(found[keep])

    def finish(self, name: str) -> StagedAccounts:
        """The staged file."""
        ids, lines = self._id.join(), self._line.join()
        for column in self._columns:
            column.codes = column.parts.join()
        ids, lines = self._drop(self._misfits(len(ids)), ids, lines)
        self._columns = [column for column in self._columns if self._understand(column)]
        ids, lines = self._drop(self._disagreements(ids), ids, lines)
        return self._staged(name, ids)

    def _misfits(self, rows: int) -> Faults:
        """Rows whose texts do not fit into the types that are fixed already."""
        faults = Faults(rows)
        for column in self._columns:
            if column.type is None:
                continue
            used = column.used()
            texts = take(column.interner.texts(), used)
            for wrong, reason in typed(column.name, column.type, texts, self.context.local)[1]:
                wrong_code = np.zeros(len(column.interner) + 1, dtype=np.bool_)
                wrong_code[used] = wrong  # the last is False, for EMPTY
                faults.put(wrong_code[column.codes], reason, column.place)
        return faults

    def _understand(self, column: _Column) -> bool:
        """Give `column` a type, and its values; False if there are none."""
        local = self.context.local
        used = column.used()
        if len(used):
            texts = take(column.interner.texts(), used)
            column.set_values(column.type or infer_type(column.name, texts, local), local)
        elif column.type is None:
            self.context.summary.warnings.append(
                f"The column '{column.name}' is empty and was left out."
            )
        return len(used) > 0

    def _disagreements(self, ids: Int32) -> Faults:
        """All rows of the ids whose rows have different values in some column."""
        faults = Faults(len(ids))
        order, starts = self._groups(ids)
        if len(starts) == len(ids):
            return faults
        lengths = np.diff(np.append(starts, len(order)))
        for column in self._columns:
            codes = column.numbers[column.codes[order]]
            highest = np.maximum.reduceat(codes, starts)
            codes[codes == EMPTY] = _HIGHEST
            lowest = np.minimum.reduceat(codes, starts)
            wrong = np.empty(len(ids), dtype=np.bool_)
            wrong[order] = np.repeat((highest != EMPTY) & (highest != lowest), lengths)
            faults.put(wrong, Reason.DISAGREE, column.place)
        return faults

    def _groups(self, ids: Int32) -> tuple[Int32, Int64]:
        """The rows ordered by id, and where each id begins."""
        order = lexicographic_order([ids], [len(self.interner)])
        return order, np.flatnonzero(group_starts([ids], order))

    def _drop(self, faults: Faults, ids: Int32, lines: Int64) -> tuple[Int32, Int64]:
        """Write the faults into the rejects, and go on without their rows."""
        columns = {column.place: column for column in self._columns}
        shown = self.context.plan.shown
        for row, reason, place in faults:
            text = columns[place].text(row)
            self.context.rejects.add(int(lines[row]), shown[place], reason, text)
        keep = faults.fine
        if keep.all():
            return ids, lines
        for column in self._columns:
            column.codes = column.codes[keep]
        return ids[keep], lines[keep]

    def _staged(self, name: str, ids: Int32) -> StagedAccounts:
        summary = self.context.summary
        order, starts = self._groups(ids)
        summary.accepted = len(ids)
        summary.duplicates = len(ids) - len(starts)
        sorted_ids, numbers = self.sorted_ids(ids)
        # The groups in the order of their ids.
        by_id = np.empty(len(starts), dtype=np.int64)
        by_id[numbers[ids[order[starts]]]] = np.arange(len(starts))
        columns = []
        for column in self._columns:
            codes = column.numbers[column.codes[order]]
            merged = np.maximum.reduceat(codes, starts) if len(starts) else codes
            columns.append(_account_column(column, merged[by_id]))
        return StagedAccounts(
            role=Role.ACCOUNTS,
            name=name,
            source=summary.source,
            ids=sorted_ids,
            summary=summary,
            rejects=self.context.rejects,
            account=np.arange(len(starts), dtype=np.int32),
            columns=columns,
        )


def _account_column(column: _Column, codes: Int32) -> AccountColumn:
    """The column with the value of number `codes[i]` for account i, nothing where it is EMPTY."""
    assert column.type is not None
    present = codes != EMPTY
    values: Any = column.values
    if isinstance(values, TextColumn):
        texts = TextColumn(
            values.data, np.append(values.starts, 0), np.append(values.ends, 0)
        )  # EMPTY finds the last one
        return AccountColumn(column.name, column.type, take(texts, codes), present)
    nothing: Any = NO_TIME if column.type is ColumnType.DATE else 0
    values = np.append(values, values.dtype.type(nothing))
    return AccountColumn(column.name, column.type, values[codes], present)
