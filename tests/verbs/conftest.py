"""A small network in a store, and the command line as a user calls it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi import cli
from guanxi.fixtures import demo_files

#: Three groups of accounts; everybody in a group follows its head, one of them another head.
GROUPS = {"tea": 9, "art": 6, "car": 4}


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """Standard output as JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Calls the command line in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["guanxi", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        shown = capsys.readouterr()
        return Outcome(code, shown.out, shown.err)

    return call


def write_small_network(folder: Path) -> None:
    """accounts.csv, follows.csv and interactions.csv of three groups around their heads."""
    accounts = ["id,name,platform,city,price,opted_out"]
    follows = ["follower,followee"]
    interactions = ["actor,target,kind,time"]
    for group, size in GROUPS.items():
        accounts.append(f"{group}:head,{group.title()} 头,weibo,Shanghai,{size * 100},false")
        for i in range(size):
            member = f"{group}:{i:03}"
            opted_out = "true" if i == 0 else "false"
            accounts.append(f"{member},{group} {i},douyin,Beijing,{10 + i},{opted_out}")
            follows.append(f"{member},{group}:head")
            follows.append(f"{member},{group}:{(i + 1) % size:03}")
            interactions.append(f"{member},{group}:head,repost,2026-05-{i + 1:02}T08:00:00Z")
    follows += ["tea:001,art:head", "art:001,car:head", "car:001,tea:head"]
    for name, lines in (
        ("accounts", accounts),
        ("follows", follows),
        ("interactions", interactions),
    ):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small network, loaded and analysed. Tests must not change it."""
    folder = tmp_path_factory.mktemp("small")
    write_small_network(folder)
    network = guanxi.open(folder / "small.duckdb")
    network.load(
        accounts=[folder / "accounts.csv"],
        follows=[folder / "follows.csv"],
        interactions=[folder / "interactions.csv"],
    )
    network.analyze()
    return folder / "small.duckdb"


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network, loaded and analysed. Tests must not change it."""
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    files = demo_files()
    network = guanxi.open(path)
    network.load(
        accounts=[files.accounts], follows=[files.follows], interactions=[files.interactions]
    )
    network.analyze(with_=["hits"])
    return path
