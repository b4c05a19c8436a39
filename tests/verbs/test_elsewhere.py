"""Scores that a server has and this machine has not: when they are told of, and by which words."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.engine import Engine
from guanxi.errors import StoreUnavailableError
from guanxi.graph.snapshot_manifest import Manifest
from guanxi.settings import Settings
from guanxi.verbs.elsewhere import analysed_elsewhere, traceable

URL = "bolt://127.0.0.1:9"
SHOWN = Manifest(3, "t", "s", URL, "", "", 2, 1, 0, 1, digest="d")
PARAMETERS = {"profile": "default", "as_of": None, "communities": "leiden", "resolution": 1.0}


def told(
    monkeypatch: pytest.MonkeyPatch, kept: dict[str, Any] | None, **settings: Any
) -> str | None:
    engine = Engine(URL, settings=Settings(**settings))
    monkeypatch.setattr(engine.access, "scores_meta", lambda: kept)
    return analysed_elsewhere(engine, SHOWN)


def kept(with_: tuple[str, ...] = (), fast: bool = False, **more: Any) -> dict[str, Any]:
    found = {"made_at": "2026-05-01T00:00:00+00:00", "communities": 7, "seed": more.pop("seed", 0)}
    return {**found, "parameters": {**PARAMETERS, **more}, **traceable(SHOWN, with_, fast)}


@pytest.mark.parametrize(
    ("meta", "settings", "command"),
    [
        (kept(), {}, "guanxi analyze"),
        (kept(("hits",), True), {}, "guanxi analyze --with hits --fast"),
        (kept(communities="louvain", resolution=2.5), {},
         "guanxi analyze --communities louvain --resolution 2.5"),
        (kept(profile="my ties", as_of="2026-05-31"), {},
         "guanxi analyze --profile 'my ties' --as-of 2026-05-31"),
        (kept(seed=4), {}, "guanxi analyze --seed 4"),
        (kept(seed=4), {"seed": 4}, "guanxi analyze"),
        (kept(), {"seed": 4}, "guanxi analyze --seed 0"),
    ],
)  # fmt: skip
def test_the_command_that_gives_the_same_scores(
    monkeypatch: pytest.MonkeyPatch, meta: dict[str, Any], settings: dict[str, Any], command: str
) -> None:
    assert told(monkeypatch, meta, **settings) == (
        "Version 3 of this network was analysed from another machine on 2026-05-01T00:00:00+00:00; "
        f"run `{command}` here for the same scores."
    )


def test_scores_of_something_else_are_not_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: value for name, value in kept().items() if name != "snapshot"}
    for meta in (None, {**kept(), "snapshot": "other"}, before):
        assert told(monkeypatch, meta) is None


def test_a_server_that_does_not_answer_has_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(URL)

    def away() -> None:
        raise StoreUnavailableError("away")

    monkeypatch.setattr(engine.access, "scores_meta", away)
    assert analysed_elsewhere(engine, SHOWN) is None
    assert analysed_elsewhere(Engine("net.duckdb"), SHOWN) is None
