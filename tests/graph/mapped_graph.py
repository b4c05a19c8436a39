"""A graph that plain Cypher wrote, the same rows for files, and ways to read it by a mapping."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from neo4j_raw import LOGINS
from store_helpers import DAY, Act, accounts, follows, interactions

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi.graph.neo4j.mapped_store import Neo4jMappedStore
from guanxi.graph.neo4j.mapping import parse_mapping
from guanxi.graph.schema import ColumnType
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store import Store
from guanxi.graph.store_open import open_store

PLAIN = "label=User; id=uid; follows=FOLLOWS"
NETWORK = (
    "label=User; id=uid; follows=<FOLLOWED_BY since=ts; "
    "interactions=LIKES at=at count=n weight=w value=v; "
    "interactions=ACTED kind_from=what at=at count=n weight=w value=v"
)
EVERYTHING = (
    "MATCH (n) OPTIONAL MATCH (n)-[r]->(m) RETURN labels(n) AS l, properties(n) AS p, "
    "type(r) AS t, properties(r) AS q, properties(m) AS o ORDER BY toString(n.uid), toString(m.uid)"
)


def mapped(url: str, mapping: str = PLAIN, **options: Any) -> Neo4jMappedStore:
    store = open_store(url, login=LOGINS.get(url), mapping=parse_mapping(mapping), **options)
    assert isinstance(store, Neo4jMappedStore)
    return store


def shown(url: str, mapping: str = PLAIN, **options: Any) -> Snapshot:
    return open_snapshot(url, login=LOGINS.get(url), mapping=parse_mapping(mapping), **options)


def files_of(store: Store) -> dict[str, bytes]:
    with store:
        folder = build_snapshot(store)
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"
    }


def whole_graph(server: Any) -> list[Any]:
    """Nodes, relationships, constraints and indexes, without how often they were used."""
    tables = [server.run(text) for text in (EVERYTHING, "SHOW CONSTRAINTS", "SHOW INDEXES")]
    for row in tables[2]:
        for name in ("lastRead", "readCount", "trackedSince"):
            row.pop(name, None)
    return tables


def at(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)


class Network:
    """The same accounts and edges for files and for Cypher."""

    def __init__(self, size: int = 1000) -> None:
        draw = random.Random(3)
        self.ids = [f"{draw.choice(['weibo:用户', 'wx:', '😀 '])}{i}" for i in range(size)]
        self.rows = {
            account: {
                "name": draw.choice([None, f"名字 {i} 🎉", "it's"]),
                "home_town": draw.choice([None, "上海", "Köln"]),
                "price": draw.choice([None, draw.random() * 1000, 3.0]),
                "opted_out": draw.choice([None, True, False]),
                "joined": draw.choice([None, draw.randrange(DAY, 20_000 * DAY)]),
            }
            for i, account in enumerate(self.ids)
        }
        self.follows = {
            (draw.choice(self.ids), draw.choice(self.ids[:300])): draw.choice(
                [None, draw.randrange(9000) * 86_400 * 1_000_000]
            )
            for _ in range(2 * size)
        }
        self.acts = [
            Act(
                draw.choice(self.ids), draw.choice(self.ids[:99]), draw.choice(["like", "赠送"]),
                draw.choice([None, draw.randrange(400 * DAY) // 1000 * 1000]),
                weight=draw.choice([None, round(draw.random() * 3, draw.randrange(6))]),
                value=draw.randrange(10**9) / 1e6, count=draw.randrange(1, 4),
            )
            for _ in range(2 * size)
        ]  # fmt: skip

    def load(self, path: Path) -> Store:
        types = {
            "name": ColumnType.TEXT, "home_town": ColumnType.TEXT, "price": ColumnType.NUMBER,
            "opted_out": ColumnType.BOOLEAN, "joined": ColumnType.DATE,
        }  # fmt: skip
        store = open_store(path)
        store.load(accounts(self.rows, types))
        store.load(follows(self.follows))
        store.load(interactions(self.acts))
        return store

    def write(self, run: Callable[..., Any]) -> None:
        """Into a graph of other names, in which the target of a follow points at the actor."""
        rows = [
            {"uid": account, "screenName": row["name"], "homeTown": row["home_town"],
             "price": row["price"], "unsubscribed": row["opted_out"], "joined": at(row["joined"]),
             "tags": ["a", "b"]}
            for account, row in self.rows.items()
        ]  # fmt: skip
        run("CREATE INDEX FOR (u:User) ON (u.uid)")
        run("CALL db.awaitIndexes()")
        run("UNWIND $rows AS row CREATE (u:User) SET u = row", rows=rows)
        run("CREATE (:Page {uid: 'p'})-[:FOLLOWED_BY]->(:Page {uid: 'q'})")
        for start in range(0, len(self.follows), 1000):
            pairs = list(self.follows.items())[start : start + 1000]
            run(
                "UNWIND $rows AS row MATCH (a:User {uid: row.a}), (b:User {uid: row.b}) "
                "CREATE (b)-[:FOLLOWED_BY {ts: row.since}]->(a)",
                rows=[{"a": a, "b": b, "since": since and since // 1_000_000}
                      for (a, b), since in pairs],
            )  # fmt: skip
        for kind in ("like", "赠送"):
            acts = [
                {"a": act.actor, "b": act.target, "kind": act.kind.upper(), "at": at(act.at),
                 "n": act.count, "w": act.weight, "v": act.value}
                for act in self.acts if act.kind == kind
            ]  # fmt: skip
            name = "LIKES" if kind == "like" else "ACTED"
            run(
                "UNWIND $rows AS row MATCH (a:User {uid: row.a}), (b:User {uid: row.b}) "
                f"CREATE (a)-[:{name} {{what: row.kind, at: row.at, n: row.n, w: row.w, "
                "v: row.v}]->(b)",
                rows=acts,
            )
