"""`status`: what is loaded, how fresh it is, and whether it is analysed.

It reads small text files only: no arrays, no store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guanxi import __version__
from guanxi.results import Result

if TYPE_CHECKING:
    from guanxi.engine import Engine


def status(engine: Engine) -> Result:
    """One row."""
    from guanxi.graph.beside import read_manifest, read_state

    state = read_state(engine.store)
    manifest = read_manifest(engine.store)
    analysis: dict[str, Any] = manifest.analysis or {}
    row: dict[str, Any] = {
        "store": engine.store,
        "store_version": state.version,
        "snapshot_version": manifest.version,
        "made_at": manifest.made_at,
        "accounts": manifest.counts.get("accounts"),
        "follows": manifest.counts.get("follows"),
        "interactions": manifest.counts.get("interactions"),
        "arcs": manifest.counts.get("arcs"),
        "kinds": manifest.kinds,
        "columns": manifest.columns,
        "analysed_at": analysis.get("made_at"),
        "communities": analysis.get("communities"),
        "modularity": analysis.get("modularity"),
        "scores": analysis.get("scores"),
    }
    meta = {"software_version": f"guanxi {__version__}", "notes": state.notes(manifest.version)}
    if not analysis:
        meta["notes"].append("Not analysed yet; run `guanxi analyze`.")
    return Result({name: [value] for name, value in row.items()}, meta)
