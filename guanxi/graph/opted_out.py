"""Who has opted out at this moment: asked anew before every list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from guanxi.graph.account_lookup import find_all
from guanxi.graph.arrays import Bool
from guanxi.graph.neo4j.login import Login
from guanxi.graph.snapshot import Snapshot
from guanxi.graph.store_home import is_server

if TYPE_CHECKING:
    from guanxi.graph.neo4j.mapping import GraphMapping


def opted_out_now(
    url: str,
    snapshot: Snapshot,
    login: Login | None = None,
    mapping: GraphMapping | None = None,
) -> Bool | None:
    """Which accounts of the snapshot have opted out; bool[n], None where nobody has.

    Into a Neo4j store anybody may write `a.opted_out = true`, which changes no count and so
    makes no new version: there the server is asked, and its word counts, also where it takes
    an opt-out back. A DuckDB store changes by loads alone, so its snapshot knows. `mapping`: how
    to read a graph that guanxi did not load.

    Raises StoreError when the server does not answer: no list is better than a wrong one.
    """
    if not is_server(url):
        return snapshot.opted_out
    ids = _opted_out_at(url, login, mapping)
    if not ids:
        return None
    found = find_all(snapshot.ids, ids)
    opted_out = np.zeros(snapshot.n, dtype=np.bool_)
    opted_out[found[found >= 0]] = True
    return opted_out


def _opted_out_at(url: str, login: Login | None, mapping: GraphMapping | None) -> list[str]:
    if mapping is not None:
        from guanxi.graph.neo4j.mapped_store import Neo4jMappedStore

        with Neo4jMappedStore(url, mapping, login=login) as mapped:
            return mapped.opted_out()
    from guanxi.graph.neo4j.store import Neo4jStore

    with Neo4jStore(url, make=False, login=login) as store:
        return store.opted_out()
