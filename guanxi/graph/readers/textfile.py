"""A file of text as blocks of UTF-8, unpacked, hashed and decoded ahead of whoever reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from guanxi.errors import InputError
from guanxi.graph.readers.compression import find_compression, read_blocks
from guanxi.graph.readers.decoding import Decoder
from guanxi.graph.readers.files import InputFile
from guanxi.graph.readers.raw import HASH_BYTES

#: Decompressed bytes in a block, and so about as many in a batch.
BLOCK = 1 << 24
#: Decompressed bytes from which format, encoding, delimiter and header are found out.
HEAD = 1 << 20


class Block(NamedTuple):
    """A piece of the text: its UTF-8, and whether the file ends with it."""

    text: bytes
    final: bool


class TextFile:
    """The text of `file`, from its start as often as asked for.

    `encoding`: forced, or None and found out: from the first `HEAD` bytes, or where
    these are ASCII, at the first byte that is not. `label` names it for showing.
    `bytes_done` counts bytes of the file on disk, `block` is the size of a block; `content_hash`
    (BLAKE2b of the decompressed bytes, hex) is known once `blocks` has come to its end.
    """

    def __init__(self, file: InputFile, encoding: str | None, block: int | None = None) -> None:
        self.file = file
        self.bytes_done = 0
        self.content_hash = ""
        self.block = block or BLOCK
        with file.open() as raw:
            self.compression = find_compression(file.name, raw.read(16))
        decoder = Decoder(file.name, encoding)
        raw_head, final = self._start(HEAD)
        self.head = Block(decoder.feed(raw_head, final), final)
        self.label = decoder.label
        self._encoding = decoder.encoding
        if final and not self.head.text:
            raise InputError(f"{file.name} is empty: there is nothing in it.")

    def longer_head(self, size: int) -> Block:
        """The text of the first `size` decompressed bytes."""
        raw_head, final = self._start(size)
        return Block(Decoder(self.file.name, self._encoding).feed(raw_head, final), final)

    def blocks(self) -> Iterator[Block]:
        """The text from its start, in blocks that depend on the file alone."""
        return _ahead(self._blocks())

    def _start(self, size: int) -> tuple[bytes, bool]:
        with self.file.open() as raw:
            blocks = read_blocks(self.file.name, raw, self.compression, size)
            start = next(blocks, b"")
            return start, next(blocks, None) is None

    def _blocks(self) -> Generator[Block]:
        digest = hashlib.blake2b(digest_size=HASH_BYTES)
        decoder = Decoder(self.file.name, self._encoding)
        held: bytes | None = None
        with self.file.open() as raw:
            for block in read_blocks(self.file.name, raw, self.compression, self.block):
                if held is not None:
                    yield Block(decoder.feed(held, False), False)
                digest.update(block)
                held = block
                self.bytes_done = raw.tell()
                if self._encoding is None:
                    self.label = decoder.label
            self.file.check_unchanged(raw)
        text = decoder.feed(held or b"", True)
        if self._encoding is None:
            self.label = decoder.label
        self.content_hash = digest.hexdigest()
        yield Block(text, True)


def _ahead(blocks: Generator[Block]) -> Iterator[Block]:
    """`blocks`, of which the next is made on another thread while one is worked on."""
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="guanxi-reader") as pool:
            coming = pool.submit(next, blocks, None)
            while (block := coming.result()) is not None:
                coming = pool.submit(next, blocks, None)
                yield block
    finally:
        blocks.close()
