import gzip
import io
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from guanxi.errors import InputError
from guanxi.graph.readers.compression import find_compression, read_blocks

TEXT = b"".join(b"u%d,u%d\n" % (i, i * i) for i in range(3000))
SKIPPABLE = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
PACKED = {"gzip": gzip.compress, "zstd": zstandard.compress, "none": bytes}


def blocks(packed, size=1000):
    compression = find_compression("f", packed[:16])
    return list(read_blocks("f", io.BytesIO(packed), compression, size))


@pytest.mark.parametrize("compression", PACKED)
@pytest.mark.parametrize("size", [1, 7, 4096, len(TEXT), len(TEXT) + 1])
def test_blocks_have_one_size_and_make_up_the_text(compression, size):
    packed = PACKED[compression](TEXT[:20_000])
    assert find_compression("f", packed[:16]) == compression
    found = blocks(packed, size)
    assert b"".join(found) == TEXT[:20_000]
    assert {len(block) for block in found[:-1]} <= {size}


def test_members_and_frames_one_after_another_are_one_text():
    parts = [TEXT[:100], b"", TEXT[100:]]
    assert b"".join(blocks(b"".join(map(gzip.compress, parts)) + bytes(700))) == TEXT
    frames = map(zstandard.compress, parts)
    assert b"".join(blocks(SKIPPABLE + SKIPPABLE.join(frames))) == TEXT


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@given(cut=st.floats(0.01, 0.999))
def test_a_cut_off_file_is_noticed_with_how_far_it_came(compression, cut):
    packed = PACKED[compression](TEXT)
    kept = packed[: max(5, int(len(packed) * cut))]
    with pytest.raises(InputError, match=r"f is cut off: .* after [\d,]+ bytes of content"):
        blocks(kept)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@given(st.data())
def test_damage_never_ends_in_anything_but_the_text_or_an_error(compression, data):
    damaged = bytearray(PACKED[compression](TEXT))
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InputError):
        blocks(bytes(damaged))


def test_a_wrong_checksum_and_what_follows_the_end_are_damage():
    packed = gzip.compress(TEXT)
    with pytest.raises(InputError, match="f is damaged"):
        blocks(packed[:-8] + b"\0" * 8)
    with pytest.raises(InputError, match="f is damaged"):
        blocks(packed + b"rest")


@pytest.mark.parametrize(
    ("magic", "kind"),
    [(b"BZh9", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"7z\xbc\xaf\x27\x1c", "7-Zip")],
)
def test_other_compressions_are_named(magic, kind):
    with pytest.raises(InputError, match=f"compressed with {kind}"):
        find_compression("f", magic + b"x")
