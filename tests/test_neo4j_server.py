"""The servers of the tests: what they need is found or named, and nothing of them stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.neo4j_server import download, supervisor, tools
from tests.neo4j_server.plugin import Servers
from tests.neo4j_server.process import Options, ServerError, ServerProcess
from tests.neo4j_server.releases import LTS, NEWEST, RELEASES, Release, pom
from tests.neo4j_server.server import Server
from tests.neo4j_server.tools import MissingError, find_java, find_maven

ROOT = Path(__file__).parent.parent
PATIENCE = 120


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        if not Path("/proc/self").exists():
            pytest.skip("needs /proc to see whether a process has ended")
        return False
    return state != "Z"


# ------------------------------------------------------------------ what ends a server


PARENT = """
import json, subprocess, sys, time
supervisor, folder, log, *program = sys.argv[1:]
child = subprocess.Popen(
    [sys.executable, "-I", supervisor, folder],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
)
child.stdin.write(json.dumps(["start", log, *program]) + "\\n")
child.stdin.flush()
assert child.stdout.readline() == "running\\n"
print(child.pid, flush=True)
time.sleep(1000)
"""
#: Says its process id, then cannot be ended by anything but SIGKILL.
PROGRAM = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(1000)
"""


class Family:
    """A parent that is like a test run, a supervisor, and a program that is like a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "server"
        self.folder.mkdir()
        (self.folder / "data").write_text("data")
        log = folder / "log"
        self.parent = subprocess.Popen(
            [
                *(sys.executable, "-c", PARENT, supervisor.__file__, self.folder, log),
                *(sys.executable, "-c", PROGRAM),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.parent.stdout is not None
        self.supervisor = int(self.parent.stdout.readline())
        wait_until(lambda: log.read_text().endswith("\n"))
        self.program = int(log.read_text())
        assert is_alive(self.program)

    def end(self) -> None:
        self.parent.kill()
        self.parent.communicate()


def test_a_test_run_killed_with_9_leaves_nothing(tmp_path: Path) -> None:
    family = Family(tmp_path)
    family.end()
    wait_until(lambda: not is_alive(family.program))
    wait_until(lambda: not family.folder.exists())
    wait_until(lambda: not is_alive(family.supervisor))


def test_a_supervisor_ended_by_a_signal_leaves_nothing(tmp_path: Path) -> None:
    family = Family(tmp_path)
    os.kill(family.supervisor, signal.SIGTERM)
    wait_until(lambda: not is_alive(family.program))
    wait_until(lambda: not family.folder.exists())
    family.end()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_supervisor_killed_with_9_leaves_no_process(tmp_path: Path) -> None:
    family = Family(tmp_path)
    os.kill(family.supervisor, signal.SIGKILL)
    wait_until(lambda: not is_alive(family.program))
    family.end()


RUN = """
import sys, time
from tests.neo4j_server.install import install
from tests.neo4j_server.process import ServerProcess
from tests.neo4j_server.releases import RELEASES
server = ServerProcess(install(RELEASES[sys.argv[1]])).start()
print(server.port, server.folder, flush=True)
time.sleep(1000)
"""


def test_a_real_server_ends_with_the_killed_run(
    neo4j_servers: Servers, neo4j_release: Release | None
) -> None:
    if neo4j_release is None:
        pytest.skip("needs a server of its own, and GUANXI_TEST_NEO4J_URI gives another")
    neo4j_servers.installation(neo4j_release)
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, neo4j_release.name],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    port, folder = run.stdout.readline().split()
    with socket.create_connection(("127.0.0.1", int(port))):
        pass
    run.kill()
    run.communicate()
    wait_until(lambda: not Path(folder).exists())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)))


# -------------------------------------------------------------------------- real servers


def test_data_outlive_kill_and_stop(start_neo4j: Callable[..., ServerProcess]) -> None:
    server = start_neo4j()
    address = server.uri
    server.run("CREATE (:A {id: 1})")
    server.kill()
    assert not server.is_running
    assert server.start().run("MATCH (a:A) RETURN a.id AS id") == [{"id": 1}]
    assert server.uri == address
    server.stop()
    assert not server.is_running


def test_a_test_finds_an_empty_database(neo4j_server: Server) -> None:
    def found() -> list[int]:
        return [
            len(neo4j_server.run("MATCH (n) RETURN n")),
            len(neo4j_server.run("SHOW CONSTRAINTS")),
            len(neo4j_server.run("SHOW INDEXES YIELD type WHERE type <> 'LOOKUP'")),
        ]

    assert found() == [0, 0, 0]
    neo4j_server.run("CREATE CONSTRAINT `a ``b` FOR (a:A) REQUIRE a.id IS UNIQUE")
    neo4j_server.run("CREATE INDEX FOR (a:A) ON (a.name)")
    neo4j_server.run("CREATE (:A {id: 1})-[:TO]->(:A {id: 2})")
    assert found() == [2, 1, 2]
    neo4j_server.wipe()
    assert found() == [0, 0, 0]


@pytest.mark.neo4j_gds
def test_graph_data_science(start_neo4j: Callable[..., ServerProcess]) -> None:
    server = start_neo4j(Options(gds=True))
    assert server.run("RETURN gds.version() AS version") == [{"version": "2.13.9"}]


def test_a_server_that_does_not_start_says_why(start_neo4j: Callable[..., ServerProcess]) -> None:
    with pytest.raises(ServerError, match=r"db\.no_such_setting"):
        start_neo4j(Options(settings={"db.no_such_setting": "1"}))


# -------------------------------------------------------------------------------- tools


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def java(folder: Path, version: str) -> Path:
    return program(folder / "bin" / "java", f"echo 'openjdk version \"{version}\"' >&2")


@pytest.fixture
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which neither Java nor Maven is installed."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("MAVEN_HOME", raising=False)
    monkeypatch.setattr(tools, "JAVA_FOLDERS", [str(tmp_path / "jvm" / "*")])
    return tmp_path


def test_no_java(nothing_here: Path) -> None:
    with pytest.raises(MissingError, match=r"^Java 17 or 21 is needed \(found: none\); install"):
        find_java(LTS.java)


def test_javas_of_other_versions_do_not_do(
    nothing_here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(nothing_here / "jvm" / "a", "1.8.0_392")
    monkeypatch.setenv("JAVA_HOME", str(java(nothing_here / "mine", "11.0.2").parent.parent))
    program(nothing_here / "path" / "java", "exit 1")
    with pytest.raises(MissingError, match=r"Java 21 or 25 is needed \(found: 8, 11\)"):
        find_java(NEWEST.java)


def test_java_is_found_wherever_it_is(nothing_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_folder = java(nothing_here / "jvm" / "b", "17.0.15")
    assert find_java(LTS.java) == in_folder
    on_path = program(nothing_here / "path" / "java", "echo 'java version \"17.0.1\"' >&2")
    assert find_java(LTS.java) == on_path
    named = java(nothing_here / "named", "17.0.2")
    monkeypatch.setenv("JAVA_HOME", str(named.parent.parent))
    assert find_java(LTS.java) == named
    better = java(nothing_here / "jvm" / "c", "21")
    assert find_java(LTS.java) == better


def test_maven(nothing_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingError, match="install Maven"):
        find_maven()
    on_path = program(nothing_here / "path" / "mvn", "")
    assert find_maven() == on_path
    home = program(nothing_here / "maven" / "bin" / "mvn", "").parent.parent
    monkeypatch.setenv("MAVEN_HOME", str(home))
    assert find_maven() == home / "bin" / "mvn"


# ----------------------------------------------------------------------------- download


@pytest.fixture
def shop(nothing_here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a stand-in for Maven, which copies one library and notes each call."""
    monkeypatch.setenv("GUANXI_CACHE", str(nothing_here / "cache"))
    monkeypatch.setattr(download, "PAUSES", (0.0, 0.0))
    monkeypatch.setenv("PATH", os.defpath)
    java(nothing_here / "jvm" / "a", "21")
    maven(nothing_here, "")
    return nothing_here


def maven(folder: Path, first: str) -> None:
    """A Maven that does `first` before it copies."""
    script = f"""
        echo "$*" >>{folder}/calls
        {first}
        for argument; do case $argument in
            -DoutputDirectory=*) echo library >"${{argument#*=}}/some.jar" ;;
        esac; done"""
    os.environ["MAVEN_HOME"] = str(program(folder / "bin" / "mvn", script).parent.parent)


def calls(folder: Path) -> int:
    return len((folder / "calls").read_text().splitlines())


def test_a_release_is_fetched_once(shop: Path) -> None:
    said: list[str] = []
    folder = download.fetch(LTS, said.append)
    assert folder == shop / "cache" / "guanxi" / "neo4j" / LTS.version
    assert (folder / "lib" / "some.jar").exists()
    assert (folder / "plugins" / "some.jar").exists()
    assert download.fetch(LTS, said.append) == folder
    assert calls(shop) == 2
    assert said == [f"Fetching Neo4j {LTS.version} from Maven Central into {folder} (once)."]
    assert sorted(path.name for path in folder.parent.iterdir()) == [
        LTS.version,
        f"{LTS.version}.lock",
    ]


def test_half_of_a_release_is_not_used(shop: Path) -> None:
    folder = download.fetch(LTS)
    (folder / "pom.xml").unlink()
    (folder / "lib" / "some.jar").unlink()
    download.fetch(LTS)
    assert (folder / "lib" / "some.jar").exists()


def test_a_refused_download_is_tried_again(shop: Path) -> None:
    refused = 'echo "[ERROR] Could not transfer artifact: 429 Too Many Requests"; exit 1'
    maven(shop, f"[ $(wc -l <{shop}/calls) -lt 3 ] && {{ {refused}; }}")
    said: list[str] = []
    download.fetch(LTS, said.append)
    assert said[1:] == ["The download was refused; trying again in 0 seconds."] * 2
    assert calls(shop) == 4


@pytest.mark.parametrize(
    ("reason", "tries"),
    [
        ("Could not transfer artifact x: status code: 503", 3),
        ("Could not transfer artifact x: Unknown host repo.example", 1),
        ("Could not find artifact x", 1),
    ],
)
def test_a_download_that_fails(shop: Path, reason: str, tries: int) -> None:
    maven(shop, f'echo "[ERROR] {reason}"; exit 1')
    with pytest.raises(MissingError) as caught:
        download.fetch(LTS, lambda _: None)
    assert str(caught.value) == f"Maven could not fetch it: {reason}"
    assert calls(shop) == tries
    assert not (shop / "cache" / "guanxi" / "neo4j" / LTS.version).exists()


def test_no_cache(shop: Path) -> None:
    (shop / "cache").write_text("a file")
    with pytest.raises(MissingError, match="let GUANXI_CACHE name another"):
        download.fetch(LTS)


def test_the_project_names_what_is_wanted() -> None:
    for release in RELEASES.values():
        text = pom(release)
        for artifact in release.server + release.plugins + release.pinned:
            assert f"<artifactId>{artifact.name}</artifactId>" in text
            assert f"<version>{artifact.version}</version>" in text


# ----------------------------------------------------------- tests that cannot have theirs


def run_pytest(folder: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Two tests on servers and one without, where there is neither Java nor Maven."""
    (folder / "bin").mkdir(parents=True)
    (folder / "conftest.py").write_text(
        "from tests.conftest import *\nfrom tests.neo4j_server import tools\n"
        "tools.JAVA_FOLDERS = ()\n"
    )
    (folder / "test_some.py").write_text(
        "def test_server(neo4j_server): pass\ndef test_plain(): pass\n"
    )
    clean = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    clean |= {"PATH": str(folder / "bin"), "GUANXI_CACHE": str(folder)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        [*command, "--rootdir", folder, folder / "test_some.py"],
        cwd=ROOT,
        env=clean | environ,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("options", [(), ("-n", "2", "--dist", "loadfile")])
def test_without_servers_the_skipped_tests_are_counted(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    done = run_pytest(tmp_path / "run", *options)
    assert "1 passed, 2 skipped" in done.stdout
    assert "PARTS THAT DID NOT RUN" in done.stdout
    for release in RELEASES.values():
        assert f"1 × tests on a real server: Neo4j {release.version} cannot" in done.stdout
    assert done.returncode == 0


def test_servers_can_be_required(tmp_path: Path) -> None:
    done = run_pytest(tmp_path / "run", GUANXI_REQUIRE_NEO4J="1")
    assert "1 passed, 2 errors" in done.stdout
    assert "Java 17 or 21 is needed" in done.stdout
    assert done.returncode == 1


def test_a_given_server(neo4j_server: Server, tmp_path: Path) -> None:
    neo4j_server.run("CREATE (:Precious)")
    environ = neo4j_server.settings | {"GUANXI_TEST_NEO4J_URI": neo4j_server.uri}
    done = run_pytest(tmp_path / "a", **environ)
    assert "say GUANXI_TEST_NEO4J_WIPE=yes if they may" in done.stdout
    assert done.returncode == 1
    assert not neo4j_server.is_empty()
    done = run_pytest(tmp_path / "b", **environ, GUANXI_TEST_NEO4J_WIPE="yes")
    assert "2 passed" in done.stdout
    assert neo4j_server.is_empty()


def test_servers_share_a_worker() -> None:
    from tests.neo4j_server.plugin import MARK
    from tests.neo4j_server.scheduling import NEO4J, ServersInOneWorker

    assert NEO4J == MARK
    scope = ServersInOneWorker._split_scope
    scheduler = ServersInOneWorker.__new__(ServersInOneWorker)
    assert scope(scheduler, "tests/a.py::test[neo4j-5.26-x]") == "neo4j-5.26"
    assert scope(scheduler, "tests/b.py::Some::test[1-neo4j-2026.05]") == "neo4j-2026.05"
    assert scope(scheduler, "tests/b.py::test[neo4j-given]") == NEO4J
    assert scope(scheduler, "tests/neo4j-a.py::test[x]") == "tests/neo4j-a.py"
