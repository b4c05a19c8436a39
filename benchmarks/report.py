"""The page that `python -m benchmarks` writes: docs/benchmarks.md."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.harness import Row, Scale, markdown_table, ratio_text

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


def versions(peers: Sequence[str]) -> str:
    """Python, guanxi and the peers."""
    known = [
        f"Python {platform.python_version()}",
        f"guanxi {importlib.metadata.version('guanxi')}",
    ]
    return ", ".join(known + [f"{peer} {importlib.metadata.version(peer)}" for peer in peers])


@dataclass(frozen=True)
class Page:
    """A page of docs/: its head, and the packages of which it names the versions.

    `facts`: what else the head tells; `tail`: what the page ends with, made by no run.
    """

    head: str
    peers: Sequence[str]
    facts: Callable[[], Mapping[str, str]] = dict
    tail: Path | None = None

    def text(self, sections: Mapping[str, Sequence[Row]], scale: Scale) -> str:
        """What was meant to be reached, then each benchmark, headed by its words."""
        known = asdict(scale) | {"machine": machine(), "versions": versions(self.peers)}
        page = _page(self.head.format(**known, **self.facts()), sections)
        return page if self.tail is None else f"{page}\n{self.tail.read_text('utf-8')}"


def _neo4j() -> dict[str, str]:
    """The versions of the server, which only that page needs to know."""
    from tests.neo4j_server.releases import LTS

    return {"server": LTS.version, "gds": LTS.plugins[0].version}


#: What was measured alone ("": the benchmarks that are not) → the page about it.
PAGES = {
    "": Page(
        HEAD,
        ("igraph", "networkit", "scipy", "networkx", "python-louvain", "duckdb", "numba", "numpy"),
    ),
    "neo4j": Page(NEO4J_HEAD, ("neo4j", "neo4j-rust-ext", "numba", "numpy"), facts=_neo4j),
    "seeds": Page(SEEDS_HEAD, ("numba", "numpy", "networkx", "cynetdiff"), tail=MEASURED_ONCE),
    "chains": Page(CHAINS_HEAD, ("igraph", "networkit", "networkx", "numba", "numpy")),
    "api": Page(API_HEAD, ("fastapi", "uvicorn", "duckdb", "numpy")),
}


def _page(head: str, sections: Mapping[str, Sequence[Row]]) -> str:
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
