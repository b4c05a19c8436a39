"""`python -m benchmarks`: measure all, print the tables, write docs/benchmarks.md.

`--neo4j` measures on a real server instead, which the tests fetch, and writes
docs/benchmarks-neo4j.md; `--seeds` measures seed selection in depth, and writes
docs/benchmarks-seeds.md; `--chains` measures chains, steps and bridges, and writes
docs/benchmarks-chains.md; `--api` measures the HTTP API, and writes docs/benchmarks-api.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import pkgutil
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import benchmarks
from benchmarks.harness import QUICK, Row, Scale, run_benchmark
from benchmarks.report import PAGES

DOCS = Path(__file__).parent.parent / "docs"
#: What needs a Neo4j server, and has a page of its own.
NEO4J = "neo4j"
#: Seed selection in depth, with a page of its own; the second part stands only there.
SEEDS = ("seeds", "seed_quality")
#: Chains, steps, separation and bridges, with a page of their own; the last on a Neo4j server.
CHAINS = ("chains", "degrees", "paths")
#: The HTTP API under load, with a page of its own.
API = "api"
#: What is measured alone, by its option: the benchmarks of its page.
ALONE = {"neo4j": (NEO4J,), "seeds": SEEDS, "chains": CHAINS, "api": (API,)}
#: The order on the page; benchmarks not named here come last.
ORDER = ("load", "commands", "centrality", "communities", "seeds")


def names() -> list[str]:
    """The benchmarks: NAME for each module bench_NAME, in the order of the page."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    known = {name.removeprefix("bench_") for name in found if name.startswith("bench_")}
    return sorted(
        known - {NEO4J, SEEDS[1], API, CHAINS[-1]},
        key=lambda name: (ORDER.index(name) if name in ORDER else 99, name),
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small networks; writes no page")
    parser.add_argument("--only", nargs="+", choices=names(), help="these; writes no page")
    parser.add_argument("--neo4j", action="store_true", help="those on a Neo4j server, alone")
    parser.add_argument("--seeds", action="store_true", help="seed selection in depth, alone")
    parser.add_argument("--chains", action="store_true", help="chains and bridges, alone")
    parser.add_argument("--api", action="store_true", help="the HTTP API under load, alone")
    parser.add_argument("-o", "--output", type=Path, help="write the page to this file")
    given = parser.parse_args(arguments)
    scale = QUICK if given.quick else Scale()
    sections: dict[str, list[Row]] = {}
    kind = next((option for option in ALONE if getattr(given, option)), "")
    usual = [name for name in names() if name not in CHAINS]
    for name in ALONE.get(kind) or given.only or usual:
        # A process for each, so that none sees the memory or the threads of another.
        fresh = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        with fresh as pool:
            text, rows = pool.submit(run_benchmark, name, scale).result()
        sections[text] = rows
    page = PAGES[kind].text(sections, scale)
    print(page)
    place = DOCS / f"benchmarks{'-' if kind else ''}{kind}.md"
    target = given.output or (None if given.quick or given.only else place)
    if target is not None:
        target.write_text(page, "utf-8")
        print(f"Written to {target}.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
