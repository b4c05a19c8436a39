"""The Neo4j store keeps the contract, on real servers of both versions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neo4j_raw import LOGINS, admit, raw_content, raw_scores, store_at
from store_contract import StoreContract
from store_helpers import Model, accounts, follows

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi.errors import StoreBusyError
from guanxi.graph.neo4j import edges, score_pages, scores
from guanxi.graph.neo4j.connection import open_connection
from guanxi.graph.neo4j.edges import EndAccounts
from guanxi.graph.store import Store
from guanxi.graph.store_home import home_of
from guanxi.graph.store_state import LoadCounts


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

    def test_scores_of_ids_beyond_16_bits(
        self, store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Such as Java and UTF-8 sort differently, at the ends of what is written at once."""
        monkeypatch.setattr("guanxi.graph.neo4j.score_pages.BATCH", 2)
        ids = ["a", "\ue000", "\uffee", "\U0001f600", "\U0001f600a", "\U0010fffd"]
        with store() as opened:
            opened.load(accounts({account: {} for account in ids}))
            found = opened.read().ids
            assert found.to_strings() == ids
            opened.write_scores(found, {"k_core": np.arange(6)}, {})
        assert raw_scores(self.server.run) == {
            account: {"k_core": number} for number, account in enumerate(ids)
        }

    @pytest.mark.parametrize(
        ("module", "name"),
        [(score_pages, "fetch_one"), (scores, "change_schema")],
        ids=["before a page", "before the end"],
    )
    def test_whoever_begins_last_writes_all_scores(
        self, store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch, module: Any, name: str
    ) -> None:
        """Two analyses that end at once: no account has a score of the one that gives way."""
        original = getattr(module, name)
        with store() as one, store() as other:
            one.load(accounts({"a": {}, "b": {}}))
            ids = one.read().ids

            def interrupted(*asked: Any, **values: Any) -> Any:
                monkeypatch.setattr(module, name, original)
                other.write_scores(ids, {"x": np.full(2, 2)}, {"run": 2})
                return original(*asked, **values)

            monkeypatch.setattr(module, name, interrupted)
            with pytest.raises(StoreBusyError, match="began later"):
                one.write_scores(ids, {"x": np.full(2, 1), "y": np.full(2, 1)}, {"run": 1})
            assert one.scores_meta() == {"run": 2}
            assert raw_scores(self.server.run) == {"a": {"x": 2}, "b": {"x": 2}}
            one.write_scores(ids, {"y": np.full(2, 3)}, {"run": 3})
        assert raw_scores(self.server.run) == {"a": {"y": 3}, "b": {"y": 3}}

    def test_an_account_that_others_make_before_the_first_ones(
        self, store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first accounts of a store are created; who is there by then is found all the same."""
        original = edges.record

        def interrupted(tx: Any, name: str, *asked: Any, **values: Any) -> Any:
            found = original(tx, name, *asked, **values)
            if name == "count_accounts":
                monkeypatch.setattr(edges, "record", original)
                self.server.run("CREATE (:Account {id: 'b'})")
            return found

        with store() as opened:
            monkeypatch.setattr(edges, "record", interrupted)
            counts = opened.load(follows([("a", "b"), ("b", "c")]))
        assert counts.made_accounts == 2
        assert set(raw_content(self.server.run).follows) == {("a", "b"), ("b", "c")}

    def test_internal_ids_that_changed_hands(self, store: Callable[..., Store]) -> None:
        """What was known of the accounts when they were made may be of others by now."""
        staged = follows([("a", "b"), ("b", "c")])
        rows = {"actor": staged.actor, "target": staged.target, "since": staged.since}
        ends, counts = EndAccounts(staged.ids), LoadCounts()
        store().close()  # makes the constraints
        with open_connection(self.url, LOGINS.get(self.url)) as database:
            database.write(lambda tx: ends.make(0, 3, tx, counts))
            for old, new in (("a", "x"), ("b", "a"), ("x", "b")):
                self.server.run("MATCH (n:Account {id: $old}) SET n.id = $new", old=old, new=new)
            self.server.run("MATCH (n:Account {id: 'c'}) DELETE n")
            database.write(lambda tx: ends.create("create_follows", rows, tx, counts))
        assert counts.made_accounts == 4
        assert set(raw_content(self.server.run).follows) == {("a", "b"), ("b", "c")}
