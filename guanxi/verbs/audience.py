"""Whom a campaign wants to reach, what each of them is worth, and by which model it spreads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guanxi.algorithms.influence.audience import Audience
from guanxi.errors import InputError, UsageError
from guanxi.graph.arrays import Float64, InfluenceGraph
from guanxi.verbs.activity import Activity, read_activity
from guanxi.verbs.lists import find_accounts, mask_of, require_accounts, say_unknown
from guanxi.verbs.selectors import Selector, Who, is_file
from guanxi.verbs.tables import PROBABILITIES, WEIGHTS, as_number, read_table
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.algorithms.influence.models import CascadeModel

DEFAULT_MODEL = "weighted-cascade"
#: Weights above 0 lie between these: beyond them sums of floats no longer tell them apart.
LEAST_WEIGHT, MOST_WEIGHT = 1e-9, 1e12


@dataclass(frozen=True)
class Spread:
    """What a campaign is like: how it spreads, and whom it is for. See `guanxi seeds --help`.

    `model`: a name of `guanxi.algorithms.influence.catalogue`. `probability`: of `uniform`.
    `probabilities`: a file of source, target, probability, along influence. `hops`: steps that
    influence goes at most. `audience`: a condition, a file of accounts with or without a
    `weight` each, or ids. `won`: accounts that are customers already and count nothing.
    `activity`: `auto`, or a formula from 0 to 1.
    """

    model: str | None = None
    probability: float | None = None
    probabilities: str | Path | None = None
    hops: int | None = None
    audience: Who | None = None
    won: Who | None = None
    activity: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What of it was asked for, for the meta of results."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return {
            name: value if isinstance(value, str | int | float | Path) else "a list of ids"
            for name, value in given.items()
        }


@dataclass(frozen=True)
class Spreading:
    """A spread on one network: the model, the audience (None: everybody counts 1), the activity."""

    model: CascadeModel
    audience: Audience | None
    activity: Activity | None

    @property
    def unit(self) -> str:
        """What reach counts."""
        return "accounts" if self.audience is None else "audience weight"


def judge_spread(selector: Selector, spread: Spread) -> None:
    """Raise what `read_spread` would, as far as it can be said without making the model."""
    _check_model(spread)
    _audience(selector, spread, _activity(selector, spread))


def read_spread(selector: Selector, spread: Spread, graph: InfluenceGraph, seed: int) -> Spreading:
    """Model and audience; UsageError, InputError or FilterError for what cannot be."""
    from guanxi.algorithms.influence.activity import with_activity
    from guanxi.algorithms.influence.models import with_hops

    activity = _activity(selector, spread)
    model = with_hops(_model(selector, spread, graph, seed), spread.hops)
    if activity is not None:
        model = with_activity(model, activity.weights)
    return Spreading(model, _audience(selector, spread, activity), activity)


def _activity(selector: Selector, spread: Spread) -> Activity | None:
    if spread.activity is None:
        return None
    found = read_activity(selector.engine, selector.snapshot, spread.activity, selector.analysis)
    selector.notes.append(f"{found.rule} That is {counted(found.discounted, 'account')}.")
    return found


def _check_model(spread: Spread) -> None:
    from guanxi.algorithms.influence.catalogue import check_name

    if spread.probabilities is not None:
        if spread.model is not None or spread.probability is not None:
            raise UsageError("--probabilities is a model of its own; leave --model out.")
        return
    name = spread.model or DEFAULT_MODEL
    check_name(name)
    if spread.probability is not None and name != "uniform":
        raise UsageError("--probability belongs to --model uniform.")


def _model(selector: Selector, spread: Spread, graph: InfluenceGraph, seed: int) -> CascadeModel:
    from guanxi.algorithms.influence.catalogue import ModelOptions, named_model

    _check_model(spread)
    if spread.probabilities is not None:
        return _given(selector, spread.probabilities)
    options = ModelOptions(seed=seed)
    if spread.probability is not None:
        options = ModelOptions(probability=spread.probability, seed=seed)
    return named_model(spread.model or DEFAULT_MODEL, graph, options)


def _given(selector: Selector, path: str | Path) -> CascadeModel:
    from guanxi.algorithms.influence.given import given_probabilities

    lines, sources, targets, chances = [], [], [], []
    given: dict[tuple[str, str], float] = {}
    for line, (source, target, chance) in read_table(path, PROBABILITIES):
        value = as_number(path, line, "probability", chance)
        if not 0 <= value <= 1:
            raise InputError(f"{path}, line {line}: probability is {chance}, not from 0 to 1.")
        if given.setdefault((source, target), value) != value:
            raise InputError(
                f"{path}, line {line}: {source}, {target} stands there again with another "
                "probability."
            )
        lines.append(line)
        sources.append(source)
        targets.append(target)
        chances.append(value)
    if not lines:
        raise InputError(f"{path}: it is empty; rows of source, target, probability are expected.")
    u, v = selector.snapshot.find(sources), selector.snapshot.find(targets)
    known = (u >= 0) & (v >= 0)
    if not known.any():
        raise InputError(f"{path}: none of its pairs is of accounts in the store.")
    if not known.all():
        place, missing = int(np.argmin(known)), int((~known).sum())
        selector.notes.append(
            f"{path}: {missing:,} of its rows {agree(missing, 'names', 'name')} an account that "
            f"the store does not have and {agree(missing, 'counts', 'count')} for nothing (line "
            f"{lines[place]}: {sources[place]}, {targets[place]})."
        )
    chosen = np.asarray(chances)[known]
    return given_probabilities(selector.snapshot.n, u[known], v[known], chosen)


def _audience(selector: Selector, spread: Spread, activity: Activity | None) -> Audience | None:
    if spread.audience is None and spread.won is None and activity is None:
        return None
    snapshot = selector.snapshot
    weights = np.ones(snapshot.n)
    if spread.audience is not None:
        weights = _weights(selector, spread.audience)
    if spread.won is not None:
        name, won = selector.find(spread.won, "those already won")
        selector.notes.append(f"Already won, and counted as worth nothing: {len(won):,} ({name}).")
        weights = np.where(mask_of(won, snapshot.n), 0.0, weights)
    if not weights.any():
        raise UsageError("The audience is empty: nobody of it counts for anything.")
    return Audience.of(weights, None if activity is None else activity.weights)


def _weights(selector: Selector, who: Who) -> Float64:
    """float64[n]: the weight of each account of the audience, 0 outside."""
    snapshot = selector.snapshot
    if isinstance(who, Path) or (isinstance(who, str) and is_file(who)):
        return _weights_of_file(selector, who)
    name, members = selector.find(who, "the audience")
    if not len(members):
        raise UsageError(f"The audience is empty: no account meets {name}.")
    return mask_of(members, snapshot.n).astype(np.float64)


def _weights_of_file(selector: Selector, path: str | Path) -> Float64:
    weights: dict[str, float] = {}
    for line, (id, field) in read_table(path, WEIGHTS):
        value = 1.0 if field == "" else as_number(path, line, "weight", field)
        if value < 0:
            raise InputError(f"{path}, line {line}: weight is {field}; it must be at least 0.")
        if value and not LEAST_WEIGHT <= value <= MOST_WEIGHT:
            raise InputError(
                f"{path}, line {line}: weight is {field}; it must be 0, or from "
                f"{LEAST_WEIGHT:g} to {MOST_WEIGHT:,.0f}."
            )
        if weights.get(id, value) != value:
            raise InputError(f"{path}, line {line}: {id} stands there again with another weight.")
        weights[id] = value
    if not weights:
        raise InputError(f"{path}: the audience is empty; one account a line is expected.")
    snapshot = selector.snapshot
    entry = find_accounts(snapshot, str(path), weights)
    accounts = require_accounts(entry, snapshot)
    selector.notes += say_unknown([entry], snapshot)
    missing = set(entry.unknown)
    found = np.zeros(snapshot.n)
    found[accounts] = [value for id, value in weights.items() if id not in missing]
    return found
