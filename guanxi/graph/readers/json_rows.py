"""JSON Lines to fields: a kernel that checks each line by RFC 8259 and says where its values lie.

Own, as the tokenizer of delimited text is, because numbers must come out as they were
written and every refused line must be known by its number; and a hundred times as
fast as parsing line by line in Python.
"""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Bytes, Int64
from guanxi.graph.readers.tokenizer import (
    FAULT_CODE,
    FAULT_END,
    FAULT_FIELD,
    FAULT_LINE,
    FAULT_START,
    FAULTS,
    LINE,
    POSITION,
    ROWS,
    SKIP,
    SKIPPING,
    STATE_SIZE,
    STOP,
)
from guanxi.kernels import inline, kernel

# What can be wrong with a line.
BROKEN, NOT_OBJECT, TWICE, NO_CHARACTER, NUL_CHARACTER, BAD_NAME, LONG_LINE = range(7)

# Beyond the state of the tokenizer: where a name lies that is not among the known ones
# (NEW_END is 0 if there is none), and a number for each object that was begun.
NEW_START, NEW_END, STAMP = STATE_SIZE, STATE_SIZE + 1, STATE_SIZE + 2
JSON_STATE_SIZE = STATE_SIZE + 3

#: Arrays and objects within each other at most.
MAX_DEPTH = 64

# Column of a name that is no text.
NO_COLUMN = -1

# What may come next in a line, but for blanks. Within an array or object: its first item
# (or its end), an item after a comma, the colon after a name, a value, a comma (or the end).
_FIRST, _ITEM, _COLON, _VALUE, _COMMA = range(5)

_NOWHERE = -2  # column of the values of a name that is not known
_QUOTE, _BACKSLASH = 34, 92


@inline
def _hex4(data: Bytes, at: int) -> int:
    """The number that four hexadecimal digits stand for, or -1."""
    value = 0
    for i in range(at, at + 4):
        digit = int(data[i])
        if 48 <= digit <= 57:
            digit -= 48
        elif 65 <= digit <= 70:
            digit -= 55
        elif 97 <= digit <= 102:
            digit -= 87
        else:
            return -1
        value = value * 16 + digit
    return value


@kernel
def string_end(data: Bytes, at: int, end: int) -> int:
    """Position of the quote that ends the string whose text begins at `at`; -1 if it is broken.

    The position is given as its complement (`~position`, below -1) where the string has escapes.
    """
    escaped = False
    while at < end:
        byte = data[at]
        if byte == _QUOTE:
            return ~at if escaped else at
        if byte < 32:
            return -1
        at += 1
        if byte == _BACKSLASH:
            escaped = True
            if at >= end:
                return -1
            kind = data[at]
            at += 1
            if kind == 117:  # u
                if at + 4 > end or _hex4(data, at) < 0:
                    return -1
                at += 4
            elif not (
                kind == _QUOTE
                or kind == _BACKSLASH
                or kind == 47  # /
                or kind == 98  # b
                or kind == 102  # f
                or kind == 110  # n
                or kind == 114  # r
                or kind == 116  # t
            ):
                return -1
    return -1


@kernel
def unescape(data: Bytes, start: int, end: int, out: Bytes) -> int:
    """Write the string `data[start:end]` without its escapes to `out`; its length there.

    -1 where it has half a surrogate pair, -2 where it has a NUL.
    """
    to = int(np.int64(0))  # typed so: a literal 0 would be compiled as another type
    at = start
    nul = False
    while at < end:
        byte = data[at]
        at += 1
        if byte != _BACKSLASH:
            out[to] = byte
            to += 1
            continue
        kind = data[at]
        at += 1
        if kind != 117:  # u
            if kind == 98:  # b
                kind = 8
            elif kind == 102:  # f
                kind = 12
            elif kind == 110:  # n
                kind = 10
            elif kind == 114:  # r
                kind = 13
            elif kind == 116:  # t
                kind = 9
            out[to] = kind
            to += 1
            continue
        code = _hex4(data, at)
        at += 4
        if 0xD800 <= code < 0xE000:
            low = -1
            if code < 0xDC00 and at + 6 <= end and data[at] == _BACKSLASH and data[at + 1] == 117:
                low = _hex4(data, at + 2)
            if low < 0xDC00 or low > 0xDFFF:
                return -1
            at += 6
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        nul |= code == 0
        if code < 0x80:
            out[to] = code
            to += 1
            continue
        tail = 1 if code < 0x800 else 2 if code < 0x10000 else 3
        lead = 0xC0 if tail == 1 else 0xE0 if tail == 2 else 0xF0
        out[to] = lead | (code >> (6 * tail))
        for i in range(tail):
            out[to + 1 + i] = 0x80 | ((code >> (6 * (tail - 1 - i))) & 0x3F)
        to += tail + 1
    return -2 if nul else to


@kernel
def scalar_end(data: Bytes, at: int, end: int) -> int:
    """Position after the number, `true`, `false` or `null` at `at`; -1 if it is none of them."""
    first = data[at]
    word = 4 if first == 116 or first == 110 else 5 if first == 102 else 0  # t, n, f
    if word:
        if at + word > end:
            return -1
        if first == 116:
            good = data[at + 1] == 114 and data[at + 2] == 117 and data[at + 3] == 101
        elif first == 110:
            good = data[at + 1] == 117 and data[at + 2] == 108 and data[at + 3] == 108
        else:
            good = data[at + 1] == 97 and data[at + 2] == 108 and data[at + 3] == 115
            good = good and data[at + 4] == 101
        return at + word if good else -1
    if first == 45:  # -
        at += 1
    begin = at
    while at < end and 48 <= data[at] <= 57:
        at += 1
    if at == begin or (at > begin + 1 and data[begin] == 48):
        return -1
    if at < end and data[at] == 46:  # .
        at += 1
        begin = at
        while at < end and 48 <= data[at] <= 57:
            at += 1
        if at == begin:
            return -1
    if at < end and (data[at] == 101 or data[at] == 69):  # e, E
        at += 1
        if at < end and (data[at] == 43 or data[at] == 45):  # +, -
            at += 1
        begin = at
        while at < end and 48 <= data[at] <= 57:
            at += 1
        if at == begin:
            return -1
    return at


@kernel
def _find_name(text: Bytes, start: int, end: int, names: Bytes, bounds: Int64, likely: int) -> int:
    """Index of the name `text[start:end]`, or -1; `likely` is looked at first."""
    count = len(bounds) - 1
    index = likely - 1
    for _ in range(count):
        index = index + 1 if index + 1 < count else 0
        first = bounds[index]
        if bounds[index + 1] - first != end - start:
            continue
        same = True
        for i in range(end - start):
            if names[first + i] != text[start + i]:
                same = False
                break
        if same:
            return index
    return -1


@kernel
def _walk(
    data: Bytes,
    at: int,
    end: int,
    state: Int64,
    names: Bytes,
    bounds: Int64,
    columns: Int64,
    seen: Int64,
    scratch: Bytes,
    row: int,
    starts: Int64,
    ends: Int64,
) -> tuple[int, int]:
    """Check the object in `data[at:end]` and fill row `row` from it; (fault or -1, column)."""
    stack = scratch[:MAX_DEPTH]  # the brackets that are open; names are over before they begin
    depth = int(np.int64(0))
    first = int(np.int64(MAX_DEPTH))
    awaited = _VALUE
    column = int(np.int64(_NOWHERE))
    likely = int(np.int64(0))
    while True:
        while at < end and (data[at] == 32 or data[at] == 9 or data[at] == 13):
            at += 1
        if at == end:
            return (-1 if depth == 0 and awaited == _COMMA else BROKEN), -1
        byte = data[at]
        if depth == 0 and awaited == _COMMA:
            return BROKEN, -1
        if awaited == _COLON:
            if byte != 58:  # :
                return BROKEN, -1
            awaited = _VALUE
            at += 1
        elif awaited in (_COMMA, _FIRST) and byte == stack[depth - 1] + 2:
            # `]` is `[` + 2, and `}` is `{` + 2.
            depth -= 1
            awaited = _COMMA
            at += 1
            if depth == 1 and column >= 0:
                ends[column, row] = at
        elif awaited == _COMMA:
            if byte != 44:  # ,
                return BROKEN, -1
            awaited = _ITEM
            at += 1
        elif awaited != _VALUE and stack[depth - 1] == 123:  # a name
            if byte != _QUOTE:
                return BROKEN, -1
            start = at + 1
            text_end = string_end(data, start, end)
            if text_end == -1:
                return BROKEN, -1
            at = max(text_end, ~text_end) + 1
            awaited = _COLON
            if depth > 1:
                continue
            if text_end < 0:
                length = unescape(data, start, at - 1, scratch[MAX_DEPTH:])
                if length < 0:
                    return (NO_CHARACTER if length == -1 else NUL_CHARACTER), -1
                name = _find_name(scratch, first, first + length, names, bounds, likely)
            else:
                name = _find_name(data, start, text_end, names, bounds, likely)
            if name < 0:
                column = int(np.int64(_NOWHERE))
                if state[NEW_END] == 0:
                    state[NEW_START] = start
                    state[NEW_END] = at - 1
                continue
            likely = name + 1
            column = columns[name]
            if column == NO_COLUMN:
                return BAD_NAME, -1
            if seen[name] == state[STAMP]:
                return TWICE, column
            seen[name] = state[STAMP]
        else:  # a value
            start = at
            if byte == 123 or byte == 91:  # { [
                if depth == MAX_DEPTH:
                    return BROKEN, -1
                stack[depth] = byte
                depth += 1
                at += 1
                text_end = at  # until its bracket closes
                awaited = _FIRST
            elif byte == _QUOTE:
                start += 1
                text_end = string_end(data, start, end)
                at = max(text_end, ~text_end) + 1
                awaited = _COMMA
            else:
                at = scalar_end(data, start, end)
                text_end = start if at >= 0 and byte == 110 else at  # null
                awaited = _COMMA
            if text_end == -1:
                return BROKEN, -1
            if column >= 0 and (depth == 1 or (depth == 2 and awaited == _FIRST)):
                starts[column, row] = start
                ends[column, row] = text_end


@kernel
def _unescape_row(
    data: Bytes, scratch: Bytes, row: int, starts: Int64, ends: Int64
) -> tuple[int, int]:
    """Take the escapes out of the texts of a row, or of none; (fault or -1, column)."""
    for checking in range(2):
        for column in range(len(starts)):
            if ends[column, row] >= 0:
                continue
            start = starts[column, row]
            end = ~ends[column, row]
            length = unescape(data, start, end, scratch)
            if length < 0:
                return (NO_CHARACTER if length == -1 else NUL_CHARACTER), column
            if checking == 1:
                for i in range(end - start):  # the rest: leaves no half of a character behind
                    data[start + i] = scratch[i] if i < length else _QUOTE
                ends[column, row] = start + length
    return -1, -1


@kernel
def read_objects(
    data: Bytes,
    state: Int64,
    final: bool,
    max_row: int,
    names: Bytes,
    bounds: Int64,
    columns: Int64,
    seen: Int64,
    scratch: Bytes,
    starts: Int64,
    ends: Int64,
    lines: Int64,
    faults: Int64,
) -> None:
    """Rows of JSON Lines, as positions of their values in `data`; like `tokenizer.tokenize`.

    Each line that is not blank holds one object. Texts come without quotes and escapes,
    numbers and nested values as they were written, `true` and `false` as such; null and
    what is not there as an empty text. A name that comes twice refuses the line.

    names, bounds: the known names, UTF-8, name i is `names[bounds[i]:bounds[i+1]]`;
    columns: int64[names], row of `starts` and `ends` for each, or NO_COLUMN, which
    refuses the line. At a good line with an unknown name the call ends before the line, with
    `state[NEW_START]:state[NEW_END]` as the place of the name.
    state: int64[JSON_STATE_SIZE]; seen: int64[names], begins as zeros; scratch: uint8, as
    long as a line may be (`max_row`) and MAX_DEPTH more.
    """
    stop = state[STOP]
    position = state[POSITION]
    line = state[LINE]
    rows = int(np.int64(0))
    n_faults = 0
    state[NEW_END] = 0
    while position < stop and rows < len(lines) and n_faults < len(faults):
        end = position
        while end < stop and data[end] != 10:
            end += 1
        unfinished = end == stop and not final
        after = min(end + 1, stop)
        if state[SKIPPING] != 0 or state[SKIP] > 0:
            if state[SKIPPING] == 0:
                state[SKIP] -= 1
            state[SKIPPING] = 1 if unfinished else 0
            line += 0 if unfinished else 1
            position = after
            continue
        if unfinished and end - position <= max_row:
            break
        fault = -1
        field = -1
        if end - position > max_row:
            fault = LONG_LINE
            state[SKIPPING] = 1
        else:
            first = position
            while first < end and (data[first] == 32 or data[first] == 9 or data[first] == 13):
                first += 1
            if first < end and data[first] == 123:  # {
                for column in range(len(starts)):
                    starts[column, rows] = 0
                    ends[column, rows] = 0
                state[STAMP] += 1
                fault, field = _walk(
                    data,
                    first,
                    end,
                    state,
                    names,
                    bounds,
                    columns,
                    seen,
                    scratch,
                    rows,
                    starts,
                    ends,
                )
                if fault >= 0:
                    state[NEW_END] = 0
                elif state[NEW_END] > 0:
                    break
                else:
                    fault, field = _unescape_row(data, scratch, rows, starts, ends)
                if fault < 0:
                    lines[rows] = line
                    rows += 1
            elif first < end:
                fault = NOT_OBJECT
        if fault >= 0:
            faults[n_faults, FAULT_CODE] = fault
            faults[n_faults, FAULT_LINE] = line
            faults[n_faults, FAULT_START] = position
            faults[n_faults, FAULT_END] = min(end, position + max_row)
            faults[n_faults, FAULT_FIELD] = field
            n_faults += 1
        if fault != LONG_LINE:
            line += 1
            position = after
    state[POSITION] = position
    state[LINE] = line
    state[ROWS] = rows
    state[FAULTS] = n_faults
