"""What the documentation tells people to type is typed here, and so are the doctests."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

import guanxi
from tests.verbs.conftest import write_small_network

ROOT = Path(__file__).parent.parent
#: Pages whose commands need a server, or whose outputs are compared, have tests of their own.
ELSEWHERE = {"neo4j.md", "chains.md", "bridges.md"}
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name not in ELSEWHERE),
]
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(guanxi.__path__, "guanxi.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["guanxi", *MODULES])
def test_doctests(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with every file that the pages name, and a loaded and analysed store."""
    write_small_network(tmp_path)
    shutil.copy(tmp_path / "interactions.csv", tmp_path / "reposts.csv")
    for name in ("agency-list", "agency-a", "agency-b", "our-list", "competitors", "prospects"):
        (tmp_path / f"{name}.csv").write_text("id\ntea:002\ncar:head\nweibo:71831\nweibo:69780\n")
    (tmp_path / "customers-by-worth.csv").write_text("id,weight\ntea:002,5\nweibo:71831,2.5\n")
    (tmp_path / "probabilities.csv").write_text(
        "source,target,probability\ntea:002,tea:003,0.5\nweibo:71831,weibo:69780,0.5\n"
    )
    (tmp_path / "team.csv").write_text("id\ntea:head\n")
    (tmp_path / "do-not-contact.txt").write_text("tea:003\n")
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.append(["粉丝ID", "博主ID"])
    workbook.active.append(["weibo:1234567", "tea:head"])
    workbook.active.append(["weibo:69780", "weibo:71831"])  # accounts of the demo network
    workbook.save(tmp_path / "export.xlsx")
    follows = (tmp_path / "follows.csv").read_text().replace(",", "\t").split("\n", 1)[1]
    (tmp_path / "follows.tsv").write_text(follows)
    subprocess.run(["gzip", "-k", "follows.tsv"], cwd=tmp_path, check=True)
    network = guanxi.open(tmp_path / "guanxi.duckdb")
    network.load(follows=[tmp_path / "export.xlsx"], columns="actor=粉丝ID,target=博主ID")
    network.load(accounts=[tmp_path / "accounts.csv"], follows=[tmp_path / "follows.csv"])
    network.analyze()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(page: Path) -> list[str]:
    """The lines of a page's code blocks that call guanxi, without their comments."""
    blocks = re.findall(r"^```(?:sh|bash)?\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    found = [re.split(r"  +#|   +(?=\w)", line)[0].strip() for line in lines]
    return [line for line in found if re.search(r"(^|\| )guanxi ", line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_the_pages(page: Path, folder: Path) -> None:
    environment = {
        **os.environ,
        "GUANXI_MEMORY": "40MB",  # fewer samples: the commands are tried here, not the lists
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    store = re.search(r"^export GUANXI_STORE=(\S+)$", page.read_text("utf-8"), re.M)
    if store is not None:
        environment["GUANXI_STORE"] = store[1]
    for command in commands(page):
        if "install-completion" in command or command == "guanxi serve":  # it ends by Ctrl-C only
            continue
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_the_pages(page: Path, folder: Path) -> None:
    (folder / "net.duckdb").unlink(missing_ok=True)
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)
