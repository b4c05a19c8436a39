"""`open_store`, which finds the store that an address means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.errors import UsageError
from guanxi.graph.neo4j.login import Login
from guanxi.graph.store import BATCH_ROWS, Store
from guanxi.graph.store_home import is_server

if TYPE_CHECKING:
    from guanxi.graph.neo4j.mapping import GraphMapping


def open_store(
    url: str | Path,
    *,
    batch_rows: int | None = None,
    wait: float = 5.0,
    login: Login | None = None,
    tell: Callable[[str], None] | None = None,
    mapping: GraphMapping | None = None,
    write_back: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Store:
    """Open the store for writing; a store that is not there yet is made.

    `url`: a path (DuckDB), or the address of a Neo4j server. `batch_rows`: how many rows of
    a file are committed together (each store has a default of its own). `wait`: seconds to
    wait for another writer of a file, before StoreBusyError; a server is open to many.
    `login`: who comes to the server. `tell` hears when guanxi waits for a server that is away.

    `mapping`: the store is a graph in Neo4j that guanxi did not load, and this is how to read
    it. Nothing can be loaded into it, and nothing is ever written to it, but for scores with
    `write_back`. `progress`: called while a server is read and while scores are written to it.

    Raises StoreVersionError where the file or database is no store of this version,
    StoreError where it cannot be opened.
    """
    if mapping is not None:
        if not is_server(url):
            raise UsageError(
                f"A mapping of labels and types belongs to a graph in Neo4j, and {url} is a file: "
                "leave the mapping out, or name a server with --store."
            )
        from guanxi.graph.neo4j.mapped_store import Neo4jMappedStore

        return Neo4jMappedStore(
            str(url), mapping, write_back=write_back, login=login, tell=tell, progress=progress
        )
    if is_server(url):
        from guanxi.graph.neo4j.store import Neo4jStore

        return Neo4jStore(
            str(url), batch_rows=batch_rows, login=login, tell=tell, progress=progress
        )
    from guanxi.graph.duckdb.store import DuckDBStore

    return DuckDBStore(str(url), batch_rows=batch_rows or BATCH_ROWS, wait=wait)
