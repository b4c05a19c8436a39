"""The strongest chain of at most so many steps: one layer of labels a step, from the target back.

Layer j holds the accounts whose best chain to the target of exactly j steps is better than
all their chains of fewer steps (Bellman's recursion over steps, R. Bellman 1958,
doi:10.1090/qam/102435). Accounts too far from the source for the steps that are left are
passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.chains.breadth import steps_from
from guanxi.algorithms.chains.costs import ChainGraph
from guanxi.algorithms.chains.order import CLOSED, LIMIT, PENALTY, USED, Order
from guanxi.algorithms.chains.scratch import LayerScratch, Scratch
from guanxi.graph.arrays import Bytes, Int32, Int64
from guanxi.kernels import kernel

# Columns of `LayerScratch.labels`.
_STAMP, _KEY, _LAYER, _PLACE = 0, 1, 2, 3


@dataclass(frozen=True)
class Layer:
    """Accounts of one layer, their keys, and the place of each one's next in the layer before."""

    accounts: Int32
    keys: Int64
    next: Int32


@kernel
def _relax(
    indptr: Int64,
    indices: Int32,
    costs: Int64,
    marks: Bytes,
    banned: Int32,
    ends: tuple[int, int],
    weighing: tuple[int, int],
    level: Int32,
    room: int,
    stamp: int,
    layer: int,
    labels: Int64,
    accounts: Int32,
    keys: Int64,
    made: Int32,
    made_keys: Int64,
    made_next: Int32,
) -> int:
    """One layer from the one before; how many accounts it has."""
    source, target = ends
    found = 0
    for entry in range(len(accounts)):
        v = accounts[entry]
        if v == source:
            continue
        extra = weighing[1]
        if marks[v] == USED and v != target:
            extra += PENALTY
        for place in range(indptr[v], indptr[v + 1]):
            u = indices[place]
            if u == source:
                refused = False
                for other in banned:
                    if other == v:
                        refused = True
                if refused:
                    continue
            elif marks[u] == CLOSED:
                continue
            if len(level) > 0 and (level[u] < 0 or level[u] > room):
                continue
            key = keys[entry] + costs[place] * weighing[0] + extra
            if key > LIMIT:
                continue
            if source >= 0 and labels[source, _STAMP] == stamp and key > labels[source, _KEY]:
                continue
            if labels[u, _STAMP] != stamp or key < labels[u, _KEY]:
                if labels[u, _STAMP] != stamp or labels[u, _LAYER] != layer:
                    labels[u, _STAMP] = stamp
                    labels[u, _LAYER] = layer
                    labels[u, _PLACE] = found
                    made[found] = u
                    found += 1
                labels[u, _KEY] = key
                made_keys[labels[u, _PLACE]] = key
                made_next[labels[u, _PLACE]] = entry
            elif key == labels[u, _KEY] and labels[u, _LAYER] == layer:
                before = made_next[labels[u, _PLACE]]
                if v < accounts[before]:
                    made_next[labels[u, _PLACE]] = entry
    return found


_NO_LEVELS: Int32 = np.empty(0, dtype=np.int32)
_NOBODY: Int32 = np.empty(0, dtype=np.int32)


def layers_to(
    graph: ChainGraph,
    target: int,
    max_hops: int,
    *,
    order: Order,
    marks: Bytes,
    scratch: LayerScratch,
    source: int = -1,
    level: Int32 = _NO_LEVELS,
    banned: Int32 = _NOBODY,
) -> list[Layer]:
    """Layers 0 (the target alone) to at most `max_hops`, over all accounts or towards `source`.

    CLOSED accounts are in no layer, but for the target and the source. `level`: steps from
    the source, by which accounts are left out that are too far from it.
    """
    stamp = scratch.next_stamp()
    scratch.labels[target] = (stamp, 0, 0, 0)
    one = np.zeros(1, dtype=np.int32)
    layers = [Layer(one + np.int32(target), np.zeros(1, dtype=np.int64), one)]
    room_for = (scratch.accounts, scratch.keys, scratch.next)
    for number in range(1, max_hops + 1):
        before = layers[-1]
        found = _relax(
            graph.into_indptr,
            graph.into_indices,
            graph.into_costs,
            marks,
            banned,
            (source, target),
            (order.per_cost, order.per_step),
            level,
            max_hops - number,
            stamp,
            number,
            scratch.labels,
            before.accounts,
            before.keys,
            *room_for,
        )
        if found == 0:
            break
        accounts, keys, places = room_for
        layers.append(Layer(accounts[:found].copy(), keys[:found].copy(), places[:found].copy()))
    return layers


def follow(layers: list[Layer], number: int, place: int) -> list[int]:
    """The chain from an account of layer `number` to the target."""
    accounts = []
    for layer in reversed(layers[: number + 1]):
        accounts.append(int(layer.accounts[place]))
        place = int(layer.next[place])
    return accounts


def best_chain_within(
    graph: ChainGraph,
    source: int,
    target: int,
    max_hops: int,
    *,
    order: Order,
    marks: Bytes,
    scratch: Scratch,
    banned: Int32,
) -> tuple[int, list[int]] | None:
    """As `best_chain`, of at most `max_hops` steps; exact."""
    level = steps_from(graph, source, marks, limit=max_hops).level
    if level[target] < 0:
        return None
    layers = layers_to(
        graph,
        target,
        max_hops,
        order=order,
        marks=marks,
        scratch=scratch.layers,
        source=source,
        level=level,
        banned=banned,
    )
    for number in range(len(layers) - 1, 0, -1):
        places = np.flatnonzero(layers[number].accounts == source)
        if len(places):  # a later layer has a better key than those before it
            place = int(places[0])
            return int(layers[number].keys[place]), follow(layers, number, place)
    return None
