"""A follows file into Neo4j: new follows, earlier `since`, and replacement."""

from __future__ import annotations

import numpy as np
from neo4j import ManagedTransaction

from guanxi.graph.arrays import NO_TIME, Int64
from guanxi.graph.load_rules import platform, platforms
from guanxi.graph.neo4j.database import record
from guanxi.graph.neo4j.edges import EndAccounts, edge_values, nullable, without
from guanxi.graph.neo4j.read import pages, read_follow_keys, remove_follows
from guanxi.graph.schema import StagedFollows
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import strings


def commit_follows(
    staged: StagedFollows,
    ends: EndAccounts,
    start: int,
    end: int,
    tx: ManagedTransaction,
    counts: LoadCounts,
) -> None:
    """Rows `[start, end)`: a pair at most once, the earliest `since` wins."""
    rows = {
        "actor": staged.actor[start:end],
        "target": staged.target[start:end],
        "since": nullable(staged.since[start:end], NO_TIME),
    }
    updated = 0
    # Where all follows are this load's own, no pair can be there: looking is half the work.
    if record(tx, "count_follows")["count"] != counts.new_edges - counts.removed_edges:
        found = record(tx, "update_follows", **edge_values(staged.ids, rows))
        updated = found["updated"]
        rows = without(rows, found["found"])
    new = len(rows["actor"])
    if new:
        ends.create("create_follows", rows, tx, counts)
    counts.new_edges += new
    counts.updated_edges += updated
    counts.unchanged_edges += end - start - new - updated


def remove_others(staged: StagedFollows, tx: ManagedTransaction, counts: LoadCounts) -> None:
    """Remove the follows inside the file's platforms that the file does not have."""
    mentioned = platforms(staged.ids)
    place = {account: number for number, account in enumerate(strings(staged.ids))}
    covered: dict[int, int] = {}  # internal key -> place in the file, or -1
    actors: list[list[int]] = []
    for page in pages(tx):
        inside = {
            key: place.get(account, -1)
            for key, account in zip(page.keys, page.ids, strict=True)
            if platform(account) in mentioned
        }
        covered |= inside
        actors.append(list(inside))
    wanted = staged.actor.astype(np.int64) * len(place) + staged.target
    for keys in actors:
        actor, target = read_follow_keys(tx, keys)
        kept = [i for i, key in enumerate(target) if key in covered]
        actor, target = [actor[i] for i in kept], [target[i] for i in kept]
        gone = ~np.isin(_pairs(covered, actor, target, len(place)), wanted)
        chosen = np.flatnonzero(gone).tolist()
        counts.removed_edges += remove_follows(
            tx, [actor[i] for i in chosen], [target[i] for i in chosen]
        )


def _pairs(covered: dict[int, int], actor: list[int], target: list[int], n: int) -> Int64:
    """Each pair as one number, -1 for those of accounts that the file does not mention."""
    left = np.array([covered[key] for key in actor], dtype=np.int64)
    right = np.array([covered[key] for key in target], dtype=np.int64)
    return np.where((left < 0) | (right < 0), -1, left * n + right)
