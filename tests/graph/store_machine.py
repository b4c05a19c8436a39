"""Random loads in random orders, some cut off, against the model; for any store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from store_contract import CutOffError, as_model, without_events
from store_helpers import DAY, Act, Model, accounts, follows, interactions

from guanxi.graph.schema import ColumnType, StagedFile
from guanxi.graph.store import Store

IDS = st.sampled_from(["w:a", "w:b", "d:a", "小", "x"])
TIMES = st.none() | st.integers(0, 3 * DAY)
TYPES = {"name": ColumnType.TEXT, "price": ColumnType.NUMBER}
ROW = st.fixed_dictionaries(
    {"name": st.none() | st.sampled_from(["n", "名"]), "price": st.none() | st.floats(0, 9)}
)
EVENT = st.builds(
    Act,
    actor=IDS,
    target=IDS,
    kind=st.sampled_from(["like", "gift"]),
    at=TIMES,
    weight=st.sampled_from([None, 0, 0.1, 3]),
    value=st.sampled_from([0, 0.2]),
    event_id=st.none() | st.sampled_from(["e1", "e2", "e3"]),
)


class StoreMachine(RuleBasedStateMachine):
    """Subclasses say how to open the store."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.number = 0
        self.versions = 0

    def open(self, batch_rows: int) -> Store:
        raise NotImplementedError

    def _load(
        self, stage: Callable[[str], StagedFile], batch_rows: int, cut_after: int, **options: Any
    ) -> None:
        """Load a file of a new name, cut off once or not, and once more: that does nothing."""
        self.number += 1

        def cut(done: int, total: int) -> None:
            nonlocal cut_after
            cut_after -= 1
            if cut_after == 0:
                raise CutOffError

        with self.open(batch_rows) as store:
            before = store.state().version
            try:
                store.load(stage(f"load {self.number}"), progress=cut, **options)
            except CutOffError:
                store.load(stage(f"load {self.number}"), **options)
            assert store.load(stage(f"load {self.number}"), **options).already_loaded
            record = store.loads()[-1]
            assert store.state().version == before + record.counts.changed

    @rule(
        rows=st.dictionaries(IDS, ROW, max_size=4), batch=st.integers(1, 5), cut=st.integers(0, 3)
    )
    def load_accounts(self, rows: dict[str, Any], batch: int, cut: int) -> None:
        self._load(lambda name: accounts(rows, TYPES, name), batch, cut)
        self.model.load_accounts(rows)

    @rule(
        pairs=st.dictionaries(st.tuples(IDS, IDS), TIMES, max_size=6),
        replace=st.booleans(),
        batch=st.integers(1, 5),
        cut=st.integers(0, 6),
    )
    def load_follows(
        self, pairs: dict[tuple[str, str], int | None], replace: bool, batch: int, cut: int
    ) -> None:
        self._load(lambda name: follows(pairs, name), batch, cut, replace=replace)
        self.model.load_follows(pairs, replace)

    @rule(acts=st.lists(EVENT, max_size=6), batch=st.integers(1, 5), cut=st.integers(0, 6))
    def load_interactions(self, acts: list[Act], batch: int, cut: int) -> None:
        distinct: dict[Any, Act] = {}  # a file's own repeats are the readers' business
        for number, act in enumerate(acts):
            key = (act.event_id, act.actor, act.target, act.kind) if act.event_id else number
            distinct.setdefault(key, act)
        listed = list(distinct.values())
        self._load(lambda name: interactions(listed, name), batch, cut)
        self.model.load_interactions(listed)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        with self.open(100) as store:
            assert as_model(store.read()) == without_events(self.model)
