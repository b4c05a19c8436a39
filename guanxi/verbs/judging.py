"""Whether a verb would take a question, without the work of answering it.

A server says at once what is wrong with a long question, not minutes later from its job. Verbs
judge all that they are asked before their long work; where that begins they call `judged`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from guanxi.engine import Engine

if TYPE_CHECKING:
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile
    from guanxi.settings import Settings


class JudgedError(Exception):
    """Nothing is wrong with a question; its answer would take long work."""


class JudgingEngine(Engine):
    """An engine over one snapshot whose verbs end with JudgedError, or say what is wrong."""

    def __init__(self, snapshot: Snapshot | None, settings: Settings) -> None:
        super().__init__(settings=settings)
        self._judged_on = snapshot

    def snapshot(self) -> Snapshot:
        """The snapshot that questions are judged on; a load needs none."""
        assert self._judged_on is not None
        return self._judged_on

    def profile(self, name: str, as_of: str | None = None) -> TieProfile:
        """The default profile for every name that is one: tie strengths decide no judgement."""
        super().profile(name, as_of)
        return super().profile("default")

    def progress(self, stage: str) -> Callable[[float, float], None] | None:
        """Long work begins: nothing is left to judge."""
        raise JudgedError


def judged(engine: Engine, *checks: Callable[[], object]) -> None:
    """All that was asked is judged, and long work begins.

    `checks` raise what only that work would find, where somebody wants no more than to know.
    """
    if isinstance(engine, JudgingEngine):
        for check in checks:
            check()
        raise JudgedError
