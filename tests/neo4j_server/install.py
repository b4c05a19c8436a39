"""Everything that a release needs to start: libraries, Java, and an archive of its classes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from tests.neo4j_server.download import fetch, one_at_a_time
from tests.neo4j_server.process import Installation, Options, ServerError, ServerProcess
from tests.neo4j_server.releases import Release
from tests.neo4j_server.tools import find_java


def install(release: Release, tell: Callable[[str], None] = print) -> Installation:
    """A release that is ready to start; what is missing is fetched and made.

    Raises MissingError, with a sentence that says what cannot be had.
    """
    java = find_java(release.java)
    folder = fetch(release, tell)
    return Installation(release, folder, java, _archive(release, folder, java, tell))


def _archive(
    release: Release, folder: Path, java: Path, tell: Callable[[str], None]
) -> Path | None:
    """The classes of a running server in the form in which this Java has them in memory.

    With it a start costs 4 seconds of processor time instead of 11. It is written when a
    first server stops. Without it a start is slow, and no more than that.
    """
    real = java.resolve()
    key = f"{real} {real.stat().st_size} {real.stat().st_mtime_ns}"
    archive = folder / f"classes-{hashlib.blake2b(key.encode(), digest_size=6).hexdigest()}.jsa"
    with one_at_a_time(folder):
        if archive.exists():
            return archive
        tell(f"Preparing Neo4j {release.version} for quick starts (once).")
        made = archive.with_suffix(f".{os.getpid()}")
        options = Options(full_speed=True, jvm=(f"-XX:ArchiveClassesAtExit={made}",))
        try:
            with ServerProcess(Installation(release, folder, java), options) as server:
                server.start()
                server.wipe()
                server.stop()
            made.rename(archive)
        except (OSError, ServerError):
            made.unlink(missing_ok=True)
            return None
    return archive
