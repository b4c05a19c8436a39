"""The table of what jobs can be asked, beside the engine: same verbs, same options."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guanxi.api.app import ENDPOINTS
from guanxi.api.bodies import VERBS, Body, Load, Seeds, run_verb, uploads_of
from guanxi.engine import Engine
from guanxi.verbs.load import LoadFile, LoadOptions
from guanxi.verbs.selectors import Condition, is_file

#: Methods of the engine that are no verbs, or that HTTP cannot have.
NO_VERBS = {
    "over": "makes an engine",
    "snapshot": "what verbs work on",
    "refresh": "the field `refresh` of every job",
    "forget_snapshot": "the server does it",
    "progress": "a job reports by itself",
    "profile": "the field `profile`",
    "to_networkx": "an object in memory",
}
#: Verbs that a GET answers.
READ = {"top", "communities", "status", "account", "chain"}
#: Options that have another place over HTTP.
ELSEWHERE = {
    ("top", "after"): "the cursor of GET /v1/top",
    ("export", "folder"): "the files of the job",
    ("load", "files"): "uploads",
    ("load", "rejects"): "the files of the job",
    ("load", "accounts"): "files",
    ("load", "follows"): "files",
    ("load", "interactions"): "files",
    ("load", "columns"): "files",
    ("load", "kind"): "files",
    ("communities", "members"): "GET /v1/communities/members",
}
#: Fields that are no option of the engine: what the server does of itself.
OWN = {("load", "analyze")}


def verbs() -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(found)
        for name, found in inspect.getmembers(Engine, inspect.isfunction)
        if not name.startswith("_") and name not in NO_VERBS
    }


def fields(body: type[Body]) -> set[str]:
    return set(body.model_fields) - {"refresh"}


def options(name: str) -> set[str]:
    found = set(verbs()[name].parameters) - {"self"}
    if name == "load":
        found = (found - {"options"}) | set(LoadOptions.__dataclass_fields__)
    return found


def test_every_verb_has_a_route() -> None:
    paths = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    for name in verbs():
        method = "GET" if name in READ and name not in VERBS else "POST"
        assert (method, f"/v1/{name}") in paths, name


def test_every_option_has_a_field() -> None:
    handlers = {
        endpoint.path: endpoint.handler for endpoint in ENDPOINTS if endpoint.method == "GET"
    }
    for name in verbs():
        known: set[str] = fields(VERBS[name].body) if name in VERBS else set()
        if name in READ:
            known |= set(inspect.signature(handlers[f"/v1/{name}"]).parameters)
        missing = {each for each in options(name) - known if (name, each) not in ELSEWHERE}
        assert missing == set(), f"{name} has options without a field"
        if name in VERBS:
            more = fields(VERBS[name].body) - options(name)
            assert {(name, each) for each in more} <= OWN, name


def test_defaults_are_those_of_the_engine() -> None:
    for name, verb in VERBS.items():
        parameters = verbs()[name].parameters
        for field, info in verb.body.model_fields.items():
            if field not in parameters or info.is_required():
                continue
            default = parameters[field].default
            wanted = [] if default == () else default
            assert info.get_default(call_default_factory=True) == wanted, (name, field)


class Spy:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def refresh(self) -> None:
        self.asked["refresh"] = True

    def __getattr__(self, name: str) -> Any:
        def verb(*values: Any, **named: Any) -> None:
            self.asked |= {"verb": name, "values": values, **named}

        return verb


def ask(verb: str, body: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    spy: Any = Spy()
    found = VERBS[verb].body.model_validate(body)
    run_verb(spy, verb, found, lambda id: tmp_path / id, tmp_path)
    asked: dict[str, Any] = spy.asked
    return asked


def test_files_are_uploads_and_conditions_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("id\n")
    body = {
        "k": [3, 5],
        "exclude": [["a", "b"], {"upload": "0" * 16}, {"where": str(tmp_path / "secret.csv")}],
        "probabilities": {"upload": "1" * 16},
        "refresh": True,
    }
    asked = ask("seeds", body, tmp_path)
    assert asked["k"] == [3, 5]
    assert asked["exclude"][:2] == [["a", "b"], tmp_path / ("0" * 16)]
    assert asked["probabilities"] == tmp_path / ("1" * 16)
    condition = asked["exclude"][2]
    assert isinstance(condition, Condition)
    assert not is_file(condition)
    assert is_file(str(condition) + "")
    assert asked["refresh"] is True
    assert uploads_of(Seeds.model_validate(body)) == {"0" * 16, "1" * 16}


def test_loads_name_their_files_and_keep_rejects_with_the_job(tmp_path: Path) -> None:
    body = {
        "files": [
            {"upload": "0" * 16, "role": "accounts"},
            {"upload": "1" * 16, "role": "interactions", "kind": "tip", "columns": "actor,target"},
        ],
        "check": True,
    }
    asked = ask("load", body, tmp_path)
    files: Sequence[LoadFile] = asked["values"][0]
    assert [file.role for file in files] == ["accounts", "interactions"]
    assert files[1] == LoadFile(
        str(tmp_path / ("1" * 16)), "interactions", "actor,target", "tip", "1" * 16
    )
    assert asked["rejects"] == tmp_path / "files"
    assert asked["check"] is True
    assert uploads_of(Load.model_validate(body)) == {"0" * 16, "1" * 16}
    assert ask("export", {"format": "jsonl"}, tmp_path)["values"] == (tmp_path / "files",)


def test_no_text_of_a_caller_is_taken_for_a_path() -> None:
    for verb, body in (
        ("seeds", {"exclude": ["/etc/passwd"]}),
        ("seeds", {"audience": "/etc/passwd"}),
        ("seeds", {"probabilities": "/etc/passwd"}),
        ("reach", {"lists": ["/etc/passwd"]}),
        ("reach", {"lists": [{"where": "price > 1"}]}),
        ("top", {"personalize": "/etc/passwd"}),
        ("load", {"files": [{"upload": "/etc/passwd", "role": "accounts"}]}),
        ("load", {"files": [{"upload": "0" * 16, "role": "all"}]}),
    ):
        with pytest.raises(ValidationError):
            VERBS[verb].body.model_validate(body)
