"""How strongly communities are tied to one another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph

_BLOCK = 1 << 16


def strength_between(out: Adjacency, communities: npt.NDArray[Any], largest: int) -> Float64:
    """float64[largest, largest]: tie strength between the communities 1 … `largest`, both ways.

    `communities`: the number of each account's community. The diagonal is 0.
    """
    n = len(communities)
    labels = np.where(communities <= largest, communities - 1, largest).astype(np.int64)
    found = np.zeros((largest + 1) ** 2)
    for start in range(0, n, _BLOCK):
        bounds = np.asarray(out.indptr[start : min(start + _BLOCK, n) + 1])
        rows = np.repeat(labels[start : start + len(bounds) - 1], np.diff(bounds))
        others = labels[out.indices[bounds[0] : bounds[-1]]]
        weights = None if out.weights is None else out.weights[bounds[0] : bounds[-1]]
        found += np.bincount(rows * (largest + 1) + others, weights, minlength=len(found))
    square = found.reshape(largest + 1, largest + 1)[:largest, :largest]
    both = square + square.T
    np.fill_diagonal(both, 0.0)
    return both


def strength_from(graph: InfluenceGraph, communities: npt.NDArray[Any], community: int) -> Float64:
    """float64: tie strength between one community and each (at its number), both ways."""
    members = np.flatnonzero(communities == community)
    found = np.zeros(int(communities.max(initial=0)) + 1)
    for adjacency in (graph.out, graph.into):
        starts = np.asarray(adjacency.indptr)[members]
        lengths = np.asarray(adjacency.indptr)[members + 1] - starts
        places = np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        places += np.arange(len(places))
        weights = None if adjacency.weights is None else adjacency.weights[places]
        labels = communities[adjacency.indices[places]]
        found += np.bincount(labels, weights, minlength=len(found))
    found[community] = 0.0
    return found
