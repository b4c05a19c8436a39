"""The address of a Neo4j database, as users give it. Knows nothing of the driver."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from guanxi.errors import UsageError

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
PORT = 7687
_DATABASE = re.compile(r"[A-Za-z][A-Za-z0-9.-]{0,62}")


@dataclass(frozen=True)
class Address:
    """Where a database is.

    `database` is None for the one that the server takes by default. `routing` is the part
    after `?`, which a cluster may want to see.
    """

    scheme: str
    host: str
    port: int = PORT
    database: str | None = None
    routing: str = ""

    @property
    def server(self) -> str:
        """The server alone: `neo4j://host:7687`, as the driver takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}" + (f"?{self.routing}" if self.routing else "")

    @property
    def place(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    @property
    def is_routed(self) -> bool:
        """Whether the server says which server of a cluster to go to (`neo4j://`)."""
        return self.scheme.startswith("neo4j")

    @property
    def is_encrypted(self) -> bool:
        """Whether everything goes through TLS."""
        return "+" in self.scheme

    def with_scheme(self, security: str) -> str:
        """How the address would begin with `""`, `"+s"` or `"+ssc"`: `neo4j+s://host`."""
        return f"{self.scheme.partition('+')[0]}{security}://{self.host}"

    def __str__(self) -> str:
        """As shown to users, with the database where one was named."""
        server, question, routing = self.server.partition("?")
        return server + (f"/{self.database}" if self.database else "") + question + routing


def parse_address(url: str, database: str | None = None) -> Address:
    """The database at `url`, such as `neo4j://host:7687` or `neo4j://host/sales`.

    `database` names it where the address does not. Raises UsageError, which never repeats
    what may be a password.

    >>> str(parse_address("bolt+s://graph.example", "sales"))
    'bolt+s://graph.example:7687/sales'
    """
    scheme, separator, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in SCHEMES:
        raise UsageError(
            "The address of a Neo4j server begins with neo4j:// or bolt:// (with +s for TLS, or "
            "+ssc for TLS with a certificate of its own), such as neo4j://graph.example:7687."
        )
    if "@" in rest:  # before anything is taken apart: a password may hold any character
        raise UsageError(
            "The address of a store must not hold a user or password: whoever lists the running "
            "programs could read it, and so would logs. Set GUANXI_NEO4J_USER and "
            "GUANXI_NEO4J_PASSWORD, or neo4j_user and neo4j_password in the settings file; at a "
            "terminal guanxi asks for the password."
        )
    try:
        parts = urlsplit(f"{scheme}://{rest}")
    except ValueError:
        raise UsageError(f"The address {scheme}://… cannot be read.") from None
    named = _database(unquote(parts.path.strip("/")))
    wanted = _database(database)
    if named and wanted and named != wanted:
        raise UsageError(
            f"The address names the database {named}, and the setting neo4j_database names "
            f"{wanted}; keep one of them."
        )
    routed = scheme.startswith("neo4j")
    if parts.fragment or (parts.query and not routed):
        raise UsageError(f"The address {scheme}://{parts.hostname} must end after the database.")
    return Address(scheme, _host(parts), _port(parts), named or wanted, parts.query)


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise UsageError(
            f"The address {parts.scheme}:// lacks a host, such as neo4j://graph.example:7687."
        )
    return parts.hostname


def _port(parts: SplitResult) -> int:
    try:
        port = PORT if parts.port is None else parts.port
    except ValueError:  # its message repeats the text, which may be a password
        port = 0
    if not port:
        raise UsageError(
            f"In the address {parts.scheme}://{parts.hostname}:… the part after the last colon "
            f"must be a port, such as {PORT}."
        )
    return port


def _database(name: str | None) -> str | None:
    if not name:
        return None
    if not _DATABASE.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a Neo4j database: it is of ASCII letters, digits, dots and "
            "dashes, and begins with a letter."
        )
    return name.lower()
