"""Tie strengths of profiles other than the default, kept beside the snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guanxi.graph.arrays import InfluenceGraph
from guanxi.graph.kept_arrays import keep_arrays, kept_arrays
from guanxi.graph.snapshot_files import graph_arrays, map_graph
from guanxi.graph.ties import TieProfile, tie_strengths

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot


def profile_graph(snapshot: Snapshot, profile: TieProfile, digest: str) -> InfluenceGraph:
    """The graph of a profile: from the cache, or computed and put there if that is possible.

    `digest` names the terms of the profile on this snapshot.
    """
    kept = kept_arrays(snapshot, digest, map_graph)
    if kept is not None:
        return kept
    graph = tie_strengths(snapshot.follows, snapshot.interactions, profile)
    keep_arrays(snapshot, digest, graph_arrays(graph))
    return graph
