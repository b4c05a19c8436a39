"""From bytes in any encoding to UTF-8, with what cannot be decoded still marked as such.

Text that is UTF-8 already passes through as it is. Bytes that are no text in the
file's encoding become bytes that are no UTF-8: so there is one place, after the
rows are known, where a row with such bytes is refused, and the file goes on.
"""

from __future__ import annotations

import codecs
import re

from guanxi.errors import InputError, UsageError

#: Bytes that the guess of an encoding looks at, from the first that is not ASCII.
GUESSED_FROM = 1 << 18

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 LE"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 BE"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 BE"),
)
_LABELS = {encoding: label for _, encoding, label in _MARKS} | {"utf-8": "UTF-8"}
# Files that call themselves GB2312 or GBK hold characters of the larger sets.
_MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "utf-8-sig": "utf-8"}
# What is meant by these names where the file has no mark that says it.
_EITHER_ORDER = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_UTF8_MARK = codecs.BOM_UTF8


def _no_text(error: UnicodeError) -> tuple[str, int]:
    # A lone surrogate: UTF-8 has no bytes for it, so the tokenizer's side refuses the row.
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    raise error


codecs.register_error("guanxi-no-text", _no_text)


def encoding_name(encoding: str) -> str:
    """Python's name of a text encoding; UsageError if there is none such."""
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"The encoding {encoding!r} is not known; for example utf-8, utf-16, gb18030, big5."
        ) from error
    if not getattr(info, "_is_text_encoding", True):
        raise UsageError(f"{encoding!r} is not an encoding of text.")
    return _MEANT.get(info.name, info.name)


class Decoder:
    """Blocks of bytes to blocks of UTF-8. `label` says which encoding, for showing.

    The first block must hold the mark if there is one (4 bytes or the whole file).

    `encoding`: a name from `encoding_name`, or None: a mark at the top decides, or else
    the first `GUESSED_FROM` bytes from the first line that is not ASCII.
    """

    def __init__(self, name: str, encoding: str | None) -> None:
        self._name = name  # of the file, for messages
        self.encoding = encoding
        self.label = _LABELS.get(encoding or "utf-8", str(encoding).upper())
        self._first = True
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, block: bytes, final: bool) -> bytes:
        """The UTF-8 of `block`; what an unfinished character needs is kept for the next one."""
        first, self._first = self._first, False
        if first and self.encoding in (None, "utf-8", *_EITHER_ORDER):
            for mark, encoding, label in _MARKS:
                if block.startswith(mark) and encoding.startswith(self.encoding or ""):
                    self.encoding, self.label = encoding, label
                    break
            else:
                self.encoding = _EITHER_ORDER.get(self.encoding or "", self.encoding)
        if self.encoding is None and not block.isascii():
            self._guess(block, final)
        if self.encoding in (None, "utf-8"):
            return block[len(_UTF8_MARK) :] if first and block.startswith(_UTF8_MARK) else block
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder(str(self.encoding))("guanxi-no-text")
        try:
            text = self._decoder.decode(block, final)
        except UnicodeError as error:
            raise InputError(
                f"{self._name} cannot be decoded as {self.encoding}: {error}."
            ) from error
        if first:
            text = text.removeprefix("\ufeff")
        return text.encode("utf-8", "surrogatepass")

    def _guess(self, block: bytes, final: bool) -> None:
        found = re.search(rb"[\x80-\xff]", block)
        begin = max(block.rfind(b"\n", 0, found.start()), 0) if found else 0
        sample = block[begin : begin + GUESSED_FROM]
        self.encoding = guess_encoding(sample, final and begin + len(sample) == len(block))
        self.label = "UTF-8" if self.encoding == "utf-8" else "GB18030 (guessed)"


def guess_encoding(sample: bytes, final: bool) -> str:
    """ "utf-8" or "gb18030", by the lines of `sample` that are not ASCII.

    UTF-8 where more than half of them are valid UTF-8 (text in another encoding hardly
    ever is, while one damaged line must not change how all others are read); else
    GB18030 where more than nine in ten are valid in that; else UTF-8, and the rows
    at fault are refused one by one. `final`: whether the sample ends with a whole line.
    """
    lines = re.split(rb"[\r\n]+", sample)
    cut = {} if final else {len(lines) - 1}
    valid = {"utf-8": 0, "gb18030": 0}
    total = 0
    for number, line in enumerate(lines):
        if line.isascii():
            continue
        total += 1
        for encoding in valid:
            decoder = codecs.getincrementaldecoder(encoding)("strict")
            try:
                decoder.decode(line, final=number not in cut)
            except UnicodeDecodeError:
                continue
            valid[encoding] += 1
    if valid["utf-8"] * 2 > total or valid["gb18030"] * 10 <= total * 9:
        return "utf-8"
    return "gb18030"
