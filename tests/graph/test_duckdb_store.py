"""The DuckDB store keeps the contract, and what is its own: one file, one writer, private."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from store_contract import StoreContract
from store_helpers import Model

from guanxi.graph.store import Store
from guanxi.graph.store_open import open_store

EPOCH_US = "epoch_us({})"


def raw_content(path: Path) -> Model:
    """What lies in the file, by SQL of the test's own."""
    model = Model()
    with duckdb.connect(str(path), read_only=True) as connection:

        def rows(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql).fetchall()

        types = dict(rows("select name, type from account_columns"))
        quoted = {name: '"' + name.replace('"', '""') + '"' for name in types}
        listed = "".join(
            f", epoch_us({quoted[name]})" if kind == "date" else f", {quoted[name]}"
            for name, kind in types.items()
        )
        for key, account, made, *values in rows(
            f"select guanxi_key, id, guanxi_made{listed} from accounts"
        ):
            given = zip(types, values, strict=True)
            assert account not in model.accounts
            model.accounts[account] = (made, {n: v for n, v in given if v is not None})
            assert key >= 0
        ids = dict(rows("select guanxi_key, id from accounts"))
        kinds = dict(rows("select kind, name from kinds"))
        for actor, target, since in rows("select actor, target, since from follows"):
            assert (ids[actor], ids[target]) not in model.follows
            model.follows[ids[actor], ids[target]] = since
        for actor, target, kind, day, *sums in rows("select * from interactions"):
            place = (ids[actor], ids[target], kinds[kind], day)
            assert place not in model.cells
            model.cells[place] = tuple(sums)
        for event, actor, target, kind, *values in rows("select * from events"):
            model.events[event, ids[actor], ids[target], kinds[kind]] = tuple(values)
    return model


class TestDuckDBStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _path(self, tmp_path: Path) -> None:
        self.path = tmp_path / "net.duckdb"

    @pytest.fixture
    def store(self) -> Callable[..., Store]:
        return lambda **options: open_store(self.path, **options)

    @pytest.fixture
    def raw(self) -> Callable[[], Model]:
        return lambda: raw_content(self.path)

    @pytest.fixture
    def raw_scores(self) -> Callable[[], dict[str, dict[str, Any]]]:
        return self._raw_scores

    def _raw_scores(self) -> dict[str, dict[str, Any]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            result = connection.execute(
                "select id, s.* exclude (guanxi_key) from accounts left join scores s "
                "using (guanxi_key)"
            )
            names = [column[0] for column in result.description]
            return {
                row[0]: {n: v for n, v in zip(names[1:], row[1:], strict=True) if v is not None}
                for row in result.fetchall()
            }

    def reset(self) -> None:
        self.path.unlink()
        shutil.rmtree(f"{self.path}.d")
