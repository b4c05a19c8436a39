"""Finds Java and Maven where they usually are."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

#: Folders in which systems and installers put Javas, each holding one.
JAVA_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/lib64/jvm/*",
    "/usr/java/*",
    "/usr/local/openjdk*",
    "/opt/java/*",
    "/opt/*jdk*",
    "/opt/homebrew/opt/openjdk*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "~/.asdf/installs/java/*",
)


class MissingError(Exception):
    """What a server would need and is not there, in a sentence."""


def find_java(majors: tuple[int, ...]) -> Path:
    """A Java of one of these versions, the first of them that is there."""
    found: dict[int, Path] = {}
    for program in _candidates():
        found.setdefault(_major(program), program)
    for major in majors:
        if major in found:
            return found[major]
    wanted = " or ".join(map(str, sorted(majors)))
    there = ", ".join(str(major) for major in sorted(found) if major) or "none"
    raise MissingError(
        f"Java {wanted} is needed (found: {there}); install it, or let JAVA_HOME name its folder."
    )


def find_maven() -> Path:
    """The program `mvn`."""
    home = os.environ.get("MAVEN_HOME")
    found = shutil.which("mvn", path=f"{home}/bin" if home else None) or shutil.which("mvn")
    if found is None:
        raise MissingError("Maven (the program mvn) is needed to fetch it; install Maven.")
    return Path(found)


def _candidates() -> Iterator[Path]:
    seen: set[str] = set()
    for name in _candidate_names():
        real = os.path.realpath(name)
        if real not in seen and os.access(real, os.X_OK):
            seen.add(real)
            yield Path(name)


def _candidate_names() -> Iterator[str]:
    if os.environ.get("JAVA_HOME"):
        yield os.path.join(os.environ["JAVA_HOME"], "bin", "java")
    on_path = shutil.which("java")
    if on_path is not None:
        yield on_path
    for pattern in JAVA_FOLDERS:
        for home in sorted(glob.glob(os.path.expanduser(pattern))):
            yield os.path.join(home, "bin", "java")


@cache
def _major(program: Path) -> int:
    """The version of a Java, such as 17; 0 where it does not say or does not run."""
    try:
        done = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=60, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(match[1]) if match and done.returncode == 0 else 0
