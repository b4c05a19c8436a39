"""Compiling: said once, measured, and no part of the time that results report."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from guanxi import kernels
from guanxi.verbs.meta import Stopwatch

SOURCE = """
from guanxi.kernels import kernel

@kernel
def double(x):
    return x + x

@kernel
def quadruple(x):
    return double(double(x))
"""


def fresh_kernels(folder: Path) -> Any:
    path = folder / "fresh.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("fresh", path)
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return fresh


def test_compiling_is_said_once_and_measured(tmp_path: Path) -> None:
    fresh = fresh_kernels(tmp_path)
    said: list[str] = []
    kernels.tell_when_compiling(said.append)
    measured = [kernels.compile_seconds()]
    for number in (2, 3, 2.5):
        assert fresh.quadruple(number) == 4 * number
        measured.append(kernels.compile_seconds())
    assert measured[0] < measured[1] == measured[2] < measured[3]
    assert said == ["Compiling the kernels for this machine; this happens once."]


def test_the_time_of_results_has_no_compiling_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Stopwatch()
    monkeypatch.setattr(kernels, "compile_seconds", lambda: 1e6)
    assert watch.seconds() < 0
    assert Stopwatch().seconds() >= 0


def test_a_compiled_kernel_is_loaded_without_what_only_compiling_needs(tmp_path: Path) -> None:
    """numba's array functions, and SciPy with them, take longer to import than many commands."""
    (tmp_path / "fresh.py").write_text(
        "import sys\n"
        "import numpy as np\n"
        "from guanxi.kernels import compile_seconds, kernel\n\n"
        "@kernel\n"
        "def squares(x):\n"
        "    found = np.empty_like(x)\n"
        "    for i in range(len(x)):\n"
        "        found[i] = x[i] * x[i]\n"
        "    return found\n\n"
        "assert squares(np.arange(4.0)).tolist() == [0.0, 1.0, 4.0, 9.0]\n"
        "imported = {'numba.np.arraymath', 'scipy.linalg'} & sys.modules.keys()\n"
        "print(compile_seconds() > 0, sorted(imported))\n"
        "assert squares(np.arange(3)).tolist() == [0, 1, 4]  # another type: compiled anew\n"
    )

    def run() -> str:
        words = [sys.executable, "fresh.py"]
        environment = os.environ | {
            "GUANXI_CACHE": str(tmp_path),
            "PYTHONPATH": str(Path(kernels.__file__).parents[1]),
        }
        return subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert run().startswith("True ['numba.np.arraymath'")
    assert run() == "False []\n"
