"""Every model three ways: every outcome looked at, RR sets, and forward simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from guanxi.algorithms.influence.activity import with_activity
from guanxi.algorithms.influence.audience import Audience
from guanxi.algorithms.influence.catalogue import MODELS, ModelOptions, named_model
from guanxi.algorithms.influence.forward import simulate
from guanxi.algorithms.influence.given import given_probabilities
from guanxi.algorithms.influence.models import (
    CascadeModel,
    linear_threshold,
    uniform,
    weighted_cascade,
    with_hops,
)
from guanxi.algorithms.influence.reach import Measurement, estimate_reach
from guanxi.algorithms.influence.rr_kernel import BLOCK
from guanxi.algorithms.influence.rr_sets import CHUNK, Sampler
from guanxi.errors import UsageError
from guanxi.graph.arrays import InfluenceGraph, Int32
from tests.algorithms.influence.exact import (
    Arc,
    Worlds,
    graph_of,
    random_arcs,
    threshold_reach,
)

N = 6
LISTS: list[Int32] = [
    np.array(numbers, dtype=np.int32) for numbers in ([0], [3, 1], [5, 4, 2], [2, 2, 0])
]


def arcs_with_p(model: CascadeModel) -> list[Arc]:
    """The arcs of the model with their probabilities, by the definition of a model."""
    out = model.graph.out
    arcs = []
    for u in range(out.n):
        for j in range(out.indptr[u], out.indptr[u + 1]):
            v = int(out.indices[j])
            strength = 1.0 if out.weights is None else float(out.weights[j])
            arcs.append((u, v, min(1.0, strength * float(model.scale[v]))))
    return arcs


def exact_reach(
    model: CascadeModel, accounts: Sequence[int], worth: Sequence[float] | None = None
) -> float:
    n, arcs = model.graph.n, arcs_with_p(model)
    if model.at_most_one:
        return threshold_reach(n, arcs, accounts, model.hops, worth)
    return Worlds.of(n, arcs, model.hops).reach(accounts, worth)


def learned(graph: InfluenceGraph) -> CascadeModel:
    random = np.random.default_rng(graph.m)
    sources = np.repeat(np.arange(graph.n), np.diff(graph.out.indptr)).astype(np.int32)
    p = np.where(random.random(graph.m) < 0.2, 1.0, random.random(graph.m))
    return given_probabilities(graph.n, sources, graph.out.indices, p)


def model_of(name: str, graph: InfluenceGraph) -> CascadeModel:
    if name == "given":
        return learned(graph)
    if name == "trivalency":  # its probabilities are so small that little would be seen
        model = named_model(name, graph, ModelOptions(seed=4))
        return replace(model, scale=np.full(graph.n, 6.0))
    return named_model(name, graph, ModelOptions(probability=0.35))


@pytest.mark.parametrize("hops", [None, 1, 2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", [*MODELS, "given"])
def test_estimate_simulation_and_every_outcome_agree(
    name: str, weighted: bool, hops: int | None
) -> None:
    seed = 10 * [*MODELS, "given"].index(name) + weighted
    graph = graph_of(N, random_arcs(np.random.default_rng(seed), N, 9, weighted))
    worth = np.array([3.0, 0.5, 0.0, 1.0, 0.01, 2.0])
    activity = np.array([1.0, 0.4, 1.0, 0.0, 0.8, 1.0])
    plain = with_hops(model_of(name, graph), hops)
    for model, audience in (
        (plain, None),
        (plain, Audience.of(worth)),
        (with_activity(plain, activity), Audience.of(worth, activity)),
    ):
        weights = None if audience is None else audience.weights.tolist()
        estimate = estimate_reach(model, LISTS, seed=seed, sets=30_000, audience=audience)
        for which, chosen in enumerate(LISTS):
            exact = exact_reach(model, chosen.tolist(), weights)
            error = (estimate.high[which] - estimate.low[which]) / (2 * 1.96)
            assert abs(estimate.reach[which] - exact) <= 4.5 * error + 1e-9
            forward = simulate(model, chosen, 8_000, seed=seed, audience=audience)
            assert abs(forward.mean - exact) <= 4.5 * forward.error + 1e-9


def test_linear_threshold_known_values() -> None:
    """Two followed alike: one wins half the time, both always; under cascade three quarters."""
    fork = graph_of(3, [(0, 2), (1, 2)])
    lists = [np.array([0], dtype=np.int32), np.array([0, 1], dtype=np.int32)]
    threshold = estimate_reach(linear_threshold(fork), lists, sets=60_000)
    np.testing.assert_allclose(threshold.reach, [1.5, 3.0], atol=0.015)
    cascade = estimate_reach(weighted_cascade(fork), lists, sets=60_000)
    np.testing.assert_allclose(cascade.reach, [1.5, 2.75], atol=0.015)
    assert simulate(linear_threshold(fork), lists[1], 100).mean == 3


def test_linear_threshold_sets_are_walks() -> None:
    """Each account has at most one that brought it in, and equal shares need no slots."""
    graph = graph_of(60, random_arcs(np.random.default_rng(1), 60, 240, False))
    plain = graph_of(
        60, [(u, v) for u, v, _ in random_arcs(np.random.default_rng(1), 60, 240, True)]
    )
    assert len(Sampler(linear_threshold(plain)).tables.slots) == 0
    influencers = [
        set(part.tolist()) for part in np.split(graph.into.indices, graph.into.indptr[1:-1])
    ]
    for entries, ends in Sampler(linear_threshold(graph)).map(
        1, 4 * BLOCK, lambda chunk: (chunk.entries.copy(), chunk.ends)
    ):
        for walk in np.split(entries, ends[:-1]):
            steps = zip(walk[:-1].tolist(), walk[1:].tolist(), strict=True)
            assert all(u in influencers[v] for v, u in steps)


def test_a_horizon_ends_a_chain() -> None:
    chain = weighted_cascade(graph_of(6, [(v, v + 1) for v in range(5)]))
    first = [np.array([0], dtype=np.int32)]
    for hops in (1, 2, 4, 5, 9):
        model = with_hops(chain, hops)
        assert estimate_reach(model, first, sets=20_000).reach[0] == pytest.approx(
            min(hops, 5) + 1, abs=0.06
        )
        assert simulate(model, first[0], 2).mean == min(hops, 5) + 1
    whole = estimate_reach(chain, first, sets=5000)
    assert estimate_reach(with_hops(chain, 5), first, sets=5000).reach == whole.reach
    with pytest.raises(UsageError, match="at least 1"):
        with_hops(chain, 0)


def test_a_horizon_beyond_all_paths_gives_the_sets_of_none() -> None:
    """The horizon cuts sets off by levels and draws nothing of its own."""
    graph = graph_of(400, random_arcs(np.random.default_rng(2), 400, 2400, True))
    model = weighted_cascade(graph)

    def sets(hops: int | None) -> list[Int32]:
        parts = Sampler(with_hops(model, hops)).map(
            1, 4 * BLOCK, lambda chunk: np.split(chunk.entries.copy(), chunk.ends[:-1])
        )
        return [found for part in parts for found in part]

    for one, other in zip(sets(None), sets(400), strict=True):
        assert np.array_equal(one, other)
    assert sum(map(len, sets(2))) < sum(map(len, sets(3))) < sum(map(len, sets(None)))


@pytest.mark.parametrize("name", [*MODELS, "given"])
def test_threads_and_the_order_of_arcs_change_nothing(name: str) -> None:
    random = np.random.default_rng(3)
    arcs = random_arcs(random, 300, 2000, True)
    worth = random.random(300)
    graph = graph_of(300, arcs)
    again = graph_of(300, [arcs[i] for i in random.permutation(len(arcs))])

    def flat(graph: InfluenceGraph, threads: int) -> bytes:
        model = with_hops(model_of(name, graph), 4)
        sampler = Sampler(model, 5, threads, audience=Audience.of(worth))
        parts = sampler.map(2, 2 * CHUNK + 100, lambda chunk: chunk.entries.tobytes())
        return b"".join(parts)

    one = flat(graph, 1)
    assert one == flat(graph, 2) == flat(again, 3)
    lists = [np.arange(20, dtype=np.int32)]
    model, audience = model_of(name, graph), Audience.of(worth)
    runs = [simulate(model, lists[0], 200, audience=audience, threads=t) for t in (1, 2, 3)]
    assert runs[0] == runs[1] == runs[2]
    assert runs[0] != simulate(model, lists[0], 200, audience=Audience.of(worth**2))


def test_weighted_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Also where a listed account weighs much more than all others."""
    graph = graph_of(12, random_arcs(np.random.default_rng(8), 12, 14, True))
    worth = np.array([0.3, 0, 2, 1, 1, 40, 0.1, 1, 1, 3, 1, 5.0])
    exact = Worlds.weighted_cascade(graph)
    lists = [np.array(numbers, dtype=np.int32) for numbers in ([0, 5], [7], [3, 2, 1])]
    truth = np.array([exact.reach(chosen.tolist(), worth.tolist()) for chosen in lists])
    held = np.zeros(3)
    for seed in range(300):
        estimate = estimate_reach(
            graph, lists, seed=seed, sets=1500, threads=1, audience=Audience.of(worth)
        )
        held += (estimate.low <= truth) & (truth <= estimate.high)
    assert (held / 300 >= 0.91).all()


def test_weighted_prefixes_rise_and_overlap_is_weighed() -> None:
    random = np.random.default_rng(4)
    graph = graph_of(200, random_arcs(random, 200, 1200, True))
    audience = Audience.of(random.lognormal(0, 2, 200) * (random.random(200) < 0.7))
    chosen = random.permutation(200)[:60].astype(np.int32)
    measured = Measurement(
        Sampler(weighted_cascade(graph), audience=audience), [chosen, chosen[::-1]], 20_000
    )
    one, other = measured.prefixes(0), measured.prefixes(1)
    sure = np.cumsum(audience.weights[chosen])
    for prefix, least in ((one, sure), (other, np.cumsum(audience.weights[chosen[::-1]]))):
        assert (np.diff(prefix.reach) >= -1e-9).all()
        assert (prefix.low >= least - 1e-9).all()
        assert (prefix.low <= prefix.reach + 1e-9).all()
        assert (prefix.reach <= prefix.high + 1e-9).all()
        assert (prefix.high <= audience.total + 1e-9).all()
    assert one.reach[-1] == pytest.approx(other.reach[-1])
    assert measured.both(0, 1) == pytest.approx(one.reach[-1])


def test_a_list_outside_the_audience_reaches_only_others() -> None:
    """Won already, so worth nothing; whom it activates still counts."""
    graph = graph_of(3, [(0, 1)])
    audience = Audience.of(np.array([0.0, 2.0, 0.0]))
    lists = [np.array(numbers, dtype=np.int32) for numbers in ([0], [2], [0, 1], [])]
    estimate = estimate_reach(graph, lists, sets=1024, audience=audience)
    np.testing.assert_array_equal(estimate.reach, [2, 0, 2, 0])
    assert simulate(weighted_cascade(graph), lists[0], 10, audience=audience).mean == 2
    with pytest.raises(UsageError, match="must have 3 weights"):
        simulate(weighted_cascade(graph), lists[0], 10, audience=Audience.everyone(4))


def test_uniform_by_its_probability() -> None:
    graph = graph_of(2, [(0, 1, 7.0)])
    first = [np.array([0], dtype=np.int32)]
    for p in (0.1, 0.7, 1.0):
        reach = estimate_reach(uniform(graph, p), first, sets=40_000).reach[0]
        assert reach == pytest.approx(1 + p, abs=0.02)
