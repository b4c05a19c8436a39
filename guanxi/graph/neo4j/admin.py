"""A DuckDB store as files for `neo4j-admin database import full`: the way for large first loads.

Over Bolt a server takes some ten thousand relationships a second; its import tool, while the
server is stopped, many times that. The database that it makes out of these files is a store
of guanxi like any other (see `guanxi.graph.neo4j.schema`), at the same version and with the
same bookkeeping: files that were loaded before change nothing. The tool takes no constraints
and no indexes; guanxi makes them when it first reads or opens the store.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guanxi.graph.duckdb.tables import Connection, count, rows
from guanxi.graph.neo4j.admin_parts import (
    NodePart,
    TablePart,
    node_parts,
    properties,
    refuse_unfinished,
    table_parts,
)
from guanxi.graph.store_home import disk_errors

#: The longest text that the tool reads unless it is told of a longer one, with room to spare.
_LONG = 1 << 20

#: Called with (rows written, rows in all).
Progress = Callable[[int, int], None]


@dataclass
class AdminFiles:
    """The data files with their rows, and the options with which the tool reads them.

    The options name files as `./name`: releases differ in what a bare name means to them.

    `properties`: the columns that the tool cannot name, and the properties that hold them.
    """

    folder: Path
    written: dict[str, int] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)

    def command(self, database: str = "neo4j") -> str:
        """The command to run in `folder`, for a shell."""
        # First the database: after --nodes the tool would take it for one more file.
        program = ["neo4j-admin", "database", "import", "full", database]
        return shlex.join([*program, *self.options])


@dataclass
class _Texts:
    """Which files hold line breaks, and how long the longest text is."""

    multiline: list[str] = field(default_factory=list)
    longest: int = 0


def write_admin_files(
    connection: Connection, folder: Path, progress: Progress | None = None
) -> AdminFiles:
    """Write header and data files of the store to `folder`, over any of the same names.

    DuckDB writes the large ones, a block at a time. Raises StoreError while a load is not
    complete, ResourceError when the disk is full.
    """
    refuse_unfinished(connection)
    columns = properties(connection)
    tables, nodes = table_parts(connection, columns), node_parts(connection, columns)
    renamed = {column.name: column.property for column in columns if column.name != column.property}
    files = AdminFiles(folder, properties=renamed)
    files.options += ["--id-type=integer", "--bad-tolerance=0"]
    texts = _Texts()
    total = sum(part.rows for part in tables)
    sources: list[str] = []
    with disk_errors(f"writing to {folder}"):
        for part in tables:
            if progress is not None:
                progress(sum(files.written.values()), total)
            sources.append(_write_table(connection, folder, part, files, texts))
        sources += [_write_nodes(folder, own, files, texts) for own in nodes]
    if texts.multiline:
        listed = ",".join(f"./{name}" for name in texts.multiline)
        files.options += [f"--multiline-fields={listed}", "--multiline-fields-format=v2"]
    if texts.longest > _LONG:
        files.options.append(f"--read-buffer-size={8 * texts.longest}")
    files.options += sources
    return files


def _write_table(
    connection: Connection, folder: Path, part: TablePart, files: AdminFiles, texts: _Texts
) -> str:
    """Write one part; its option."""
    _write_header(folder, part.stem, [name for name, _ in part.fields])
    name = f"{part.stem}.csv"
    path = str(folder / name).replace("'", "''")
    listed = ", ".join(f"{value} as c{i}" for i, (_, value) in enumerate(part.fields))
    quoted = ", ".join(
        f"c{i}" for i, (title, _) in enumerate(part.fields) if title.endswith(":string")
    )
    forced = f", force_quote ({quoted})" if quoted else ""
    files.written[name] = count(
        connection,
        f"copy (select {listed} from {part.source}) to '{path}' "
        f"(format csv, header false, delimiter ',', quote '\"', escape '\"'{forced})",
    )
    if part.texts:
        found = ", ".join(
            f"coalesce(max(strlen({text})), 0), "
            f"coalesce(bool_or(contains({text}, chr(10)) or contains({text}, chr(13))), false)"
            for text in part.texts
        )
        source = part.source.partition(" order by ")[0]
        (values,) = rows(connection, f"select {found} from {source}")
        texts.longest = max(texts.longest, *values[::2])
        if any(values[1::2]):
            texts.multiline.append(name)
    return f"--{part.option}={part.label}=./{part.stem}-header.csv,./{name}"


def _write_nodes(folder: Path, part: NodePart, files: AdminFiles, texts: _Texts) -> str:
    """Write nodes of guanxi's own; their option."""
    _write_header(folder, part.stem, part.header)
    name = f"{part.stem}.csv"
    lines = [",".join(map(_field, row)) + "\n" for row in part.rows]
    (folder / name).write_text("".join(lines), "utf-8", newline="\n")
    files.written[name] = len(lines)
    values = [value for row in part.rows for value in row if isinstance(value, str)]
    texts.longest = max([texts.longest, *(len(value.encode()) for value in values)])
    if any("\n" in value or "\r" in value for value in values):
        texts.multiline.append(name)
    return f"--nodes={part.label}=./{part.stem}-header.csv,./{name}"


def _write_header(folder: Path, stem: str, names: list[str]) -> None:
    line = ",".join(map(_field, names)) + "\n"
    (folder / f"{stem}-header.csv").write_text(line, "utf-8", newline="\n")


def _field(value: Any) -> str:
    """A value as a field of CSV; texts stand in quotes, and None is an empty field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace('"', '""') + '"'
