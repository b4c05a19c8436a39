"""Participation: how an account's ties are spread over the communities, and which it joins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guanxi.algorithms.community.csr import blocks_of, on_blocks
from guanxi.graph.arrays import Adjacency, Bool, Float64, Int32, Int64, read_only
from guanxi.kernels import kernel


@kernel
def _participation(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    labels: Int32,
    inside: Float64,
    touched: Int32,
    low: int,
    high: int,
    scores: Float64,
) -> None:
    """Scores of accounts `low … high-1`; `inside` (zeros, one for each label) is scratch."""
    for v in range(low, high):
        count = 0
        total = 0.0
        for entry in range(indptr[v], indptr[v + 1]):
            label = labels[indices[entry]]
            if inside[label] == 0.0:
                touched[count] = label
                count += 1
            inside[label] += weights[entry]
            total += weights[entry]
        even = 0.0
        for place in range(count):
            share = inside[touched[place]] / total
            even += share * share
            inside[touched[place]] = 0.0
        scores[v] = max(0.0, 1.0 - even) if count > 1 else 0.0


@kernel
def _joining(
    indptr: Int64,
    indices: Int32,
    weights: Float64,
    labels: Int32,
    column: Int32,
    inside: Float64,
    at_least: float,
    low: int,
    high: int,
    joins: Bool,
) -> None:
    """Whether accounts `low … high-1` join all communities with a `column` (of `inside`)."""
    for v in range(low, high):
        inside[:] = 0.0
        total = 0.0
        for entry in range(indptr[v], indptr[v + 1]):
            place = column[labels[indices[entry]]]
            if place >= 0:
                inside[place] += weights[entry]
            total += weights[entry]
        joins[v] = total > 0.0
        for strength in inside:
            joins[v] &= strength / total >= at_least


def participation(ties: Adjacency, labels: Int32, threads: int | None = None) -> Float64:
    """The participation coefficient of each account, float64[n] in [0, 1).

    P(u) = 1 − Σ (k(u, c) / k(u))² over communities c, where k(u, c) is the strength of u's ties
    with members of c and k(u) that of all its ties: the chance that two of its ties, drawn by
    strength, lead into different communities. 0 where all lead into one, or there are none.

    `ties`: symmetric, positive weights (see `guanxi.algorithms.community.undirected`).
    `labels`: int32[n], the community of each account, from 1.

    Source: R. Guimerà, L. A. N. Amaral, "Functional cartography of complex metabolic
    networks", Nature 433, 2005, doi:10.1038/nature03288.

    >>> star = Adjacency(np.array([0, 2, 3, 4]), np.array([1, 2, 0, 0], dtype=np.int32), np.ones(4))
    >>> participation(star, np.array([1, 1, 2], dtype=np.int32)).tolist()
    [0.5, 0.0, 0.0]
    """
    scores = np.empty(ties.n)
    rows = read_only(ties.indptr), read_only(ties.indices), read_only(_weights(ties))
    label_count = int(labels.max(initial=0)) + 1
    known = read_only(np.asarray(labels, dtype=np.int32))

    def work(block: tuple[int, int]) -> None:
        scratch = np.zeros(label_count), np.empty(label_count, dtype=np.int32)
        _participation(*rows, known, *scratch, *block, scores)

    on_blocks(work, blocks_of(ties.indptr) if ties.n else [], threads)
    return scores


def joined_communities(
    ties: Adjacency, labels: Int32, account: int, at_least: float
) -> list[tuple[int, float]]:
    """The communities that hold at least the share `at_least` of an account's tie strength.

    (community, share), the largest share first, equal ones by number; the account's own
    community among them.
    """
    row = slice(*ties.indptr[account : account + 2].tolist())
    weights = _weights(ties)[row]
    strength = np.bincount(labels[ties.indices[row]], weights=weights)
    # Added one by one, as in `joining_accounts`, so that both draw the line at the same place.
    total = float(np.add.accumulate(weights)[-1]) if len(weights) else 0.0
    shares = strength / max(total, 1e-300)
    order = np.lexsort((np.arange(len(shares)), -shares))
    return [(int(c), float(shares[c])) for c in order if shares[c] >= max(at_least, 1e-12)]


def joining_accounts(
    ties: Adjacency,
    labels: Int32,
    communities: Sequence[int],
    at_least: float,
    threads: int | None = None,
) -> Bool:
    """bool[n]: accounts of which each of `communities` holds the share `at_least` of the ties.

    These are the accounts whose `joined_communities` name all of them. `communities`: distinct,
    from 1 to the largest of `labels`.

    >>> star = Adjacency(np.array([0, 2, 3, 4]), np.array([1, 2, 0, 0], dtype=np.int32), np.ones(4))
    >>> joining_accounts(star, np.array([1, 1, 2], dtype=np.int32), [1, 2], 0.1).tolist()
    [True, False, False]
    """
    column = np.full(int(labels.max(initial=0)) + 1, -1, dtype=np.int32)
    column[list(communities)] = np.arange(len(communities))
    rows = read_only(ties.indptr), read_only(ties.indices), read_only(_weights(ties))
    known = read_only(np.asarray(labels, dtype=np.int32)), read_only(column)
    joins = np.zeros(ties.n, dtype=np.bool_)

    def work(block: tuple[int, int]) -> None:
        _joining(*rows, *known, np.empty(len(communities)), max(at_least, 1e-12), *block, joins)

    on_blocks(work, blocks_of(ties.indptr) if ties.n else [], threads)
    return joins


def _weights(ties: Adjacency) -> Float64:
    return np.ones(ties.m) if ties.weights is None else ties.weights
