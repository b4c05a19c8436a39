"""The page that `python -m benchmarks` writes: docs/benchmarks.md."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.harness import Row, Scale, markdown_table, ratio_text

PEERS = ("igraph", "networkit", "scipy", "networkx", "python-louvain", "duckdb", "numba", "numpy")

HEAD = """\
# Benchmarks

Made by `make bench` on {machine}, with {accounts:,} accounts
and {edges:,} follows from guanxi's own generator unless a table says otherwise, and {threads}
threads. Versions: {versions}.

The subjects of one table run in turns, {rounds} rounds or fewer; times are medians, and
ratios are medians of the ratio to the fastest peer of the table in the same round. Kernels
are compiled before the clock starts. CPU is the time on all cores together, memory the peak
of a process of its own. Times depend on the machine and on what else it does; ratios less so.
"""

NEO4J_HEAD = """\
# Benchmarks with Neo4j

Made by `make bench-neo4j` on {machine}, with a real server (Neo4j {server}, GDS {gds}) on the
same machine, and {threads} threads. Versions: {versions}.

The subjects of one table run in turns; times are medians, and ratios are medians of the ratio
to the peer of the table in the same round. Times depend on the machine and on what else it
does; ratios less so.
"""

SEEDS_HEAD = """\
# Benchmarks of seed selection

Made by `make bench-seeds` on {machine}, with guanxi's own generator and {threads} threads
unless a table says otherwise. Versions: {versions}.

Weighted cascade throughout: an account wins another with probability 1 / in-degree. The
subjects of one table run in turns; times are medians, and ratios are medians of the ratio to the
fastest peer of the table in the same round. Kernels are compiled before the clock starts.
Times depend on the machine and on what else it does; ratios and lists less so. What takes too
long for every run, or needs data that are not ours to hand on, was [measured once](#measured-once).
"""

CHAINS_HEAD = """\
# Benchmarks of chains, steps and bridges

Made by `make bench-chains` on {machine}, with {accounts:,} accounts
and {edges:,} follows from guanxi's own generator unless a table says otherwise, and {threads}
threads. Versions: {versions}.

The subjects of one table run in turns; times are medians, and ratios are medians of the ratio to
the fastest peer of the table in the same round. Kernels are compiled before the clock starts.
Times depend on the machine and on what else it does; ratios less so.
"""

API_HEAD = """\
# Benchmarks of the HTTP API

Made by `make bench-api` on {machine}, with {accounts:,} accounts and {edges:,} follows from
guanxi's own generator, and an accounts file. Versions: {versions}.

The subjects of one table run in turns, {rounds} rounds; ratios are those of the time a request.
Times depend on the machine and on what else it does; ratios less so.
"""
#: Figures that no run makes anew; they end the page on seeds.
MEASURED_ONCE = Path(__file__).with_name("seeds_measured_once.md")


def machine() -> str:
    """The processor, its cores and the memory."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    cores = os.cpu_count() or 1
    text = f"{cores} cores ({name})"
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        text += f" and {total / 2**30:.0f} GiB of memory"
    return f"{text}, {platform.system()}"


def versions(peers: Sequence[str] = PEERS) -> str:
    """Python, guanxi and the peers."""
    known = [
        f"Python {platform.python_version()}",
        f"guanxi {importlib.metadata.version('guanxi')}",
    ]
    return ", ".join(known + [f"{peer} {importlib.metadata.version(peer)}" for peer in peers])


def page(sections: dict[str, list[Row]], scale: Scale) -> str:
    """The whole page: what was meant to be reached, then each benchmark, headed by its words."""
    head = HEAD.format(
        machine=machine(),
        accounts=scale.accounts,
        edges=scale.edges,
        threads=scale.threads,
        versions=versions(),
        rounds=scale.rounds,
    )
    return _page(head, sections)


def neo4j_page(sections: dict[str, list[Row]], scale: Scale) -> str:
    """The page of what was measured on a Neo4j server."""
    from tests.neo4j_server.releases import LTS

    head = NEO4J_HEAD.format(
        machine=machine(),
        server=LTS.version,
        gds=LTS.plugins[0].version,
        threads=scale.threads,
        versions=versions(("neo4j", "neo4j-rust-ext", "numba", "numpy")),
    )
    return _page(head, sections)


def seeds_page(sections: dict[str, list[Row]], scale: Scale) -> str:
    """The page on seed selection: what this run measured, and what was measured once."""
    head = SEEDS_HEAD.format(
        machine=machine(),
        threads=scale.threads,
        versions=versions(("numba", "numpy", "networkx", "cynetdiff")),
    )
    return _page(head, sections) + "\n" + MEASURED_ONCE.read_text("utf-8")


def chains_page(sections: dict[str, list[Row]], scale: Scale) -> str:
    """The page on chains, steps, separation and bridges."""
    head = CHAINS_HEAD.format(
        machine=machine(),
        accounts=scale.accounts,
        edges=scale.edges,
        threads=scale.threads,
        versions=versions(("igraph", "networkit", "networkx", "numba", "numpy")),
    )
    return _page(head, sections)


def api_page(sections: dict[str, list[Row]], scale: Scale) -> str:
    """The page of what was measured on the HTTP API."""
    head = API_HEAD.format(
        machine=machine(),
        accounts=scale.accounts,
        edges=scale.edges,
        rounds=scale.rounds,
        versions=versions(("fastapi", "uvicorn", "duckdb", "numpy")),
    )
    return _page(head, sections)


def _page(head: str, sections: dict[str, list[Row]]) -> str:
    parts = [head, _goals([row for rows in sections.values() for row in rows])]
    for text, rows in sections.items():
        title, _, rest = text.strip().partition("\n")
        parts.append(f"## {title.rstrip('.')}\n\n{rest.strip()}\n" if rest else f"## {title}\n")
        for group, members in groupby(rows, key=lambda row: row.group):
            parts.append(f"### {group}\n\n{markdown_table(list(members))}\n")
    return "\n".join(parts)


def _goals(rows: list[Row]) -> str:
    """What was to be reached, and what was."""
    lines = ["## Goals", "", "| | | time | ratio | goal |", "| --- | --- | ---: | ---: | ---: |"]
    for row in rows:
        if row.goal:
            time, ratio = f"{row.seconds:.3g} s", ratio_text(row)
            lines.append(f"| {row.group} | {row.subject} | {time} | {ratio} | {row.goal} |")
    return "\n".join(lines) + "\n"
