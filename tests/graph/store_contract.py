"""What every store must do. A store inherits these tests and gives the raw hooks.

The hooks `raw` and `raw_scores` look at what is stored with the means of the database alone,
never through the API under test.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from store_helpers import DAY, Act, Model, accounts, follows, interactions

from guanxi.errors import StoreError, UsageError
from guanxi.graph.arrays import NO_DAY, NO_TIME, TextColumn
from guanxi.graph.parquet import write_accounts
from guanxi.graph.schema import ColumnType, StagedFile
from guanxi.graph.snapshot_build import build_snapshot
from guanxi.graph.store import Store, StoreContent

#: Ids that sort differently by UTF-16, by case or by a locale, and ones that SQL could trip over.
NASTY_IDS = [
    "007", "7", "A", "a", "B", "Ä", "z", "weibo:小明", "weibo:小红", "\uffee", "😀", "😀\u200d",
    "it's", 'say "hi"', "a\\b", "a;--", "%", "a\tb", "tab\nline", "null", "NaN", "1e5", "x" * 256,
    "é", "e\u0301", "\u0001", "nul\0inside",
]  # fmt: skip

TYPES = {
    "name": ColumnType.TEXT,
    "price": ColumnType.NUMBER,
    "opted_out": ColumnType.BOOLEAN,
    "joined": ColumnType.DATE,
}


class CutOffError(Exception):
    """Raised by a progress callback to cut a load off."""


class StoreContract:
    """The tests. `store(batch_rows=…)` opens the one store of the test, again and again."""

    @pytest.fixture
    def store(self) -> Callable[..., Store]:
        raise NotImplementedError

    @pytest.fixture
    def raw(self) -> Callable[[], Model]:
        """The content of the closed store, with the means of its database."""
        raise NotImplementedError

    @pytest.fixture
    def raw_scores(self) -> Callable[[], dict[str, dict[str, Any]]]:
        """`{id: {score: value}}` of the closed store."""
        raise NotImplementedError

    def test_an_empty_store(self, store: Callable[..., Store]) -> None:
        with store() as opened:
            state = opened.state()
            assert (state.version, state.accounts, state.follows, state.interactions) == (0,) * 4
            assert opened.columns() == {}
            assert opened.loads() == []
            assert opened.scores_meta() is None
            assert len(opened.read().ids) == 0

    def test_accounts_of_all_types(self, store: Callable[..., Store], raw: Any) -> None:
        rows = {
            "a": {"name": "阿明", "price": 0.1, "opted_out": True, "joined": 5 * DAY + 1},
            "b": {"name": None, "price": None, "opted_out": False, "joined": None},
            "c": {},
        }
        with store() as opened:
            counts = opened.load(accounts(rows, TYPES))
            assert counts.new_accounts == 3
            assert opened.columns() == TYPES
        expected = Model()
        expected.load_accounts(rows)
        assert raw() == expected

    def test_nasty_ids_and_texts_come_back(self, store: Callable[..., Store], raw: Any) -> None:
        rows = {account: {"name": f'{account}\'s "name"'} for account in NASTY_IDS}
        edges = dict.fromkeys(pairwise(NASTY_IDS))
        with store(batch_rows=4) as opened:
            opened.load(accounts(rows))
            opened.load(follows(edges))
            content = opened.read()
        expected = Model()
        expected.load_accounts(rows)
        expected.load_follows(edges)
        assert raw() == expected
        assert content.ids.to_strings() == sorted(NASTY_IDS, key=str.encode)

    def test_later_accounts_win_and_empty_fields_do_not(
        self, store: Callable[..., Store], raw: Any
    ) -> None:
        first = {"a": {"name": "x", "city": "p"}, "b": {"name": "y"}, "c": {"name": "z"}}
        second = {"a": {"name": "X", "city": None}, "b": {"name": "y"}, "d": {"city": "q"}}
        with store() as opened:
            opened.load(accounts(first, name="one"))
            counts = opened.load(accounts(second, name="two"))
        assert (counts.new_accounts, counts.updated_accounts, counts.unchanged_accounts) == (
            1, 1, 1,
        )  # fmt: skip
        assert counts.filled_accounts == 0
        expected = Model()
        expected.load_accounts(first)
        expected.load_accounts(second)
        assert raw() == expected

    def test_accounts_made_by_edges_are_filled_in_later(
        self, store: Callable[..., Store], raw: Any
    ) -> None:
        with store() as opened:
            assert opened.load(follows([("a", "b"), ("b", "c")])).made_accounts == 3
            assert opened.read().made.tolist() == [True, True, True]
            counts = opened.load(accounts({"a": {"name": "x"}, "b": {}, "z": {}}))
            assert (counts.filled_accounts, counts.new_accounts) == (2, 1)
            assert (counts.updated_accounts, counts.unchanged_accounts) == (0, 0)
            assert opened.load(follows([("a", "c")], name="more")).made_accounts == 0
        assert {account: made for account, (made, _) in raw().accounts.items()} == {
            "a": False, "b": False, "c": True, "z": False,
        }  # fmt: skip

    def test_columns_grow_and_keep_their_types(self, store: Callable[..., Store], raw: Any) -> None:
        with store() as opened:
            opened.load(accounts({"a": {"name": "x"}}, name="one"))
            opened.load(accounts({"a": {"price": 2.5}}, {"price": ColumnType.NUMBER}, name="two"))
            assert opened.columns() == {"name": ColumnType.TEXT, "price": ColumnType.NUMBER}
            with pytest.raises(StoreError, match="price"):
                opened.load(accounts({"b": {"price": "dear"}}, name="three"))
            with pytest.raises(StoreError, match="upper and lower case"):
                opened.load(accounts({"b": {"Name": "x"}}, name="four"))
            assert len(opened.loads()) == 2
        assert raw().accounts == {"a": (False, {"name": "x", "price": 2.5})}

    @pytest.mark.parametrize(
        "name", ["select", 'a"b', "x; drop table accounts", "城市", "a b", "'"]
    )
    def test_columns_of_any_name(self, store: Callable[..., Store], raw: Any, name: str) -> None:
        with store() as opened:
            opened.load(accounts({"a": {name: "x"}}))
            opened.load(accounts({"a": {name: "y"}}, name="two"))
            assert opened.read().column(name).values.to_strings() == ["y"]
        assert raw().accounts == {"a": (False, {name: "y"})}

    def test_the_earliest_since_wins(self, store: Callable[..., Store], raw: Any) -> None:
        one = {("a", "b"): 5, ("a", "c"): None, ("a", "d"): 7, ("b", "a"): None, ("b", "c"): -3}
        two = {("a", "b"): 3, ("a", "c"): 9, ("a", "d"): 8, ("b", "a"): None, ("b", "c"): None,
               ("c", "a"): 1}  # fmt: skip
        with store() as opened:
            assert opened.load(follows(one, name="one")).new_edges == 5
            counts = opened.load(follows(two, name="two"))
        assert (counts.new_edges, counts.updated_edges, counts.unchanged_edges) == (1, 2, 3)
        assert raw().follows == {
            ("a", "b"): 3, ("a", "c"): 9, ("a", "d"): 7, ("b", "a"): None, ("b", "c"): -3,
            ("c", "a"): 1,
        }  # fmt: skip

    def test_self_loops_make_their_account(self, store: Callable[..., Store], raw: Any) -> None:
        with store() as opened:
            counts = opened.load(follows([("a", "a")]))
            assert (counts.made_accounts, counts.new_edges) == (1, 0)
            assert opened.state().version == 1
        assert raw() == Model(accounts={"a": (True, {})})

    def test_the_same_file_again_changes_nothing(
        self, store: Callable[..., Store], raw: Any
    ) -> None:
        files = [
            accounts({"a": {"name": "x"}}),
            follows({("a", "b"): 4}),
            interactions([Act("a", "b", "like", 5), Act("a", "b", "like", 6, event_id="e")]),
        ]
        with store() as opened:
            for staged in files:
                assert not opened.load(staged).already_loaded
        before = raw()
        with store() as opened:
            version = opened.state().version
            for staged in files:
                counts = opened.load(staged)
                assert counts.already_loaded
                assert not counts.changed
            assert opened.state().version == version == 3
            assert len(opened.loads()) == 3
        assert raw() == before

    def test_again_takes_a_file_once_more(self, store: Callable[..., Store], raw: Any) -> None:
        acts = [Act("a", "b", "like", 5), Act("a", "b", "like", 6, event_id="e")]
        with store() as opened:
            opened.load(accounts({"a": {"name": "x"}}, name="one"))
            opened.load(accounts({"a": {"name": "y"}}, name="two"))
            opened.load(accounts({"a": {"name": "x"}}, name="one"), again=True)
            opened.load(interactions(acts))
            counts = opened.load(interactions(acts), again=True)
            assert (counts.overlapping, counts.repeated_events, counts.new_events) == (1, 1, 0)
            assert "counted twice" in counts.warnings[0]
            assert [load.name for load in opened.loads()].count("interactions") == 2
        found = raw()
        assert found.accounts["a"] == (False, {"name": "x"})
        assert found.cells == {("a", "b", "like", 0): (3, 3_000_000, 0, 5, 6)}

    def test_interactions_add_up_exactly(self, store: Callable[..., Store], raw: Any) -> None:
        large = 2**53 // 1_000_000  # beyond what a float holds to the last millionth
        one = [
            Act("a", "b", "like", 5, weight=0.1, value=large),
            Act("a", "b", "like", DAY, count=3),
            Act("a", "b", "gift", 5, weight=0),
            Act("b", "a", "like", None, weight=0.3),
            Act("a", "b", "like", -1),
        ]
        two = [
            Act("a", "b", "like", 9, weight=0.2, value=0.000001),
            Act("a", "b", "like", 1),
            Act("b", "a", "like", None),
            Act("b", "c", "表白", 3 * DAY),
        ]
        with store() as opened:
            counts = opened.load(interactions(one, name="one"))
            assert (counts.new_edges, counts.updated_edges, counts.overlapping) == (5, 0, 0)
            assert counts.warnings == []
            counts = opened.load(interactions(two, name="two"))
            assert (counts.new_edges, counts.updated_edges, counts.overlapping) == (1, 2, 2)
            assert "added to" in counts.warnings[0]
        expected = Model()
        expected.load_interactions([*one, *two])
        assert raw() == expected
        assert expected.cells["a", "b", "like", 0][2] == large * 1_000_000 + 1

    def test_events_count_once(self, store: Callable[..., Store], raw: Any) -> None:
        one = [
            Act("a", "b", "like", 5, event_id="e1"),
            Act("a", "b", "gift", 5, event_id="e1"),
            Act("b", "a", "like", 5, event_id="e1"),
            Act("a", "b", "like", None, weight=2.5, event_id="e2"),
            Act("a", "b", "like", 7),
        ]
        two = [
            Act("a", "b", "like", 5, event_id="e1"),
            Act("a", "b", "like", 6, event_id="e2"),  # differs
            Act("a", "b", "like", 8, event_id="e3"),
            Act("a", "b", "like", 9, event_id="e4"),
            Act("x", "y", "wink", DAY, event_id="e1"),
        ]
        staged = interactions(two, name="two")
        with store(batch_rows=2) as opened:
            assert opened.load(interactions(one, name="one")).new_events == 4
            counts = opened.load(staged)
        assert (counts.new_events, counts.repeated_events, counts.rejected_events) == (3, 1, 1)
        assert staged.rejects.rows == [
            (3, "event_id", "differs from the same event in the store", "e2")
        ]
        assert staged.rejects.published == 1
        assert "rejected" in counts.warnings[0]
        assert counts.overlapping == 0
        expected = Model()
        expected.load_interactions([*one, *(act for act in two if act.at != 6)])
        assert raw() == expected

    @pytest.mark.parametrize(
        "changed",
        [
            {"at": 6},
            {"at": None},
            {"weight": 2.0},
            {"value": 1.0},
            {"count": 2, "weight": 1.0},
        ],
    )
    def test_an_event_that_differs_in_anything_is_rejected(
        self, store: Callable[..., Store], changed: dict[str, Any]
    ) -> None:
        event = {"actor": "a", "target": "b", "kind": "like", "at": 5, "event_id": "e"}
        with store() as opened:
            opened.load(interactions([Act(**event)], name="one"))
            counts = opened.load(interactions([Act(**{**event, **changed})], name="two"))
            assert (counts.rejected_events, counts.new_events, counts.changed) == (1, 0, False)
            assert opened.state().version == 1

    def test_replace_removes_what_the_file_lacks(
        self, store: Callable[..., Store], raw: Any
    ) -> None:
        before = {
            ("w:a", "w:b"): 1, ("w:a", "w:c"): None, ("w:c", "w:a"): None, ("w:c", "d:x"): None,
            ("d:x", "d:y"): None, ("plain", "other"): None, ("plain", "w:a"): None,
        }  # fmt: skip
        now = {("w:a", "w:b"): 5, ("w:b", "w:a"): None}
        with store(batch_rows=1) as opened:
            opened.load(follows(before, name="before"))
            counts = opened.load(follows(now, name="now"), replace=True)
            assert (counts.removed_edges, counts.new_edges, counts.updated_edges) == (2, 1, 0)
        expected = Model()
        expected.load_follows(before)
        expected.load_follows(now, replace=True)
        assert raw() == expected
        assert ("w:c", "d:x") in expected.follows
        assert ("w:a", "w:b") in expected.follows

    def test_replace_covers_ids_without_a_platform(
        self, store: Callable[..., Store], raw: Any
    ) -> None:
        before = {("a", "b"): None, ("b", "c"): None, ("x:a", "x:b"): None, (":a", "c"): None}
        with store() as opened:
            opened.load(follows(before, name="before"))
            counts = opened.load(follows([("a", "c")], name="now"), replace=True)
            assert counts.removed_edges == 3  # ":a" has an empty platform, like "a"
        assert set(raw().follows) == {("a", "c"), ("x:a", "x:b")}

    def test_replace_with_no_edges_left(self, store: Callable[..., Store], raw: Any) -> None:
        with store() as opened:
            opened.load(follows([("a", "b")], name="before"))
            assert opened.load(follows([("a", "a")], name="now"), replace=True).removed_edges == 1
        assert raw().follows == {}

    def test_replace_goes_back_to_an_earlier_file(
        self, store: Callable[..., Store], raw: Any
    ) -> None:
        monday, tuesday = follows([("a", "b")], name="mon"), follows([("a", "c")], name="tue")
        with store() as opened:
            opened.load(monday)
            opened.load(tuesday)
            assert (
                opened.load(monday, replace=True).removed_edges == 1
            )  # added before, not replaced
            assert opened.load(monday, replace=True).already_loaded
            opened.load(tuesday, replace=True)
            assert opened.load(monday, replace=True).removed_edges == 1
        assert set(raw().follows) == {("a", "b")}

    def test_only_follows_can_replace(self, store: Callable[..., Store]) -> None:
        with store() as opened, pytest.raises(UsageError):
            opened.load(accounts({"a": {}}), replace=True)

    def test_the_version_counts_loads_that_change_something(
        self, store: Callable[..., Store]
    ) -> None:
        with store(batch_rows=1) as opened:
            tokens = {opened.state().token}
            for staged, version in [
                (follows([("a", "b"), ("b", "c")], name="one"), 1),
                (follows([("a", "b")], name="two"), 1),
                (accounts({"a": {"name": "x"}}, name="three"), 2),
                (accounts({"a": {"name": "x"}}, name="four"), 2),
                (accounts({"c": {}}, name="five"), 3),
            ]:
                opened.load(staged)
                assert opened.state().version == version
                tokens.add(opened.state().token)
            assert len(tokens) == 4

    def test_the_bookkeeping_tells_what_was_loaded(self, store: Callable[..., Store]) -> None:
        with store(batch_rows=2) as opened:
            opened.load(follows([("a", "b"), ("b", "c"), ("c", "a")]))
            (record,) = opened.loads()
        assert (record.name, record.source, record.role) == ("follows", "follows.csv", "follows")
        assert (record.done, record.batches_done, record.batches) == (True, 4, 4)
        assert record.counts.new_edges == 3
        assert record.finished is not None
        assert record.started <= record.finished

    def test_progress_counts_rows(self, store: Callable[..., Store]) -> None:
        seen: list[tuple[int, int]] = []
        with store(batch_rows=2) as opened:
            opened.load(
                follows([("a", "b"), ("b", "c"), ("c", "a")]),
                progress=lambda done, total: seen.append((done, total)),
            )
        assert seen[-1] == (3, 3)
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)

    FILES: tuple[tuple[str, Callable[[str], StagedFile], dict[str, Any]], ...] = (
        ("accounts", lambda name: accounts(
            {f"a{i}": {"name": f"n{i}"} for i in range(5)}, name=name), {}),
        ("follows", lambda name: follows(
            {(f"a{i}", f"a{(i * 3) % 7}"): i for i in range(7)}, name=name), {}),
        ("replace", lambda name: follows(
            {(f"a{i}", f"a{(i * 3) % 7}"): i for i in range(5)}, name=name), {"replace": True}),
        ("interactions", lambda name: interactions(
            [Act(f"a{i}", f"b{i % 2}", "like", i * DAY // 2) for i in range(4)]
            + [Act(f"a{i % 3}", "b0", "like", i, event_id=f"e{i}") for i in range(5)],
            name=name), {}),
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("stage", "options"), [f[1:] for f in FILES], ids=[f[0] for f in FILES]
    )
    def test_a_load_that_was_cut_off_goes_on(
        self, store: Callable[..., Store], raw: Any, stage: Any, options: dict[str, bool]
    ) -> None:
        """Cut off after each batch in turn; the counts and the content are those of one run."""
        prior = [
            follows({("a0", "a9"): 1, ("a1", "a3"): 9, ("c", "a1"): None}, name="prior"),
            interactions([Act("a0", "b0", "like", 3), Act("a1", "b0", "like", 1, event_id="e1")]),
        ]
        with store(batch_rows=2) as opened:
            for staged in prior:
                opened.load(staged)
            plain = opened.load(stage("plain"), **options)
            batches = opened.loads()[-1].batches
        assert batches > 2
        whole = raw()
        self.reset()
        with store(batch_rows=2) as opened:
            for staged in prior:
                opened.load(staged)

        def cut(done: int, total: int) -> None:
            raise CutOffError

        for committed in range(1, batches + 1):  # with another batch size, which must not matter
            with store(batch_rows=3 if committed > 1 else 2) as opened:
                with pytest.raises(CutOffError):
                    opened.load(stage("cut"), progress=cut, **options)
                assert opened.loads()[-1].batches_done == committed
                assert [load.name for load in opened.state().unfinished] == (
                    ["cut"] if committed < batches else []
                )
                assert opened.state().version == (2 if committed < batches else 3)
        with store() as opened:
            assert opened.loads()[-1].counts.sums() == plain.sums()
            assert opened.load(stage("cut"), **options).already_loaded
        assert raw() == whole

    def reset(self) -> None:
        """Begin with an empty store once more."""
        raise NotImplementedError

    def test_another_load_in_between(self, store: Callable[..., Store], raw: Any) -> None:
        first = {(f"a{i}", "x"): 5 for i in range(6)}
        second = {("a0", "x"): 3, ("a5", "x"): 2, ("b", "x"): None}

        def cut(done: int, total: int) -> None:
            if done >= 2:
                raise CutOffError

        with store(batch_rows=2) as opened:
            with pytest.raises(CutOffError):
                opened.load(follows(first, name="first"), progress=cut)
            opened.load(follows(second, name="second"))
            assert opened.state().version == 1
            counts = opened.load(follows(first, name="first"))
            assert counts.resumed
            assert opened.state().version == 2
        expected = Model()
        expected.load_follows(first)
        expected.load_follows(second)
        assert raw() == expected

    def test_interactions_that_changed_cannot_go_on(self, store: Callable[..., Store]) -> None:
        def cut(done: int, total: int) -> None:
            if done:
                raise CutOffError

        acts = [Act("a", "b", "like", i * DAY) for i in range(4)]
        with store(batch_rows=1) as opened:
            with pytest.raises(CutOffError):
                opened.load(interactions(acts), progress=cut)
            with pytest.raises(StoreError, match="other rows"):
                opened.load(interactions([*acts, Act("a", "b", "like", 9 * DAY)]))

    def test_follows_that_changed_start_again(self, store: Callable[..., Store], raw: Any) -> None:
        def cut(done: int, total: int) -> None:
            if done:
                raise CutOffError

        edges = [("a", "b"), ("b", "c"), ("c", "a")]
        with store(batch_rows=1) as opened:
            with pytest.raises(CutOffError):
                opened.load(follows(edges), progress=cut)
            opened.load(follows([*edges, ("a", "c")]))
            assert opened.state().unfinished == ()
        assert set(raw().follows) == {*edges, ("a", "c")}

    def test_sums_that_do_not_fit_are_refused(self, store: Callable[..., Store], raw: Any) -> None:
        most = (2**63 - 1) // 1_000_000
        with store() as opened:
            opened.load(interactions([Act("a", "b", "like", 1, value=most)], name="one"))
            with pytest.raises(StoreError, match="64-bit"):
                opened.load(interactions([Act("a", "b", "like", 2, value=most)], name="two"))
            assert opened.state().version == 1
        assert raw().cells["a", "b", "like", 0][:2] == (1, 1_000_000)

    def test_reading_gives_what_is_stored(self, store: Callable[..., Store]) -> None:
        expected = fill(store)
        with store() as opened:
            content = opened.read()
            assert as_model(content) == without_events(expected)
            assert content.made.tolist() == [
                expected.accounts[account][0] for account in content.ids.to_strings()
            ]

    def test_the_snapshot_does_not_depend_on_order_files_or_batches(
        self, store: Callable[..., Store]
    ) -> None:
        whole = self._snapshot(store, [*some_files(1, seed=0)], batch_rows=1000)
        for seed in (1, 2, 3):
            parts = [*some_files(seed, seed)]
            random.Random(seed).shuffle(parts)
            self.reset()
            assert self._snapshot(store, parts, batch_rows=40 * seed) == whole

    def _snapshot(
        self, store: Callable[..., Store], parts: list[StagedFile], batch_rows: int
    ) -> dict[str, bytes]:
        with store(batch_rows=batch_rows) as opened:
            for staged in parts:
                opened.load(staged)
            content = opened.read()
            folder = build_snapshot(opened)
            other = folder / "other.parquet"
            columns = [content.column(name) for name in content.columns]
            write_accounts(content.ids, columns, other)
        files = {
            path.name: path.read_bytes()
            for path in folder.iterdir()
            if path.name != "manifest.json"
        }
        assert files.pop("other.parquet") == files["accounts.parquet"]
        return files

    def test_an_empty_file_is_loaded(self, store: Callable[..., Store]) -> None:
        with store() as opened:
            for staged in (accounts({}), follows([]), interactions([])):
                assert not opened.load(staged).changed
                assert opened.load(staged).already_loaded
            assert opened.state().version == 0

    def test_scores_are_kept_and_replaced(
        self, store: Callable[..., Store], raw_scores: Any
    ) -> None:
        with store() as opened:
            opened.load(follows([("b", "a"), ("c", "a"), ("a", "b")]))
            ids = opened.read().ids
            token = opened.state().token
            opened.write_scores(
                ids,
                {"pagerank": np.array([0.5, 0.25, np.nan]), "community": np.array([1, 1, 2])},
                {"version": 1},
            )
            assert opened.scores_meta() == {"version": 1}
            assert opened.state().token == token
        assert raw_scores() == {
            "a": {"pagerank": 0.5, "community": 1},
            "b": {"pagerank": 0.25, "community": 1},
            "c": {"community": 2},
        }
        with store() as opened:
            opened.load(follows([("0", "a")], name="later"))
            opened.write_scores(ids, {"k_core": np.array([3, 2, 1])}, {"version": 2})
            assert opened.scores_meta() == {"version": 2}
        assert raw_scores() == {
            "0": {}, "a": {"k_core": 3}, "b": {"k_core": 2}, "c": {"k_core": 1},
        }  # fmt: skip

    def test_scores_of_hostile_names(self, store: Callable[..., Store], raw_scores: Any) -> None:
        with store() as opened:
            opened.load(accounts({"a": {"name": "x", "select": "y"}}))
            opened.write_scores(
                opened.read().ids, {"name": np.array([1.5]), 'a"b;--': np.array([2])}, {}
            )
        assert raw_scores() == {"a": {"name": 1.5, 'a"b;--': 2}}

    def test_closing_twice_is_nothing(self, store: Callable[..., Store]) -> None:
        opened = store()
        opened.close()
        opened.close()


def fill(store: Callable[..., Store]) -> Model:
    """Load a bit of everything; the model of it."""
    rows = {
        "w:a": {"name": "阿", "platform": "w", "price": 1.5, "opted_out": True, "joined": 3},
        "w:b": {"name": "b", "platform": "w", "price": None, "opted_out": None, "joined": None},
    }
    types = {**TYPES, "platform": ColumnType.TEXT}
    edges = {("w:a", "w:b"): 4, ("w:c", "w:a"): None, ("d:x", "w:a"): -9}
    acts = [
        Act("w:a", "w:b", "like", 5, weight=0.5),
        Act("w:b", "w:a", "gift", None),
        Act("w:b", "w:a", "like", 3 * DAY, event_id="e"),
    ]
    model = Model()
    model.load_accounts(rows)
    model.load_follows(edges)
    model.load_interactions(acts)
    with store(batch_rows=2) as opened:
        opened.load(follows(edges))
        opened.load(accounts(rows, types))
        opened.load(interactions(acts))
    return model


def some_files(parts: int, seed: int) -> Iterator[StagedFile]:
    """The same network, cut into files in one way or another."""
    content, cut = random.Random(0), random.Random(seed)
    ids = [f"{content.choice('wd阿')}:{i}" for i in range(60)] + NASTY_IDS

    def split(rows: list[Any]) -> list[list[Any]]:
        cut.shuffle(rows)
        return [rows[part::parts] for part in range(parts)]

    rows = {
        account: {
            "name": content.choice([None, f"名{account}"]),
            "platform": content.choice(["w", "d"]),
            "price": content.choice([None, 0.1, -0.0, 0.0]),
            "opted_out": content.choice([None, True, False]),
            "joined": content.choice([None, 7 * DAY]),
        }
        for account in ids[::2]
    }
    types = {**TYPES, "platform": ColumnType.TEXT}
    for names in split(list(types)):
        described = {account: {name: row[name] for name in names} for account, row in rows.items()}
        kinds = {name: types[name] for name in names}
        yield accounts(described, kinds, name=f"accounts {names}")
    edges = {
        (content.choice(ids), content.choice(ids)): content.choice([None, 3, 4]) for _ in range(300)
    }
    for number, part in enumerate(split(list(edges.items()))):
        yield follows(dict(part), name=f"follows {number}")
    acts = [
        Act(
            content.choice(ids), content.choice(ids), content.choice(["like", "gift", "赠送"]),
            content.choice([None, 0, DAY - 1, DAY, 9 * DAY]), weight=content.randrange(9) / 8,
            value=content.randrange(3), event_id=content.choice([None, f"e{i}"]),
        )
        for i in range(200)
    ]  # fmt: skip
    for number, part in enumerate(split(acts)):
        yield interactions(part, name=f"interactions {number}")


def without_events(model: Model) -> Model:
    return Model(model.accounts, model.follows, model.cells)


def as_model(content: StoreContent) -> Model:
    """The arrays of a store as dicts."""
    ids = content.ids.to_strings()
    values: list[dict[str, Any]] = [{} for _ in ids]
    for name in content.columns:
        column = content.column(name)
        listed = (
            column.values.to_strings()
            if isinstance(column.values, TextColumn)
            else column.values.tolist()
        )
        for row, value, present in zip(values, listed, column.present.tolist(), strict=True):
            if present:
                row[name] = value
            else:
                assert value in ("", 0.0, False, NO_TIME)
    model = Model()
    model.accounts = {
        account: (made, row)
        for account, made, row in zip(ids, content.made.tolist(), values, strict=True)
    }
    rows = content.follows
    for actor, target, since in zip(*map(np.ndarray.tolist, (rows.actor, rows.target, rows.since)),
                                    strict=True):  # fmt: skip
        model.follows[ids[actor], ids[target]] = None if since == NO_TIME else since
    cells = content.interactions
    columns = (cells.actor, cells.target, cells.kind, cells.day, cells.count, cells.weight,
               cells.value, cells.first_at, cells.last_at)  # fmt: skip
    for actor, target, kind, day, *rest in zip(*map(np.ndarray.tolist, columns), strict=True):
        key = (ids[actor], ids[target], cells.kinds[kind], None if day == NO_DAY else day)
        times = [None if time == NO_TIME else time for time in rest[3:]]
        model.cells[key] = (*rest[:3], *times)
    return model
