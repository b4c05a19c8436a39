"""Tie strength against hand-computed values and a reference in plain dicts."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.errors import SettingsError
from guanxi.graph.arrays import NO_DAY, NO_TIME, Adjacency, InfluenceGraph
from guanxi.graph.csr import adjacency
from guanxi.graph.rows import InteractionRows
from guanxi.graph.schema import DEFAULT_KINDS, Direction
from guanxi.graph.ties import PROFILES, TieProfile, tie_strengths

N = 5
#: (actor, target, kind, day or None) → weight in millionths
Cells = dict[tuple[int, int, str, int | None], int]


def rows_of(cells: Cells) -> InteractionRows:
    kinds = sorted({kind for _, _, kind, _ in cells}, key=str.encode)
    listed = sorted(
        (actor, target, kinds.index(kind), NO_DAY if day is None else day, weight)
        for (actor, target, kind, day), weight in cells.items()
    )
    columns = [np.array([row[i] for row in listed], dtype=np.int32) for i in range(4)]
    weight = np.array([row[4] for row in listed], dtype=np.int64)
    time = np.full(len(listed), NO_TIME)
    return InteractionRows(kinds, *columns, np.ones_like(weight), weight, weight * 0, time, time)


def follows_of(pairs: set[tuple[int, int]]) -> Adjacency:
    listed = sorted(pairs)
    return adjacency(
        np.array([pair[0] for pair in listed], dtype=np.int32),
        np.array([pair[1] for pair in listed], dtype=np.int32),
        N,
    )


def arcs(matrix: Adjacency) -> dict[tuple[int, int], float]:
    weights = np.ones(matrix.m) if matrix.weights is None else matrix.weights
    sources = np.repeat(np.arange(matrix.n), np.diff(matrix.indptr))
    return dict(
        zip(
            zip(sources.tolist(), matrix.indices.tolist(), strict=True),
            weights.tolist(),
            strict=True,
        )
    )


def strengths(pairs: set[tuple[int, int]], cells: Cells, **profile: Any) -> dict[Any, float]:
    graph = tie_strengths(follows_of(pairs), rows_of(cells), TieProfile(**profile))
    check(graph)
    return arcs(graph.out)


def check(graph: InfluenceGraph) -> None:
    """Both ways round the same arcs, sorted, positive; no weights where all are one."""
    assert {(v, u): weight for (u, v), weight in arcs(graph.into).items()} == arcs(graph.out)
    for matrix in (graph.out, graph.into):
        listed = list(arcs(matrix))
        assert listed == sorted(listed)
        assert matrix.weights is None or (matrix.weights > 0).all()
        assert matrix.weights is None or (matrix.weights != 1).any()


def reference(pairs: set[tuple[int, int]], cells: Cells, profile: TieProfile) -> dict[Any, float]:
    """The definition, term by term, in the order that is promised."""
    newest = max((day for *_, day in cells if day is not None), default=0)
    as_of = newest if profile.as_of is None else profile.as_of
    sums: dict[tuple[int, int], float] = defaultdict(float)
    for actor, target in sorted(pairs):
        sums[target, actor] += profile.follow_weight
    directions = {**DEFAULT_KINDS, **profile.directions}
    for kind in sorted({kind for _, _, kind, _ in cells}, key=str.encode):
        ends = {(actor, target) for actor, target, each, _ in cells if each == kind}
        for actor, target in sorted(ends):
            days = sorted(
                (NO_DAY if day is None else day, weight)
                for (a, t, each, day), weight in cells.items()
                if (a, t, each) == (actor, target, kind)
            )
            total = 0.0
            for day, weight in days:
                age = 0 if day == NO_DAY else as_of - day
                factor = 2.0 ** (-age / profile.half_life_days) if age >= 0 else 0.0
                total += weight / 1e6 * factor
            arc = (
                (actor, target)
                if directions.get(kind) == Direction.ACTOR_INFLUENCES
                else (target, actor)
            )
            sums[arc] += profile.kind_weights.get(kind, profile.default_weight) * total
    return {arc: total for arc, total in sums.items() if total > 0}


KINDS = st.sampled_from(["like", "gift", "邀请", "repost", "wink"])
CELLS = st.dictionaries(
    st.tuples(
        st.integers(0, N - 1), st.integers(0, N - 1), KINDS, st.none() | st.integers(-2, 200)
    ),
    st.sampled_from([0, 1, 333_333, 1_000_000, 10**13]),
    max_size=25,
).map(lambda cells: {key: weight for key, weight in cells.items() if key[0] != key[1]})
PAIRS = st.sets(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=12).map(
    lambda pairs: {pair for pair in pairs if pair[0] != pair[1]}
)
PROFILE = st.builds(
    TieProfile,
    follow_weight=st.sampled_from([0.0, 1.0, 0.3]),
    kind_weights=st.dictionaries(KINDS, st.sampled_from([0.0, 1.0, 2.5])),
    default_weight=st.sampled_from([0.0, 1.0, 0.7]),
    half_life_days=st.sampled_from([90.0, 1.0, math.inf, 0.01]),
    as_of=st.none() | st.integers(-3, 300),
    directions=st.dictionaries(KINDS, st.sampled_from(list(Direction))),
)


@given(PAIRS, CELLS, PROFILE)
def test_equals_the_definition_to_the_last_bit(
    pairs: set[tuple[int, int]], cells: Cells, profile: TieProfile
) -> None:
    graph = tie_strengths(follows_of(pairs), rows_of(cells), profile)
    check(graph)
    assert arcs(graph.out) == reference(pairs, cells, profile)


def test_known_strengths() -> None:
    found = strengths(
        {(0, 1), (1, 0)},
        {
            (0, 1, "like", 100): 2_000_000,
            (0, 1, "like", 10): 1_000_000,  # one half-life before
            (0, 1, "like", None): 500_000,
            (0, 1, "gift", 100): 3_000_000,
            (2, 3, "邀请", 100): 1_000_000,
            (3, 2, "wink", 100): 4_000_000,
        },
    )
    assert found == {
        (1, 0): 1.0 + 2.0 + 0.5 + 0.5,  # 0 follows and likes 1, who so influences 0
        (0, 1): 1.0 + 3.0,  # 1 follows 0, and 0's gifts influence 1
        (2, 3): 1.0 + 4.0,  # an invitation, and a wink of unknown kind
    }


def test_the_profiles_that_are_always_there() -> None:
    pairs, cells = {(0, 1)}, {(2, 1, "like", 5): 2_000_000}
    found = {
        name: arcs(tie_strengths(follows_of(pairs), rows_of(cells), profile).out)
        for name, profile in PROFILES.items()
    }
    assert found == {
        "default": {(1, 0): 1.0, (1, 2): 2.0},
        "followers-only": {(1, 0): 1.0},
        "engagement": {(1, 2): 2.0},
    }


CELLS_2 = {(0, 1, "like", 0): 1_000_000, (0, 1, "gift", 90): 1_000_000}


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({}, {(1, 0): 1.5, (0, 1): 1.0}),
        ({"follow_weight": 2.0}, {(1, 0): 2.5, (0, 1): 1.0}),
        ({"kind_weights": {"like": 4.0}}, {(1, 0): 3.0, (0, 1): 1.0}),
        ({"default_weight": 0.5}, {(1, 0): 1.25, (0, 1): 0.5}),
        ({"half_life_days": 45.0}, {(1, 0): 1.25, (0, 1): 1.0}),
        ({"half_life_days": math.inf}, {(1, 0): 2.0, (0, 1): 1.0}),
        ({"as_of": 180}, {(1, 0): 1.25, (0, 1): 0.5}),
        ({"as_of": 0}, {(1, 0): 2.0}),
        ({"directions": {"like": Direction.ACTOR_INFLUENCES}}, {(1, 0): 1.0, (0, 1): 1.5}),
        ({"directions": {"gift": Direction.TARGET_INFLUENCES}}, {(1, 0): 2.5}),
    ],
)
def test_every_part_of_a_profile_matters(
    profile: dict[str, Any], expected: dict[tuple[int, int], float]
) -> None:
    assert strengths({(0, 1)}, CELLS_2, **profile) == expected


def test_strength_zero_is_no_arc() -> None:
    assert strengths({(0, 1)}, {(2, 3, "like", 5): 0}, follow_weight=0.0) == {}
    far = {(0, 1, "like", 0): 1_000_000, (2, 3, "like", 3000): 1_000_000}
    assert strengths(set(), far, half_life_days=1.0) == {(3, 2): 1.0}  # 2**-3000 is zero


def test_weights_are_left_out_where_all_are_one() -> None:
    plain = tie_strengths(follows_of({(0, 1)}), rows_of({}), TieProfile())
    assert plain.out.weights is None
    assert plain.into.weights is None
    mixed = tie_strengths(
        follows_of({(0, 1)}), rows_of({(2, 3, "like", 1): 1_000_000}), TieProfile()
    )
    assert mixed.out.weights is None


@pytest.mark.parametrize(
    "profile",
    [
        {"follow_weight": -1.0},
        {"default_weight": math.nan},
        {"kind_weights": {"like": math.inf}},
        {"half_life_days": 0.0},
        {"half_life_days": math.nan},
    ],
)
def test_profiles_that_make_no_sense_are_refused(profile: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="tie profile mine"):
        TieProfile(name="mine", **profile)


def test_equal_terms_have_equal_names() -> None:
    kinds = ["gift", "like"]
    plain = TieProfile().terms(kinds, 90)
    assert TieProfile(name="other", as_of=90).terms(kinds, 90).digest == plain.digest
    assert TieProfile(kind_weights={"absent": 3.0}).terms(kinds, 90) == plain
    assert TieProfile(default_weight=2.0).terms(kinds, 90).digest != plain.digest
    assert TieProfile(as_of=91).terms(kinds, 90).digest != plain.digest
    nothing = PROFILES["followers-only"]
    assert nothing.terms(kinds, 90) == TieProfile(default_weight=0, as_of=3).terms(kinds, 90)
