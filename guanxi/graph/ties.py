"""Tie strength: how strongly one account influences another, from follows and interactions.

The influence arc u → v carries

    strength(u → v) = follow_weight · [v follows u]
                    + Σ over kinds  weight(kind) · Σ over days  amount · 2^(−d / half_life)

where `amount` is the weight of the interactions of that kind between the two on that day:
v's towards u for kinds in which the target influences the actor (repost, mention, like …),
u's towards v for the others (invite, gift, share …). `d` is the age in whole UTC days
before `as_of`, by default the newest day of any interaction; later days are left out, and
interactions without a time have d = 0. Strength zero is no arc.

Floats are added in one order (the follow, then kinds by the bytes of their names, days
ascending), so the same content gives the same bits.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from guanxi.errors import SettingsError
from guanxi.graph.arrays import Adjacency, Float64, InfluenceGraph, Int32, Int64
from guanxi.graph.rows import InteractionRows
from guanxi.graph.schema import DEFAULT_KINDS, Direction
from guanxi.parallel import run_blocks

_NO_WEIGHTS: Float64 = np.empty(0, dtype=np.float64)


@dataclass(frozen=True)
class TieProfile:
    """Which ties count, and how much.

    `kind_weights` says what one unit of a kind is worth, `default_weight` that of all other
    kinds. `half_life_days` may be `math.inf` (nothing fades). `as_of` is a day since 1970.
    `directions` overrules the built-in table of who influences whom.

    Raises SettingsError for a weight that is negative or no number, or a half-life that is
    not positive.
    """

    name: str = "default"
    follow_weight: float = 1.0
    kind_weights: Mapping[str, float] = field(default_factory=dict)
    default_weight: float = 1.0
    half_life_days: float = 90.0
    as_of: int | None = None
    directions: Mapping[str, Direction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what, weight in {
            "follow_weight": self.follow_weight,
            "default_weight": self.default_weight,
            **{f"the weight of {kind}": weight for kind, weight in self.kind_weights.items()},
        }.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise SettingsError(
                    f"In the tie profile {self.name}, {what} is {weight}: it must be 0 or more."
                )
        if not self.half_life_days > 0:
            raise SettingsError(
                f"In the tie profile {self.name}, half_life_days is {self.half_life_days}: "
                "it must be more than 0."
            )

    def terms(self, kinds: Sequence[str], newest_day: int | None) -> TieTerms:
        """What the profile means for the `kinds` of one network, and nothing else."""
        directions = {**DEFAULT_KINDS, **self.directions}
        weights = tuple(float(self.kind_weights.get(kind, self.default_weight)) for kind in kinds)
        as_of = newest_day if self.as_of is None else self.as_of
        fading = newest_day is not None and any(weights)
        return TieTerms(
            follow_weight=float(self.follow_weight),
            kinds=tuple(kinds),
            weights=weights,
            actor_influences=tuple(
                directions.get(kind) == Direction.ACTOR_INFLUENCES for kind in kinds
            ),
            half_life_days=float(self.half_life_days) if fading else 0.0,
            as_of=as_of if fading and as_of is not None else 0,
        )


@dataclass(frozen=True)
class TieTerms:
    """A profile applied to one network's kinds and days: equal terms, equal strengths."""

    follow_weight: float
    kinds: tuple[str, ...]
    weights: tuple[float, ...]
    actor_influences: tuple[bool, ...]
    half_life_days: float
    as_of: int

    @property
    def digest(self) -> str:
        """Names the strengths that these terms give."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


#: The profiles that are always there.
PROFILES: dict[str, TieProfile] = {
    "default": TieProfile("default"),
    "followers-only": TieProfile("followers-only", default_weight=0.0),
    "engagement": TieProfile("engagement", follow_weight=0.0),
}


def tie_strengths(
    follows: Adjacency, interactions: InteractionRows, profile: TieProfile
) -> InfluenceGraph:
    """The influence arcs u → v with their strengths.

    `follows`: row = actor, columns = whom the actor follows, without weights.
    `interactions`: as a snapshot holds them, sorted by (actor, target, kind, day).
    The graph's `weights` are None where every strength is exactly 1.
    """
    from guanxi.graph.csr import influence_graph

    terms = profile.terms(interactions.kinds, interactions.newest_day)
    if not any(terms.weights):
        into = _of_follows(follows, terms.follow_weight)
    else:
        into = _of_all(follows, interactions, terms)
    return influence_graph(into)


def _of_follows(follows: Adjacency, weight: float) -> Adjacency:
    """Whom an account follows is who influences it."""
    if weight == 0.0:
        return Adjacency(np.zeros_like(follows.indptr), follows.indices[:0])
    return Adjacency(follows.indptr, follows.indices, _unless_one(np.full(follows.m, weight)))


def _of_all(follows: Adjacency, interactions: InteractionRows, terms: TieTerms) -> Adjacency:
    from guanxi.graph.csr import row_starts, sort_order
    from guanxi.graph.tie_kernels import merge_rows

    n = follows.n
    turned = np.array(terms.actor_influences, dtype=np.bool_)
    weights = np.array(terms.weights)
    # Rows are those who are influenced: the actors of most kinds, the targets of the others.
    parts = [np.where(turned, 0.0, weights), np.where(turned, weights, 0.0)]
    decay = _decay(interactions, terms)
    direct, other = run_blocks(lambda part: _collapse(interactions, part, *decay), parts)
    actor, target, kind, strength = direct
    first = (row_starts(actor, n), target, kind, strength)
    actor, target, kind, strength = other
    order = sort_order((target, n))
    second = (row_starts(target, n), actor[order], kind[order], strength[order])
    most = follows.m + len(first[1]) + len(second[1])
    indptr = np.zeros(n + 1, dtype=np.int64)
    indices = np.empty(most, dtype=np.int32)
    sums = np.empty(most, dtype=np.float64)
    arcs = merge_rows(
        follows.indptr, follows.indices, terms.follow_weight, *first, *second, indptr, indices, sums
    )
    return Adjacency(indptr, indices[:arcs].copy(), _unless_one(sums[:arcs].copy()))


def _collapse(
    interactions: InteractionRows, kind_weights: Float64, first_day: int, decay: Float64
) -> tuple[Int32, Int32, Int32, Float64]:
    """`(actor, target, kind, strength)` of each such triple, for the kinds with a weight."""
    from guanxi.graph.tie_kernels import collapse

    m = len(interactions.actor) if kind_weights.any() else 0
    actor, target, kind = (np.empty(m, dtype=np.int32) for _ in range(3))
    strength = np.empty(m, dtype=np.float64)
    entries = collapse(
        interactions.actor[:m],
        interactions.target[:m],
        interactions.kind[:m],
        interactions.day[:m],
        interactions.weight[:m],
        kind_weights,
        decay,
        first_day,
        actor,
        target,
        kind,
        strength,
    )
    return actor[:entries], target[:entries], kind[:entries], strength[:entries]


def _decay(interactions: InteractionRows, terms: TieTerms) -> tuple[int, Float64]:
    """First day, and the factors: of rows without a day, then of each day from the first on."""
    first, newest = interactions.first_day, interactions.newest_day
    if first is None or newest is None:
        return 0, np.ones(1)
    ages: Int64 = terms.as_of - np.arange(first, newest + 1, dtype=np.int64)
    factors = [2.0 ** (-age / terms.half_life_days) if age >= 0 else 0.0 for age in ages.tolist()]
    return first, np.array([1.0, *factors])


def _unless_one(weights: Float64) -> Float64 | None:
    """None in place of weights that are all 1."""
    return None if (weights == 1.0).all() else weights
