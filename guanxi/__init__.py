"""guanxi (关系): find the core users of a social network.

    >>> import guanxi, networkx
    >>> network = guanxi.from_networkx(networkx.karate_club_graph())
    >>> network.analyze().meta["communities"]
    4
    >>> network.top(n=1).rows[0]["id"]
    '33'

`guanxi.open("net.duckdb")` opens a store; see `guanxi.engine.Engine` for what can be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from pathlib import Path

    from guanxi.engine import Engine
    from guanxi.errors import GuanxiError
    from guanxi.results import Result

__all__ = ["Engine", "GuanxiError", "Result", "__version__", "from_networkx", "open"]


def open(store: str | Path, **settings: Any) -> Engine:
    """The network in `store` (a path for DuckDB); made by its first load.

    `settings`: any of `guanxi.settings`, such as `threads=1`.
    """
    from guanxi.engine import Engine
    from guanxi.settings import load_settings

    return Engine(settings=load_settings(None, store=str(store), **settings))


def from_networkx(graph: Any, *, edges: str = "follows", weight: str | None = "weight") -> Engine:
    """A network in memory from a NetworkX graph; `load` and `export` need a store instead.

    `edges` says what an edge u → v means: `"follows"` (u follows v, so v influences u) or
    `"influences"` (u influences v). Undirected edges are taken both ways. `weight` names the
    edge attribute that holds the tie strength (1 where there is none). Nodes are known by
    their text; node attributes become account columns.

    Raises UsageError for an empty graph, a negative weight, or two nodes of the same text.
    """
    from guanxi.verbs.interchange import from_networkx as build

    return build(graph, edges=edges, weight=weight)


def __getattr__(name: str) -> Any:
    """Classes that are worth a short name, imported when they are asked for."""
    if name == "Engine":
        from guanxi.engine import Engine

        return Engine
    if name == "Result":
        from guanxi.results import Result

        return Result
    if name == "GuanxiError":
        from guanxi.errors import GuanxiError

        return GuanxiError
    raise AttributeError(f"module 'guanxi' has no attribute {name!r}")
