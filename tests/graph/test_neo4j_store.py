"""The Neo4j store keeps the contract, on real servers of both versions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from neo4j_raw import admit, raw_content, raw_scores, store_at
from store_contract import StoreContract
from store_helpers import Model

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi.graph.store import Store
from guanxi.graph.store_home import home_of


class TestNeo4jStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _server(self, neo4j_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GUANXI_CACHE", str(tmp_path))
        self.server = neo4j_server
        self.url = admit(neo4j_server)

    @pytest.fixture
    def store(self) -> Callable[..., Store]:
        return lambda **options: store_at(self.url, **options)

    @pytest.fixture
    def raw(self) -> Callable[[], Model]:
        return lambda: raw_content(self.server.run)

    @pytest.fixture
    def raw_scores(self) -> Callable[[], dict[str, dict[str, Any]]]:
        return lambda: raw_scores(self.server.run)

    def reset(self) -> None:
        self.server.wipe()
        shutil.rmtree(home_of(self.url).root)
