"""What `guanxi doctor` says of a Neo4j server."""

from __future__ import annotations

import shlex
import statistics
import time
from collections.abc import Callable

from guanxi.errors import GuanxiError
from guanxi.graph.neo4j.connection import Connection, open_connection, ping
from guanxi.graph.neo4j.database import fetch, fetch_one
from guanxi.graph.neo4j.login import Login
from guanxi.graph.neo4j.proposal import Graph, describe_graph

#: What was looked at; `ok`, `none` (nothing there, which is no fault) or `failed`; a sentence.
Row = tuple[str, str, str]
OK, NONE, FAILED = "ok", "none", "failed"
_ROUND_TRIPS = 5
_SHOWN = 20  # labels and types


def check_server(url: str, login: Login | None = None, database: str | None = None) -> list[Row]:
    """A row for each thing looked at; one alone where the server does not let us in."""
    try:
        with open_connection(url, login, database=database) as connection:
            return check_connection(connection)
    except GuanxiError as error:
        return [("server", FAILED, str(error))]


def check_connection(connection: Connection) -> list[Row]:
    """Version and edition, round trip, Graph Data Science, constraints, and counts; labels and
    types of relationships, and the mapping that would read them.
    """
    looks: dict[str, Callable[[Connection], tuple[str, str]]] = {
        "server": _server,
        "round trip": _round_trip,
        "gds": _gds,
        "constraints": _constraints,
        "counts": _counts,
    }
    rows = [(name, *_outcome(look, connection)) for name, look in looks.items()]
    return rows + _graph(connection)


def _outcome(
    look: Callable[[Connection], tuple[str, str]], connection: Connection
) -> tuple[str, str]:
    try:
        return look(connection)
    except GuanxiError as error:  # such as a right that is missing; the others may still be seen
        return FAILED, str(error)


def _server(connection: Connection) -> tuple[str, str]:
    server = fetch_one(connection, "describe_server")
    database = fetch_one(connection, "describe_database")["name"]
    user = f"as {connection.login.user}" if connection.login.auth else "without a password"
    return OK, (
        f"Neo4j {server['version']} {server['edition']} at {connection.address.place}, "
        f"database {database}, {user}, "
        f"{'encrypted' if connection.address.is_encrypted else 'not encrypted'}"
    )


def _round_trip(connection: Connection) -> tuple[str, str]:
    seconds = []
    for _ in range(_ROUND_TRIPS):
        begun = time.perf_counter()
        connection.read(ping)
        seconds.append(time.perf_counter() - begun)
    return OK, f"{1000 * statistics.median(seconds):.1f} ms for a small transaction"


def _gds(connection: Connection) -> tuple[str, str]:
    if not fetch_one(connection, "find_gds")["count"]:
        return NONE, "Graph Data Science is not installed; guanxi does not need it."
    version = fetch_one(connection, "gds_version")["version"]
    return OK, f"Graph Data Science {version}"


def _constraints(connection: Connection) -> tuple[str, str]:
    found = fetch(connection, "list_constraints")
    if not found:
        return NONE, "No constraints yet; `guanxi load` makes those that it needs."
    return OK, ", ".join(
        f"{':'.join(row['labels'])}({', '.join(row['properties'])}) "
        f"{row['type'].lower().replace('_', ' ')}"
        for row in found
    )


def _counts(connection: Connection) -> tuple[str, str]:
    count = {
        name: fetch_one(connection, f"count_{name}")["count"]
        for name in ("accounts", "follows", "interactions", "nodes", "relationships")
    }
    said = (
        f"{count['accounts']:,} accounts, {count['follows']:,} follows, "
        f"{count['interactions']:,} interactions; in all "
        f"{count['nodes']:,} nodes and {count['relationships']:,} relationships"
    )
    return (OK if count["nodes"] else NONE), said


def _graph(connection: Connection) -> list[Row]:
    try:
        graph = describe_graph(connection)
        own = bool(fetch(connection, "read_store"))
    except GuanxiError as error:
        return [("labels", FAILED, str(error))]
    return [
        ("labels", *_listed(graph.labels)),
        ("types", *_listed(graph.types)),
        ("mapping", *_mapping(graph, own=own)),
    ]


def _listed(counts: dict[str, int]) -> tuple[str, str]:
    if not counts:
        return NONE, "None yet."
    shown = [f"{name} {count:,}" for name, count in counts.items()][:_SHOWN]
    rest = len(counts) - len(shown)
    return OK, ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def _mapping(graph: Graph, *, own: bool) -> tuple[str, str]:
    """How to read the graph, as it can be pasted into a command and into the settings file."""
    if own:
        return NONE, "The database holds a store of guanxi's own, which needs no mapping."
    if graph.mapping is None:
        return NONE, " ".join(graph.notes) if graph.labels else "Nothing is there to be mapped."
    return OK, (
        f"--graph {shlex.quote(str(graph.mapping))}\n"
        f"or in the settings file:\n{graph.mapping.table}\n" + " ".join(graph.notes)
    )
