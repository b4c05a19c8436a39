"""The DuckDB store under random loads."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from store_machine import StoreMachine

from guanxi.graph.store import Store
from guanxi.graph.store_open import open_store


class DuckDBMachine(StoreMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())

    def open(self, batch_rows: int) -> Store:
        return open_store(self.folder / "net.duckdb", batch_rows=batch_rows)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


def test_random_loads() -> None:
    run_state_machine_as_test(
        DuckDBMachine, settings=settings(max_examples=3, stateful_step_count=6)
    )


@pytest.mark.soak
def test_many_random_loads() -> None:
    run_state_machine_as_test(
        DuckDBMachine, settings=settings(max_examples=150, stateful_step_count=10)
    )
