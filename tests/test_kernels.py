"""Compiling: said once, measured, and no part of the time that results report."""

from __future__ import annotations

import importlib.util
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
