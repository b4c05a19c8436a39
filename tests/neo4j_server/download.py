"""Fetches a server from Maven Central, once, into the cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.neo4j_server.releases import GDS_GROUP, Release, pom
from tests.neo4j_server.tools import MissingError, find_java, find_maven

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.7.1:copy-dependencies"
#: Seconds to wait before each further try: a repository refuses those who ask too fast.
PAUSES = (5.0, 20.0, 60.0)
#: What Maven says where another try may help.
PASSING = ("Could not transfer", "Connection reset", "timed out", "status code: 5", "429")
#: What it says where none will.
LASTING = ("UnknownHost", "Unknown host", "Name or service not known", "Network is unreachable")


def cache_folder() -> Path:
    """Where servers are kept: `guanxi/neo4j` in GUANXI_CACHE or the user's cache folder."""
    home = os.environ.get("GUANXI_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "guanxi" / "neo4j"


def fetch(release: Release, tell: Callable[[str], None] = print) -> Path:
    """The folder of a release, with `lib/` and `plugins/`; fetched where it is not there.

    Raises MissingError, with a sentence that says what is missing.
    """
    folder = cache_folder() / release.version
    wanted = pom(release)
    with one_at_a_time(folder):
        if _is_complete(folder, wanted):
            return folder
        maven = find_maven()
        find_java(release.java)  # rather before the download than after it
        tell(f"Fetching Neo4j {release.version} from Maven Central into {folder} (once).")
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as name:
            scratch = Path(name)
            (scratch / "pom.xml").write_text(wanted)
            _copy(maven, scratch, "lib", f"-DexcludeGroupIds={GDS_GROUP}", tell)
            _copy(maven, scratch, "plugins", f"-DincludeGroupIds={GDS_GROUP}", tell)
            shutil.rmtree(folder, ignore_errors=True)
            _move(scratch, folder)
    return folder


def _is_complete(folder: Path, wanted: str) -> bool:
    try:  # the project file is the last that is put there
        return (folder / "pom.xml").read_text() == wanted
    except OSError:
        return False


def _move(scratch: Path, folder: Path) -> None:
    folder.mkdir()
    for name in ("lib", "plugins", "pom.xml"):
        (scratch / name).rename(folder / name)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Let only one process work on a folder of the cache. Raises MissingError without a cache."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = open(folder.parent / f"{folder.name}.lock", "w")  # noqa: SIM115 - closed below
    except OSError as error:
        raise MissingError(
            f"The cache folder {folder.parent} cannot be written to ({error.strerror}); "
            "let GUANXI_CACHE name another."
        ) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy(
    maven: Path, scratch: Path, target: str, choice: str, tell: Callable[[str], None]
) -> None:
    """Let Maven copy the libraries into `target`; try again where it was refused."""
    command = [
        str(maven),
        "--batch-mode",
        "--quiet",
        "--update-snapshots",  # asks again for what was refused the last time
        f"--file={scratch / 'pom.xml'}",
        COPY,
        "-DincludeScope=runtime",
        "-Dmdep.prependGroupId=true",
        f"-DoutputDirectory={scratch / target}",
        choice,
    ]
    (scratch / target).mkdir()
    for pause in (*PAUSES, None):
        done = subprocess.run(
            command, cwd=scratch, capture_output=True, text=True, errors="replace"
        )
        if done.returncode == 0:
            return
        said = done.stdout + done.stderr
        if pause is None or not _may_pass(said):
            raise MissingError(f"Maven could not fetch it: {_first_error(said)}")
        tell(f"The download was refused; trying again in {pause:.0f} seconds.")
        time.sleep(pause)


def _may_pass(said: str) -> bool:
    return any(sign in said for sign in PASSING) and not any(sign in said for sign in LASTING)


def _first_error(said: str) -> str:
    for line in said.splitlines():
        if "ERROR" in line:
            return line.partition("ERROR]")[2].strip()[:400]
    return said.strip()[-400:] or "it gave no reason."
