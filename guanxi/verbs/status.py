"""`status`: what is loaded, how fresh it is, and whether it is analysed.

It reads small text files only: no arrays, and not the store.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi import __version__
from guanxi.errors import StoreError
from guanxi.graph.snapshot_manifest import Manifest, candidates
from guanxi.graph.store_home import StoreHome, home_of, read_json
from guanxi.graph.store_state import StoreState, read_state
from guanxi.results import Result

if TYPE_CHECKING:
    from guanxi.engine import Engine


def status(engine: Engine) -> Result:
    """One row."""
    if not Path(engine.store).exists():
        raise StoreError(
            f"There is no store at {engine.store}. Load files into it first (`guanxi load`), or "
            "name another one with --store."
        )
    home = home_of(engine.store)
    state = read_state(home)
    folder, manifest = next(candidates(home, state), (None, None))
    content = (read_json(folder / "content.json") if folder else None) or {}
    analysis = _analysis(home, manifest)
    communities = analysis.get("community", {})
    row: dict[str, Any] = {
        "store": engine.store,
        "store_version": None if state is None else state.version,
        "snapshot_version": None if manifest is None else manifest.version,
        "made_at": None if manifest is None else manifest.created,
        "accounts": None if manifest is None else manifest.accounts,
        "follows": None if manifest is None else manifest.follows,
        "interactions": None if manifest is None else manifest.interactions,
        "arcs": None if manifest is None else manifest.arcs,
        "kinds": content.get("kinds", []),
        "columns": list(content.get("columns", {})),
        "analysed_at": communities.get("made_at"),
        "communities": communities.get("communities"),
        "modularity": communities.get("modularity"),
        "scores": list(analysis),
    }
    meta = {
        "software_version": f"guanxi {__version__}",
        "notes": _notes(state, manifest, bool(analysis)),
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


def _notes(state: StoreState | None, manifest: Manifest | None, analysed: bool) -> list[str]:
    notes = []
    if manifest is None:
        notes.append("Nothing is loaded yet; see `guanxi load --help`.")
    elif not analysed:
        notes.append("Not analysed yet; run `guanxi analyze`.")
    if manifest is not None and state is not None and state.token != manifest.token:
        notes.append("The store is newer than this; `guanxi load` with no files catches up.")
    unfinished = () if state is None else state.unfinished
    notes.extend(
        f"The load of {load.source}, begun {load.since}, is unfinished ({load.batches_done} of "
        f"{load.batches} parts). Unless it is running, repeat its command to go on."
        for load in unfinished
    )
    return notes
