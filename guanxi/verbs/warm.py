"""Compile every kernel ahead of time, by walking a tiny network through the whole job."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from guanxi.engine import Engine
from guanxi.settings import Settings


def compile_kernels() -> None:
    """Load, analyse and ask about a small invented network, so that all kernels are cached."""
    from guanxi.fixtures import generate, write_network

    with tempfile.TemporaryDirectory(prefix="guanxi-") as folder:
        place = Path(folder)
        files = {path.stem: path for path in write_network(place, generate(accounts=300))}
        engine = Engine(settings=Settings(store=str(place / "warm.duckdb"), threads=1))
        engine.load(
            accounts=[files["accounts"]],
            follows=[files["follows"]],
            interactions=[files["interactions"]],
        )
        engine.analyze(with_=["hits"], communities="label-propagation")
        engine.analyze(with_=["hits"])
        for profile in ("default", "followers-only"):  # arcs with strengths, and without
            ids = [str(row["id"]) for row in engine.seeds(2, profile=profile, samples=1024)]
            engine.reach([ids], samples=1024, profile=profile)
            engine.chain(*ids, profile=profile, n=2)
            engine.chain(*ids, profile=profile, mutual=True, max_hops=1)
            engine.introduce(ids[:1], ids[1:], profile=profile)
        snapshot = engine.snapshot()
        unfollowed = int(np.argmin(np.diff(snapshot.graph().out.indptr)))
        engine.chain(snapshot.id_of(unfollowed), ids[0])  # there is none: how far one gets
        engine.bridges(n=2, joins=1)
        engine.bridges(by="constraint", n=2)
        engine.degrees([ids], along="mutual")
        engine.separation(exact=False)
        engine.forget_snapshot()
