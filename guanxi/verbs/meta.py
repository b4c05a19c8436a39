"""What every result says about where it comes from."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from guanxi import __version__

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.snapshot import Snapshot

#: How results word the direction that they used.
INFLUENCE = "u -> v: u influences v (a follow or repost runs against it)"
FOLLOW = "actor -> target: the actor follows the target"
UNDIRECTED = "direction dropped: the strengths of both directions are added"


def base_meta(engine: Engine, snapshot: Snapshot, direction: str, **more: Any) -> dict[str, Any]:
    """The meta that every result carries; `more` follows it."""
    return {
        "store": engine.store,
        "store_version": snapshot.version,
        "accounts": snapshot.n,
        "direction": direction,
        **more,
        "software_version": f"guanxi {__version__}",
        "notes": list(snapshot.warnings),
    }


class Stopwatch:
    """Seconds since it was made, without those in which kernels were compiled."""

    def __init__(self) -> None:
        self._started = _working_time()

    def seconds(self) -> float:
        """Seconds so far, to the millisecond."""
        return round(_working_time() - self._started, 3)


def _working_time() -> float:
    # Kernels compile once on a machine; to import them just to ask would take longer than most.
    kernels = sys.modules.get("guanxi.kernels")
    compiling: float = 0.0 if kernels is None else kernels.compile_seconds()
    return time.perf_counter() - compiling
