"""What `stage_file` is told about a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from guanxi.graph.readers.raw import SourceOptions
from guanxi.graph.schema import ColumnType


@dataclass(frozen=True)
class StageOptions:
    """How the rows of a file are to be understood.

    - `columns`: a `--columns` text (see `guanxi.graph.readers.columns`), None to recognise all.
    - `kind`: the kind of interactions that have none of their own.
    - `timezone`: what times without an offset mean: an IANA name or an offset (`+08:00`).
    - `undirected`: each row of edges counts both ways.
    - `max_rejects`: a count or a percentage; None is 1 % once 1,000 rows are read.
    - `rejects_folder`: where the file of rejected rows goes; None only counts them.
    - `now`: microseconds UTC; times later than a day after it are rejected. None: no time is.
    - `source`: how the bytes are read. `spool_folder`: where standard input is spooled.
    - `known_columns`: the types that columns of the accounts have in the store.
    """

    columns: str | None = None
    kind: str | None = None
    timezone: str = "UTC"
    undirected: bool = False
    max_rejects: str | None = None
    rejects_folder: Path | None = None
    now: int | None = None
    source: SourceOptions = field(default_factory=SourceOptions)
    spool_folder: Path | None = None
    known_columns: dict[str, ColumnType] = field(default_factory=dict)
