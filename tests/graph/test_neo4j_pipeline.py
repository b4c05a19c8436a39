"""Transactions side by side: in order, few at a time, and none after an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from guanxi.graph.neo4j.pipeline import AT_ONCE, side_by_side


def test_in_order_and_few_at_a_time() -> None:
    begun: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(9):
            begun.append(task)
            yield task

    done: list[int] = []
    for result in side_by_side(lambda task: task * task, tasks()):
        done.append(result)
        assert len(begun) - len(done) <= AT_ONCE
    assert done == [task * task for task in range(9)]
    assert list(side_by_side(abs, [])) == []


def test_two_are_under_way_at_once() -> None:
    together = threading.Barrier(AT_ONCE, timeout=20)
    assert len(list(side_by_side(lambda task: together.wait(), range(2 * AT_ONCE)))) == 2 * AT_ONCE


def test_nothing_is_begun_after_an_error() -> None:
    begun: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        if task == 1:
            raise ValueError(task)
        return task

    with pytest.raises(ValueError, match="1"):
        list(side_by_side(work, range(100)))
    assert max(begun) <= 1 + AT_ONCE
