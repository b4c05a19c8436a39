from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.errors import InputError, UsageError
from guanxi.graph.arrays import NO_DAY, NO_TIME
from guanxi.graph.schema import StagedEvents, StagedInteractions

Stage = Callable[..., Any]
shared_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = "actor,target,kind,time,count,weight,value,event_id"
DAY = 86_400_000_000
DAY_1 = 1704067200000000  # 2024-01-01

ids = st.sampled_from(["a", "b", "c", "c", ""])
kinds = st.sampled_from(["like", "Like", " repost", "转发", "", "k" * 65])
times = st.sampled_from(["", "2024-01-01", "2024-01-01 12:00", "1703980800", "never"])
counts = st.sampled_from(["", "1", "2", "3.0", "0", "-1", "1.5", "x"])
weights = st.sampled_from(["", "0.5", "2", "-1", "1e20", "y"])
values = st.sampled_from(["", "9.99", "-3", "z"])
events = st.sampled_from(["", "", "e1", "e2"])
rows = st.lists(
    st.tuples(ids, ids, kinds, times, counts, weights, values, events), min_size=1, max_size=20
)
MOMENTS = {"": NO_TIME, "2024-01-01": DAY_1, "2024-01-01 12:00": DAY_1 + DAY // 2,
           "1703980800": DAY_1 - DAY}  # fmt: skip


def millionths(text: str) -> int:
    return int(Decimal(text) * 1_000_000)


def read(row: tuple[str, ...], kind: str | None) -> tuple[Any, ...] | None:
    """actor, target, kind, at, count, weight, value, event; None if the row is rejected."""
    actor, target, word, time, count, weight, value, event = row
    word = word.strip().lower() or (kind or "")
    bad = (
        not actor
        or not target
        or not word
        or len(word) > 64
        or time == "never"
        or count in ("-1", "1.5", "x")
        or weight in ("-1", "1e20", "y")
        or value == "z"
    )
    if bad:
        return None
    number = int(Decimal(count or "1"))
    heavy = millionths(weight) if weight else number * 1_000_000
    return actor, target, word, MOMENTS[time], number, heavy, millionths(value or "0"), event


def cells_of(rows: list[tuple[Any, ...]]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    for actor, target, kind, at, count, weight, value, _ in rows:
        key = (actor, target, kind, NO_DAY if at == NO_TIME else at // DAY)
        old = found.setdefault(key, [0, 0, 0, at, at])
        old[:] = [old[0] + count, old[1] + weight, old[2] + value, min(old[3], at), max(old[4], at)]
    return found


def staged_cells(staged: StagedInteractions) -> dict[Any, list[int]]:
    names = staged.ids.to_strings()
    keys = [
        (names[a], names[t], staged.kinds[k], d)
        for a, t, k, d in zip(
            staged.actor.tolist(), staged.target.tolist(), staged.kind.tolist(),
            staged.day.tolist(), strict=True,
        )
    ]  # fmt: skip
    amounts = (staged.count, staged.weight, staged.value, staged.first_at, staged.last_at)
    assert keys == sorted(keys)
    return dict(zip(keys, np.transpose(amounts).tolist(), strict=True))


def staged_events(staged: StagedInteractions) -> dict[Any, list[int]]:
    if staged.events is None:
        return {}
    names, events = staged.ids.to_strings(), staged.events
    keys = [
        (e, names[a], names[t], staged.kinds[k])
        for e, a, t, k in zip(
            events.event_id.to_strings(), events.actor.tolist(), events.target.tolist(),
            events.kind.tolist(), strict=True,
        )
    ]  # fmt: skip
    amounts = (events.at, events.count, events.weight, events.value)
    assert keys == sorted(keys)
    return dict(zip(keys, np.transpose(amounts).tolist(), strict=True))


@shared_fixture
@given(rows=rows, kind=st.sampled_from([None, "Gift"]), undirected=st.booleans(), data=st.data())
def test_staged_interactions_are_those_of_the_reference(
    stage: Stage,
    rows: list[tuple[str, ...]],
    kind: str | None,
    undirected: bool,
    data: st.DataObject,
) -> None:
    staged = stage("interactions", HEADER, rows, kind=kind, undirected=undirected)
    taken = [found for row in rows if (found := read(row, kind.lower() if kind else None))]
    loops = [row for row in taken if row[0] == row[1]]
    edges = [row for row in taken if row[0] != row[1]]
    if undirected:
        edges = [(min(row[:2]), max(row[:2]), *row[2:]) for row in edges]
    plain = [row for row in edges if not row[7]]
    by_event = defaultdict(list)
    for row in edges:
        if row[7]:
            by_event[row[7], row[0], row[1], row[2]].append(list(row[3:7]))
    agreed = {key: same[0] for key, same in by_event.items() if all(s == same[0] for s in same)}
    differing = sum(len(same) for key, same in by_event.items() if key not in agreed)
    if undirected:
        plain += [(row[1], row[0], *row[2:]) for row in plain]
        agreed |= {(e, t, a, k): amounts for (e, a, t, k), amounts in agreed.items()}

    assert staged_cells(staged) == cells_of(plain)
    assert staged_events(staged) == agreed
    summary = staged.summary
    assert summary.accepted == len(taken) - differing
    assert summary.rows == len(rows) == summary.accepted + summary.rejected
    assert summary.reject_reasons.get("event repeats with a difference", 0) == differing
    assert summary.self_loops == len(loops)
    once = len(agreed) // (2 if undirected else 1)
    assert summary.duplicates == sum(map(len, by_event.values())) - differing - once
    mentioned = {end for row in plain + loops for end in row[:2]}
    mentioned |= {end for _, *ends, _ in agreed for end in ends}
    assert staged.ids.to_strings() == sorted(mentioned)
    used = {row[2] for row in plain} | {key[3] for key in agreed}
    assert staged.kinds == sorted(used)

    batch, shuffled = data.draw(st.integers(1, 9)), data.draw(st.permutations(rows))
    again = stage("interactions", HEADER, shuffled, batch, kind=kind, undirected=undirected)
    assert staged_cells(again) == staged_cells(staged)
    assert staged_events(again) == staged_events(staged)
    assert again.ids.to_strings() == staged.ids.to_strings()
    assert again.summary.reject_reasons == summary.reject_reasons


def test_types_of_the_arrays(stage: Stage) -> None:
    rows = [("a", "b", "like", "2024-01-01", "2", "", "1", "e"), ("a", "b", "like", *[""] * 5)]
    staged = stage("interactions", HEADER, rows)
    types = {item: getattr(staged, item).dtype for item in (
        "actor", "target", "kind", "day", "count", "weight", "value", "first_at", "last_at"
    )}  # fmt: skip
    small = dict.fromkeys(("actor", "target", "kind", "day"), np.int32)
    assert types == dict.fromkeys(types, np.int64) | small
    assert staged.events is not None
    events = {f.name: getattr(staged.events, f.name) for f in fields(StagedEvents)}
    assert events.pop("event_id").to_strings() == ["e"]
    assert {name: part.dtype for name, part in events.items()} == dict.fromkeys(
        events, np.int64
    ) | dict.fromkeys(("actor", "target", "kind"), np.int32)
    assert staged.events.line.tolist() == [2]


def test_the_smallest_file(stage: Stage) -> None:
    staged = stage("interactions", None, [("a", "b"), ("a", "b")], kind="Repost")
    assert staged.kinds == ["repost"]
    assert staged.events is None
    assert (staged.count.tolist(), staged.weight.tolist()) == ([2], [2_000_000])
    assert (staged.day.tolist(), staged.first_at.tolist()) == ([NO_DAY], [NO_TIME])
    assert staged.value.tolist() == [0]
    assert staged.summary.duplicates == 0


def test_days_are_those_of_utc(stage: Stage) -> None:
    rows = [
        ("a", "b", "2024-01-02 07:59"),
        ("a", "b", "2024-01-02 08:00"),
        ("a", "b", "1969-12-31"),
    ]
    staged = stage("interactions", "actor,target,time", rows, kind="x", timezone="+08:00")
    assert staged.day.tolist() == [-2, DAY_1 // DAY, DAY_1 // DAY + 1]


def test_the_kind_is_asked_for(stage: Stage) -> None:
    with pytest.raises(UsageError, match="--kind repost"):
        stage("interactions", "actor,target", [("a", "b")])
    for kind in ("", " ", "k" * 65, "a\x01"):
        with pytest.raises(UsageError, match="is no kind of interaction"):
            stage("interactions", "actor,target", [("a", "b")], kind=kind)
    rows = [(str(n), "x", f"kind{n}") for n in range(1001)]
    with pytest.raises(InputError, match="more than 1,000 kinds of interaction in 'type'"):
        stage("interactions", "actor,target,type", rows, batch=500)


def test_reasons_of_rejects(stage: Stage) -> None:
    good = ("a", "b", "like", "", "1", "1", "1", "")
    bad = {
        (2, "k" * 65): "kind longer than 64 bytes",
        (2, "a\nb"): "control character",
        (2, ""): "empty kind",
        (3, "yesterday"): "not a time",
        (4, "many"): "not a number",
        (4, "-1"): "not a whole number of zero or more",
        (4, "0.5"): "not a whole number of zero or more",
        (4, "1e13"): "number out of range",
        (5, "-0.1"): "negative weight",
        (5, "1,000"): "number with a comma; write 60000 or 60.5",
        (5, "1,2 EUR"): "not a number",
        (6, "1e13"): "number out of range",
        (7, "e" * 257): "id longer than 256 bytes",
    }
    for (place, text), reason in bad.items():
        row = tuple(text if place == i else fine for i, fine in enumerate(good))
        summary = stage("interactions", HEADER, [good, row]).summary
        shown = text if len(text) <= 200 else text[:199] + "…"
        assert summary.examples == [(3, HEADER.split(",")[place], reason, shown)]


def test_sums_that_are_too_large_are_an_error(stage: Stage) -> None:
    many = [("a", "b", "9000000000000")] * 2
    # Counts are weights too, in millionths, where there are no others.
    for column, what in (("weight", "weights"), ("value", "values"), ("count", "weights")):
        with pytest.raises(InputError, match=f"the {what} of the interactions .* add up"):
            stage("interactions", f"actor,target,{column}", many, kind="x")
    # Whatever the order, even where the sum would fit in the end.
    mixed = [("a", "b", text) for text in ("9e12", "-9e12", "9e12", "-9e12")]
    for rows in (mixed, sorted(mixed)):
        with pytest.raises(InputError, match="add up"):
            stage("interactions", "actor,target,value", rows, kind="x")
    apart = [("a", "b", "9e12"), ("a", "c", "9e12")]
    assert stage("interactions", "actor,target,value", apart, kind="x").value.tolist() == [
        9 * 10**18, 9 * 10**18,
    ]  # fmt: skip


def test_the_lines_of_differing_events_are_said(stage: Stage) -> None:
    rows = [("a", "b", "5", "e1"), ("a", "b", "6", "e1"), ("a", "c", "5", "e1")]
    staged = stage("interactions", "actor,target,value,id", rows, kind="x")
    reason = "event repeats with a difference"
    assert staged.summary.examples == [(2, "id", reason, "e1"), (3, "id", reason, "e1")]
    assert staged.ids.to_strings() == ["a", "c"]
