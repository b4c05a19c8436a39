"""Accounts as every page shows them: by name, with their standing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.verbs.accounts import shown_columns

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot
    from guanxi.verbs.analysis import Analysis


def rows_of(
    snapshot: Snapshot,
    analysis: Analysis | None,
    chosen: npt.NDArray[Any],
    scores: Sequence[str] = (),
    columns: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Accounts as dicts: `id`, `name`, `platform`, `community`, scores and columns asked for."""
    found: dict[str, list[Any]] = shown_columns(snapshot, chosen)
    more = [name for name in columns if name not in found]
    if more:
        found |= snapshot.columns(more, chosen.astype(np.int32))
    if analysis is not None:
        for name in ("community", *scores):
            found[name] = np.asarray(analysis.score(name))[chosen].tolist()
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def names_of(snapshot: Snapshot, ids: Sequence[str]) -> dict[str, str]:
    """id → name of the accounts that have one; ids that the snapshot does not have are left out."""
    found = snapshot.find(list(ids))
    there = found[found >= 0]
    if not len(there):
        return {}
    columns = shown_columns(snapshot, there)
    return {id: name for id, name in zip(columns["id"], columns["name"], strict=True) if name}
