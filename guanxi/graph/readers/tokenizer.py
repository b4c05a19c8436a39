"""Delimited text to fields: one kernel over bytes, which says where each field lies.

Why guanxi has a tokenizer of its own: every refused row must carry the exact line
at which it starts, ids must come out verbatim, and one bad quote must cost one
row. Semantics: `tokenize`. The kernel sees one piece of the file at a time, and
the answer does not depend on where the pieces are cut: a row that is not complete
yet stays for the next call.
"""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Bool, Bytes, Int64
from guanxi.kernels import inline, kernel

#: A field may have at most this many bytes. It also bounds what an open quote takes.
MAX_FIELD = 1 << 16
#: A row may have at most this many bytes, its delimiters and line ends included.
MAX_ROW = 1 << 20
#: A file may have at most this many columns.
MAX_COLUMNS = 4096
#: `limits` for `tokenize`.
LIMITS = np.array([MAX_FIELD, MAX_ROW], dtype=np.int64)

#: Delimiter that stands for any run of spaces and tabs.
RUNS = " "

LF, CR, QUOTE = 10, 13, 34

# What a byte means, by where it stands: rows of the table `kinds`.
IN_TEXT, IN_QUOTES, AT_LINE, BLANK = range(4)
# Entries of the rows IN_TEXT and IN_QUOTES (0: an ordinary byte).
DELIMITER, LINE_FEED, RETURN, NUL, CLOSING = range(1, 6)

# Places in `state`, which carries the tokenizer from one call to the next.
POSITION, STOP, LINE, SKIP, SKIPPING, COMMENTS, ROWS, FAULTS = range(8)
STATE_SIZE = 8

# What can be wrong with a row. The codes up to TEXT_AFTER_QUOTE leave its end
# unknown: the row's first line is refused and reading goes on at the next line.
LONG_FIELD, LONG_ROW, OPEN_QUOTE, TEXT_AFTER_QUOTE, NUL_BYTE, WRONG_WIDTH = range(6)
# Columns of `faults`: the code, the line, the bytes to show, and the field (index of
# the one at fault; for WRONG_WIDTH the number of fields that were found).
FAULT_CODE, FAULT_LINE, FAULT_START, FAULT_END, FAULT_FIELD = range(5)
FAULT_SIZE = 5

#: `width` for `tokenize` while the number of columns is not known yet.
ANY_WIDTH = -1


def byte_kinds(delimiter: str, comment: str) -> Bytes:
    """The table `kinds` for a delimiter (one ASCII character, `RUNS`) and comment signs.

    uint8[4, 256]: the meaning of each byte in unquoted text, in quotes and at the
    start of a line, and whether it is blank (trimmed around unquoted fields).
    """
    kinds = np.zeros((4, 256), dtype=np.uint8)
    for place in (IN_TEXT, IN_QUOTES):
        kinds[place, LF] = LINE_FEED
        kinds[place, CR] = RETURN
        kinds[place, 0] = NUL
    kinds[IN_QUOTES, QUOTE] = CLOSING
    kinds[BLANK, [ord(" "), ord("\t")]] = 1
    if delimiter == RUNS:
        kinds[IN_TEXT, [ord(" "), ord("\t")]] = DELIMITER
    else:
        kinds[IN_TEXT, ord(delimiter)] = DELIMITER
        kinds[BLANK, ord(delimiter)] = 0
    for sign in comment:
        kinds[AT_LINE, ord(sign)] = 1
    return kinds


@inline
def _line_end(data: Bytes, at: int, stop: int, final: bool) -> int:
    """Position after the line end at `at`, or -1 if what comes after a CR is not here yet."""
    if at >= stop:
        return at if final else -1
    if data[at] == CR:
        if at + 1 < stop:
            return at + 2 if data[at + 1] == LF else at + 1
        return at + 1 if final else -1
    return at + 1


@inline
def _unescape(data: Bytes, start: int, end: int) -> int:
    """Halve the doubled quotes of `data[start:end]` in place; the new end."""
    to = start
    at = start
    while at < end:
        data[to] = data[at]
        at += 2 if data[at] == QUOTE else 1
        to += 1
    data[to:end] = QUOTE  # leaves no half of a character behind
    return to


@inline
def _quoted(
    data: Bytes, at: int, stop: int, final: bool, kinds: Bytes, max_field: int
) -> tuple[int, int, int, bool, bool]:
    """Read on from after an opening quote.

    Returns where the closing quote is, or -1; OPEN_QUOTE, or -1 (with no closing quote:
    there may be one in what is not here yet); the line ends passed; whether there was a
    NUL; whether there were doubled quotes.
    """
    start = at
    lines = 0
    nul = False
    doubled = False
    while True:
        while at < stop and kinds[IN_QUOTES, data[at]] == 0:
            at += 1
        if at - start > max_field or (at == stop and final):
            return -1, OPEN_QUOTE, lines, nul, doubled
        if at == stop or (at + 1 == stop and not final):
            return -1, -1, lines, nul, doubled
        kind = kinds[IN_QUOTES, data[at]]
        following = data[at + 1] if at + 1 < stop else 0
        if kind == CLOSING:
            if following != QUOTE:
                return at, -1, lines, nul, doubled
            doubled = True
            at += 1
        elif kind == NUL:
            nul = True
        elif kind == LINE_FEED or following != LF:
            lines += 1
        at += 1


@kernel
def tokenize(
    data: Bytes,
    state: Int64,
    final: bool,
    kinds: Bytes,
    limits: Int64,
    width: int,
    starts: Int64,
    ends: Int64,
    lines: Int64,
    faults: Int64,
) -> None:
    """Rows of delimited text, as positions of their fields in `data`.

    RFC 4180 with what real files need: rows end at LF, CR LF or CR; a field that
    begins with a quote goes to the closing quote and may hold delimiters, line ends
    and doubled quotes; a quote elsewhere is text. Blanks (spaces and tabs) around an
    unquoted field, and around the quotes of a quoted one, do not belong to it. Lines
    that are empty or blank are passed over; so are lines that start with a comment
    sign, and the first `state[SKIP]` lines. Text after a closing quote, a quote that
    does not close within a field's limit, a field or a row over its limit refuse the
    first line of the row, and reading goes on at the next line.

    data: uint8[], of which `state[POSITION]:state[STOP]` is to be read; doubled
        quotes of the rows taken are halved in place.
    state: int64[STATE_SIZE], begins as zeros with `LINE` 1; between calls the caller
        moves what lies before STOP and was not consumed to the front of the next
        piece. ROWS and FAULTS are set to what this call has found.
    final: whether the file ends at STOP.
    kinds: from `byte_kinds`. limits: int64[2], bytes of a field and of a row.
    width: fields that a row must have, or ANY_WIDTH.
    starts, ends: int64[columns, rows], filled column by column (with ANY_WIDTH,
        `ends` is -1 from the row's last field on). lines: int64[rows], where each
        row starts. faults: int64[:, FAULT_SIZE], the rows that were refused.

    Returns when the piece is used up or `starts` or `faults` are full; there is more
    to do at once if `state[ROWS]` or `state[FAULTS]` is as large as there is room.
    """
    stop = state[STOP]
    position = state[POSITION]
    line = state[LINE]
    runs = kinds[IN_TEXT, 32] == DELIMITER
    columns = len(starts)
    max_field, max_row = limits[0], limits[1]
    rows = 0
    n_faults = 0
    while position < stop and rows < len(lines) and n_faults < len(faults):
        comment = kinds[AT_LINE, data[position]] != 0
        if state[SKIPPING] != 0 or state[SKIP] > 0 or comment:
            if state[SKIPPING] == 0:
                state[SKIPPING] = 1
                if state[SKIP] > 0:
                    state[SKIP] -= 1
                else:
                    state[COMMENTS] += 1
            while position < stop and data[position] != LF and data[position] != CR:
                position += 1
            after = _line_end(data, position, stop, final)
            if after < 0:
                break
            position = after
            line += 1
            state[SKIPPING] = 0
            continue
        at = position
        fault = -1
        fields = 0
        passed = 0  # line ends within quotes
        nul = False
        doubled_in_row = False
        complete = False
        while True:  # one field a turn, to the end of the row
            while at < stop and kinds[BLANK, data[at]] != 0:
                at += 1
            shown = at
            if at == stop and not final:
                break
            if (fields == 0 or runs) and (at == stop or data[at] == LF or data[at] == CR):
                complete = True
                break
            start = at
            doubled = False
            if at < stop and data[at] == QUOTE:
                start = at + 1
                end, fault, more, had_nul, doubled = _quoted(
                    data, start, stop, final, kinds, max_field
                )
                passed += more
                nul |= had_nul
                shown = min(start + max_field, stop)
                if end < 0:
                    break
                at = end + 1
                while not runs and at < stop and kinds[BLANK, data[at]] != 0:
                    at += 1
                if at < stop and (kinds[IN_TEXT, data[at]] == 0 or data[at] == 0):
                    fault = TEXT_AFTER_QUOTE
                    shown = at + 1
                    break
            else:
                while True:
                    while at < stop and kinds[IN_TEXT, data[at]] == 0:
                        at += 1
                    if at == stop or data[at] != 0:
                        break
                    nul = True
                    at += 1
                if at - start > max_field:
                    fault = LONG_FIELD
                    shown = start + max_field
                    break
                end = at
                while end > start and kinds[BLANK, data[end - 1]] != 0:
                    end -= 1
            if at == stop and not final:
                break
            if fields < columns:
                starts[fields, rows] = start
                ends[fields, rows] = ~end if doubled else end
                doubled_in_row |= doubled
            fields += 1
            shown = at
            if at - position > max_row:
                fault = LONG_ROW
                break
            if at == stop or kinds[IN_TEXT, data[at]] != DELIMITER:
                complete = True
                break
            at += 1

        after = position  # a row that does not come to its end: its first line is passed over
        if complete:
            after = _line_end(data, at, stop, final)
            if nul:
                fault = NUL_BYTE
            elif fields > 0 and (fields > columns if width < 0 else fields != width):
                fault = WRONG_WIDTH
        if after < 0 or (fault < 0 and not complete):
            break
        if fault >= 0:
            faults[n_faults, FAULT_CODE] = fault
            faults[n_faults, FAULT_LINE] = line
            faults[n_faults, FAULT_START] = position
            faults[n_faults, FAULT_END] = shown
            faults[n_faults, FAULT_FIELD] = fields
            n_faults += 1
        elif fields > 0:
            if doubled_in_row:
                for column in range(min(fields, columns)):
                    if ends[column, rows] < 0:
                        start = starts[column, rows]
                        ends[column, rows] = _unescape(data, start, ~ends[column, rows])
            if width < 0 and fields < columns:
                ends[fields, rows] = -1
            lines[rows] = line
            rows += 1
        if complete:
            line += passed + 1
        else:
            state[SKIPPING] = 1
        position = after
    state[POSITION] = position
    state[LINE] = line
    state[ROWS] = rows
    state[FAULTS] = n_faults


@kernel
def undecodable(data: Bytes, starts: Int64, ends: Int64, rows: int, bad: Bool) -> None:
    """Set `bad[row]` where a field of the row is not valid UTF-8 (as of RFC 3629)."""
    for column in range(len(starts)):
        for row in range(rows):
            at = starts[column, row]
            end = ends[column, row]
            while at < end:
                lead = data[at]
                at += 1
                if lead < 0x80:
                    continue
                lowest, highest = 0x80, 0xBF  # of the byte that follows the lead
                if 0xC2 <= lead <= 0xDF:
                    more = 1
                elif 0xE0 <= lead <= 0xEF:
                    more = 2
                    lowest = 0xA0 if lead == 0xE0 else 0x80
                    highest = 0x9F if lead == 0xED else 0xBF
                elif 0xF0 <= lead <= 0xF4:
                    more = 3
                    lowest = 0x90 if lead == 0xF0 else 0x80
                    highest = 0x8F if lead == 0xF4 else 0xBF
                else:
                    bad[row] = True
                    break
                if at + more > end or data[at] < lowest or data[at] > highest:
                    bad[row] = True
                    break
                for ahead in range(1, more):
                    if data[at + ahead] < 0x80 or data[at + ahead] > 0xBF:
                        bad[row] = True
                at += more


def new_state(skip_lines: int = 0) -> Int64:
    """The state of a tokenizer at the top of a file."""
    state = np.zeros(STATE_SIZE, dtype=np.int64)
    state[LINE] = 1
    state[SKIP] = skip_lines
    return state
