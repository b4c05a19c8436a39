"""The pages about chains and bridges: every command runs in the demo network, and what the pages
show is what comes out.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

import guanxi
from guanxi import cli_chains
from guanxi.fixtures import demo_files
from tests.verbs.conftest import Run

DOCS = Path(__file__).parents[2] / "docs"
#: A line that stands for what a page leaves out.
LEFT_OUT = "⋮"
#: What the first use of a kernel may say in between.
COMPILING = "Compiling the kernels for this machine; this happens once.\n"


def blocks(page: str) -> list[tuple[str, str]]:
    """(language, text) of the code blocks of a page."""
    return re.findall(r"^```(\w+)\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.M | re.S)


def is_shown(wanted: str, out: str) -> bool:
    """Whether the lines of a page follow each other in an output, but for those left out."""
    lines = [line.rstrip() for line in out.splitlines()]
    place = 0
    for part in re.split(rf"^\s*{LEFT_OUT}\n", wanted, flags=re.M):
        some = [line.rstrip() for line in part.splitlines()]
        starts = range(place, len(lines) - len(some) + 1)
        found = next((at for at in starts if lines[at : at + len(some)] == some), None)
        if found is None:
            return False
        place = found + len(some)
    return True


@pytest.mark.parametrize("page", ["chains.md", "bridges.md"])
def test_what_a_page_shows_comes_out(
    page: str, run: Run, demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(demo_store, tmp_path / "demo.duckdb")
    shutil.copytree(f"{demo_store}.d", tmp_path / "demo.duckdb.d")
    (tmp_path / "do-not-contact.txt").write_text("weibo:71831\n")
    monkeypatch.setenv("GUANXI_STORE", "demo.duckdb")
    monkeypatch.setattr(cli_chains, "is_terminal", lambda: True)
    out, shown = "", 0
    for language, text in blocks(page):
        if language == "sh":
            for line in text.splitlines():
                command = line.partition("  #")[0].strip()
                if command.startswith("printf"):
                    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
                elif command.startswith("guanxi ") and command != "guanxi demo":
                    done = run(*shlex.split(command)[1:])
                    assert done.code == 0, f"{command}\n{done.err}"
                    out = done.out + done.err.replace(COMPILING, "")
        elif language == "text":
            assert is_shown(text, out), f"{text}\nis not in\n{out}"
            shown += 1
        elif language == "python":
            exec(compile(text, page, "exec"), {})
    assert shown > 2


def test_the_planted_bridge_is_what_leads_across(demo_store: Path) -> None:
    """Most of the best chains from the core of one side to that of the other run through it."""
    demo = guanxi.open(demo_store)
    planted = json.loads(demo_files().planted.read_text("utf-8"))["bridge"]["account"]
    here, there = demo.bridges(n=1).rows[0]["joins"]
    core = {row["community"]: row["core_users"] for row in demo.communities()}
    chains = [
        {row["to"] for row in demo.chain(source, target)}
        for source in core[here][:6]
        for target in core[there][:6]
    ]
    assert sum(planted in chain for chain in chains) > len(chains) / 2
    best, around = (
        demo.chain(core[here][1], core[there][2], avoid=avoided).columns["chain_probability"][0]
        for avoided in ([], [planted])
    )
    assert best > 5 * around


def test_the_demo_is_a_small_world(demo_store: Path) -> None:
    """Its brand gets to nearly everybody in four steps; those who know each other are further."""
    demo = guanxi.open(demo_store)
    brand = json.loads(demo_files().planted.read_text("utf-8"))["brand"]
    shares = demo.degrees(accounts=brand).columns["share"]
    assert shares[0] < 0.05
    assert shares[3] > 0.98
    steps = [demo.separation(along=along).rows[0]["value"] for along in ("influence", "mutual")]
    assert 4 < steps[0] < 5
    assert steps[1] > 6
