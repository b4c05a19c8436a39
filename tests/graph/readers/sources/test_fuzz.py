"""Whatever is in a file, a source gives rows, rejects or an InputError."""

import gzip
import random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.errors import InputError
from guanxi.graph.readers import textfile
from guanxi.graph.readers.raw import FORMATS, SourceOptions
from guanxi.graph.readers.sources import open_source

HEADS = [b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"]
HEADS += [b"PK\x03\x04", b"{", b"[", b'{"a":', b"a,b\n", b"1 2\n"]
BITS = [b",", b"\n", b"\r", b'"', b"\0", b" ", b"\t", b"{", b"}", b":", b"a", b"1", b"\xe4\xb8\xad"]
BITS += [b"\x81", b"\xff", b"\\", b"#", b"[", b"]"]
BODY = st.binary(max_size=80) | st.lists(st.sampled_from(BITS), max_size=60).map(b"".join)
PACKERS = st.sampled_from([bytes, gzip.compress, zstandard.compress])


def drain(path, **options):
    rows = rejects = 0
    with open_source(path, SourceOptions(**options)) as source:
        for batch in source.batches():
            for column in batch.columns:
                column.to_strings()
                assert len(column) == len(batch)
            rows += len(batch)
            rejects += len(batch.rejects)
            for reject in batch.rejects:
                assert reject.reason
                assert len(reject.text) <= 200
                reject.text.encode()
        assert len(source.content_hash) == 64
    return rows, rejects


@settings(max_examples=400)
@given(
    head=st.sampled_from(HEADS),
    body=BODY,
    pack=PACKERS,
    name=st.sampled_from(["f", "f.csv", "f.tsv", "f.jsonl", "f.parquet", "f.xlsx"]),
    format=st.none() | st.sampled_from(FORMATS),
    encoding=st.none() | st.sampled_from(["utf-16", "gb18030", "ascii", "utf-7"]),
    header=st.sampled_from([None, True, False]),
    block=st.sampled_from([3, 17, 1 << 24]),
)
def test_any_bytes(tmp_path_factory, head, body, pack, name, block, **options):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(pack(head + body))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textfile, "BLOCK", block)
        try:
            drain(path, **options)
        except InputError as error:
            assert path.name in str(error)  # noqa: PT017 (most examples do not raise)


@pytest.mark.parametrize("name", ["f.csv", "f.txt", "f.jsonl"])
def test_many_nasty_rows(tmp_path, name):
    draw = random.Random(7)
    path = tmp_path / name
    bits = [*BITS, b"follower", b"007", b'"x"', b'{"a":1}', b",", b"\n", b"\n", b" "]
    path.write_bytes(b"u1,u2\n" + b"".join(draw.choices(bits, k=200_000)))
    rows, rejects = drain(path)
    assert rejects > 1000
    assert name == "f.jsonl" or rows > 100
