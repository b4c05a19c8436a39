from __future__ import annotations

import numpy as np
import pytest

from guanxi.algorithms.influence import plan
from guanxi.algorithms.influence.models import weighted_cascade
from guanxi.algorithms.influence.rr_sets import CHUNK, Sampler
from guanxi.errors import ResourceError
from tests.algorithms.influence.exact import graph_of, random_arcs

GRAPH = graph_of(100, random_arcs(np.random.default_rng(1), 100, 400, False))
MODEL = weighted_cascade(GRAPH)
SAMPLER = Sampler(MODEL, threads=1)
LIMIT = 12 << 20  # what the scratch of the threads is counted as, and a little more


def test_size_of_sets_is_seen() -> None:
    empty = Sampler(weighted_cascade(graph_of(100, [])))
    assert plan.set_sizes(empty) == (1.0, 1.0)
    assert empty.chunk == CHUNK
    mean, most = plan.set_sizes(SAMPLER)
    found = np.concatenate(list(SAMPLER.map(99, 50_000, lambda chunk: np.diff(chunk.ends))))
    assert mean == pytest.approx(found.mean(), rel=0.05)
    assert mean < most < 1.2 * mean


@pytest.mark.parametrize(
    ("mean", "sets"), [(3.0, 3 << 18), (200.0, (1 << 27) // 200 // 1024 * 1024), (3e3, 307_200)]
)
def test_as_many_sets_as_their_size_allows(mean: float, sets: int) -> None:
    planned = plan.plan_selection(SAMPLER, MODEL, (mean, mean))
    assert planned.sets == sets
    assert planned.sets >= 300_000
    assert planned.notes == []
    assert planned.bytes > 8 * mean * sets


def test_sets_that_are_looked_at() -> None:
    assert plan.judging_sets(SAMPLER) == 1 << 19
    assert plan.judging_sets(SAMPLER, 250.0) == (1 << 26) // 250 // 1024 * 1024
    assert plan.judging_sets(SAMPLER, 1e6) == 1 << 17


def test_what_is_asked_for_is_drawn_and_a_limit_takes_away() -> None:
    sizes = plan.set_sizes(SAMPLER)
    assert plan.plan_selection(SAMPLER, MODEL, sizes, 12_345).sets == 12_345
    planned = plan.plan_selection(SAMPLER, MODEL, sizes, None, LIMIT + (20 << 20))
    assert 1024 <= planned.sets < 3 << 18
    assert planned.sets % 1024 == 0
    assert planned.bytes <= LIMIT + (20 << 20)
    assert "instead of 786,432" in planned.notes[0]
    larger = plan.plan_selection(SAMPLER, MODEL, sizes, None, LIMIT + (30 << 20))
    assert larger.sets > planned.sets
    assert larger.most_members > planned.most_members
    with pytest.raises(ResourceError, match=r"Raise --memory"):
        plan.plan_selection(SAMPLER, MODEL, sizes, None, LIMIT)


def test_sets_too_large_for_any_machine_are_fewer_and_it_is_said() -> None:
    sampler = Sampler(MODEL, threads=1)
    sampler.expect(5e4)
    planned = plan.plan_selection(sampler, MODEL, (5e4, 5e4))
    assert planned.sets < 300_000
    assert planned.bytes <= 12 << 30
    assert "instead of 307,200" in planned.notes[0]


def test_more_samples_than_the_ceiling_holds_are_refused_before_the_run() -> None:
    with pytest.raises(ResourceError, match=r"1,000,000,000 samples .* 12\.0 GB .* --memory"):
        plan.plan_selection(SAMPLER, MODEL, (3.0, 3.2), 1_000_000_000)
    allowed = plan.plan_selection(SAMPLER, MODEL, (3.0, 3.2), 1_000_000_000, 1 << 40)
    assert allowed.sets == 1_000_000_000


def test_estimate_of_memory() -> None:
    few = plan.estimate_memory(GRAPH, selection_sets=10_000)
    assert few < plan.estimate_memory(GRAPH) < 200 << 20
    weighted = graph_of(100, random_arcs(np.random.default_rng(1), 100, 400, True))
    assert plan.estimate_memory(weighted, selection_sets=10_000) != few
    assert plan.estimate_memory(GRAPH, seed=1) != plan.estimate_memory(GRAPH)
    assert plan.estimate_memory(GRAPH, threads=1) == plan.estimate_memory(GRAPH, threads=3)


def test_tasks_get_smaller_as_sets_get_larger() -> None:
    chain = graph_of(3000, [(v, v + 1) for v in range(2999)])
    sampler = Sampler(weighted_cascade(chain))
    assert plan.set_sizes(sampler)[0] == pytest.approx(1500, rel=0.05)
    assert sampler.chunk == 1024
    found = [list(Sampler(weighted_cascade(chain)).map(9, 3000, lambda c: c.entries.sum()))]
    found.append(list(sampler.map(9, 3000, lambda c: c.entries.sum())))
    assert [len(sums) for sums in found] == [1, 3]
    assert sum(found[0]) == sum(found[1])


def test_no_accounts() -> None:
    assert plan.set_sizes(Sampler(weighted_cascade(graph_of(0, [])))) == (1.0, 1.0)
