"""Accounts by id, and what might have been meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_contract import NASTY_IDS

from guanxi.graph.account_lookup import Finder, find, find_all, near_matches
from guanxi.graph.arrays import TextColumn


def column(ids: list[str]) -> TextColumn:
    return TextColumn.from_strings(sorted(set(ids), key=str.encode))


@given(st.lists(st.text(min_size=1, max_size=3), max_size=30), st.text(min_size=1, max_size=3))
def test_finds_what_is_there_and_nothing_else(ids: list[str], other: str) -> None:
    listed = sorted(set(ids), key=str.encode)
    for account in [*ids, other]:
        expected = listed.index(account) if account in listed else -1
        assert find(column(ids), account) == expected


def test_nasty_ids_are_found() -> None:
    ids = column(NASTY_IDS)
    assert [find(ids, account) for account in ids.to_strings()] == list(range(len(ids)))
    assert find(ids, "") == -1
    assert find(ids, "\udc80") == -1  # what a terminal makes of a broken byte


@pytest.mark.parametrize("many", [10, 5000])
def test_few_and_many_are_found_alike(many: int) -> None:
    ids = column([f"u{i:04d}" for i in range(3000)])
    wanted = [f"u{i * 7 % 4000:04d}" for i in range(many)]
    expected = [i * 7 % 4000 if i * 7 % 4000 < 3000 else -1 for i in range(many)]
    found = find_all(ids, wanted)
    assert found.dtype == np.int32
    assert found.tolist() == expected


@pytest.mark.parametrize("step", [1, 2, 90, 1009])
def test_parts_are_found_alike(step: int) -> None:
    """Parts that lie close together, wide apart, and in no order; and empty texts among them."""
    ids = column([f"u{i:05d}" for i in range(70_000)])
    finder = Finder(ids)
    wanted = [i * step % 80_000 for i in range(8000)]
    for part in (wanted[:1500], wanted[1500:1700], wanted[1700:]):
        texts = ["" if i % 11 == 0 else f"u{i:05d}" for i in part]
        expected = [-1 if i % 11 == 0 or i >= 70_000 else i for i in part]
        assert finder.find_all(texts).tolist() == expected
    assert finder.find_all([]).tolist() == []


IDS = column(
    ["weibo:alice", "weibo:alicia", "weibo:bob", "douyin:bob", "douyin:小红书", "x:ALICE", "x:zed"]
    + [f"weibo:user{i:05d}" for i in range(2000)]
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("alice", ["x:ALICE", "weibo:alice"]),  # the platform left out, another case
        ("weibo:alicee", ["weibo:alice"]),
        ("weibo:alic", ["weibo:alice", "weibo:alicia"]),
        ("wiebo:alice", ["weibo:alice"]),
        ("weibo:user0150", ["weibo:user01500"]),
        ("weibo:user0150O", ["weibo:user01500"]),
        ("weibp:user01500", ["weibo:user01500"]),
        ("user0150x", ["weibo:user01500"]),
        ("小红", ["douyin:小红书"]),
        ("bob", ["weibo:bob", "douyin:bob"]),
    ],
)
def test_near_matches(typed: str, expected: list[str]) -> None:
    found = near_matches(IDS, typed)
    assert len(found) <= 5
    assert set(expected) <= set(found)
    assert found[0] in expected


def test_nothing_near() -> None:
    assert near_matches(IDS, "") == []
    assert near_matches(IDS, "qqqqqqqq") == []
    assert near_matches(column([]), "a") == []
    assert len(near_matches(IDS, "weibo:user", limit=3)) <= 3
    near_matches(IDS, "weibo:" * 40)  # long texts stay cheap
