"""The accounts of a snapshot as results show them: names, prices, filters, ties among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.graph.arrays import Bool, Float64
from guanxi.graph.text import texts_at
from guanxi.results import Ties

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile
    from guanxi.verbs.analysis import Analysis

SHOWN = ("name", "platform")


def shown_columns(snapshot: Snapshot, chosen: npt.NDArray[Any] | list[int]) -> dict[str, list[Any]]:
    """The columns `id`, `name`, `platform` of the accounts `chosen`; None where there is none.

    A handful of accounts is found faster by a list of their numbers than by an array.
    """
    columns: dict[str, list[Any]] = {"id": snapshot.ids_of(chosen)}
    for name in SHOWN:
        at_hand = snapshot.text(name)
        if at_hand is not None:
            columns[name] = [text or None for text in texts_at(at_hand, chosen)]
        elif name in snapshot.column_types:
            columns[name] = snapshot.columns([name], chosen)[name]
        else:
            columns[name] = [None] * len(chosen)
    return columns


def prices(snapshot: Snapshot, chosen: Sequence[int] | npt.NDArray[Any]) -> list[float | None]:
    """The column `price` of the accounts `chosen`."""
    if "price" not in snapshot.column_types:
        return [None] * len(chosen)
    return snapshot.columns(["price"], np.asarray(chosen, dtype=np.int32))["price"]


def matching(
    engine: Engine, snapshot: Snapshot, condition: str, analysis: Analysis | None = None
) -> Bool:
    """bool[n]: the accounts that meet a condition over `id`, their columns and their scores."""
    from guanxi.graph.filters import parse_condition

    parsed = parse_condition(condition, _types(snapshot, analysis))
    arrays = _arrays(snapshot, analysis, parsed.columns)
    return parsed.select(snapshot.accounts_parquet, arrays, threads=engine.settings.threads)


def numbers(
    engine: Engine, snapshot: Snapshot, formula: str, analysis: Analysis | None = None
) -> Float64:
    """float64[n]: a formula over the columns and scores of the accounts; NaN where one is empty."""
    from guanxi.graph.filters import parse_formula

    parsed = parse_formula(formula, _types(snapshot, analysis))
    arrays = _arrays(snapshot, analysis, parsed.columns)
    return parsed.values(snapshot.accounts_parquet, arrays, threads=engine.settings.threads)


def _types(snapshot: Snapshot, analysis: Analysis | None) -> dict[str, str]:
    scores = {} if analysis is None else dict.fromkeys(analysis.scores, "number")
    columns = {name: str(kind) for name, kind in snapshot.column_types.items()}
    return {"id": "text", **scores, **columns}


def _arrays(
    snapshot: Snapshot, analysis: Analysis | None, used: Mapping[str, str]
) -> dict[str, npt.NDArray[Any]]:
    """What the file of the accounts does not have, or does not know well enough."""
    arrays: dict[str, npt.NDArray[Any]] = {
        name: np.asarray(analysis.score(name))
        for name in used
        if analysis is not None and name in analysis.scores and name not in snapshot.column_types
    }
    if "opted_out" in used and snapshot.opted_out_is_watched:
        mask = snapshot.opted_out
        arrays["opted_out"] = np.zeros(snapshot.n, np.bool_) if mask is None else mask
    return arrays


def ties_among(snapshot: Snapshot, profile: TieProfile) -> Ties:
    """Finds the ties (u, v, strength), u influences v, among accounts given by their ids."""

    def find(ids: list[str]) -> Iterator[tuple[str, str, float]]:
        accounts = snapshot.indexes_of(ids)
        wanted = dict(zip(accounts.tolist(), ids, strict=True))
        out = snapshot.graph(profile).out
        for account, id in wanted.items():
            start, end = out.indptr[account : account + 2]
            for place in range(int(start), int(end)):
                other = wanted.get(int(out.indices[place]))
                if other is not None:
                    yield id, other, 1.0 if out.weights is None else float(out.weights[place])

    return find
