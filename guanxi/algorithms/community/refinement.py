"""The refinement phase of Leiden: each community into connected parts, to build the next level."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from guanxi.algorithms.community.csr import Level, blocks_of, on_blocks
from guanxi.algorithms.community.moving import ROUNDING
from guanxi.algorithms.community.numbering import members_of
from guanxi.graph.arrays import Bool, Float64, Int32, Int64
from guanxi.kernels import kernel
from guanxi.shared.random import splitmix64


@kernel
def _refine(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    strength: Float64,
    labels: Int32,
    members: Int32,
    part: Int32,
    table: Float64,
    alone: Bool,
    widest: int,
    scale: float,
    threshold: float,
    spread: float,
    seed: int,
    stream: int,
    low: int,
    high: int,
) -> int:
    """Parts of the communities whose members are `members[low:high]`; how many parts.

    A part is named after its first node. Only nodes of these communities are read or
    written, so that blocks of communities do not touch each other. `table` as in moving.
    """
    touched = np.empty(widest + 1, np.int32)
    salt = splitmix64(splitmix64(seed) ^ np.uint64(stream))
    for i in range(low, high):
        v = members[i]
        part[v] = v
        alone[v] = True
        table[2 * v] = 0.0
        table[2 * v + 1] = strength[v]
    parts = high - low
    for i in range(low, high):
        v = members[i]
        if not alone[v]:
            continue
        community = labels[v]
        count = 0
        for p in range(indptr[v], indptr[v + 1]):
            u = indices[p]
            if labels[u] == community:
                c = part[u]
                before = table[2 * c]
                touched[count] = c
                count += before == 0.0
                table[2 * c] = before + weights[p]
        pull = strength[v] * scale
        best = v
        best_gain = threshold * strength[v]
        for j in range(count):
            c = touched[j]
            gain = table[2 * c] - pull * table[2 * c + 1]
            table[2 * c] = 0.0
            if gain * (1.0 + spread) > best_gain:
                bits = splitmix64(splitmix64(salt ^ np.uint64(v)) ^ np.uint64(c))
                gain *= 1.0 + spread * ((bits >> np.uint64(11)) / 9007199254740992.0)
                if gain > best_gain:
                    best_gain = gain
                    best = c
        if best != v:
            part[v] = best
            alone[v] = False
            alone[best] = False
            table[2 * best + 1] += strength[v]
            parts -= 1
    return parts


@kernel
def _number(labels: Int32, members: Int32, part: Int32, number: Int32, community: Int32) -> None:
    count = 0
    for i in range(len(members)):
        v = members[i]
        if part[v] == v:
            number[v] = count
            community[count] = labels[v]
            count += 1
    for v in range(len(part)):
        number[v] = number[part[v]]


@dataclass(frozen=True)
class Chance:
    """Random factors of gains, from 1 to `1 + spread`, that `seed` and `stream` decide."""

    seed: int
    stream: int
    spread: float

    def at(self, level: int) -> Chance:
        """Those of a level."""
        return replace(self, stream=self.stream + level)


def refine(
    level: Level, labels: Int32, count: int, scale: float, chance: Chance, threads: int | None
) -> tuple[Int32, Int32]:
    """Connected parts of the communities `labels` (0 … count-1).

    Within a community every node starts as a part of its own; in their order, a node
    that is still alone joins the part where modularity gains most, if it gains. Gains
    are multiplied by random factors, so that the same communities can be refined in ever
    new ways. (Leiden as published draws a part with a probability that grows with its
    gain.)

    Returns the part of each node, int32[n], parts numbered by community, and the
    community of each part, int32[parts].
    """
    n = level.n
    first, members = members_of(labels, count)
    cost = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.diff(level.indptr)[members], out=cost[1:])
    part = np.empty(n, dtype=np.int32)
    table = np.empty(2 * n)
    alone = np.empty(n, dtype=np.bool_)
    widest = level.widest

    def work(communities: tuple[int, int]) -> int:
        low, high = first[communities[0]], first[communities[1]]
        return _refine(
            level.indptr,
            level.indices,
            level.weights,
            level.strength,
            labels,
            members,
            part,
            table,
            alone,
            widest,
            scale,
            ROUNDING,
            chance.spread,
            chance.seed,
            chance.stream,
            low,
            high,
        )

    parts = sum(on_blocks(work, blocks_of(cost[first]), threads))
    number = np.empty(n, dtype=np.int32)
    community = np.empty(parts, dtype=np.int32)
    _number(labels, members, part, number, community)
    return number, community
