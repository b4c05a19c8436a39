"""The set-up that make does: what is missing is said in a sentence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SH = shutil.which("sh") or "/bin/sh"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the set-up reads, and a folder `bin` for the only Pythons on the path."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup", tmp_path / ".ci")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in ("cat", "cksum", "dirname", "grep", "tail", "mkdir", "rm"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def fake_python(clone: Path, name: str, script: str) -> None:
    path = clone / "bin" / name
    path.write_text(f"#!{SH}\n{script}\n")
    path.chmod(0o755)


def set_up(clone: Path, *groups: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SH, ".ci/setup", *groups],
        cwd=clone,
        env={"PATH": str(clone / "bin"), "HOME": str(clone), **environ},
        capture_output=True,
        text=True,
    )


def test_no_python(clone: Path) -> None:
    done = set_up(clone)
    assert done.returncode == 1
    assert "guanxi needs Python 3.11 or newer; there is no Python here." in done.stderr


def test_an_old_python(clone: Path) -> None:
    fake_python(clone, "python3", 'if [ "$1" = -V ]; then echo Python 3.8.18; else exit 1; fi')
    done = set_up(clone, MAKE_GOAL="test")
    assert done.returncode == 1
    assert "there is Python 3.8.18 here" in done.stderr
    assert "make test PYTHON=" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_python_without_venv(clone: Path) -> None:
    fake_python(clone, "python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    done = set_up(clone)
    assert done.returncode == 1
    assert "without its venv module" in done.stderr


def test_a_python_by_name_that_is_too_old(clone: Path) -> None:
    fake_python(clone, "old", "exit 1")
    done = set_up(clone, PYTHON="old")
    assert done.returncode == 1
    assert "PYTHON=old is not Python 3.11 or newer" in done.stderr


def test_no_network(clone: Path) -> None:
    environ = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    done = set_up(clone, PYTHON=sys.executable, **environ)
    assert done.returncode == 1
    assert "Packages could not be downloaded: is there a network" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_ready_is_not_made_again(clone: Path) -> None:
    sources = (clone / "pyproject.toml").read_bytes() + (clone / "constraints.txt").read_bytes()
    key = subprocess.run(["cksum"], input=sources, capture_output=True, check=True).stdout.decode()
    (clone / ".venv").mkdir()
    for group in ("run", "test"):
        (clone / ".venv" / f".ready-{group}").write_text(key)
    assert set_up(clone, "test").returncode == 0  # no Python is there: none was asked for
    assert set_up(clone, "lint").returncode == 1
    (clone / "constraints.txt").write_text("")
    assert set_up(clone, "test").returncode == 1


def test_make_help_names_every_target() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    listed = subprocess.run([make, "-C", ROOT, "help"], capture_output=True, text=True, check=True)
    phony = next(
        line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")
    )
    for target in phony.split()[1:]:
        assert f"make {target} " in listed.stdout


def test_constraints_pin_every_requirement() -> None:
    import re
    import tomllib

    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*config["project"]["dependencies"], *config["build-system"]["requires"]]
    for extra in config["project"]["optional-dependencies"].values():
        wanted += extra
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    names = {re.split(r"[\[<>=;~! ]", line)[0].lower().replace("_", "-") for line in wanted}
    assert names - pinned == set()
