"""Fixtures for tests on real Neo4j servers. A test that takes one of them runs on each release.

    neo4j_server          a server without password whose database is empty
    neo4j_locked_server   the same with a password and a certificate of its own
    start_neo4j           starts servers that the test may kill, with any `Options`
    neo4j_release         the release that a test runs on (None: a server that was given)

and `@pytest.mark.neo4j_gds` keeps a test to the releases that have Graph Data Science.

Servers are started when the first test needs them and shared until the run ends; xdist gives
all their tests to one worker. Variables of the environment:

    GUANXI_TEST_NEO4J_URI    use this server (with GUANXI_NEO4J_USER, …_PASSWORD, …_DATABASE),
                             and empty it for every test
    GUANXI_TEST_NEO4J_WIPE   yes: even where there is something in it at first
    GUANXI_REQUIRE_NEO4J     1: a test that cannot have its server fails instead of being skipped
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.neo4j_server.install import install
from tests.neo4j_server.process import Installation, Options, ServerProcess
from tests.neo4j_server.releases import RELEASES, Release
from tests.neo4j_server.server import Server
from tests.neo4j_server.tools import MissingError

PASSWORD = "correct horse battery"
MARK = "neo4j-"  # begins the id of every test on a server, so that xdist can tell them
GDS = "neo4j_gds"


@dataclass(frozen=True)
class Wanted:
    """What the environment says about servers, read before a fixture takes it out of there."""

    uri: str | None
    settings: dict[str, str]
    wipe: bool
    required: bool


class Servers:
    """The servers of one test run."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._installed: dict[str, Installation | MissingError] = {}
        self._running: dict[tuple[str, bool], ServerProcess] = {}
        self._given: Server | None = None

    def installation(self, release: Release) -> Installation:
        """The release, ready to start. Ends the test where it cannot be had."""
        if release.name not in self._installed:
            try:
                self._installed[release.name] = install(release)
            except MissingError as error:
                self._installed[release.name] = error
        found = self._installed[release.name]
        if isinstance(found, MissingError):
            self.end_test(f"Neo4j {release.version} cannot be had: {found}")
        return found

    def shared(self, release: Release, *, locked: bool) -> ServerProcess:
        """The running server of a release; started the first time, or when a test killed it."""
        key = (release.name, locked)
        if key not in self._running:
            options = Options(password=PASSWORD, tls=True) if locked else Options()
            self._running[key] = ServerProcess(self.installation(release), options)
        server = self._running[key]
        return server if server.is_running else server.start()

    def given(self) -> Server:
        """The server that the environment names."""
        if self._given is None:
            assert self.wanted.uri is not None
            server = Server(self.wanted.uri, self.wanted.settings)
            if not self.wanted.wipe and not server.is_empty():
                pytest.fail(
                    "The database that GUANXI_TEST_NEO4J_URI names is not empty, and the tests "
                    "would delete all that is in it; say GUANXI_TEST_NEO4J_WIPE=yes if they may.",
                    pytrace=False,
                )
            self._given = server
        return self._given

    def end_test(self, reason: str) -> Any:
        """Skip the test, or fail it where servers are required."""
        if self.wanted.required:
            pytest.fail(f"{reason} (and GUANXI_REQUIRE_NEO4J is set)", pytrace=False)
        pytest.skip(reason)

    def close(self) -> None:
        """End all servers."""
        for server in self._running.values():
            server.close()


def pytest_configure(config: pytest.Config) -> None:
    """Note what the environment says."""
    names = ("GUANXI_NEO4J_USER", "GUANXI_NEO4J_PASSWORD", "GUANXI_NEO4J_DATABASE")
    config.addinivalue_line(
        "markers", f"{GDS}: runs only on releases that Graph Data Science can be had for"
    )
    config.stash[_WANTED] = Wanted(
        uri=os.environ.get("GUANXI_TEST_NEO4J_URI") or None,
        settings={name: os.environ[name] for name in names if os.environ.get(name)},
        wipe=os.environ.get("GUANXI_TEST_NEO4J_WIPE") == "yes",
        required=os.environ.get("GUANXI_REQUIRE_NEO4J", "") not in ("", "0", "no"),
    )


_WANTED = pytest.StashKey[Wanted]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run of a test for each release, or one on the server that was given."""
    if "neo4j_release" in metafunc.fixturenames:
        releases: dict[str, Release | None] = {**RELEASES}
        if metafunc.config.stash[_WANTED].uri is not None:
            releases = {"given": None}
        elif metafunc.definition.get_closest_marker(GDS):
            releases = {name: release for name, release in RELEASES.items() if release.has_gds}
        ids = [MARK + name for name in releases]
        metafunc.parametrize("neo4j_release", releases.values(), ids=ids, scope="session")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`: files together, and all tests on servers in one worker."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.neo4j_server.scheduling import ServersInOneWorker

    return ServersInOneWorker(config, log)


@pytest.fixture(scope="session")
def neo4j_servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    servers = Servers(request.config.stash[_WANTED])
    yield servers
    servers.close()


@pytest.fixture
def neo4j_server(neo4j_servers: Servers, neo4j_release: Release | None) -> Server:
    """A server whose database is empty, without password unless it was given with one."""
    if neo4j_release is None:
        server = neo4j_servers.given()
    else:
        server = neo4j_servers.shared(neo4j_release, locked=False)
    server.wipe()
    return server


@pytest.fixture
def neo4j_locked_server(neo4j_servers: Servers, neo4j_release: Release | None) -> ServerProcess:
    """A server of our own that asks for a password and can speak TLS; its database is empty."""
    if neo4j_release is None:
        pytest.skip("needs a server of its own, and GUANXI_TEST_NEO4J_URI gives another")
    server = neo4j_servers.shared(neo4j_release, locked=True)
    server.wipe()
    return server


@pytest.fixture
def start_neo4j(
    neo4j_servers: Servers, neo4j_release: Release | None
) -> Iterator[Callable[..., ServerProcess]]:
    """Starts a server for this test alone: `start_neo4j(Options(gds=True))`."""
    if neo4j_release is None:
        pytest.skip("needs a server of its own, and GUANXI_TEST_NEO4J_URI gives another")
    started: list[ServerProcess] = []

    def start(options: Options | None = None) -> ServerProcess:
        started.append(ServerProcess(neo4j_servers.installation(neo4j_release), options))
        return started[-1].start()

    yield start
    for server in started:
        server.close()
