"""The wheel: all files inside, and a command that runs from it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT],
        check=True,
    )
    return next(folder.glob("guanxi-*.whl"))


def test_every_file_of_the_package_is_inside(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("guanxi/")}
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "guanxi").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == there
    assert "guanxi/py.typed" in inside


def test_the_demo_network_is_inside_and_small(wheel: Path) -> None:
    data = [
        entry
        for entry in zipfile.ZipFile(wheel).infolist()
        if entry.filename.startswith("guanxi/fixtures/") and not entry.filename.endswith(".py")
    ]
    assert data
    assert sum(entry.file_size for entry in data) < 1_000_000


def test_the_license_is_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("/licenses/LICENSE") for name in names)


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it; what guanxi needs it takes from ours."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [*PIP, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True
    )
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "ours.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder


def run(environment: Path, *command: str) -> str:
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    program, *arguments = command
    done = subprocess.run(
        [environment / "bin" / program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
        cwd=environment,
    )
    return done.stdout


def test_the_command_runs_from_the_wheel(environment: Path) -> None:
    where = run(environment, "python", "-c", "import guanxi; print(guanxi.__file__)")
    assert Path(where.strip()).is_relative_to(environment)
    version = run(environment, "python", "-c", "import guanxi; print(guanxi.__version__)")
    assert version.strip() in run(environment, "guanxi", "--version")
    assert "demo" in run(environment, "guanxi", "--help")


def test_the_demo_network_is_found_from_the_wheel(environment: Path) -> None:
    code = "from guanxi.fixtures import demo_files; print(demo_files().follows)"
    assert Path(run(environment, "python", "-c", code).strip()).is_relative_to(environment)
