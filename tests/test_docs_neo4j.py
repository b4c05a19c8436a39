"""docs/neo4j.md on a fresh server, exactly as written, on every release."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
import pytest

import guanxi
from guanxi.kernels import cache_folder
from tests.neo4j_server.process import ServerProcess
from tests.neo4j_server.server import Server

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "neo4j.md"
FOREIGN = "A graph that is already there"  # begins on an empty server
ADDRESS = "127.0.0.1:7687"
BLOCK = re.compile(r"^```(sh|cypher)\n(.*?)^```", re.M | re.S)


def sections() -> dict[str, list[tuple[str, str]]]:
    """The blocks of code of the page that can be run, with their language, by heading."""
    parts = re.split(r"^## (.*)\n", PAGE.read_text("utf-8"), flags=re.M)
    found = {
        title: BLOCK.findall(text) for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    return {title: blocks for title, blocks in found.items() if blocks}


@dataclass
class Reader:
    """Somebody who types what the page says, at a server of their own."""

    server: ServerProcess
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def sh(self, block: str) -> None:
        """Run a block in the shell that has run those before; a password is typed if asked for."""
        script = block.replace(ADDRESS, self.server.uri.removeprefix("bolt://"))
        noted = self.folder / ".environment"
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", f"{script}\nenv -0 > '{noted}'"],
            cwd=self.folder,
            env=self.environment,
            input=f"{self.server.options.password}\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        self.said = done.stdout + done.stderr
        pairs = noted.read_text("utf-8").rstrip("\0").split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs)

    def cypher(self, block: str) -> None:
        """Run a statement; one that only reads is run by each Cypher there is, and finds rows."""
        with self.server.driver() as driver:
            if re.search(r"\b(CREATE|SET)\b", block):
                assert driver.execute_query(block).summary.counters.contains_updates, block
                return
            rows = [driver.execute_query(word + block).records for word in versions(driver)]
        assert rows[0], block
        assert {len(again) for again in rows} == {len(rows[0])}, block
        for values in rows[0][0].values():
            assert values is not None, block


def versions(driver: neo4j.Driver) -> list[str]:
    """What a text may begin with: servers that know Cypher 25 are asked in both."""
    rows = driver.execute_query("CALL dbms.components() YIELD name, versions").records
    known = {row["name"]: row["versions"] for row in rows}.get("Cypher", [])
    return [f"CYPHER {version} " for version in known] or [""]


@pytest.fixture
def reader(neo4j_locked_server: ServerProcess, tmp_path: Path) -> Reader:
    """With guanxi on the path, and a Docker that says yes to all."""
    programs = tmp_path / "bin"
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    mine = {name: value for name, value in os.environ.items() if not name.startswith("GUANXI_")}
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    cache = tmp_path / "cache"
    (cache / "guanxi").mkdir(parents=True)
    compiled = cache_folder()  # of the user; all else in the cache is the reader's own
    (cache / "guanxi" / compiled.name).symlink_to(compiled)
    return Reader(
        neo4j_locked_server, tmp_path, {**mine, "PATH": path, "XDG_CACHE_HOME": str(cache)}
    )


def test_the_page(reader: Reader) -> None:
    for title, blocks in sections().items():
        if title == FOREIGN:
            reader.server.wipe()
        for language, block in blocks:
            getattr(reader, language)(block)
        if title == "Cypher recipes":
            assert "weibo:71831" not in reader.said  # who has opted out is in no list


def test_every_kind_of_block_is_known() -> None:
    languages = set(re.findall(r"^```(\w*)\n", PAGE.read_text("utf-8"), re.M))
    assert languages == {"sh", "cypher", ""}
    assert sum(len(blocks) for blocks in sections().values()) > 15


def test_the_recipe_for_freshness(
    neo4j_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path))
    (recipe,) = [block for _, block in sections()["Cypher recipes"] if "AS fresh" in block]
    network = guanxi.open(neo4j_server.uri)
    fresh = []
    for number in range(2):
        file = tmp_path / f"{number}.csv"
        file.write_text(f"follower,followee\na,b{number}\n")
        network.load(follows=[file])
        fresh.append(neo4j_server.run(recipe)[0]["fresh"])
        network.analyze()
        fresh.append(neo4j_server.run(recipe)[0]["fresh"])
    assert fresh == [None, True, False, True]


def test_compose_starts_what_the_page_says() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert 'NEO4J_AUTH: "neo4j/${GUANXI_NEO4J_PASSWORD:?' in text
    assert "127.0.0.1:7687:7687" in text
    assert "127.0.0.1:7474:7474" in text
    assert "image: neo4j:5.26-community" in text
    assert "\n    healthcheck:" in text
