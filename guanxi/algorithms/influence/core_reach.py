"""How much of each community its core users are expected to reach."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.algorithms.influence.rr_sets import Chunk, Collection, Roots, Sampler
from guanxi.errors import UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph, Int32, Int64
from guanxi.kernels import kernel

#: RR sets that are drawn, about; each account is a root equally often, at least once.
_SETS = 1 << 19


def core_reach(
    graph: InfluenceGraph | CascadeModel,
    labels: Int32,
    core_users: npt.NDArray[np.int32],
    *,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Float64:
    """Share of each community that its core users together are expected to activate.

    The expected number of members that are active when the core users start a cascade on the
    whole graph (under weighted cascade, or any cascade model), core users included, over the
    size of the community. `labels` int32[n]: communities numbered from 1. `core_users`
    int32[c, r]: those of community 1 in row 0, and so on; -1 where there are fewer. Returns
    float64[c], 0 for a community without members.

    Raises UsageError where the shapes do not fit, or a core user is of another community.
    """
    model = graph if isinstance(graph, CascadeModel) else weighted_cascade(graph)
    n, communities = model.graph.n, len(core_users)
    if labels.shape != (n,) or (n and not (labels.min() >= 1 and labels.max() <= communities)):
        raise UsageError(f"Labels must be {n:,} numbers from 1 to {communities:,}.")
    rows, places = np.nonzero(core_users >= 0)
    accounts = core_users[rows, places]
    if not np.array_equal(labels[accounts], rows + 1):
        raise UsageError("A core user must belong to the community that it is listed for.")
    if n == 0:
        return np.zeros(communities)
    is_core = np.zeros(n, dtype=np.uint8)
    is_core[accounts] = 1
    plain_labels = np.ascontiguousarray(labels, dtype=np.int32)
    repeats = -(-_SETS // n)
    done = 0

    def mark(chunk: Chunk) -> npt.NDArray[np.uint8]:
        reached = np.zeros(len(chunk.ends), dtype=np.uint8)
        _mark_reached(chunk.entries, chunk.ends, plain_labels, is_core, reached)
        return reached

    def advance(drawn: int) -> None:
        nonlocal done
        done += drawn
        if progress is not None:
            progress(done, n * repeats)

    parts = Sampler(model, seed, threads).map(
        Collection.COMMUNITIES,
        n * repeats,
        mark,
        roots=Roots(np.arange(n, dtype=np.int32), repeats),
        advance=advance,
    )
    reached = np.concatenate(list(parts)).reshape(n, repeats).mean(axis=1)
    members = np.bincount(plain_labels, minlength=communities + 1)[1:]
    total = np.bincount(plain_labels, weights=reached, minlength=communities + 1)[1:]
    share: Float64 = total / np.maximum(members, 1)
    return share


@kernel
def _mark_reached(
    entries: Int32,
    ends: Int64,
    labels: Int32,
    is_core: npt.NDArray[np.uint8],
    reached: npt.NDArray[np.uint8],
) -> None:
    """1 where a set holds a core user of the community of its root."""
    begin = 0
    for s in range(len(ends)):
        home = labels[entries[begin]]
        for i in range(begin, ends[s]):
            if is_core[entries[i]] and labels[entries[i]] == home:
                reached[s] = 1
                break
        begin = ends[s]
