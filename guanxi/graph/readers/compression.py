"""Compressed and plain bytes as blocks of one fixed size, whatever a read returns."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from guanxi.errors import InputError

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError

    def _zstd() -> Any:
        return ZstdDecompressor()
else:
    from zstandard import ZstdDecompressor, ZstdError

    def _zstd() -> Any:
        return ZstdDecompressor().decompressobj()


def _gzip() -> Any:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {"gzip": _gzip, "zstd": _zstd}

# Small enough that even 1 : 32,768, the most that zstd can do, stays near 100 MB.
_FED = 1 << 12

# Byte 0 of a skippable zstd frame is 0x50 … 0x5F.
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"

_UNREADABLE = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"\x04\x22\x4d\x18": "LZ4",
}


def find_compression(name: str, head: bytes) -> str:
    """ "none", "gzip" or "zstd", by the first bytes; InputError for what guanxi cannot unpack."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if head[1:4] == _ZSTD_SKIPPABLE and 0x50 <= head[0] <= 0x5F:
        return "zstd"
    for magic, kind in _UNREADABLE.items():
        if head.startswith(magic):
            raise InputError(
                f"{name} is compressed with {kind}, which guanxi does not read; "
                "unpack it first (plain, gzip and zstd are read)."
            )
    return "none"


def read_blocks(name: str, file: BinaryIO, compression: str, size: int) -> Iterator[bytes]:
    """The decompressed bytes of `file` in blocks of exactly `size`, the last one shorter.

    Takes gzip members and zstd frames one after another, and zeros that pad a gzip file.
    InputError where the compressed data is damaged or cut off, with how far it came.
    """
    if compression == "none":
        pieces: Iterator[bytes] = iter(lambda: file.read(size), b"")
    else:
        pieces = _decompressed(name, file, compression)
    held = bytearray()
    for piece in pieces:
        if not held and len(piece) == size:
            yield piece
            continue
        held += piece
        while len(held) >= size:
            yield bytes(memoryview(held)[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _decompressed(name: str, file: BinaryIO, compression: str) -> Iterator[bytes]:
    make = _DECOMPRESSORS[compression]
    stream = make()
    done = 0
    try:
        for piece in _small(file):
            rest = piece
            while rest:
                if stream.eof:
                    rest = rest.lstrip(b"\0") if compression == "gzip" else rest
                    if not rest:
                        break
                    stream = make()
                out = stream.decompress(rest)
                rest = stream.unused_data if stream.eof else b""
                done += len(out)
                if out:
                    yield out
    except (zlib.error, ZstdError) as error:
        raise InputError(
            f"{name} is damaged: its {compression} data cannot be unpacked after {done:,} bytes of "
            f"content ({error}); get the file once more."
        ) from error
    if not stream.eof:
        raise InputError(
            f"{name} is cut off: its {compression} data ends too early, after {done:,} bytes of "
            "content; get the file once more."
        )


def _small(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_FED << 6):
        for start in range(0, len(piece), _FED):
            yield piece[start : start + _FED]
