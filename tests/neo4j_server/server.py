"""What the tests can do with any server, be it their own or a given one."""

from __future__ import annotations

from typing import Any

import neo4j

USER = "neo4j"


class Server:
    """A server that answers at `uri`. `settings` are the variables with which guanxi gets in."""

    def __init__(self, uri: str = "", settings: dict[str, str] | None = None) -> None:
        self._uri = uri
        self.settings = settings or {}

    @property
    def uri(self) -> str:
        """Its address."""
        return self._uri

    @property
    def auth(self) -> tuple[str, str] | None:
        """User and password, or None where none is asked for."""
        password = self.settings.get("GUANXI_NEO4J_PASSWORD")
        user = self.settings.get("GUANXI_NEO4J_USER", USER)
        return (user, password) if password is not None else None

    def driver(self, **config: Any) -> neo4j.Driver:
        """A driver of the tests' own, past guanxi."""
        database = self.settings.get("GUANXI_NEO4J_DATABASE")
        usual = {"auth": self.auth, "database": database, "notifications_min_severity": "OFF"}
        return neo4j.GraphDatabase.driver(self.uri, **(usual | config))

    def run(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Run one statement of the test's own; its records."""
        with self.driver() as driver, driver.session() as session:
            return session.run(statement, values).data()

    def is_empty(self) -> bool:
        """Whether there is nothing that `wipe` would take out."""
        return not self.run("MATCH (n) RETURN 1 LIMIT 1")

    def wipe(self) -> None:
        """Take out all nodes, relationships, constraints and indexes."""
        with self.driver() as driver, driver.session() as session:
            for kind, rows in (("CONSTRAINT", CONSTRAINTS), ("INDEX", INDEXES)):
                for name in session.run(rows).value():
                    session.run(f"DROP {kind} `{name.replace('`', '``')}`").consume()
            session.run(DELETE).consume()


CONSTRAINTS = "SHOW CONSTRAINTS YIELD name"
INDEXES = "SHOW INDEXES YIELD name, type, owningConstraint WHERE type <> 'LOOKUP' RETURN name"
DELETE = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
