"""`status`: what is loaded, how fresh it is, and whether it is analysed.

It reads small text files only: no arrays, and not the store, unless that is on a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guanxi import __version__
from guanxi.graph.snapshot_manifest import Manifest, candidates
from guanxi.graph.store_home import StoreHome, read_json
from guanxi.graph.store_state import StoreState
from guanxi.results import Result
from guanxi.verbs.columns import NOT_RANKED
from guanxi.verbs.elsewhere import analysed_elsewhere

if TYPE_CHECKING:
    from guanxi.engine import Engine


def status(engine: Engine) -> Result:
    """One row."""
    engine.access.require()
    home = engine.access.home
    state = engine.access.state()
    folder, manifest = next(candidates(home, state), (None, None))
    content = (read_json(folder / "content.json") if folder else None) or {}
    analysis = _analysis(home, manifest)
    communities = analysis.get("community", {})
    row: dict[str, Any] = {
        "store": engine.store,
        "store_version": None if state is None else state.version,
        "snapshot_version": None if manifest is None else manifest.version,
        "made_at": None if manifest is None else manifest.created,
        "accounts": getattr(manifest or state, "accounts", None),
        "follows": getattr(manifest or state, "follows", None),
        "interactions": getattr(manifest or state, "interactions", None),
        "arcs": None if manifest is None else manifest.arcs,
        "kinds": content.get("kinds", []),
        "columns": list(content.get("columns", {})),
        "analysed_at": communities.get("made_at"),
        "communities": communities.get("communities"),
        "modularity": communities.get("modularity"),
        "scores": [name for name in analysis if name not in NOT_RANKED],
    }
    meta = {
        "software_version": f"guanxi {__version__}",
        "notes": _notes(engine, state, manifest, bool(analysis)),
    }
    return Result({name: [value] for name, value in row.items()}, meta)


def _analysis(home: StoreHome, manifest: Manifest | None) -> dict[str, dict[str, Any]]:
    """Score → what made it, of the snapshot that is shown."""
    if manifest is None:
        return {}
    index = read_json(home.analysis / str(manifest.version) / "analysis.json") or {}
    if index.get("digest") != manifest.digest:
        return {}
    return {name: score["meta"] for name, score in index["scores"].items()}


def _notes(
    engine: Engine, state: StoreState | None, manifest: Manifest | None, analysed: bool
) -> list[str]:
    notes = []
    if engine.access.is_changed():
        notes.append(
            f"{engine.store} has changed since guanxi last closed it: another file was put in its "
            "place, or a load was killed. These figures may be older; the next question reads it."
        )
    if manifest is None and (state is None or not state.accounts):
        notes.append("Nothing is loaded yet; see `guanxi load --help`.")
    elif manifest is None:
        notes.append("Not read from here yet; the first question reads it.")
    elif not analysed:
        elsewhere = analysed_elsewhere(engine, manifest)
        notes.append(elsewhere or "Not analysed yet; run `guanxi analyze`.")
    if manifest is not None and state is not None and state.token != manifest.token:
        how = "the next question" if engine.access.is_server else "`guanxi load` with no files"
        notes.append(f"The store is newer than this; {how} catches up.")
    unfinished = () if state is None else state.unfinished
    notes.extend(
        f"The load of {load.source}, begun {load.since}, is unfinished ({load.batches_done} of "
        f"{load.batches} parts). Unless it is running, repeat its command to go on."
        for load in unfinished
    )
    return notes
