"""The networks that the benchmarks measure on: guanxi's own generator, at any size."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from guanxi.fixtures import Network, generate, write_network
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32

#: Where files of a benchmark lie; `make clean` takes it away.
FOLDER = Path(".bench")


def network(accounts: int, edges: int, seed: int = 1) -> Network:
    """A network with planted communities and heavy tails, without interactions."""
    return generate(
        accounts=accounts,
        seed=seed,
        mean_degree=edges / accounts,
        interactions=0,
        campaigns=0,
    )


@lru_cache(maxsize=2)
def follow_edges(accounts: int, edges: int, seed: int = 1) -> tuple[Int32, Int32]:
    """The follows of the network as (actor, target): distinct, without loops, sorted.

    Accounts are numbered as in a snapshot, by the bytes of their ids.
    """
    made = network(accounts, edges, seed)
    number = np.empty(accounts, dtype=np.int64)
    number[np.argsort(np.array(made.accounts.ids, dtype=np.bytes_))] = np.arange(accounts)
    key = np.sort(number[made.arcs.follower] * accounts + number[made.arcs.followee])
    return (key // accounts).astype(np.int32), (key % accounts).astype(np.int32)


def follows_file(accounts: int, edges: int, seed: int = 1) -> Path:
    """follows.csv of the network: `follower,followee,since`, ids as texts; made once."""
    path = FOLDER / f"follows-{accounts}-{edges}-{seed}.csv"
    if not path.exists():
        part = FOLDER / f"{path.stem}.part"
        [written] = write_network(part, network(accounts, edges, seed), follows_only=True)
        written.rename(path)
        shutil.rmtree(part)
    return path


def adjacency(
    accounts: int, rows: Int32, columns: Int32, weights: Float64 | None = None
) -> Adjacency:
    """The matrix with an entry at (row, column) for each pair; pairs must be distinct."""
    order: npt.NDArray[np.int64] = np.argsort(rows.astype(np.int64) * accounts + columns)
    indptr = np.zeros(accounts + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=accounts), out=indptr[1:])
    return Adjacency(indptr, columns[order], None if weights is None else weights[order])


@lru_cache(maxsize=2)
def influence_graph(
    accounts: int, edges: int, weighted: bool = False, seed: int = 1
) -> InfluenceGraph:
    """The follows as influence arcs: the followed influences the follower.

    Weighted: a quarter of the ties have interactions on top of the follow, and so a
    strength above 1, by a lognormal amount.
    """
    actor, target = follow_edges(accounts, edges, seed)
    weights = None
    if weighted:
        random = np.random.default_rng([seed, accounts, edges])
        weights = 1.0 + (random.random(len(actor)) < 0.25) * random.lognormal(0, 1, len(actor))
    return InfluenceGraph(
        out=adjacency(accounts, target, actor, weights),
        into=adjacency(accounts, actor, target, weights),
    )
