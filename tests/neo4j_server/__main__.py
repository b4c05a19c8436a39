"""The command line: `fetch` fills the cache, `start` runs one server until Ctrl-C.

Where GUANXI_NEO4J_PASSWORD is set, that server asks for it, from the user neo4j.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from tests.neo4j_server.install import install
from tests.neo4j_server.process import Options, ServerError, ServerProcess
from tests.neo4j_server.releases import RELEASES, Release
from tests.neo4j_server.tools import MissingError


def fetch_all() -> int:
    """Make every release ready; 0 where all are."""
    missing = 0
    for release in RELEASES.values():
        try:
            folder = install(release).folder
            print(f"Neo4j {release.version} is in {folder}.")
        except MissingError as error:
            print(f"Neo4j {release.version} cannot be had: {error}", file=sys.stderr)
            missing = 1
    return missing


def run(release: Release, options: Options) -> int:
    """Run a server until Ctrl-C."""
    try:
        with ServerProcess(install(release), options) as server:
            server.start()
            print(f"Neo4j {release.version} answers at {server.uri}; Ctrl-C ends it.", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except (MissingError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main() -> int:
    """Parse the arguments."""
    parser = argparse.ArgumentParser(prog="python -m tests.neo4j_server", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="fetch all releases into the cache")
    start = commands.add_parser("start", help="run one server until Ctrl-C")
    start.add_argument("release", choices=RELEASES)
    start.add_argument("--gds", action="store_true", help="with Graph Data Science")
    start.add_argument("--tls", action="store_true", help="with a certificate of its own")
    start.add_argument("--full-speed", action="store_true", help="as for measurements")
    start.add_argument("--heap", default="1g", help="memory for Java; 1g")
    given = vars(parser.parse_args())
    if given.pop("command") == "fetch":
        return fetch_all()
    release = RELEASES[given.pop("release")]
    if given["gds"] and not release.has_gds:
        parser.error(f"there is no Graph Data Science for Neo4j {release.name}")
    return run(release, Options(**given, password=os.environ.get("GUANXI_NEO4J_PASSWORD")))


if __name__ == "__main__":
    sys.exit(main())
