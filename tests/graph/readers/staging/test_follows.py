from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.errors import TooManyRejectsError
from guanxi.graph.arrays import NO_TIME
from guanxi.graph.schema import StagedFollows

Stage = Callable[..., Any]
shared_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

ids = st.sampled_from(["a", "b", "B", "007", "7", "1e5", "关系", " a ", "", "x" * 257, "a\x01"])
times = st.sampled_from(["", "2024-01-02", "2024-01-01T08:00:00+08:00", "1704067200000", "soon"])
rows = st.lists(st.one_of(st.tuples(ids, ids, times), st.tuples(ids, ids)), min_size=1, max_size=25)
MOMENTS = {
    "": NO_TIME,
    "2024-01-02": 1704153600000000,
    "2024-01-01T08:00:00+08:00": 1704067200000000,
    "1704067200000": 1704067200000000,
}


def fine(text: str) -> bool:
    return bool(text.strip()) and len(text) <= 256 and "\x01" not in text


def reference(
    rows: list[tuple[str, ...]], undirected: bool
) -> tuple[dict[Any, int], set[str], int]:
    """The follows with their earliest times, the ids, and the number of accepted rows."""
    found: dict[Any, int] = {}
    ids: set[str] = set()
    accepted = 0
    for row in rows:
        if len(row) < 3 or not fine(row[0]) or not fine(row[1]) or row[2] not in MOMENTS:
            continue
        accepted += 1
        actor, target, since = row[0].strip(), row[1].strip(), MOMENTS[row[2]]
        ids |= {actor, target}
        if actor != target:
            for pair in [(actor, target), (target, actor)][: 1 + undirected]:
                both = [t for t in (found.get(pair, NO_TIME), since) if t != NO_TIME]
                found[pair] = min(both, default=NO_TIME)
    return found, ids, accepted


def content(staged: StagedFollows) -> list[Any]:
    return [
        staged.ids.data.tobytes(),
        staged.ids.ends.tolist(),
        *(part.tobytes() for part in (staged.actor, staged.target, staged.since)),
    ]


@shared_fixture
@given(rows=rows, undirected=st.booleans(), data=st.data())
def test_staged_follows_are_those_of_the_reference(
    stage: Stage, rows: list[tuple[str, ...]], undirected: bool, data: st.DataObject
) -> None:
    staged = stage("follows", "source,target,since", rows, undirected=undirected)
    follows, ids, accepted = reference(rows, undirected)
    names = staged.ids.to_strings()
    assert names == sorted(ids, key=str.encode)
    pairs = [
        (names[actor], names[target])
        for actor, target in zip(staged.actor.tolist(), staged.target.tolist(), strict=True)
    ]
    key = {name: number for number, name in enumerate(names)}
    assert pairs == sorted(follows, key=lambda pair: (key[pair[0]], key[pair[1]]))
    assert staged.since.tolist() == [follows[pair] for pair in pairs]
    summary = staged.summary
    assert (summary.rows, summary.accepted) == (len(rows), accepted)
    assert summary.rejected == summary.rows - summary.accepted
    assert sum(summary.reject_reasons.values()) == summary.rejected
    distinct = len(pairs) // (2 if undirected else 1)
    assert summary.accepted == summary.self_loops + summary.duplicates + distinct
    # The order of the rows does not matter, nor how they fall into batches.
    shuffled = data.draw(st.permutations(rows))
    batch = data.draw(st.integers(1, 30))
    again = stage("follows", "source,target,since", shuffled, batch, undirected=undirected)
    assert content(again) == content(staged)
    assert again.summary.reject_reasons == summary.reject_reasons
    assert (again.summary.duplicates, again.summary.self_loops) == (
        summary.duplicates,
        summary.self_loops,
    )


def test_types_and_order_of_the_arrays(stage: Stage) -> None:
    staged = stage("follows", "source,target", [("b", "a"), ("a", "b"), ("b", "a"), ("c", "c")])
    assert isinstance(staged, StagedFollows)
    assert staged.ids.to_strings() == ["a", "b", "c"]
    assert staged.actor.tolist() == [0, 1]
    assert staged.target.tolist() == [1, 0]
    assert staged.since.tolist() == [NO_TIME, NO_TIME]
    assert [part.dtype for part in (staged.actor, staged.target, staged.since)] == [
        np.int32, np.int32, np.int64,
    ]  # fmt: skip
    assert (staged.summary.duplicates, staged.summary.self_loops) == (1, 1)


def test_reasons_of_rejects(stage: Stage) -> None:
    now = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    bad = {
        ("", "b", ""): ("source", "empty id"),
        ("a", " ", ""): ("target", "empty id"),
        ("a", "é" * 129, ""): ("target", "id longer than 256 bytes"),
        ("a\x7f", "b", ""): ("source", "control character"),
        ("a\nb", "b", ""): ("source", "control character"),
        ("a\x85", "b", ""): ("source", "control character"),
        ("a", "b", "soon"): ("since", "not a time"),
        ("a", "b", "20240101"): ("since", "could be a date or a number of seconds"),
        ("a", "b", "2024-01-02 00:00:01"): ("since", "time in the future"),
        ("a", "b"): ("", "wrong number of fields"),
        ("", "b", "soon"): ("source", "empty id"),
    }
    good = [("a", "b", "2024-01-02 00:00:00"), ("a", "é" * 128, "")]
    staged = stage("follows", "source,target,since", [*good, *bad], now=now, batch=99)
    assert [example[0] for example in staged.summary.examples] == list(range(4, 14))
    examples = {line: (field, reason) for line, field, reason, _ in staged.summary.examples}
    assert [examples[line] for line in range(4, 14)] == list(bad.values())[:10]
    assert staged.summary.reject_reasons["empty id"] == 3
    assert len(staged.ids) == 3
    # Without `now` no time is too late.
    assert stage("follows", "source,target,since", [("a", "b", "2999-01-01")]).summary.accepted == 1


def test_ids_stay_as_they_are(stage: Stage) -> None:
    ids = ["007", "7", "1e5", "100000", "'=a", "'007", "NaN", "\u3000a"]
    staged = stage("follows", "source,target", [(text, "x") for text in ids])
    assert set(staged.ids.to_strings()) == {*ids, "x"}


def test_files_for_excel_have_their_guards_undone(stage: Stage) -> None:
    rows = [("\t=a", "\t007"), ("'tis", "'=quoted'")]
    staged = stage("follows", "source,target", rows, encoding="UTF-8 with mark")
    assert set(staged.ids.to_strings()) == {"=a", "007", "'tis", "'=quoted'"}


def test_the_time_zone_is_that_of_bare_times(stage: Stage) -> None:
    rows = [("a", "b", "2024-01-01 08:00")]
    here = stage("follows", "source,target,since", rows, timezone="Asia/Shanghai")
    assert here.since.tolist() == [1704067200000000]
    there = stage("follows", "source,target,since", rows)
    assert there.since.tolist() == [1704067200000000 + 8 * 3600 * 1_000_000]
    assert here.name != there.name


def test_words_for_nothing_among_the_ids_are_warned_of(stage: Stage) -> None:
    staged = stage("follows", "source,target", [("NULL", "a"), ("nan", "a"), ("nation", "a")])
    assert [warning[:25] for warning in staged.summary.warnings] == [
        "There is an account 'NULL",
        "There is an account 'nan'",
    ]
    assert not stage("follows", "source,target", [("a", "b")]).summary.warnings


def test_the_limit_of_rejects_holds(stage: Stage) -> None:
    rows = [("a", "b")] * 5 + [("", "b")]
    assert stage("follows", "source,target", rows, max_rejects="1").summary.rejected == 1
    with pytest.raises(TooManyRejectsError, match=r"1 of 6 rows was rejected \(empty id: 1\)"):
        stage("follows", "source,target", rows, max_rejects="0")
    assert stage("follows", "source,target", rows, max_rejects=None).summary.rejected == 1
    with pytest.raises(TooManyRejectsError):
        stage("follows", "source,target", rows * 200, max_rejects=None)
