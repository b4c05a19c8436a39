"""A process that loads files that it makes itself, to be killed at any moment.

    python load_child.py [CACHE]

reads lines `STORE` from standard input. For each it forks a process that loads everything
into that store and makes the snapshot, prints its id and, after one more line, how it ended.
(One fork costs less than a start of Python, so that a test can kill many.) The snapshots of
a server go to CACHE.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from store_helpers import DAY, Act, accounts, follows, interactions

from guanxi.graph import csr, ties
from guanxi.graph.arrays import Adjacency
from guanxi.graph.rows import no_interactions
from guanxi.graph.schema import StagedFile
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.store_open import open_store

BATCH_ROWS = 700


def files() -> Iterator[tuple[StagedFile, dict[str, Any]]]:
    """The same files each time: all roles, events, and a replacement."""
    draw = random.Random(7)
    ids = [f"{draw.choice('wd')}:{i:04d}" for i in range(2000)]

    def pairs(number: int) -> dict[tuple[str, str], int | None]:
        return {
            (draw.choice(ids), draw.choice(ids)): draw.choice([None, draw.randrange(9)])
            for _ in range(number)
        }

    def acts(number: int, events: bool) -> list[Act]:
        return [
            Act(
                draw.choice(ids[:300]), draw.choice(ids[:300]), draw.choice(["like", "gift"]),
                draw.randrange(5 * DAY), weight=draw.randrange(9) / 4,
                event_id=f"e{i}" if events and i % 3 else None,
            )
            for i in range(number)
        ]  # fmt: skip

    named = {account: {"name": f"n{draw.randrange(9)}", "city": None} for account in ids[::2]}
    yield follows(pairs(3000), name="follows"), {}
    yield accounts(named, name="accounts"), {}
    yield interactions(acts(2500, events=True), name="events"), {}
    yield interactions(acts(1500, events=False), name="interactions"), {}
    yield follows(pairs(2500), name="replacement"), {"replace": True}
    yield accounts({account: {"place": "x"} for account in ids}, name="cities"), {}


def load_all(path: str) -> None:
    with open_store(path, batch_rows=BATCH_ROWS) as store:
        for staged, options in files():
            store.load(staged, **options)
        build_snapshot(store)


def warm_up() -> None:
    """Have kernels and modules at hand before forking."""
    importlib.import_module("guanxi.graph.duckdb.store")
    importlib.import_module("guanxi.graph.neo4j.store")
    none = np.empty(0, dtype=np.int32)
    ties.tie_strengths(csr.adjacency(none, none, 1), no_interactions(), ties.TieProfile())
    matrix = Adjacency(np.zeros(2, np.int64), none)
    csr.transpose(matrix)
    csr.sort_order((none, 1))


def main() -> None:
    warm_up()
    if len(sys.argv) > 1:  # for the snapshots of a server; the kernels have found theirs
        os.environ["GUANXI_CACHE"] = sys.argv[1]
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                load_all(line.strip())
                status = 0
            finally:
                os._exit(status)
        print(child, flush=True)
        sys.stdin.readline()  # until it is waited for, its id is given to nobody else
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
