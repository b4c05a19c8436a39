import gzip

import pytest
import zstandard

from guanxi.graph.readers.raw import SourceOptions
from guanxi.graph.readers.sources import open_source

PACKED = {"none": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file of the folder of the test; its path."""

    def write(content, name="f.csv", encoding="utf-8", compression="none"):
        path = tmp_path / name
        raw = content if isinstance(content, bytes) else content.encode(encoding)
        path.write_bytes(PACKED[compression](raw))
        return path

    return write


def read_source(path, known_names=None, **options):
    """All rows of a file as (line, texts), its rejects, and the source."""
    rows, rejects = [], []
    with open_source(path, SourceOptions(**options), known_names=known_names) as source:
        for batch in source.batches():
            assert [len(column) for column in batch.columns] == [len(batch)] * source.width
            texts = [column.to_strings() for column in batch.columns]
            rows += zip(batch.lines.tolist(), map(list, zip(*texts, strict=True)), strict=True)
            rejects += batch.rejects
            for column in batch.columns:
                assert column.data.flags.writeable
                assert column.starts.flags.c_contiguous
                assert column.ends.flags.c_contiguous
    assert [line for line, _ in rows] == sorted(line for line, _ in rows)
    return rows, rejects, source


@pytest.fixture
def read():
    return read_source


def texts_of(path, **options):
    rows, rejects, _ = read_source(path, **options)
    assert rejects == []
    return [texts for _, texts in rows]


@pytest.fixture
def texts():
    return texts_of
