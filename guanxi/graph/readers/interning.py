"""Texts to small integers: every distinct text gets a number, in the order of first sight.

An open-addressing hash table with linear probing. A slot holds 32 bits of the hash and the
number of the text, so that a probe that fails rarely looks at the text itself. The numbers
depend on the order of the rows; `guanxi.graph.readers.sorting.byte_order` does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from guanxi.errors import ResourceError
from guanxi.graph.arrays import Bytes, Int32, Int64, TextColumn
from guanxi.kernels import inline, kernel
from guanxi.shared.prefetch import prefetch

#: What `Interner.codes` gives for texts that get no number.
EMPTY = -1
TOO_LONG = -2
CONTROL = -3

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX_2 = np.uint64(0xBF58476D1CE4E5B9)
_SPARE = 8  # bytes of the pool beyond its last text, so that words can be read past its end
_FAR, _NEAR, _CLOSE = 24, 16, 8  # how far ahead slots, bounds and texts are asked for
_FIRST_SLOTS = 1 << 12
_FIRST_POOL = 1 << 16


def _load_word(typing_context: Any, data: Any, at: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        place = builder.bitcast(place, ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return types.uint64(data, at), generate


#: `_word(data, at)`: the 8 bytes of a uint8 array from `at` on, as uint64, at any alignment.
_word = cast(Callable[[Any, Any], Any], intrinsic(_load_word))


@inline
def _tail(data: Bytes, at: int, length: int) -> Any:
    """The `length` < 8 bytes from `at` on, as a uint64 filled up with zeros."""
    if at + 8 <= len(data):
        return _word(data, at) & ((np.uint64(1) << np.uint64(8 * length)) - np.uint64(1))
    word = np.uint64(0)
    for i in range(length):
        word = word | (np.uint64(data[at + i]) << np.uint64(8 * i))
    return word


@inline
def _hash(data: Bytes, start: int, end: int) -> Any:
    h = np.uint64(end - start) * _MIX
    at = start
    while at + 8 <= end:
        h = (h ^ _word(data, at)) * _MIX
        h ^= h >> np.uint64(29)
        at += 8
    h = (h ^ _tail(data, at, end - at)) * _MIX_2
    h ^= h >> np.uint64(32)
    return (h * _MIX) >> np.uint64(32)


@inline
def _equal(data: Bytes, start: int, length: int, pool: Bytes, at: int) -> bool:
    done = 0
    while done + 8 <= length:
        if _word(data, start + done) != _word(pool, at + done):
            return False
        done += 8
    rest = length - done
    return rest == 0 or _tail(data, start + done, rest) == _tail(pool, at + done, rest)


@inline
def _has_control(data: Bytes, start: int, end: int, lines_allowed: bool) -> bool:
    """Whether there is a control character (C0, DEL or C1), tabs and line ends perhaps aside."""
    for i in range(start, end):
        byte = data[i]
        if byte < 32:
            if not lines_allowed or (byte != 9 and byte != 10 and byte != 13):
                return True
        elif byte == 127 or (byte == 0xC2 and i + 1 < end and data[i + 1] < 0xA0):
            return True
    return False


@kernel
def _hashes(data: Bytes, starts: Int64, ends: Int64, tags: Any) -> None:
    for i in range(len(starts)):
        tags[i] = _hash(data, starts[i], ends[i])


@kernel
def _intern(
    data: Bytes,
    starts: Int64,
    ends: Int64,
    tags: Any,
    first: int,
    longest: int,
    lines_allowed: bool,
    table: Int64,
    pool: Bytes,
    bounds: Int64,
    count: int,
    codes: Int32,
) -> tuple[int, int]:
    """Give codes to the texts from `first` on, until done or until there is no more room.

    Returns the text at which it stopped and the new `count`. A slot of `table` is 0 (free) or
    `hash << 32 | code + 1`; text `code` is `pool[bounds[code]:bounds[code + 1]]`.
    """
    mask = len(table) - 1
    room = len(pool) - _SPARE
    for i in range(first, len(starts)):
        if i + _FAR < len(starts):
            prefetch(table, tags[i + _FAR] & mask)
        if i + _NEAR < len(starts):
            known = (table[tags[i + _NEAR] & mask] & 0xFFFFFFFF) - 1
            if known >= 0:
                prefetch(bounds, known)
        if i + _CLOSE < len(starts):
            known = (table[tags[i + _CLOSE] & mask] & 0xFFFFFFFF) - 1
            if known >= 0:
                prefetch(pool, bounds[known])
        start = starts[i]
        length = ends[i] - start
        if length <= 0:
            codes[i] = EMPTY
            continue
        if length > longest:
            codes[i] = TOO_LONG
            continue
        tag = np.int64(tags[i])
        slot = tag & mask
        code = -1
        while table[slot] != 0:
            entry = table[slot]
            if ((entry >> 32) & 0xFFFFFFFF) == tag:
                known = (entry & 0xFFFFFFFF) - 1
                at = bounds[known]
                if bounds[known + 1] - at == length and _equal(data, start, length, pool, at):
                    code = known
                    break
            slot = (slot + 1) & mask
        if code < 0:
            if _has_control(data, start, start + length, lines_allowed):
                codes[i] = CONTROL
                continue
            end = bounds[count] + length
            if 3 * count >= 2 * mask or end > room or count + 2 > len(bounds):
                return i, count
            for k in range(length):
                pool[bounds[count] + k] = data[start + k]
            code = count
            count += 1
            bounds[count] = end
            table[slot] = (tag << 32) | count
        codes[i] = code
    return len(starts), count


@kernel
def _rehash(old: Int64, new: Int64) -> None:
    mask = len(new) - 1
    for i in range(len(old)):
        if old[i] != 0:
            slot = ((old[i] >> 32) & 0xFFFFFFFF) & mask
            while new[slot] != 0:
                slot = (slot + 1) & mask
            new[slot] = old[i]


class Interner:
    """Numbers for distinct texts, 0, 1, 2 … in the order of first sight.

    `longest`: texts of more bytes get the code TOO_LONG. Texts with control characters get
    CONTROL, but with `lines_allowed` tabs and line ends may be there. Empty texts get EMPTY.
    """

    def __init__(self, longest: int, lines_allowed: bool = False) -> None:
        self._longest = longest
        self._lines_allowed = lines_allowed
        self._table = np.zeros(_FIRST_SLOTS, dtype=np.int64)
        self._pool = np.zeros(_FIRST_POOL, dtype=np.uint8)
        self._bounds = np.zeros(2 * _FIRST_SLOTS // 3 + 2, dtype=np.int64)
        self._count = 0

    def __len__(self) -> int:
        """Number of distinct texts."""
        return self._count

    def codes(self, column: TextColumn) -> Int32:
        """The number of each text (int32), EMPTY, TOO_LONG or CONTROL where it gets none.

        `column` has writable, contiguous arrays, as `trimmed` gives them.
        """
        codes = np.empty(len(column), dtype=np.int32)
        data, starts, ends = column.data, column.starts, column.ends
        tags = np.empty(len(column), dtype=np.uint32)
        _hashes(data, starts, ends, tags)
        done = 0
        while True:
            done, self._count = _intern(
                data,
                starts,
                ends,
                tags,
                done,
                self._longest,
                self._lines_allowed,
                self._table,
                self._pool,
                self._bounds,
                self._count,
                codes,
            )
            if done == len(column):
                return codes
            self._grow(int(ends[done] - starts[done]))

    def texts(self) -> TextColumn:
        """The distinct texts: number i at place i. Only until the next call of `codes`."""
        return TextColumn(
            self._pool, self._bounds[: self._count], self._bounds[1 : self._count + 1]
        )

    def _grow(self, more: int) -> None:
        if 3 * self._count >= 2 * (len(self._table) - 1):
            if len(self._table) >= 1 << 31:
                raise ResourceError(
                    f"There are more than {self._count:,} different ids in the file, which is "
                    "more than guanxi can number. Load it in parts."
                )
            table = np.zeros(2 * len(self._table), dtype=np.int64)
            _rehash(self._table, table)
            self._table = table
            # In place where the system can: a copy would double the memory for a moment.
            self._bounds.resize(2 * len(table) // 3 + 2, refcheck=False)
        needed = int(self._bounds[self._count]) + more + _SPARE
        if needed > len(self._pool):
            self._pool.resize(max(needed, len(self._pool) * 2), refcheck=False)
