"""Parquet, by DuckDB: every column as text, row group by row group.

Times are written as ISO 8601 with microseconds, with `Z` where the file says that
they are UTC; whole numbers in floating point without a fraction (`1.0` is `1`); NaN
is nothing there; lists and structures are their JSON. A row is refused where bytes
are not UTF-8, and where a floating-point number is so large (2^53) that its last
digits are lost.
"""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from guanxi.errors import InputError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.readers.arrow_stream import StreamError, text_batches
from guanxi.graph.readers.files import InputFile
from guanxi.graph.readers.header import refuse_twins
from guanxi.graph.readers.raw import HASH_BYTES, RawBatch, Reject, Source
from guanxi.graph.readers.refusals import (
    column_name,
    keep_rows,
    shown_text,
    text_at,
    without_nul,
)
from guanxi.sql import quote

_SAMPLE_ROWS = 5
_READ = 1 << 20

_FROM = "FROM read_parquet(?, hive_partitioning=false, filename=false)"
_NOT_TEXT = "bytes that are not UTF-8"
_INEXACT = "a number so large that its last digits are lost"
# From here on a number of this type no longer tells neighbouring whole numbers apart.
_EXACT = {"DOUBLE": 2**53, "FLOAT": 2**24}


class ParquetSource(Source):
    """The rows of a Parquet file, as text; `lines` and rejects count rows from 1."""

    def __init__(self, file: InputFile) -> None:
        self.name = file.name
        self.bytes_total = file.size
        self._file = file
        self._hash = ""
        self._read = 0
        # A pattern to DuckDB: what is special in it must stand for itself.
        self._path = glob.escape(str(file.path))
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": 1,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        with self._told(closing=True):
            self._connection.execute("SET TimeZone = 'UTC'")
            described = self._rows(f"DESCRIBE SELECT * {_FROM}")
            self._columns = [_Column(name, kind) for name, kind, *_ in described]
            schema = self._rows("SELECT name, num_children FROM parquet_schema(?)")
            self.header = _top_level(schema)
            counted = self._rows("SELECT num_rows FROM parquet_file_metadata(?)")
            self._count = sum(int(rows) for (rows,) in counted)
            sample = self._rows(f"{self._query()} LIMIT {_SAMPLE_ROWS}")
        self.width = len(self.header)
        self.sample = [list(row[:-1]) for row in sample]
        self.description = {"format": "parquet", "compression": "none", "header": "yes"}
        refuse_twins(self.name, self.header)

    @property
    def bytes_done(self) -> int:
        """Bytes of the file, by the share of its rows that have been read."""
        return self.bytes_total * self._read // max(self._count, 1)

    @property
    def most_rows_left(self) -> int:
        """The file says how many rows it has."""
        return self._count - self._read

    @property
    def content_hash(self) -> str:
        """BLAKE2b of the file as hex, once `batches()` is exhausted."""
        return self._hash

    def close(self) -> None:
        """Close the reader; delete the spooled copy, if there is one."""
        self._connection.close()
        self._file.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows, some 100,000 at a time; see `Source.batches`."""
        self._read = 0
        with self._file.open() as raw, self._told():
            relation = self._connection.sql(self._query(), params=[self._path])
            for *columns, faults in text_batches(relation):
                rows = len(faults)
                lines = np.arange(self._read + 1, self._read + rows + 1, dtype=np.int64)
                self._read += rows
                nested = {
                    index: columns[index].ends > columns[index].starts
                    for index, column in enumerate(self._columns)
                    if column.nested
                }
                batch = RawBatch(columns, lines, [], nested)
                yield without_nul(self._without_faults(batch, faults), self.header)
            digest = hashlib.blake2b(digest_size=HASH_BYTES)
            while piece := raw.read(_READ):
                digest.update(piece)
            self._file.check_unchanged(raw)
        self._hash = digest.hexdigest()

    def _without_faults(self, batch: RawBatch, faults: TextColumn) -> RawBatch:
        bad = faults.ends > faults.starts
        if not bad.any():
            return batch
        rejects = []
        for row in np.flatnonzero(bad).tolist():
            index = int(text_at(faults, row))
            column = self._columns[index]
            text = shown_text(text_at(batch.columns[index], row))
            line = int(batch.lines[row])
            rejects.append(Reject(line, column_name(self.header, index), column.reason, text))
        return keep_rows(batch, ~bad, rejects)

    def _query(self) -> str:
        texts = ", ".join(f"coalesce({column.text()}, '')" for column in self._columns)
        faults = " ".join(
            f"WHEN {column.fault()} THEN '{index}'"
            for index, column in enumerate(self._columns)
            if column.reason
        )
        fault = f"CASE {faults} ELSE '' END" if faults else "''"
        return f"SELECT {texts}, {fault} {_FROM}"

    def _rows(self, query: str) -> list[Any]:
        return self._connection.execute(query, [self._path]).fetchall()

    @contextmanager
    def _told(self, closing: bool = False) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, StreamError) as error:
            if closing:
                self._connection.close()
            said = str(error).split("\n", 1)[0].removesuffix(".")
            raise InputError(f"{self.name} cannot be read as Parquet: {said}.") from error


@dataclass(frozen=True)
class _Column:
    """A column as DuckDB sees it, and what it takes to write it as text."""

    name: str
    kind: str

    @property
    def quoted(self) -> str:
        return quote(self.name)

    @property
    def reason(self) -> str:
        """What can be wrong with a value; empty if nothing can."""
        if self.kind == "BLOB":
            return _NOT_TEXT
        return _INEXACT if self.kind in _EXACT else ""

    @property
    def nested(self) -> bool:
        """Whether its values are lists or structures."""
        return self.kind.endswith("]") or self.kind.startswith(("STRUCT", "MAP", "UNION"))

    def text(self) -> str:
        """SQL for the value as text."""
        name, kind = self.quoted, self.kind
        if kind == "BLOB":
            return f"coalesce(try(decode({name})), {name}::VARCHAR)"
        if kind in _EXACT:
            return (
                f"CASE WHEN {self._is_nan} THEN '' "
                f"WHEN trunc({name}) = {name} AND abs({name}) < {_EXACT[kind]} "
                f"THEN {name}::BIGINT::VARCHAR ELSE {name}::VARCHAR END"
            )
        if kind == "TIMESTAMP WITH TIME ZONE":
            return f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
        if kind.startswith("TIMESTAMP"):
            return f"strftime({name}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%f')"
        if self.nested:
            return f"to_json({name})::VARCHAR"
        return f"{name}::VARCHAR"

    def fault(self) -> str:
        """SQL for whether the value is to be refused."""
        if self.kind == "BLOB":
            return f"{self.quoted} IS NOT NULL AND try(decode({self.quoted})) IS NULL"
        return f"abs({self.quoted}) >= {_EXACT[self.kind]} AND NOT {self._is_nan}"

    @property
    def _is_nan(self) -> str:
        # isnan() will not do: DuckDB 2.0 answers it from the file's statistics, which
        # leave NaN out.
        return f"{self.quoted}::VARCHAR IN ('nan', '-nan')"


def _top_level(schema: list[tuple[str, int | None]]) -> list[str]:
    """Names of the columns, out of all elements of a schema in their order (the root first)."""
    names = []
    inside = 0  # elements still to come that lie within a column
    for name, children in schema[1:]:
        if inside:
            inside -= 1
        else:
            names.append(name)
        inside += children or 0
    return names
