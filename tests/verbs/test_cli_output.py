"""Where the command line writes to, and what it says where that cannot be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import guanxi
from tests.verbs.conftest import Run

GUANXI = [sys.executable, "-m", "guanxi"]


@pytest.mark.parametrize("format", ["csv", "json", "table"])
@pytest.mark.parametrize(
    ("where", "why"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
)
def test_output_that_cannot_be_written_is_a_sentence(
    small_store: Path, where: str, why: str, format: str
) -> None:
    command = " ".join([*GUANXI, "--store", str(small_store), "communities", "-q", "-f", format])
    done = subprocess.run(["sh", "-c", f"{command} {where}"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"guanxi: standard output cannot be written or read: {why}.\n"


def test_a_file_to_write_is_a_file(run: Run, small_store: Path, tmp_path: Path) -> None:
    empty = run("--store", str(small_store), "communities", "-o", "")
    assert (empty.code, empty.err) == (2, "guanxi: -o is empty: name a file.\n")
    folder = run("--store", str(small_store), "communities", "-f", "csv", "-o", str(tmp_path))
    assert (folder.code, folder.err) == (
        2,
        f"guanxi: -o {tmp_path} is a folder: name a file in it.\n",
    )


def test_the_package_runs_as_the_command_does() -> None:
    command = [sys.executable, "-m", "guanxi", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"guanxi {guanxi.__version__}\n"
