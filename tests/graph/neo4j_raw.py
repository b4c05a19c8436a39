"""Stores on test servers, and what lies in them by Cypher of the tests' own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from store_helpers import Model

from guanxi.graph.neo4j.login import Login
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store import Store
from guanxi.graph.store_open import open_store

#: Runs a statement and gives its records as dicts (`Server.run` of the test servers).
Run = Callable[..., list[dict[str, Any]]]


def raw_content(run: Run) -> Model:
    """Everything, as a model; whatever is there twice fails."""
    model = Model()
    types = {
        row["property"]: (row["name"], row["type"])
        for row in run("MATCH (c:GuanxiColumn) RETURN c.property AS property, c.name AS name, "
                       "c.type AS type")
    }  # fmt: skip
    for row in run("MATCH (a:Account) RETURN properties(a) AS p"):
        found = row["p"]
        account, made = found.pop("id"), found.pop("guanxi_made", False)
        assert account not in model.accounts
        values = {types[key][0]: micros(value) for key, value in found.items() if key in types}
        model.accounts[account] = (made, values)
    for row in run("MATCH (a)-[f:FOLLOWS]->(t) RETURN a.id AS a, t.id AS t, properties(f) AS p"):
        pair, found = (row["a"], row["t"]), row["p"]
        assert pair not in model.follows
        model.follows[pair] = found.pop("since", None)
        assert not found
    for row in run("MATCH (a)-[r:INTERACTED]->(t) RETURN a.id AS a, t.id AS t, properties(r) AS p"):
        found = row["p"]
        cell = (row["a"], row["t"], found.pop("kind"), found.pop("day", None))
        assert cell not in model.cells
        sums = (found.pop("count"), found.pop("weight"), found.pop("value"))
        model.cells[cell] = (*sums, found.pop("first_at", None), found.pop("last_at", None))
        assert not found
    for row in run("MATCH (a)-[e:INTERACTION_EVENT]->(t) "
                   "RETURN a.id AS a, t.id AS t, properties(e) AS p"):  # fmt: skip
        found = row["p"]
        event = (found.pop("id"), row["a"], row["t"], found.pop("kind"))
        assert event not in model.events
        model.events[event] = (found.get("at"), found["count"], found["weight"], found["value"])
    return model


def raw_scores(run: Run) -> dict[str, dict[str, Any]]:
    """`{id: {score: value}}`."""
    meta = run("MATCH (m:GuanxiMeta) RETURN m.scores AS scores, m.properties AS properties")
    names = dict(zip(meta[0]["properties"], meta[0]["scores"], strict=True)) if meta else {}
    return {
        row["p"]["id"]: {names[key]: value for key, value in row["p"].items() if key in names}
        for row in run("MATCH (a:Account) RETURN properties(a) AS p")
    }


#: Who comes to which address; nobody to a server without a password.
LOGINS: dict[str, Login] = {}


def admit(server: Any, url: str | None = None) -> str:
    """Let the functions below into a test server, also by another `url`; the url."""
    url = url or str(server.uri)
    if server.auth:
        LOGINS[url] = Login(*server.auth)
    return url


def store_at(url: str | Path, **options: Any) -> Store:
    """`open_store`, as who may."""
    return open_store(url, login=LOGINS.get(str(url)), **options)


def snapshot_at(url: str | Path) -> Snapshot:
    """`open_snapshot`, as who may."""
    return open_snapshot(url, login=LOGINS.get(str(url)))


def micros(value: Any) -> Any:
    """A datetime as microseconds since 1970; anything else as it is."""
    if not hasattr(value, "to_clock_time"):
        return value
    days = value.date().toordinal() - 719163
    clock = value.hour_minute_second_nanosecond
    return ((days * 24 + clock[0]) * 60 + clock[1]) * 60_000_000 + (
        clock[2] * 1_000_000 + clock[3] // 1000
    )
