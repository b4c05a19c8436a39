"""Analyses of the same network that others ran: the store has their scores, this machine has not.

A server keeps the scores of the accounts for Cypher. Questions need more, such as what is known
about each community, and that lies beside the snapshot of whoever ran `analyze`; the same
snapshot and the same options give the same scores on every machine.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from guanxi.errors import GuanxiError

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot_manifest import Manifest

#: Options of `analyze` where nothing else is said; the seed is that of the settings.
_DEFAULTS = {
    "with": [],
    "communities": "leiden",
    "resolution": 1.0,
    "fast": False,
    "profile": "default",
    "as_of": None,
}


def traceable(analysed: Manifest, with_: Sequence[str], fast: bool) -> dict[str, Any]:
    """What goes into the store with scores and their meta, for `analysed_elsewhere`."""
    return {"snapshot": analysed.digest, "with": list(with_), "fast": fast}


def analysed_elsewhere(engine: Engine, shown: Manifest) -> str | None:
    """What to say where a server has the scores of just this snapshot, and this machine has not.

    `shown`: the manifest of that snapshot. None where the server has none, where they are of
    something else, or where it does not answer.
    """
    if not engine.access.is_server:
        return None
    try:
        kept = engine.access.scores_meta()
    except GuanxiError:  # that there is no analysis here is true all the same
        return None
    if kept is None or kept.get("snapshot") != shown.digest:
        return None
    return (
        f"Version {shown.version} of this network was analysed from another machine on "
        f"{kept['made_at']}; run `{_command(engine, kept)}` here for the same scores."
    )


def _command(engine: Engine, kept: dict[str, Any]) -> str:
    """How `analyze` is called for the scores that this was kept with."""
    said = {**kept, **kept["parameters"]}  # where `communities` is the method, not a number
    words = ["guanxi", "analyze"]
    for name, default in {**_DEFAULTS, "seed": engine.settings.seed}.items():
        value = said[name]
        if value != default:
            option = f"--{name.replace('_', '-')}"
            listed = value if isinstance(value, list) else [value]
            words += [option] if value is True else [w for v in listed for w in (option, str(v))]
    return shlex.join(words)
