"""`demo`: the bundled network, loaded, analysed and shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from guanxi.results import Result
from guanxi.verbs.load import LoadFile
from guanxi.verbs.seed_sentences import AGAINST, comparison_columns

if TYPE_CHECKING:
    from guanxi.engine import Engine

#: The demo never touches another store.
STORE = "demo.duckdb"
SEEDS = 10


class Step(NamedTuple):
    """One thing that the demo shows: sentences, then perhaps a table."""

    title: str
    sentences: list[str]
    result: Result | None = None
    left_out: tuple[str, ...] = ()


def run_demo(engine: Engine, program: str = "guanxi") -> Iterator[Step]:
    """Load the bundled network into the engine's store, and go through the main job.

    `program` is how the user calls guanxi, for the commands that it proposes.
    """
    from guanxi.fixtures import demo_files

    files = demo_files()
    loaded = engine.load(
        [
            LoadFile(str(files.accounts), "accounts"),
            LoadFile(str(files.follows), "follows"),
            LoadFile(str(files.interactions), "interactions"),
        ]
    )
    yield Step("", [f"The demo network (invented) is in {engine.store}."])
    yield Step(
        "Loaded", [], loaded, ("rejects_file", "removed", "unchanged", "updated", "self_loops")
    )
    analysed = engine.analyze()
    yield Step("", ["", analysed.meta["summary"][0]])
    yield Step(
        "Core users: the accounts with the highest PageRank",
        [],
        engine.top(n=10),
        ("weighted_in_degree",),
    )
    found = engine.communities(n=8)
    for row in found.columns["core_users"]:
        del row[3:]
    yield Step(
        "The largest communities, with the first three core users of each",
        ["Communities:"],
        found,
        ("density",),
    )
    chosen = engine.seeds(SEEDS)
    yield Step(
        f"Whom to win: {SEEDS} accounts that together reach the most",
        ["Seed list:"],
        chosen,
        ("reach_low", "reach_high"),
    )
    yield Step("", chosen.meta["summary"])
    yield Step(AGAINST, [f"{AGAINST}:"], Result(comparison_columns(chosen.meta)), ())
    yield Step(
        "",
        [
            "",
            "Ask it yourself:",
            f"  {program} --store {STORE} top --where \"city = 'Shanghai'\" -n 5",
            f"  {program} --store {STORE} seeds -k 20 -o seeds.xlsx",
            f"  {program} --store {STORE} bridges -n 5",
            "Your own data:",
            f"  {program} load --follows follows.csv",
            f"  {program} analyze",
            f"  {program} seeds -k 50",
        ],
    )
